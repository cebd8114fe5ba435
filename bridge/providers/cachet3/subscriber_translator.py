"""Subscribers in Cachet 3's words, and what Cachet 3 shows of them. Pure.

Facts behind the choices (Cachet 3, measured):

- Subscribers have an e-mail address and nothing else. A known address is answered with the one that is there, whose
  flags stay; so what was wanted is written once more after every creation.
- One who is not verified is sent a mail that asks, by every creation. That somebody is verified is said once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bridge.errors import Refused
from bridge.model.enums import Kind
from bridge.model.facts import FindBy, Refs, Seen, Wanted
from bridge.model.objects import Subscriber
from bridge.providers.base.notes import Notes

Row = Mapping[str, Any]


def subscriber(obj: Subscriber, refs: Refs, notes: Notes, meta: Mapping[str, Any]) -> Wanted:
    """A subscriber in Cachet's words.

    Args:
        obj: the subscriber.
        refs: remote ids of the components.
        notes: where losses go.
        meta: free data to write along.

    Raises:
        Refused: it has no e-mail address, or none of its components has a copy there.
    """
    if "@" not in obj.address:
        raise Refused(f"{obj.id}: this is no e-mail address, and Cachet 3 writes to nothing else")
    names = obj.components or tuple(notes.own("components").get("components", ()))
    numbers = sorted(_numbers(names, refs, notes))
    everything = not obj.components
    if not everything and not numbers:
        raise Refused(f"{obj.id} follows only components that have no copy on this destination")
    body = {"global": everything, "components": numbers}
    echo = {"email": obj.address, "global": everything, "components": numbers}
    return Wanted(
        create={"email": obj.address, **body, "verified": obj.verified, "meta": dict(meta)},
        # The same address confirms nothing anew; another one has to be confirmed again (Cachet 3, measured).
        update={"email": obj.address, **body},
        echo=echo,
        creates={"email": obj.address},
        find=FindBy(title=obj.address),
    )


def seen_subscriber(row: Row, at: datetime | None) -> Seen:
    """A subscriber as Cachet shows it."""
    numbers = sorted(int(component["id"]) for component in row.get("components") or ())
    echo = {"email": row["email"], "global": bool(row.get("global")), "components": numbers}
    return Seen(str(row["id"]), echo, str(row["email"]), None, at, (), row)


def _numbers(names: tuple[str, ...], refs: Refs, notes: Notes) -> list[int]:
    found = []
    for name in names:
        remote = refs.remote_id(Kind.COMPONENT, name)
        if remote is None:
            notes.lose("components", name, "", "The component has no copy on this destination.")
        else:
            found.append(int(remote))
    return found
