"""The collections of Cachet 3's API that statusbridge uses. Rows come flat: attributes, and what was included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.providers.base.failures import Failures, Reaction, Row, Trouble, first_of
from bridge.providers.base.paging import LinkedPages
from bridge.providers.base.resource import Creating, Crud, JsonObject, Listing, Removing, Updating


def _names_no_model(trouble: Trouble) -> bool:
    """Only "No query results for model …" is about an object; an API that is switched off says nothing (measured)."""
    said = trouble.payload.get("message") if isinstance(trouble.payload, Mapping) else None
    return "No query results" not in str(said)


_INDEX = "included rows by type and id"
"""Where :func:`_index` keeps its work in an answer; no JSON:API document has such a key."""

FAILURES = Failures([Row(404, Reaction.MISROUTED, _names_no_model)], words=first_of("errors", "message"), pause=60.0)


class Document(Crud):
    """A collection of JSON:API documents; ``PUT`` and ``PATCH`` are the same partial update (Cachet 3 source)."""

    unwrap = "data"
    update_method = "PUT"
    paging = LinkedPages()

    def shape(self, row: JsonObject, answer: Any) -> JsonObject:
        """The attributes with the outer id; included rows under the name of their relationship."""
        return {**_flat(row), **_related(row, answer)}


class Components(Document):
    """Components. Disabled ones are left out of the list unless ``filter[enabled]=0,1`` asks for them."""

    path = "/components"


class ComponentGroups(Document):
    """Groups; without ``visible: true`` a new one is for those who are logged in only."""

    path = "/component-groups"


class Incidents(Document):
    """Incidents; which components they concern is said on creation and never again."""

    path = "/incidents"


class IncidentUpdates(Listing, Creating, Updating, Removing):
    """Updates of one incident; the newest one gives the incident its status."""

    path = "/incidents/{incident}/updates"
    unwrap = "data"
    update_method = "PUT"
    paging = LinkedPages()
    shape = Document.shape


class Schedules(Document):
    """Maintenances; their status follows the clock."""

    path = "/schedules"


class ScheduleUpdates(Listing, Creating):
    """Updates of one maintenance; they have no status."""

    path = "/schedules/{schedule}/updates"
    unwrap = "data"
    paging = LinkedPages()
    shape = Document.shape


def _flat(row: Mapping[str, Any]) -> JsonObject:
    return {**row["attributes"], "id": str(row["id"])}


def _related(row: Mapping[str, Any], answer: Any) -> JsonObject:
    """What ``include`` brought along, for the relationships that this row has."""
    relations = row.get("relationships") or {}
    included = _index(answer) if relations else {}
    found: JsonObject = {}
    for name, relation in relations.items():
        data = relation.get("data")
        if isinstance(data, list):
            found[name] = [included[key] for item in data if (key := (item["type"], item["id"])) in included]
        elif data is not None:
            found[name] = included.get((data["type"], data["id"]))
    return found


def _index(answer: Any) -> Mapping[tuple[str, str], JsonObject]:
    """The included rows by type and id. Kept in the answer, because every row of a page asks for them."""
    if not isinstance(answer, dict):
        return {}
    if _INDEX not in answer:
        answer[_INDEX] = {(item["type"], item["id"]): _flat(item) for item in answer.get("included") or ()}
    index: Mapping[tuple[str, str], JsonObject] = answer[_INDEX]
    return index
