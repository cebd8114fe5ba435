"""What record classes declare, held against the answers that a vendor documents.

The documents lie in ``tests/sandbox/data/<provider>_shapes.json`` and in ``data/answers-cachet3.json``: for every
operation the schema of what a client gives. Those of Statuspage are corrected where real answers are known to differ,
and let everything be null, because the vendor says of nothing whether it may.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from bridge.providers.base import coverage
from bridge.providers.base.actions import Rows, Table, Typed
from bridge.providers.base.declared import choices, plain, unasked
from bridge.providers.base.resource import Resource
from bridge.providers.base.results import Record
from tests.contract.declared import hints_of

TESTS = Path(__file__).parents[1]
DOCUMENTS = {
    "statuspage": TESTS / "sandbox/data/statuspage_shapes.json",
    "pingpong": TESTS / "sandbox/data/pingpong_shapes.json",
    "cachet3": TESTS / "contract/data/answers-cachet3.json",
}
NULLS_ARE_KNOWN = {"pingpong", "cachet3"}
JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
ANYTHING = "anything that is included"
SINGLE = {"get", "view", "create", "update", "replace"}


class Comparison:
    """The declarations of one provider, and what differs between them and its document."""

    def __init__(self, provider: str) -> None:
        document = json.loads(DOCUMENTS[provider].read_text(encoding="utf-8"))
        self._client = coverage.client_of(provider)
        self._operations: Mapping[str, Any] = document["operations"]
        schemas = {name: _flat(schema) for name, schema in document["schemas"].items()}
        self._schemas: Mapping[str, Any] = {**schemas, ANYTHING: {"type": "object"}}
        self._nulls = provider in NULLS_ARE_KNOWN
        self._done: set[tuple[type, int]] = set()
        self.compared: set[type[Record]] = set()

    def differences(self) -> Iterator[str]:
        """All of them, such as ``Incident.name is not declared``."""
        served = {coverage.plain(call): name for call, name in self._client.served().items()}
        for operation, answer in self._operations.items():
            if answer["body"] is None:
                continue
            method, path = operation.split(" ", 1)
            part, _, name = served[coverage.plain((method, path))].partition(".")
            hint = given(self._client.parts()[part], name)
            if hint not in (None, bool):
                yield from self.compare(hint, answer["body"], operation)

    def compare(self, hint: Any, schema: Mapping[str, Any], where: str) -> Iterator[str]:
        """What a hint says otherwise than a schema."""
        hint, _ = unasked(hint)
        if hint is Any:
            return
        documented = list(self._alternatives(schema))
        declared = choices(hint)
        for each in documented:
            if each.get("type") != "null" and not any(_covers(one, each) for one in declared):
                yield f"{where} may be {each.get('type')} in the document"
        for one in declared:
            fitting = [each for each in documented if _covers(one, each)]
            if not fitting:
                if one is not type(None) or self._nulls:
                    yield f"{where} is never {getattr(one, '__name__', one)} in the document"
            else:
                yield from self._inside(one, fitting[0], where)

    def _inside(self, hint: Any, schema: Mapping[str, Any], where: str) -> Iterator[str]:
        if isinstance(hint, type) and issubclass(hint, Record):
            yield from self._fields(hint, schema)
        elif get_origin(hint) is list and "items" in schema:
            yield from self.compare(get_args(hint)[0], schema["items"], f"{where}[]")
        elif get_origin(hint) in (Mapping, dict) and isinstance(schema.get("additionalProperties"), dict):
            yield from self.compare(get_args(hint)[1], schema["additionalProperties"], f"{where}{{}}")

    def _fields(self, record: type[Record], schema: Mapping[str, Any]) -> Iterator[str]:
        properties = schema.get("properties")
        if properties is None or (record, id(properties)) in self._done:
            return
        self._done.add((record, id(properties)))
        self.compared.add(record)
        hints = {plain(name): hint for name, hint in hints_of(record).items()}
        yield from (f"{record.__name__}.{name} is not declared" for name in properties if name not in hints)
        for name, hint in hints.items():
            where = f"{record.__name__}.{name}"
            if name not in properties:
                yield f"{where} is not in the document"
            elif name == "id":
                # By attribute ids are always text, whatever they are in the answer.
                yield from () if hint is str else (f"{where} is not a text",)
            else:
                yield from self._field(hint, properties[name], name in schema.get("required", ()), where)

    def _field(self, hint: Any, schema: Mapping[str, Any], required: bool, where: str) -> Iterator[str]:
        whole, asked = unasked(hint)
        can_miss = not required
        null = {"type": "null"}
        lenient = {"anyOf": [schema, null]} if can_miss and not asked else schema
        yield from self.compare(whole, lenient, where)
        if self._nulls:
            kinds = {each.get("type") for each in self._alternatives(lenient)}
            if "null" in kinds and type(None) not in choices(whole):
                yield f"{where} may be null or missing in the document"

    def _alternatives(self, schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """A schema as several with one type each."""
        if "$ref" in schema:
            yield from self._alternatives(self._schemas[schema["$ref"].rpartition("/")[2]])
        elif "anyOf" in schema:
            for each in schema["anyOf"]:
                yield from self._alternatives(each)
        elif isinstance(schema.get("type"), list):
            types = schema["type"]
            # PHP tells an empty mapping as an empty list.
            whole = [each for each in types if each != "array" or "object" not in types]
            yield from ({**schema, "type": each} for each in whole)
        elif "type" not in schema and ("enum" in schema or "const" in schema):
            values = schema.get("enum", [schema.get("const")])
            yield from ({"type": name} for name in {JSON_TYPES[type(value)] for value in values})
        else:
            yield {"type": "object", **schema} if "properties" in schema else schema


def given(resource: type[Resource[Any]], name: str) -> Any:
    """The hint of what a method of a collection gives; None where that is nothing."""
    part = getattr(resource, name)
    if isinstance(part, Rows):
        return list[part.gives]  # type: ignore[name-defined]
    if isinstance(part, Table):
        return dict[str, list[part.gives]]  # type: ignore[name-defined]
    if isinstance(part, Typed):
        return part.gives
    if name == "list":
        return list[resource.record]  # type: ignore[name-defined]
    own: Callable[..., Any] | None = vars(resource).get(name)
    hint = get_type_hints(own).get("return") if callable(own) else None
    if isinstance(hint, type) and issubclass(hint, Record | bool):
        return hint
    if get_origin(hint) is dict:
        return hint
    return resource.record if name in SINGLE else None


def _covers(hint: Any, schema: Mapping[str, Any]) -> bool:
    """Whether a hint lets a value of a schema with one type be."""
    kind = schema.get("type")
    if hint is Any or kind is None:
        return True
    if isinstance(hint, type) and issubclass(hint, Record):
        return bool(kind == "object")
    if get_origin(hint) in (Mapping, dict):
        return bool(kind == "object")
    if get_origin(hint) is list:
        return bool(kind == "array")
    return bool(kind == JSON_TYPES.get(hint) or (hint is float and kind == "integer"))


def _flat(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A document of JSON:API as the client gives it: attributes and relationships beside the id."""
    parts = schema.get("properties", {})
    if "attributes" not in parts:
        return schema
    attributes = parts["attributes"]
    relationships = parts.get("relationships", {}).get("properties", {})
    related = {name: relation["properties"]["data"] for name, relation in relationships.items()}
    # What is related is a whole object where it is included, and not the name of one.
    whole = json.loads(json.dumps(related).replace("#/$defs/ResourceIdentifier", f"#/$defs/{ANYTHING}"))
    return {
        "type": "object",
        "properties": {**attributes["properties"], "id": parts["id"], **whole},
        "required": ["id", *attributes.get("required", ())],
    }
