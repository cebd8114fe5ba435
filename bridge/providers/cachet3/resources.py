"""What all collections of Cachet 3's API share: documents of JSON:API, filters, failures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from bridge.providers.base.failures import Failures, Reaction, Row, Trouble, first_of
from bridge.providers.base.http import Query
from bridge.providers.base.paging import LinkedPages
from bridge.providers.base.resource import JsonObject, Names, Resource
from bridge.providers.base.results import Record

R_co = TypeVar("R_co", bound=Record, covariant=True)


def _names_no_model(trouble: Trouble) -> bool:
    """Only "No query results for model …" is about an object; an API that is switched off says nothing (measured)."""
    said = trouble.payload.get("message") if isinstance(trouble.payload, Mapping) else None
    return "No query results" not in str(said)


_PLAIN = frozenset({"sort", "include", "per_page", "page"})
"""Parameters of a listing that are no filters."""
_INDEX = "included rows by type and id"
"""Where :func:`_index` keeps its work in an answer; no JSON:API document has such a key."""

FAILURES = Failures([Row(404, Reaction.MISROUTED, _names_no_model)], words=first_of("errors", "message"), pause=60.0)


class Filtered(Resource[R_co]):
    """Rows of JSON:API: flat, with what was included; filters as plain keywords."""

    unwrap = "data"
    update_method = "PATCH"
    paging = LinkedPages()

    def shape(self, row: JsonObject, answer: Any) -> JsonObject:
        """The attributes with the outer id; included rows under the name of their relationship."""
        return {**_flat(row), **_related(row, answer)}

    def asked(self, given: Query | None, keywords: Names) -> JsonObject:
        """``name="x"`` becomes ``filter[name]=x``, ``meta={"a": 1}`` becomes ``filter[meta][a]=1``; lists are told by
        commas, true and false by 1 and 0. What already is spelt as a parameter stays as it is.

        Raises:
            ValueError: free data is asked for in a way that the server ignores, so that it would answer everything.
        """
        asked: JsonObject = {}
        for name, value in {**(given or {}), **keywords}.items():
            if name in _PLAIN or name.startswith("filter["):
                asked[name] = _told(self.value(value))
            elif isinstance(value, Mapping):
                asked |= {f"filter[{name}][{key}]": _alone(key, self.value(inner)) for key, inner in value.items()}
            elif name == "meta":
                raise ValueError(f"meta is asked for by key and value, as in meta={{'team': 'core'}}, not by {value!r}")
            else:
                asked[f"filter[{name}]"] = _told(self.value(value))
        return asked


def _alone(key: str, value: Any) -> Any:
    """One value of free data. Cachet ignores a filter whose value is empty or has a comma (measured)."""
    told = _told(value)
    if "," in str(told) or told in (None, ""):
        raise ValueError(f"Cachet would ignore {key}={told!r} and list everything: ask for one value, without a comma")
    return told


def _told(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    return ",".join(str(_told(item)) for item in value) if isinstance(value, list | tuple) else value


def _flat(row: Mapping[str, Any]) -> JsonObject:
    return {**row["attributes"], "id": str(row["id"])}


def _related(row: Mapping[str, Any], answer: Any) -> JsonObject:
    """What ``include`` brought along, for the relationships that this row has; None where there is no such object."""
    relations = row.get("relationships") or {}
    included = _index(answer) if relations else {}
    found: JsonObject = {}
    for name, relation in relations.items():
        data = relation.get("data")
        if isinstance(data, list):
            found[name] = [included[key] for item in data if (key := (item["type"], item["id"])) in included]
        else:
            found[name] = data and included.get((data["type"], data["id"]))
    return found


def _index(answer: Any) -> Mapping[tuple[str, str], JsonObject]:
    """The included rows by type and id. Kept in the answer, because every row of a page asks for them."""
    if not isinstance(answer, dict):
        return {}
    if _INDEX not in answer:
        answer[_INDEX] = {(item["type"], item["id"]): _flat(item) for item in answer.get("included") or ()}
    index: Mapping[tuple[str, str], JsonObject] = answer[_INDEX]
    return index
