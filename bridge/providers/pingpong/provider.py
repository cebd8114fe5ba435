"""A PingPong destination."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

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
from bridge.providers.base.reading import Identify
from bridge.providers.base.results import Record
from bridge.providers.pingpong.absent import unreadable
from bridge.providers.pingpong.metrics import CustomMetrics, DataPoints, MeasuredMetrics, Metrics, Points
from bridge.providers.pingpong.page import Live
from bridge.providers.pingpong.reader import Reader, overlaid
from bridge.providers.pingpong.resources import (
    FAILURES,
    ComponentGroups,
    Components,
    Incidents,
    IncidentUpdates,
    Maintenances,
)
from bridge.providers.pingpong.routed import PingPongResource
from bridge.providers.pingpong.settings import ROUTES, UPDATE_METHODS, address
from bridge.providers.pingpong.translator import Translator

C = TypeVar("C", bound=PingPongResource[Any])

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
        self._reader = Reader(words)
        self._http = Http(address(settings), FAILURES, budget, observe)
        routes = {**ROUTES, **settings.options.get("routes", {})}
        methods = UPDATE_METHODS[settings.options.get("update_method", "auto")]

        def rows(collection: type[C]) -> C:
            return collection.at(routes)(self._http, methods)

        self._components = rows(Components)
        self._collections: dict[Kind, PingPongResource[Record] | Metrics] = {
            Kind.COMPONENT: self._components,
            Kind.COMPONENT_GROUP: rows(ComponentGroups),
            Kind.INCIDENT: rows(Incidents),
            Kind.MAINTENANCE: rows(Maintenances),
            Kind.METRIC: Metrics(rows(CustomMetrics), rows(MeasuredMetrics)),
        }
        self._updates = rows(IncidentUpdates)
        self._points = Points(DataPoints.at(routes)(self._http))
        self._live = Live.at(routes)(self._http)

    def translate(self, obj: CanonicalObject, refs: Refs) -> tuple[Wanted, Losses]:
        """The object in PingPong's words, and what is lost on the way. Pure."""
        return self._translator.translate(obj, refs)

    def perform(self, action: WritingAction) -> Receipt:
        """Make exactly one writing call.

        Raises:
            Refused: something was to be removed, or there are no such objects.
        """
        if action.key.kind is Kind.METRIC_POINT and isinstance(action, Create):
            return Receipt(str(self._points.create(action.body)["id"]))
        rows = self._rows(action.key.kind)
        if isinstance(action, Create):
            return Receipt(str(rows.create(action.body)["id"]))
        if isinstance(action, Update) and action.key.kind is Kind.COMPONENT:
            self._components.set_status(action.remote_id, action.body["status"])
            return Receipt(action.remote_id)
        if isinstance(action, Update):
            rows.update(action.remote_id, action.body)
            return Receipt(action.remote_id)
        if isinstance(action, Append):
            made = self._updates.create(action.append.body, incident_id=action.remote_id)
            return Receipt(action.remote_id, {action.append.id: str(made["id"])})
        raise Refused(f"PingPong's API deletes nothing, so {action.key} stays there: remove it in PingPong's dashboard")

    def look(self, kind: Kind, remote_id: str) -> Seen | None:
        """Read one object; None when it is gone. Of a metric point nothing is shown, so nothing is asked.

        Raises:
            Refused: there are no such objects.
        """
        if kind is Kind.METRIC_POINT:
            return Seen(remote_id, {})
        try:
            row = self._rows(kind).get(remote_id)
        except Gone:
            return None
        if kind is Kind.COMPONENT:
            row = overlaid(row, self._live.touched())
        return self._translator.seen(kind, row)

    def find(self, kind: Kind, by: FindBy) -> Iterator[Seen]:
        """Objects with the same title, start and message: there is no room for a marker of ours.

        A metric point is never found; to write it again is harmless, as one takes the other's place.
        """
        if kind is Kind.METRIC_POINT:
            return iter(())
        return (seen for seen in self.scan(kind) if _matches(seen, by))

    def scan(self, kind: Kind, since: datetime | None = None) -> Iterator[Seen]:
        """All objects of a kind. PingPong does not tell when an object was changed, so ``since`` leaves none out.

        Raises:
            Refused: PingPong does not show objects of this kind.
        """
        rows: Iterator[Mapping[str, Any]] = islice(self._rows(kind).list(), _MOST_ROWS)
        if kind is Kind.COMPONENT:
            touched = self._live.touched()
            rows = (overlaid(row, touched) for row in rows)
        return (self._translator.seen(kind, row) for row in rows)

    def read(self, kind: Kind, seen: Seen, source: str, identify: Identify) -> tuple[CanonicalObject, Losses]:
        """The canonical object that a row stands for, and what could not be understood of it. Pure."""
        return self._reader.read(kind, seen, source, identify)

    def close(self) -> None:
        """Release the connections."""
        self._http.close()

    def _rows(self, kind: Kind) -> PingPongResource[Record] | Metrics:
        if kind not in self._collections:
            raise unreadable(kind)
        return self._collections[kind]


def _matches(seen: Seen, by: FindBy) -> bool:
    same = seen.name == by.title and by.at in (None, seen.at)
    return same and all(seen.echo.get(field) == value for field, value in by.echo.items())
