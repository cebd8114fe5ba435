"""A PingPong destination."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from bridge.config.settings import DestinationSettings
from bridge.errors import Gone, Refused
from bridge.model.actions import Append, Create, Update, WritingAction
from bridge.model.enums import Kind
from bridge.model.facts import FindBy, Receipt, Refs, Seen, Wanted
from bridge.model.loss import Losses
from bridge.model.objects import CanonicalObject
from bridge.providers.base.http import Http
from bridge.providers.base.mapping import load
from bridge.providers.base.provider import Budget, Observer
from bridge.providers.pingpong.resources import (
    FAILURES,
    ComponentGroups,
    Components,
    Incidents,
    Maintenances,
    PingPongResource,
    at,
    updates_at,
)
from bridge.providers.pingpong.settings import ROUTES, UPDATE_METHODS, address
from bridge.providers.pingpong.translator import Translator

_MOST_ROWS = 20_000
"""A listing has no documented end; beyond so many rows something is wrong with it."""


class PingPong:
    """Speaks to one PingPong project.

    Args:
        settings: the destination.
        budget: asked before every call.
        observe: told after every call.

    Raises:
        ConfigError: address or token cannot be used.
    """

    def __init__(self, settings: DestinationSettings, budget: Budget, observe: Observer) -> None:
        words = load("pingpong")
        self.capabilities = words.capabilities
        self._translator = Translator(words)
        self._http = Http(address(settings), FAILURES, budget, observe)
        routes = {**ROUTES, **settings.options.get("routes", {})}
        methods = UPDATE_METHODS[settings.options.get("update_method", "auto")]
        self._collections: dict[Kind, PingPongResource] = {
            kind: at(routes[name], collection)(self._http, methods)
            for kind, name, collection in (
                (Kind.COMPONENT, "components", Components),
                (Kind.COMPONENT_GROUP, "component_groups", ComponentGroups),
                (Kind.INCIDENT, "incidents", Incidents),
                (Kind.MAINTENANCE, "maintenance", Maintenances),
            )
        }
        self._updates = updates_at(routes["incidents"], routes["incident_updates"])(self._http)

    def translate(self, obj: CanonicalObject, refs: Refs) -> tuple[Wanted, Losses]:
        """The object in PingPong's words, and what is lost on the way. Pure."""
        return self._translator.translate(obj, refs)

    def perform(self, action: WritingAction) -> Receipt:
        """Make exactly one writing call.

        Raises:
            Refused: something was to be removed.
        """
        rows = self._collections[action.key.kind]
        if isinstance(action, Create):
            return Receipt(str(rows.create(action.body)["id"]))
        if isinstance(action, Update):
            rows.update(action.remote_id, action.body)
            return Receipt(action.remote_id)
        if isinstance(action, Append):
            made = self._updates.create(action.append.body, incident=action.remote_id)
            return Receipt(action.remote_id, {action.append.id: str(made["id"])})
        raise Refused(f"PingPong's API deletes nothing, so {action.key} stays there: remove it in PingPong's dashboard")

    def look(self, kind: Kind, remote_id: str) -> Seen | None:
        """Read one object; None when it is gone."""
        try:
            row = self._collections[kind].get(remote_id)
        except Gone:
            return None
        return self._translator.seen(kind, row)

    def find(self, kind: Kind, by: FindBy) -> Iterator[Seen]:
        """Objects with the same title, start and message: there is no room for a marker of ours."""
        return (seen for seen in self.scan(kind) if _matches(seen, by))

    def scan(self, kind: Kind, since: datetime | None = None) -> Iterator[Seen]:
        """All objects of a kind. PingPong does not tell when an object was changed, so ``since`` leaves none out."""
        rows = islice(self._collections[kind].list(), _MOST_ROWS)
        return (self._translator.seen(kind, row) for row in rows)

    def close(self) -> None:
        """Release the connections."""
        self._http.close()


def _matches(seen: Seen, by: FindBy) -> bool:
    same = seen.name == by.title and by.at in (None, seen.at)
    return same and all(seen.echo.get(field) == value for field, value in by.echo.items())
