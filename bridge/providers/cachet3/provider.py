"""One Cachet 3 installation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from bridge.clock import Clock, SystemClock
from bridge.config.settings import DestinationSettings
from bridge.errors import Gone, Refused
from bridge.model.actions import Append, Create, Update, WritingAction
from bridge.model.enums import Kind
from bridge.model.facts import FindBy, Receipt, Refs, Seen, Wanted
from bridge.model.loss import Losses
from bridge.model.objects import CanonicalObject
from bridge.providers.base import mapping as mappings
from bridge.providers.base.capabilities import Capabilities
from bridge.providers.base.http import Http
from bridge.providers.base.moments import iso, moment_of
from bridge.providers.base.provider import Budget, Observer
from bridge.providers.base.reading import Identify
from bridge.providers.base.resource import Creating, JsonObject
from bridge.providers.base.results import Record
from bridge.providers.cachet3 import metaless
from bridge.providers.cachet3.collections import PointRows, Rows, SubscriberRows
from bridge.providers.cachet3.documents import (
    ComponentGroups,
    Components,
    Documents,
    Incidents,
    IncidentTemplates,
    IncidentUpdates,
    Metrics,
    Schedules,
    ScheduleUpdates,
    Subscribers,
)
from bridge.providers.cachet3.features import Probe, included, started
from bridge.providers.cachet3.listed import trustworthy
from bridge.providers.cachet3.reader import EMBARGOED, LISTED, Reader
from bridge.providers.cachet3.resources import FAILURES
from bridge.providers.cachet3.settings import address, zone
from bridge.providers.cachet3.translator import Translator

_INCLUDES: Mapping[Kind, tuple[str, ...]] = {
    Kind.COMPONENT: ("group", "meta"),
    Kind.COMPONENT_GROUP: ("meta",),
    Kind.INCIDENT: ("components", "updates", "meta"),
    Kind.MAINTENANCE: ("components", "updates", "meta"),
}
_RECENT = 400
"""How many of the newest rows are looked through for one that was made moments ago, where no marker finds it."""


class Cachet3Provider:
    """Speaks to one installation. See :class:`bridge.providers.base.provider.Provider`."""

    def __init__(
        self, settings: DestinationSettings, budget: Budget, observe: Observer, clock: Clock | None = None
    ) -> None:
        self._clock = clock or SystemClock()
        mapping = mappings.load("cachet3")
        self._http = Http(address(settings), FAILURES, budget, observe)
        self._probe = probe = Probe(self._http, settings.options.get("meta"))
        self._mapping = mapping
        self._translator = Translator(mapping, zone(settings))
        self._reader = Reader(mapping, zone(settings))
        self._points = points = PointRows(self._http, self._translator.made_at)
        self._collections: Mapping[Kind, Rows | PointRows] = {
            Kind.METRIC: Rows(Metrics(self._http), probe),
            Kind.METRIC_POINT: points,
            Kind.SUBSCRIBER: SubscriberRows(Subscribers(self._http), probe, "email", ("components", "meta")),
            Kind.INCIDENT_TEMPLATE: Rows(IncidentTemplates(self._http), probe),
        }
        self._resources: Mapping[Kind, Documents[Record]] = {
            Kind.COMPONENT: Components(self._http),
            Kind.COMPONENT_GROUP: ComponentGroups(self._http),
            Kind.INCIDENT: Incidents(self._http),
            Kind.MAINTENANCE: Schedules(self._http),
        }
        self._updates: Mapping[Kind, tuple[Creating[Record], str]] = {
            Kind.INCIDENT: (IncidentUpdates(self._http), "incident"),
            Kind.MAINTENANCE: (ScheduleUpdates(self._http), "schedule"),
        }

    @property
    def capabilities(self) -> Capabilities:
        """What the server can do, as far as it is known by now; asks nothing."""
        known = self._mapping.capabilities
        return metaless.capabilities(known) if self._probe.lacks_meta else known

    def translate(self, obj: CanonicalObject, refs: Refs) -> tuple[Wanted, Losses]:
        """See :class:`Translator`. What is lost on a server without free data is told once it is known to be one."""
        wanted, losses = self._translator.translate(obj, refs)
        return wanted, metaless.losses(obj, losses) if self._probe.lacks_meta else losses

    def read(self, kind: Kind, seen: Seen, source: str, identify: Identify) -> tuple[CanonicalObject, Losses]:
        """See :class:`Reader`."""
        return self._reader.read(kind, seen, source, identify)

    def perform(self, action: WritingAction) -> Receipt:
        """Make one writing call."""
        if action.key.kind in self._collections:
            return _performed(self._collections[action.key.kind], action)
        resource = self._resources[action.key.kind]
        if isinstance(action, Create):
            self._refuse_if_shown_early(action)
            return Receipt(resource.identity(resource.create(action.body)))
        if isinstance(action, Append):
            updates, parent = self._updates[action.key.kind]
            made = updates.create(action.append.body, **{parent: action.remote_id})
            return Receipt(action.remote_id, {action.append.id: updates.identity(made)})
        if isinstance(action, Update):
            return Receipt(resource.identity(resource.update(action.remote_id, action.body)))
        resource.remove(action.remote_id)
        return Receipt(action.remote_id)

    def look(self, kind: Kind, remote_id: str) -> Seen | None:
        """Read one object; None when it is gone."""
        try:
            if kind in self._collections:
                return self._translator.seen(kind, self._collections[kind].get(remote_id))
            row = self._alone(kind, remote_id)
        except Gone:
            return None
        return self._translator.seen(kind, self._noted(row))

    def find(self, kind: Kind, by: FindBy) -> Iterator[Seen]:
        """By our marker; on a server that carries none, those that are equal in all that was sent.

        A server that ignores the filter answers everything, so each row's own marker is checked.
        """
        if kind in self._collections:
            found = (self._translator.seen(kind, row) for row in self._collections[kind].find(by))
            yield from (seen for seen in found if all(seen.echo.get(name) == value for name, value in by.echo.items()))
            return
        rows, wanted = self._probe.ask(lambda meta: self._candidates(kind, by, meta))
        for row in rows:
            seen = self._translator.seen(kind, row)
            if metaless.matches(seen, by) if wanted is None else seen.marker == wanted:
                yield seen

    def scan(self, kind: Kind, since: datetime | None = None) -> Iterator[Seen]:
        """All objects of a kind, incidents and maintenances the newest first.

        There is no filter by change, so ``since`` saves work here but hardly a call.
        """
        for row in self._listed(kind, since):
            if since is None or self._translator.changed_since(row, since):
                yield self._translator.seen(kind, self._noted(row))

    def points(self, metric: str, since: datetime | None = None) -> Iterator[Seen]:
        """The points of one metric, the newest first, back to a moment."""
        return (self._translator.seen(Kind.METRIC_POINT, row) for row in self._points.back_to(metric, since))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _refuse_if_shown_early(self, action: Create) -> None:
        """What is to be published later must not go where it would be shown at once.

        Raises:
            Refused: the server may be one of those.
        """
        later = moment_of(action.body.get("published_at"))
        if later is not None and later > self._clock.now() and not self._probe.waits():
            raise Refused(
                f"{action.key} is to be published at {iso(later)}, and this server may be too old to wait for that: "
                "upgrade it, or leave this destination out until then"
            )

    def _listed(self, kind: Kind, since: datetime | None) -> Iterator[Mapping[str, Any]]:
        if kind in self._collections:
            return self._collections[kind].list(since)
        rows = self._probe.ask(lambda meta: self._rows(kind, {}, meta))
        if kind is Kind.INCIDENT:
            return trustworthy(rows, self._mapping, self._incident)
        return ({**row, LISTED: True} for row in rows) if kind is Kind.MAINTENANCE else rows

    def _incident(self, remote_id: str) -> Mapping[str, Any] | None:
        try:
            return self._alone(Kind.INCIDENT, remote_id)
        except Gone:
            return None

    def _alone(self, kind: Kind, remote_id: str) -> JsonObject:
        """One row, whole."""
        return self._probe.ask(lambda meta: self._resources[kind].get(remote_id, included(_INCLUDES[kind], meta)))

    def _candidates(self, kind: Kind, by: FindBy, meta: bool) -> tuple[Iterator[JsonObject], str | None]:
        """Rows that may be the one that is looked for, and the marker that it must carry, if it can carry one."""
        marker = self._mapping.marker
        if meta and marker is not None and by.marker is not None:
            return self._rows(kind, {f"filter[meta][{marker.key}]": by.marker}, meta), by.marker
        recent = _RECENT if kind in (Kind.INCIDENT, Kind.MAINTENANCE) else None
        return islice(self._rows(kind, {}, meta), recent), None

    def _noted(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """The row with a note, where it is not published yet; who may manage incidents sees it before."""
        return {**row, EMBARGOED: True} if self._translator.is_embargoed(row, self._clock.now()) else row

    def _rows(self, kind: Kind, query: Mapping[str, str], meta: bool) -> Iterator[JsonObject]:
        """By id, because the default orders are ties of whole seconds; disabled components too."""
        order = "-id" if kind in (Kind.INCIDENT, Kind.MAINTENANCE) else "id"
        whole = {**included(_INCLUDES[kind], meta), "sort": order, **query}
        if kind is Kind.COMPONENT:
            whole["filter[enabled]"] = "0,1"
        return started(self._resources[kind].list(whole))


def make(settings: DestinationSettings, budget: Budget, observe: Observer) -> Cachet3Provider:
    """The provider of one installation.

    Raises:
        ConfigError: url or token cannot be used.
    """
    return Cachet3Provider(settings, budget, observe)


def _performed(rows: Rows | PointRows, action: WritingAction) -> Receipt:
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
