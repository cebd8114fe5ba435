"""One page on Atlassian Statuspage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from bridge.config.settings import DestinationSettings
from bridge.errors import Gone, Refused
from bridge.model.actions import Append, Create, Update, WritingAction
from bridge.model.enums import Kind
from bridge.model.facts import FindBy, Receipt, Refs, Seen, Wanted
from bridge.model.loss import Losses
from bridge.model.objects import CanonicalObject
from bridge.providers.base import mapping as mappings
from bridge.providers.base.http import Http
from bridge.providers.base.moments import moment_of
from bridge.providers.base.provider import Budget, Observer
from bridge.providers.base.reading import Identify
from bridge.providers.base.resource import Crud, JsonObject
from bridge.providers.base.results import Record
from bridge.providers.statuspage.collections import Collection, MetricRows, PointRows, SubscriberRows, TemplateRows
from bridge.providers.statuspage.history import DISPLAY, DRAFT, PUBLISH, postmortem_id
from bridge.providers.statuspage.reader import Reader
from bridge.providers.statuspage.resources import (
    FAILURES,
    ComponentGroups,
    Components,
    Incidents,
    IncidentUpdates,
    Postmortems,
)
from bridge.providers.statuspage.settings import address
from bridge.providers.statuspage.translator import Translator

_RECENT = 200
"""How many of the newest incidents are searched for one that a lost call may have made."""


class StatuspageProvider:
    """Speaks to one page. See :class:`bridge.providers.base.provider.Provider`."""

    def __init__(self, settings: DestinationSettings, budget: Budget, observe: Observer) -> None:
        mapping = mappings.load("statuspage")
        self.capabilities = mapping.capabilities
        self._http = Http(address(settings), FAILURES, budget, observe)
        self._translator = Translator(mapping)
        self._reader = Reader(mapping)
        page = str(settings.options["page_id"])
        self._incidents = incidents = Incidents(self._http, page_id=page)
        self._updates = IncidentUpdates(self._http, page_id=page)
        self._postmortems = Postmortems(self._http, page_id=page)
        self._groups = ComponentGroups(self._http, page_id=page)
        self._resources: Mapping[Kind, Crud[Record]] = {
            Kind.COMPONENT: Components(self._http, page_id=page),
            Kind.COMPONENT_GROUP: self._groups,
            Kind.INCIDENT: incidents,
            Kind.MAINTENANCE: incidents,
        }
        self._people = SubscriberRows(self._http, page, mapping)
        self._collections: Mapping[Kind, Collection] = {
            Kind.METRIC: MetricRows(self._http, page, mapping),
            Kind.METRIC_POINT: PointRows(self._http, page),
            Kind.SUBSCRIBER: self._people,
            Kind.INCIDENT_TEMPLATE: TemplateRows(self._http, page),
        }

    def translate(self, obj: CanonicalObject, refs: Refs) -> tuple[Wanted, Losses]:
        """See :class:`Translator`."""
        return self._translator.translate(obj, refs)

    def read(self, kind: Kind, seen: Seen, source: str, identify: Identify) -> tuple[CanonicalObject, Losses]:
        """See :class:`Reader`."""
        return self._reader.read(kind, seen, source, identify)

    def perform(self, action: WritingAction) -> Receipt:
        """Make one writing call."""
        if action.key.kind in self._collections:
            return _performed(self._collections[action.key.kind], action)
        resource = self._resources[action.key.kind]
        if isinstance(action, Create):
            return self._create(resource, action)
        if isinstance(action, Append):
            return self._append_history(action) or self._append(resource, action)
        if isinstance(action, Update):
            body = self._with_members(action) if resource is self._groups else action.body
            return Receipt(resource.identity(resource.update(action.remote_id, body)))
        resource.remove(action.remote_id)
        return Receipt(action.remote_id)

    def look(self, kind: Kind, remote_id: str) -> Seen | None:
        """Read one object; None when it is gone."""
        try:
            rows = self._collections[kind] if kind in self._collections else self._resources[kind]
            return self._translator.seen(kind, rows.get(remote_id))
        except Gone:
            return None

    def find(self, kind: Kind, by: FindBy) -> Iterator[Seen]:
        """By our marker among open and recent incidents; components and groups, which carry none, by their name."""
        if kind in (Kind.COMPONENT, Kind.COMPONENT_GROUP):
            yield from (seen for seen in self.scan(kind) if by.title and seen.name == by.title)
            return
        if kind in self._collections:
            yield from (self._translator.seen(kind, row) for row in self._collections[kind].find(by))
            return
        looked_at: set[str] = set()
        for row in self._candidates(kind):
            seen = self._translator.seen(kind, row)
            if by.marker and seen.marker == by.marker and seen.remote_id not in looked_at:
                looked_at.add(seen.remote_id)
                yield seen

    def scan(self, kind: Kind, since: datetime | None = None) -> Iterator[Seen]:
        """All objects of a kind. There is no filter by change, so ``since`` saves work here but no calls."""
        rows = self._collections[kind] if kind in self._collections else self._resources[kind]
        for row in rows.list():
            if self._is_a(kind, row) and _changed_since(row, since):
                yield self._translator.seen(kind, row)

    def unsubscribed(self) -> Iterator[str]:
        """The addresses of those who unsubscribed from the page."""
        return self._people.unsubscribed()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _create(self, resource: Crud[Record], action: Create) -> Receipt:
        if resource is self._groups and not action.body.get("components"):
            raise Refused(
                "Statuspage makes a group only together with its first component: "
                "make the group on the page and give it that component"
            )
        row = resource.create(action.body)
        updates = row.get("incident_updates") or []
        appended = {action.opening: str(updates[-1]["id"])} if action.opening and updates else {}
        return Receipt(resource.identity(row), appended)

    def _append(self, resource: Crud[Record], action: Append) -> Receipt:
        """A PATCH of the incident; the update it made is the newest one that says what was sent."""
        row = resource.update(action.remote_id, action.append.body)
        shown = [self._translator.seen_append(item) for item in row.get("incident_updates") or []]
        made = next((item for item in shown if item.echo == action.append.echo), shown[0] if shown else None)
        return Receipt(resource.identity(row), {action.append.id: made.remote_id} if made else {})

    def _append_history(self, action: Append) -> Receipt | None:
        """What is said about an incident by calls of its own; None when the append is a plain update."""
        body, incident = action.append.body, {"incident_id": action.remote_id}
        if DISPLAY in body:
            # An update whose id was never told stays with the time at which it was written.
            if action.about:
                self._updates.update(action.about, body, **incident)
        elif DRAFT in body:
            self._postmortems.save(body[DRAFT], **incident)
        elif PUBLISH in body:
            self._postmortems.publish(body[PUBLISH], **incident)
            return Receipt(action.remote_id, {action.append.id: postmortem_id(action.remote_id)})
        else:
            return None
        return Receipt(action.remote_id)

    def _with_members(self, action: Update) -> Mapping[str, Any]:
        """A group's PATCH replaces its membership, so the present members are read and sent along."""
        return {**action.body, "components": self._groups.get(action.remote_id).get("components") or []}

    def _candidates(self, kind: Kind) -> Iterator[JsonObject]:
        yield from self._incidents.unresolved() if kind is Kind.INCIDENT else self._incidents.scheduled()
        yield from islice((row for row in self._resources[kind].list() if self._is_a(kind, row)), _RECENT)

    @staticmethod
    def _is_a(kind: Kind, row: Mapping[str, Any]) -> bool:
        """Maintenances are incidents with a plan."""
        if kind in (Kind.INCIDENT, Kind.MAINTENANCE):
            return (row.get("scheduled_for") is not None) == (kind is Kind.MAINTENANCE)
        return True


def make(settings: DestinationSettings, budget: Budget, observe: Observer) -> StatuspageProvider:
    """The provider of one page.

    Raises:
        ConfigError: url or token cannot be used.
    """
    return StatuspageProvider(settings, budget, observe)


def _performed(rows: Collection, action: WritingAction) -> Receipt:
    """One writing call for a kind that has a collection of its own."""
    if isinstance(action, Create):
        return Receipt(rows.create(action.body))
    if isinstance(action, Append):
        raise Refused(f"{action.key} has no updates")
    if isinstance(action, Update):
        rows.update(action.remote_id, action.body)
    else:
        rows.remove(action.remote_id)
    return Receipt(action.remote_id)


def _changed_since(row: Mapping[str, Any], since: datetime | None) -> bool:
    changed = moment_of(row.get("updated_at"))
    return since is None or changed is None or changed >= since.replace(microsecond=0)
