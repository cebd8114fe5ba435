"""What a saved document of a Statuspage says, in canonical objects: for looking at it without looking at the page.

Known are the documents of the public JSON (summary, components, incidents, scheduled maintenances) and single objects,
or lists of them, as the API with a token answers them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from bridge.errors import Unparsable
from bridge.model.enums import Kind
from bridge.model.objects import CanonicalObject
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


def objects_in(document: Any) -> dict[Kind, list[CanonicalObject]]:
    """Everything that a document tells, by kind. Ids are those of the page.

    Args:
        document: decoded JSON.

    Raises:
        Unparsable: it is no such document, or one of its objects is none.
    """
    mapping = mappings.load("statuspage")
    translator, reader = Translator(mapping), Reader(mapping)
    found: dict[Kind, list[CanonicalObject]] = {}
    for kind, row in _rows(document):
        try:
            obj, _ = reader.read(kind, translator.seen(kind, row), "page", _identify)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unparsable(
                f"a {kind} in it is not as Statuspage writes one ({type(error).__name__}: {error})"
            ) from error
        found.setdefault(kind, []).append(obj)
    return found


def _rows(document: Any) -> Iterator[tuple[Kind, Mapping[str, Any]]]:
    rows = document if isinstance(document, list) else [document]
    if not all(isinstance(row, Mapping) for row in rows):
        raise Unparsable("it is neither an object nor a list of objects")
    for row in rows:
        if isinstance(row.get("page"), Mapping):
            yield from _listed(row)
        elif (kind := _kind_of(row)) is not None:
            yield kind, row
        else:
            raise Unparsable(
                "this is no document of a Statuspage: a public one has “page” beside its lists, an object of the API "
                "is a component, a component group or an incident"
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
    if "showcase" in row or ("group_id" in row and "status" in row):
        return Kind.COMPONENT_GROUP if row.get("group") else Kind.COMPONENT
    if isinstance(row.get("components"), list) and "name" in row and "status" not in row:
        return Kind.COMPONENT_GROUP
    return None


def _identify(kind: Kind, remote_id: str, at: datetime | None) -> str:
    return remote_id
