"""What a saved document of a Statuspage says, in canonical objects: for looking at it without looking at the page.

Known are the documents of the public JSON (summary, components, incidents, scheduled maintenances) and single objects,
or lists of them, as the API with a token answers them: components, groups, incidents, incident updates, and the page
itself, which tells nothing that is mirrored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from bridge.errors import Unparsable
from bridge.model.enums import IncidentStatus, Kind
from bridge.model.objects import CanonicalObject, Incident, IncidentUpdate, Maintenance
from bridge.providers.base import mapping as mappings
from bridge.providers.statuspage.reader import Reader
from bridge.providers.statuspage.translator import Translator

TYPES = ("statuspage-public", "statuspage", "statuspage-v1")
"""What such a document may be called."""

_LISTS: Mapping[str, Kind] = {
    "components": Kind.COMPONENT,
    "incidents": Kind.INCIDENT,
    "scheduled_maintenances": Kind.MAINTENANCE,
}


def objects_in(document: Any) -> dict[Kind, list[CanonicalObject | IncidentUpdate]]:
    """Everything that a document tells, by kind. Ids are those of the page.

    Args:
        document: decoded JSON.

    Raises:
        Unparsable: it is no such document, or one of its objects is none.
    """
    found: dict[Kind, list[CanonicalObject | IncidentUpdate]] = {}
    for kind, row in _rows(document):
        try:
            obj = _update(row) if kind is Kind.INCIDENT_UPDATE else _object(kind, row)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unparsable(
                f"a {kind} in it is not as Statuspage writes one ({type(error).__name__}: {error})"
            ) from error
        found.setdefault(kind, []).append(obj)
    return found


def _object(kind: Kind, row: Mapping[str, Any]) -> CanonicalObject:
    mapping = mappings.load("statuspage")
    obj, _ = Reader(mapping).read(kind, Translator(mapping).seen(kind, row), "page", _identify)
    return obj


def _update(row: Mapping[str, Any]) -> IncidentUpdate:
    """One update by itself. Its status says whether it is one of an incident or of a maintenance."""
    of_incident = mappings.load("statuspage").table(IncidentStatus).knows(row["status"])
    kind = Kind.INCIDENT if of_incident else Kind.MAINTENANCE
    start = row.get("display_at") or row.get("created_at")
    around = {"id": row["incident_id"], "name": "", "status": row["status"], "created_at": start, "updated_at": start}
    clock = {} if of_incident else {"scheduled_for": start, "scheduled_until": start}
    # Twice, because the first update of a maintenance is its announcement, which is no update of ours.
    owner = _object(kind, {**around, **clock, "incident_updates": [row, row]})
    return cast(Incident | Maintenance, owner).updates[-1]


def _rows(document: Any) -> Iterator[tuple[Kind, Mapping[str, Any]]]:
    rows = document if isinstance(document, list) else [document]
    if not all(isinstance(row, Mapping) for row in rows):
        raise Unparsable("it is neither an object nor a list of objects")
    for row in rows:
        if isinstance(row.get("page"), Mapping):
            yield from _listed(row)
        elif (kind := _kind_of(row)) is not None:
            yield kind, row
        elif not {"id", "name", "subdomain"} <= row.keys():  # which is the page itself
            raise Unparsable(
                "this is no document of a Statuspage: a public one has “page” beside its lists, an object of the API "
                "is a component, a component group, an incident, an incident update or a page"
            )


def _listed(document: Mapping[str, Any]) -> Iterator[tuple[Kind, Mapping[str, Any]]]:
    for name, kind in _LISTS.items():
        rows: Iterable[Any] = document.get(name) or ()
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, Mapping):
                is_group = kind is Kind.COMPONENT and bool(row.get("group"))
                yield Kind.COMPONENT_GROUP if is_group else kind, row


def _kind_of(row: Mapping[str, Any]) -> Kind | None:
    """What an object of the API is, by the members that only its kind has."""
    if "incident_updates" in row:
        return Kind.MAINTENANCE if row.get("scheduled_for") else Kind.INCIDENT
    if "incident_id" in row and "body" in row:
        return Kind.INCIDENT_UPDATE
    if "showcase" in row or ("group_id" in row and "status" in row):
        return Kind.COMPONENT_GROUP if row.get("group") else Kind.COMPONENT
    if isinstance(row.get("components"), list) and "name" in row and "status" not in row:
        return Kind.COMPONENT_GROUP
    return None


def _identify(kind: Kind, remote_id: str, at: datetime | None) -> str:
    return remote_id
