"""One Cachet 3 installation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from bridge.config.settings import DestinationSettings
from bridge.errors import Gone
from bridge.model.actions import Append, Create, Update, WritingAction
from bridge.model.enums import Kind
from bridge.model.facts import FindBy, Receipt, Refs, Seen, Wanted
from bridge.model.loss import Losses
from bridge.model.objects import CanonicalObject
from bridge.providers.base import mapping as mappings
from bridge.providers.base.http import Http
from bridge.providers.base.provider import Budget, Observer
from bridge.providers.base.resource import Creating, JsonObject
from bridge.providers.cachet3.resources import (
    FAILURES,
    ComponentGroups,
    Components,
    Document,
    Incidents,
    IncidentUpdates,
    Schedules,
    ScheduleUpdates,
)
from bridge.providers.cachet3.settings import address, zone
from bridge.providers.cachet3.translator import Translator

_INCLUDES: Mapping[Kind, str] = {
    Kind.COMPONENT: "meta",
    Kind.COMPONENT_GROUP: "meta",
    Kind.INCIDENT: "updates,meta",
    Kind.MAINTENANCE: "updates,meta",
}


class Cachet3Provider:
    """Speaks to one installation. See :class:`bridge.providers.base.provider.Provider`."""

    def __init__(self, settings: DestinationSettings, budget: Budget, observe: Observer) -> None:
        mapping = mappings.load("cachet3")
        self.capabilities = mapping.capabilities
        self._marker = mapping.marker
        self._http = Http(address(settings), FAILURES, budget, observe)
        self._translator = Translator(mapping, zone(settings))
        self._resources: Mapping[Kind, Document] = {
            Kind.COMPONENT: Components(self._http),
            Kind.COMPONENT_GROUP: ComponentGroups(self._http),
            Kind.INCIDENT: Incidents(self._http),
            Kind.MAINTENANCE: Schedules(self._http),
        }
        self._updates: Mapping[Kind, tuple[Creating, str]] = {
            Kind.INCIDENT: (IncidentUpdates(self._http), "incident"),
            Kind.MAINTENANCE: (ScheduleUpdates(self._http), "schedule"),
        }

    def translate(self, obj: CanonicalObject, refs: Refs) -> tuple[Wanted, Losses]:
        """See :class:`Translator`."""
        return self._translator.translate(obj, refs)

    def perform(self, action: WritingAction) -> Receipt:
        """Make one writing call."""
        resource = self._resources[action.key.kind]
        if isinstance(action, Create):
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
            row = self._resources[kind].get(remote_id, {"include": _INCLUDES[kind]})
        except Gone:
            return None
        return self._translator.seen(kind, row)

    def find(self, kind: Kind, by: FindBy) -> Iterator[Seen]:
        """By our marker; by name where none was given.

        A server that ignores the filter answers everything, so each row's own marker is checked.
        """
        if by.marker is None or self._marker is None:
            yield from (seen for seen in self.scan(kind) if by.title and seen.name == by.title)
            return
        for row in self._rows(kind, {f"filter[meta][{self._marker.key}]": by.marker}):
            seen = self._translator.seen(kind, row)
            if seen.marker == by.marker:
                yield seen

    def scan(self, kind: Kind, since: datetime | None = None) -> Iterator[Seen]:
        """All objects of a kind. There is no filter by change, so ``since`` saves work here but no calls."""
        for row in self._rows(kind, {}):
            if since is None or self._translator.changed_since(row, since):
                yield self._translator.seen(kind, row)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _rows(self, kind: Kind, query: Mapping[str, str]) -> Iterator[JsonObject]:
        """By id, because the default orders are ties of whole seconds; disabled components too."""
        whole = {"include": _INCLUDES[kind], "sort": "id", **query}
        if kind is Kind.COMPONENT:
            whole["filter[enabled]"] = "0,1"
        return self._resources[kind].list(whole)


def make(settings: DestinationSettings, budget: Budget, observe: Observer) -> Cachet3Provider:
    """The provider of one installation.

    Raises:
        ConfigError: url or token cannot be used.
    """
    return Cachet3Provider(settings, budget, observe)
