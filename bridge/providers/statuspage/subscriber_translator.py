"""Subscribers in Statuspage's words, and what Statuspage shows of them. Pure.

Facts behind the choices (Statuspage specification):

- An address is an e-mail address, the number of a telephone or an address of the web; chats cannot be subscribed.
- One who has not confirmed is written to once, to ask. One who had confirmed elsewhere is not asked again.
- Which components are followed can be changed, the address cannot. Nobody can be subscribed twice.
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

Row = Mapping[str, Any]


def subscriber(obj: Subscriber, refs: Refs, notes: Notes) -> Wanted:
    """A subscriber in Statuspage's words.

    Raises:
        Refused: none of the components has a copy there, or the address cannot be reached from there.
    """
    ids = sorted(_components(obj, refs, notes))
    create: dict[str, Any] = {**_contact(obj, notes), "skip_confirmation_notification": obj.verified}
    if ids:
        create["component_ids"] = ids
    echo = {"address": obj.address, "components": ids}
    return Wanted(create=create, update={"component_ids": ids}, echo=echo, creates=echo, find=FindBy(title=obj.address))


def address_of(row: Row) -> str:
    """Where a subscriber is reached; a webhook may have an e-mail address as its contact."""
    return str(row.get("endpoint") or row.get("email") or row.get("phone_number") or "")


def seen_subscriber(row: Row) -> Seen:
    """A subscriber as Statuspage shows it."""
    parts = row.get("components") or ()
    ids = sorted(str(part["id"] if isinstance(part, Mapping) else part) for part in parts)
    echo = {"address": address_of(row), "components": ids}
    return Seen(str(row["id"]), echo, address_of(row), None, moment_of(row.get("created_at")), (), row)


def _contact(obj: Subscriber, notes: Notes) -> dict[str, Any]:
    own = {name: value for name, value in notes.own("phone_country", "email").items() if value is not None}
    if obj.address.startswith(("http://", "https://")):
        contact = own.get("email")
        return {"endpoint": obj.address, **({"email": contact} if contact else {})}
    if "@" in obj.address:
        return {"email": obj.address}
    if "phone_country" not in own:
        raise Refused(f"{obj.id}: this is neither an e-mail address nor a web address, and no country is known")
    return {"phone_number": obj.address, "phone_country": own["phone_country"]}


def _components(obj: Subscriber, refs: Refs, notes: Notes) -> list[str]:
    """Remote ids; one who wants some components must never be subscribed to all of them."""
    found = []
    for name in obj.components:
        remote = refs.remote_id(Kind.COMPONENT, name)
        if remote is None:
            notes.lose("components", name, "", "The component has no copy on this destination.")
        else:
            found.append(remote)
    if obj.components and not found:
        raise Refused(f"{obj.id} follows only components that have no copy on this destination")
    return found
