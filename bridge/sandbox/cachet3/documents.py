"""JSON:API documents: resources, their relationships, and what is included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet3.answers import ApiError
from bridge.sandbox.cachet3.call import Call
from bridge.sandbox.cachet3.kinds import KINDS, Kind
from bridge.sandbox.cachet3.world import LATER_ATTRIBUTES
from bridge.sandbox.table import Row

Tree = dict[str, Any]
"""Include paths as a tree: ``components.group`` is ``{"components": {"group": {}}}``."""


class Builder:
    """Builds the resources of one answer and gathers what they include."""

    def __init__(self, call: Call, kind: str) -> None:
        self._call = call
        self._kind = KINDS[kind]
        self._name = kind
        self._includes = read_includes(call, self._kind)
        self._fields = read_fields(call, self._includes)
        self._included: dict[tuple[str, str], dict[str, Any]] = {}

    def single(self, row: Row, changed: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer for one resource; ``changed`` are attributes that differ from a read (answers of POST)."""
        data = self._resource(self._name, row, self._includes, changed or {})
        return self._with_included({"data": data})

    def many(self, rows: Iterable[Row], envelope: Mapping[str, Any]) -> dict[str, Any]:
        """The answer for a page of a list."""
        data = [self._resource(self._name, row, self._includes, {}) for row in rows]
        return self._with_included({"data": data, **envelope})

    def _with_included(self, document: dict[str, Any]) -> dict[str, Any]:
        if self._included:
            document["included"] = list(self._included.values())
        return document

    def _resource(self, name: str, row: Row, tree: Tree, extra: Mapping[str, Any]) -> dict[str, Any]:
        kind = KINDS[name]
        attributes = {**kind.shape(self._call, row), **extra}
        if not self._call.settings.meta:
            attributes = {key: value for key, value in attributes.items() if key not in LATER_ATTRIBUTES}
        if "meta" in tree:
            attributes["meta"] = php.array(row["meta"])
        if name == "incident" and "componentsCount" in tree:
            attributes["components_count"] = sum(1 for _ in kind.relations["components"].rows(self._call, row))
        wanted = self._fields.get(kind.type)
        if wanted is not None:
            attributes = {key: value for key, value in attributes.items() if key in wanted}
        resource: dict[str, Any] = {"id": str(row["id"]), "type": kind.type}
        if attributes:
            resource["attributes"] = attributes
        if relationships := self._relationships(kind, row, tree):
            resource["relationships"] = relationships
        return resource

    def _relationships(self, kind: Kind, row: Row, tree: Tree) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, subtree in tree.items():
            relation = kind.relations.get(name)
            if relation is None:
                continue
            links = []
            for other, extra in relation.rows(self._call, row):
                link = {"type": KINDS[relation.kind].type, "id": str(other["id"])}
                links.append(link)
                key = (link["type"], link["id"])
                if key not in self._included:
                    self._included[key] = {}
                    self._included[key] = self._resource(relation.kind, other, subtree, extra)
            found[name] = {"data": links if relation.many else (links[0] if links else None)}
        return found


def read_includes(call: Call, kind: Kind) -> Tree:
    """The ``include`` parameter as a tree; raises the 400 for what is not allowed."""
    text = call.query.get("include")
    if text is not None and not isinstance(text, str):
        raise ApiError(400, "The include parameter must be a comma seperated list of relationship paths.")
    names = [name for name in (text or "").split(",") if name]
    if not kind.includes:
        return {}
    allowed = [name for name in kind.includes if call.settings.meta or not name.startswith("meta")]
    if unknown := [name for name in names if name not in allowed]:
        raise ApiError(400, not_allowed("include", unknown, allowed, "are"))
    tree: Tree = {}
    for name in names:
        branch = tree
        for part in name.split("."):
            branch = branch.setdefault(part, {})
    return tree


def read_fields(call: Call, includes: Tree) -> dict[str, list[str]]:
    """The ``fields`` parameter: type → attributes; naming fields of an included relation is a 400."""
    fields = call.query.get("fields")
    if fields is None:
        return {}
    if not isinstance(fields, dict):
        raise ApiError(400, "The fields parameter must be an array of resource types.")
    wanted = {str(kind): str(names).split(",") for kind, names in fields.items()}
    for name in includes:
        if name in wanted:
            raise ApiError(
                400,
                f"Requested field(s) `{', '.join(wanted[name])}` are not allowed (yet)."
                " If you want to allow these fields, please make sure to call the QueryBuilder's `allowedFields` method"
                " before the `allowedIncludes` method.",
            )
    return wanted


def not_allowed(what: str, unknown: Iterable[str], allowed: Iterable[str], verb: str) -> str:
    """The text of a 400 about a filter, sort or include."""
    return (
        f"Requested {what}(s) `{', '.join(unknown)}` {verb} not allowed. Allowed {what}(s) are `{', '.join(allowed)}`."
    )
