"""``/metrics`` for Prometheus, read from the store at each scrape, so that every web worker tells the same.

Names and labels are documented in ``docs/http.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from bridge import __version__
from bridge.clock import Clock
from bridge.config.settings import Settings
from bridge.errors import StoreError
from bridge.model.enums import Kind
from bridge.model.overview import DestinationView, Overview, PageView
from bridge.store import Store
from bridge.sync.pages.originals import with_stored_originals
from bridge.web.refusals import Refusals

STATES = ("ok", "busy", "down", "paused")
"""States a destination or a page can be in, each a time series of 0 and 1."""

_COUNTERS: Mapping[str, tuple[str, tuple[str, ...], str]] = {
    "deliveries.accepted": ("deliveries_accepted", ("source",), "Deliveries that were accepted."),
    "deliveries.refused": ("deliveries_refused", ("source", "status"), "Deliveries that were refused, by HTTP status."),
    "deliveries.warned": ("deliveries_warned", ("source",), "Accepted deliveries with something to warn about."),
    "events.trigger": ("events", ("source",), "Events by what they say."),
    "events.update": ("events", ("source",), "Events by what they say."),
    "events.resolve": ("events", ("source",), "Events by what they say."),
    "events.ignore": ("events", ("source",), "Events by what they say."),
    "events.quarantined": ("events_quarantined", ("source",), "Events and bodies that could not be understood."),
    "decisions": ("decisions", ("reason",), "Decisions of the policy, by reason."),
    "drift": ("drift", ("destination", "reason"), "What people changed on destinations, by what became of it."),
    "points.taken": ("points_taken", ("page",), "Metric points that were taken over from pages."),
    "points.left": ("points_left", ("page", "reason"), "Metric points of pages that were left, or had to go again."),
    "points.sent": ("points_sent", ("destination",), "Metric points that destinations got, one for each step."),
    "points.dropped": ("points_dropped", ("destination", "reason"), "Metric points that destinations did not get."),
    "calls": ("calls", ("destination", "method", "status"), "Writing calls to destinations, by outcome."),
}
"""Counter of the store → name, labels, help. ``events.*`` get the action as a further label."""


class StoreCollector(Collector):
    """Turns the store's counters and overview into metrics."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock

    def collect(self) -> Iterable[Metric]:
        """All metrics; only ``statusbridge_store_up 0`` while the store is away."""
        build = GaugeMetricFamily("statusbridge_build_info", "Version that runs; always 1.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        try:
            settings = with_stored_originals(self._settings, self._store)
            overview = self._store.overview(settings, self._clock.now())
            counters = self._store.counters()
        except StoreError:
            yield GaugeMetricFamily("statusbridge_store_up", "Whether the store answers.", value=0)
            return
        yield GaugeMetricFamily("statusbridge_store_up", "Whether the store answers.", value=1)
        if overview.store is not None:
            writable = int(overview.store.state == "ok")
            yield GaugeMetricFamily("statusbridge_store_writable", "Whether the store takes writes.", value=writable)
        yield from counter_metrics(counters)
        yield from overview_metrics(overview)


def counter_metrics(counters: Mapping[str, int]) -> Iterator[Metric]:
    """The store's counters (name, then labels, separated by ``|``) as Prometheus counters."""
    families: dict[str, CounterMetricFamily] = {}
    for counter in sorted(counters):
        key, *values = counter.split("|")
        name, labels, text = _COUNTERS.get(key) or _unforeseen(key, values)
        if name == "events":
            labels, values = (*labels, "action"), [*values, key.partition(".")[2]]
        if len(labels) != len(values):
            continue
        if name not in families:
            families[name] = CounterMetricFamily(f"statusbridge_{name}", text, labels=labels)
        families[name].add_metric(values, counters[counter])
    yield from families.values()


def _unforeseen(key: str, values: list[str]) -> tuple[str, tuple[str, ...], str]:
    name = re.sub(r"\W+", "_", key)
    return name, tuple(f"label{number}" for number in range(1, len(values) + 1)), f"Counter {key} of the store."


def overview_metrics(overview: Overview) -> Iterator[Metric]:
    """What stands open right now, as gauges."""
    yield _gauge("unrouted_alerts", "Firing alerts that no route took.", overview.unrouted)
    yield _gauge("held_incidents", "Incidents that wait for a person.", overview.held)
    waiting = _labelled("source_waiting_deliveries", "Deliveries accepted and not yet applied.", "source")
    last = _labelled("source_last_delivery_timestamp_seconds", "When the newest delivery arrived.", "source")
    silent = _labelled("source_silent", "1 when nothing was heard for longer than the heartbeat.", "source")
    for source in overview.sources:
        waiting.add_metric([source.name], source.waiting)
        if source.last_delivery_at:
            last.add_metric([source.name], source.last_delivery_at.timestamp())
        if source.silent is not None:
            silent.add_metric([source.name], int(source.silent))
    yield from (waiting, last, silent)
    yield from _pages(overview.pages)
    yield from _destinations(overview.destinations, overview.at)


def _pages(views: Iterable[PageView]) -> Iterator[Metric]:
    looked_at = _labelled("page_looked_at_timestamp_seconds", "When the page was last looked at to the end.", "page")
    going_on = _labelled("page_open", "Incidents and maintenances of the page that still go on.", "page")
    state = GaugeMetricFamily(
        "statusbridge_page_state", "1 for the state that looking at the page is in.", labels=["page", "state"]
    )
    for view in views:
        if view.looked_at:
            looked_at.add_metric([view.name], view.looked_at.timestamp())
        going_on.add_metric([view.name], view.open)
        for name in STATES:
            state.add_metric([view.name, name], 1 if view.state == name else 0)
    yield from (looked_at, going_on, state)


def _destinations(views: Iterable[DestinationView], now: datetime) -> Iterator[Metric]:
    owed = _labelled("destination_owed", "Objects whose remote copy is behind.", "destination")
    age = _labelled(
        "destination_oldest_owed_age_seconds", "For how long the oldest of them is; 0 if none.", "destination"
    )
    dead = _labelled("destination_dead_letters", "Objects that the destination refuses.", "destination")
    audited = _labelled("destination_audited_timestamp_seconds", "When it was last audited.", "destination")
    drift = GaugeMetricFamily(
        "statusbridge_drift_fields", "Fields that people changed and that are left so.", labels=["destination", "kind"]
    )
    state = GaugeMetricFamily(
        "statusbridge_destination_state", "1 for the state the destination is in.", labels=["destination", "state"]
    )
    for view in views:
        owed.add_metric([view.name], view.owed)
        since = view.oldest_owed_at
        age.add_metric([view.name], max(0.0, (now - since).total_seconds()) if since else 0.0)
        dead.add_metric([view.name], view.dead)
        if view.audited_at:
            audited.add_metric([view.name], view.audited_at.timestamp())
        for kind in (Kind.COMPONENT, Kind.INCIDENT, Kind.MAINTENANCE):
            drift.add_metric([view.name, kind], view.drift.get(kind, 0))
        for name in STATES:
            state.add_metric([view.name, name], 1 if view.state == name else 0)
    yield from (owed, age, dead, audited, drift, state)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"statusbridge_{name}", text, value=value)


def _labelled(name: str, text: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"statusbridge_{name}", text, labels=[label])


def blueprint(settings: Settings, store: Store, clock: Clock, refusals: Refusals) -> Blueprint:
    """The route of the metrics."""
    registry = CollectorRegistry()
    registry.register(StoreCollector(settings, store, clock))
    routes = Blueprint("metrics", __name__)

    @routes.get("/metrics")
    def metrics() -> Response:
        refusals.flush()
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return routes
