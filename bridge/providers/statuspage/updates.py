"""Updates in Statuspage's words, and what the call that carries one does to components. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bridge.model.enums import Kind
from bridge.model.facts import AppendWanted, Echo, ObjectKey, Refs

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def appends_of(
    steps: Sequence[tuple[str, Mapping[str, Any]]],
    flag: Mapping[str, Any],
    attached: Mapping[str, Any],
    effects: Mapping[str, Echo],
) -> tuple[AppendWanted, ...]:
    """Status and text go in one PATCH (apart they make two updates); only the newest also moves components.

    Args:
        steps: id and body of every update.
        flag: whether somebody is told.
        attached: what moves the components.
        effects: what that does to them.
    """
    newest = steps[-1][0] if steps else None
    return tuple(
        AppendWanted(
            id=name,
            body={**step, **flag, **(attached if name == newest else {})},
            echo=echo_of(step["status"], step["body"]),
            settles={"status": step["status"]},
            side_effects=effects if name == newest else {},
        )
        for name, step in steps
    )


def side_effects_of(components: Iterable[str], refs: Refs, attached: Mapping[str, Any]) -> dict[str, Echo]:
    """The statuses that the call writes to components as well."""
    words = attached["components"]
    found: dict[str, Echo] = {}
    for name in components:
        remote = refs.remote_id(Kind.COMPONENT, name)
        if remote in words:
            found[str(ObjectKey(Kind.COMPONENT, name))] = {"status": words[remote]}
    return found


def echo_of(status: Any, body: str) -> dict[str, Any]:
    """An update in the form that is compared: line breaks come back as markup."""
    return {"status": status, "text": " ".join(_BREAK.sub(" ", body).split())}
