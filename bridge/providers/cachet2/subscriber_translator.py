"""Subscribers in Cachet 2's words, and what Cachet 2 shows of them. Pure.

Facts behind the choices (Cachet 2.4 source and measurements):

- Nobody can be changed. An address that is known is answered with what it has, so writing it twice is harmless.
- No components means all that exist now. An address that is not verified gets a mail that asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.errors import Refused
from bridge.model.enums import Kind
from bridge.model.facts import FindBy, Refs, Seen, Wanted
from bridge.model.objects import Subscriber
from bridge.providers.base.moments import moment_of
from bridge.providers.base.notes import Notes
from bridge.providers.cachet2.reader import TO_ALL, subscribed

Answer = Mapping[str, Any]


def subscriber(obj: Subscriber, refs: Refs, notes: Notes) -> Wanted:
    """Somebody who is told of all components, or of those that have a copy there.

    Raises:
        Refused: it is no mail address, or would be told of everything instead of nothing.
    """
    if "@" not in obj.address:
        raise Refused(f"{obj.id}: Cachet 2 writes to mail addresses only: leave this subscriber out there")
    address = obj.address.strip()
    numbers = []
    for name in obj.components:
        remote = refs.remote_id(Kind.COMPONENT, name)
        if remote is None:
            notes.lose("components", name, "", "The component has no copy on this destination.")
        else:
            numbers.append(int(remote))
    if obj.components and not numbers:
        raise Refused(f"{obj.id}: none of its components has a copy there, and Cachet 2 would tell it of all instead")
    body: dict[str, Any] = {"email": address, "verify": obj.verified}
    echo: dict[str, Any] = {"address": address}
    if numbers:
        body["components"] = sorted(numbers)
        echo["components"] = [str(number) for number in sorted(numbers)]
    else:
        echo["to_all"] = True
    return Wanted(create=body, update={}, echo=echo, creates=echo, find=FindBy(title=address))


def seen_subscriber(row: Answer) -> Seen:
    """Somebody as Cachet shows them, without the code that lets anybody change the subscription."""
    shown = {name: value for name, value in row.items() if name != "verify_code"}
    address = str(row["email"])
    echo = {"address": address, "components": list(subscribed(row)), "to_all": bool(row.get(TO_ALL))}
    return Seen(str(row["id"]), echo, address, None, moment_of(row.get("created_at")), (), shown)
