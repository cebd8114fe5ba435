"""A Cachet 2 destination, 2.4 or 2.3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from bridge.clock import SystemClock
from bridge.config.settings import DestinationSettings
from bridge.errors import Gone
from bridge.model.actions import Append, Create, Remove, Update, WritingAction
from bridge.model.enums import Kind
from bridge.model.facts import FindBy, Receipt, Refs, Seen, Wanted
from bridge.model.loss import Losses
from bridge.model.objects import CanonicalObject
from bridge.providers.base.http import Http
from bridge.providers.base.mapping import load
from bridge.providers.base.provider import Budget, Observer
from bridge.providers.base.reading import Identify
from bridge.providers.base.results import Record
from bridge.providers.base.text import cleaned_form
from bridge.providers.cachet2 import elder
from bridge.providers.cachet2.audience import Subscribers
from bridge.providers.cachet2.dialect import Probe
from bridge.providers.cachet2.gathering import Apart, Gathering, People, Points, Templates, perform_apart
from bridge.providers.cachet2.metrics import MetricPoints, Metrics
from bridge.providers.cachet2.reader import Reader
from bridge.providers.cachet2.resources import (
    Cachet2Crud,
    ComponentGroups,
    Components,
    Incidents,
    IncidentTemplates,
    IncidentUpdates,
    Schedules,
    failures,
)
from bridge.providers.cachet2.settings import Dialect, address
from bridge.providers.cachet2.translator import Translator

_RECENT = 400
"""How many of the newest objects are looked through for one that was made moments ago."""


class Cachet2:
    """Speaks to one Cachet 2. Everything is told in the words of 2.4; what is otherwise in 2.3 is in ``elder``.

    Args:
        settings: the destination.
        budget: asked before every call.
        observe: told after every call.

    Raises:
        ConfigError: address or token cannot be used.
    """

    def __init__(self, settings: DestinationSettings, budget: Budget, observe: Observer) -> None:
        self._words = words = load("cachet2")
        self._probe = probe = Probe(Dialect(settings.options.get("dialect", Dialect.AUTO)))
        self.capabilities = elder.capabilities(words.capabilities) if probe.is_old else words.capabilities
        self._translator = Translator(words)
        self._http = Http(address(settings), failures(probe), budget, observe)
        self._collections: dict[Kind, Cachet2Crud[Record]] = {
            Kind.COMPONENT: Components(self._http, probe),
            Kind.COMPONENT_GROUP: ComponentGroups(self._http, probe),
            Kind.INCIDENT: Incidents(self._http, probe),
            Kind.MAINTENANCE: Schedules(self._http, probe),
            Kind.METRIC: Metrics(self._http, probe),
        }
        self._points = points = Points(Metrics(self._http, probe), MetricPoints(self._http, probe))
        self._apart: dict[Kind, Apart] = {
            Kind.METRIC_POINT: points,
            Kind.SUBSCRIBER: People(Subscribers(self._http, probe)),
            Kind.INCIDENT_TEMPLATE: Templates(IncidentTemplates(self._http, probe)),
        }
        self._updates = IncidentUpdates(self._http, probe)
        self._clock = SystemClock()
        self._reader = Reader(words)
        self._gathering = Gathering(Components(self._http, probe), self._clock)

    def translate(self, obj: CanonicalObject, refs: Refs) -> tuple[Wanted, Losses]:
        """The object in Cachet's words, and what is lost on the way. Pure.

        As long as it is not known whether the server is a 2.3, what only a 2.3 refuses is refused by ``perform``.
        """
        if not self._probe.is_old:
            return self._translator.translate(obj, refs)
        elder.refuse(obj)
        wanted, losses = self._translator.translate(obj, refs)
        return wanted, losses + elder.losses(obj)

    def perform(self, action: WritingAction) -> Receipt:
        """Make exactly one writing call."""
        if action.key.kind is Kind.METRIC_POINT:
            self._is_old()  # an unknown 2.3 that says that a metric is gone would be taken for a wrong address
        if action.key.kind in self._apart:
            return perform_apart(self._apart[action.key.kind], action)
        rows = self._rows(action.key.kind)
        if self._probe.is_old and not isinstance(action, Remove):
            return elder.perform(rows, action, self._words, self._clock.now())
        if isinstance(action, Create):
            return Receipt(str(rows.create(action.body)["id"]))
        if isinstance(action, Update):
            rows.update(action.remote_id, action.body)
        elif isinstance(action, Append):
            made = self._updates.create(action.append.body, incident_id=action.remote_id)
            return Receipt(action.remote_id, {action.append.id: str(made["id"])})
        elif isinstance(action, Remove):
            rows.remove(action.remote_id)
        return Receipt(action.remote_id)

    def look(self, kind: Kind, remote_id: str) -> Seen | None:
        """Read one object; None when it is gone."""
        rows = self._apart.get(kind) or self._rows(kind)
        try:
            row = rows.get(remote_id)
        except Gone:
            return None
        return self._seen(kind, self._gathering.one(kind, row))

    def find(self, kind: Kind, by: FindBy) -> Iterator[Seen]:
        """Recent objects that carry our marker; where there is no room for one, those with title and start."""
        rows = self._listed(kind, by.title)
        wanted = replace(by, marker=None) if self._probe.is_old else by
        # People come in no order and points in that of their times, so all of them are looked through.
        recent = None if kind in self._apart else _RECENT
        for row in islice(rows, recent):
            seen = self._seen(kind, row)
            if _matches(seen, wanted):
                yield seen

    def scan(self, kind: Kind, since: datetime | None = None) -> Iterator[Seen]:
        """All objects of a kind, newest first; with ``since`` only those that changed later, or whose updates did."""
        # 2.3 sets the time of the change back to the start whenever the start is written (2.3, measured).
        for row in self._gathering.all(kind, self._listed(kind)):
            unreliable = self._probe.is_old and kind is Kind.INCIDENT
            if since is None or unreliable or _changed_after(row, since):
                yield self._seen(kind, row)

    def read(self, kind: Kind, seen: Seen, source: str, identify: Identify) -> tuple[CanonicalObject, Losses]:
        """The canonical object that a row stands for, and what could not be understood of it. Pure."""
        return self._reader.read(kind, seen, source, identify)

    def points(self, metric: str, since: datetime | None = None) -> Iterator[Seen]:
        """The points of one metric, the newest first, back to a moment."""
        return (self._seen(Kind.METRIC_POINT, row) for row in self._points.back_to(metric, since))

    def close(self) -> None:
        """Release the connections."""
        self._http.close()

    def _listed(self, kind: Kind, title: str | None = None) -> Iterator[Mapping[str, Any]]:
        """The rows of a kind; points of one metric only, where that is asked for."""
        if self._is_old() and kind in elder.LACKING:
            return iter(())
        apart = self._apart.get(kind)
        if isinstance(apart, Points):
            return apart.list(title)
        if apart is not None:
            return apart.list()
        return self._rows(kind).list()

    def _seen(self, kind: Kind, row: Mapping[str, Any]) -> Seen:
        return self._translator.seen(kind, elder.shown(kind, row, self._words) if self._probe.is_old else row)

    def _rows(self, kind: Kind) -> Cachet2Crud[Record]:
        """The collection of a kind, once it is known which Cachet it is."""
        self._is_old()
        return self._collections[kind]

    def _is_old(self) -> bool:
        """Whether it is a 2.3; the server is asked where that is not known.

        Raises:
            ProviderError: the server cannot tell now.
        """
        if self._probe.known is None and self._probe.dialect(self._http) is Dialect.CACHET_2_3:
            self.capabilities = elder.capabilities(self._words.capabilities)
        return self._probe.is_old


def _matches(seen: Seen, by: FindBy) -> bool:
    if by.marker is not None:
        return seen.marker == by.marker
    same = all(seen.echo.get(name) == value for name, value in by.echo.items())
    return by.title == cleaned_form(seen.name) and by.at in (None, seen.at) and same


def _changed_after(row: Mapping[str, Any], since: datetime) -> bool:
    rows = (row, *(row.get("updates") or ()))
    newest = max(str(item.get("updated_at") or "") for item in rows)
    return newest >= since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
