"""One consistent picture of everything, for ``status``, the dashboard and the metrics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import redis

from bridge.clock import from_millis
from bridge.config.settings import DestinationSettings, PageSettings, Settings, SourceSettings
from bridge.model.enums import ComponentStatus, Kind, Publication, worst
from bridge.model.facts import Link, LinkState, ObjectKey
from bridge.model.objects import Incident
from bridge.model.overview import Cell, CellState, DestinationView, Overview, PageView, Row, SourceView
from bridge.model.pages import Mirrored
from bridge.store import keys
from bridge.store.archive import Archive
from bridge.store.audits import Audits
from bridge.store.connection import translated
from bridge.store.health import inspect_store
from bridge.store.lanes import MIRROR, POLL, Lane, Lanes, LaneState, lane_of_pull
from bridge.store.links import Links
from bridge.store.outbox import BULK, Debt, Outbox
from bridge.store.pages import Pages
from bridge.store.state import State, WantedStatus


@dataclass(frozen=True, slots=True)
class _Mirror:
    """What is known about one destination's copies."""

    links: Mapping[ObjectKey, Link]
    debts: Mapping[ObjectKey, Debt]


class Overviews:
    """Makes overviews."""

    def __init__(
        self, client: redis.Redis, state: State, links: Links, outbox: Outbox, lanes: Lanes, pages: Pages
    ) -> None:
        self._client = client
        self._state = state
        self._links = links
        self._outbox = outbox
        self._lanes = lanes
        self._pages = pages
        self._audits = Audits(client)
        self._archive = Archive(client)

    @translated
    def counters(self) -> dict[str, int]:
        """All counters: name, then labels, separated by ``|``."""
        rows = cast(dict[bytes, bytes], self._client.hgetall(keys.COUNTERS))
        return {name.decode(): int(value) for name, value in rows.items()}

    @translated
    def overview(self, settings: Settings, now: datetime) -> Overview:
        """Everything the settings name, as it stands now."""
        counts = self.counters()
        statuses = self._statuses(settings)
        debts = {name: {debt.key: debt for debt in self._outbox.all(name)} for name in settings.destinations}
        incidents = self._incidents(debts.values())
        shown = [ObjectKey(Kind.COMPONENT, name) for name in settings.components]
        shown += [ObjectKey(Kind.INCIDENT, incident.id) for incident in incidents]
        mirrored = self._mirrored(debts.values())
        shown += [ObjectKey(obj.kind, obj.id) for obj in mirrored]
        recent = self._archive.recent()
        for owed in debts.values():  # what is over is among the rows only where it is owed
            recent = {key: at for key, at in recent.items() if key not in owed}
        mirrors = {
            name: _Mirror(self._links.many(name, [*shown, *recent]), debts[name]) for name in settings.destinations
        }
        rows = [_component_row(settings, name, statuses.get(name), mirrors) for name in settings.components]
        rows += [_incident_row(settings, incident, mirrors) for incident in incidents]
        rows += [_mirrored_row(obj, mirrors) for obj in mirrored]
        return Overview(
            at=now,
            sources=tuple(self._source(item, counts, now) for item in settings.sources.values()),
            destinations=tuple(
                self._destination(name, item, debts[name], counts, now) for name, item in settings.destinations.items()
            ),
            rows=tuple(rows),
            unrouted=int(self._client.scard(keys.UNROUTED)),
            quarantined=sum(count for name, count in counts.items() if name.startswith("events.quarantined|")),
            held=sum(incident.publication is Publication.HELD and incident.is_open for incident in incidents),
            pages=tuple(self._page(page, mirrored) for page in settings.pages.values()),
            counts=counts,
            store=inspect_store(self._client),
            recent=tuple(self._recent(settings, recent, mirrors)),
        )

    def _incidents(self, debts: Iterable[Mapping[ObjectKey, Debt]]) -> list[Incident]:
        owed = {key.id for mirror in debts for key in mirror if key.kind is Kind.INCIDENT}
        found = {incident.id: incident for incident in self._state.open_incidents()}
        for incident in self._state.incidents(owed - found.keys()):
            found[incident.id] = incident
        return sorted(found.values(), key=lambda incident: incident.id)

    def _mirrored(self, debts: Iterable[Mapping[ObjectKey, Debt]]) -> list[Mirrored]:
        """What was taken over from pages and still goes on, or is owed."""
        found = {ObjectKey(obj.kind, obj.id): obj for obj in self._pages.open()}
        owed = {key for mirror in debts for key in mirror if key.kind in (Kind.INCIDENT, Kind.MAINTENANCE)}
        found |= self._pages.many(owed - found.keys())
        return [found[key] for key in sorted(found)]

    def _recent(
        self, settings: Settings, ended: Mapping[ObjectKey, datetime], mirrors: Mapping[str, _Mirror]
    ) -> Iterator[Row]:
        """A row for each of what was over last."""
        incidents = {incident.id: incident for incident in self._state.incidents([key.id for key in ended])}
        mirrored = self._pages.many(ended)
        for key, at in ended.items():
            if key in mirrored:
                yield replace(_mirrored_row(mirrored[key], mirrors), since=at)
            elif key.id in incidents:
                yield replace(_incident_row(settings, incidents[key.id], mirrors), since=at)

    def _statuses(self, settings: Settings) -> dict[str, WantedStatus]:
        """What each component is to show: the worst that policy and all pages say."""
        wanted = self._state.component_statuses()
        for statuses in self._pages.component_statuses(settings.pages).values():
            for name, seen in statuses.items():
                if name in wanted:
                    wanted[name] = replace(wanted[name], status=worst((wanted[name].status, seen.status)))
        return wanted

    def _page(self, page: PageSettings, mirrored: Iterable[Mirrored]) -> PageView:
        lane = self._lanes.state(Lane(POLL, page.name))
        going_on = sum(not obj.status.is_terminal for obj in mirrored if obj.origin and obj.origin.source == page.name)
        return PageView(
            page.name,
            page.reach.type,
            lane.state,
            lane.why,
            lane.not_before,
            self._pages.looked_at(page.name),
            going_on,
        )

    def _source(self, source: SourceSettings, counts: Mapping[str, int], now: datetime) -> SourceView:
        name, heartbeat = source.name, source.heartbeat
        raw = cast(dict[bytes, bytes], self._client.hgetall(keys.inbox_meta(name)))
        accepted, applied = counts.get(f"deliveries.accepted|{name}", 0), int(raw.get(b"applied", 0))
        last_at = from_millis(float(raw[b"last_at"])) if b"last_at" in raw else None
        silent = None if heartbeat is None else last_at is None or now - last_at > heartbeat
        pull = self._lanes.state(lane_of_pull(name)) if source.options.get("pull") else LaneState()
        unasked = None if pull.state == "ok" else pull.why or pull.state
        return SourceView(name, source.type, last_at, max(0, accepted - applied), _of(counts, name), silent, unasked)

    def _destination(
        self,
        name: str,
        settings: DestinationSettings,
        debts: Mapping[ObjectKey, Debt],
        counts: Mapping[str, int],
        now: datetime,
    ) -> DestinationView:
        lane = self._lanes.state(Lane(MIRROR, name))
        is_held = lane.bulk_from is not None and lane.bulk_from > now
        bulk_waits = is_held and any(debt.rank == BULK for debt in debts.values())
        return DestinationView(
            name,
            settings.type,
            state=lane.state,
            why=lane.why,
            until=lane.not_before,
            owed=len(debts),
            oldest_owed_at=min((debt.since for debt in debts.values()), default=None),
            dead=int(self._client.scard(keys.dead(name))),
            drift=_drifted(self._links.drift(name)),
            audited_at=self._audits.audited_at([name]).get(name),
            bulk_until=lane.bulk_from if bulk_waits else None,
            counts=_of(counts, name),
        )


def _drifted(drift: Mapping[ObjectKey, tuple[str, ...]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, fields in drift.items():
        found[key.kind] = found.get(key.kind, 0) + max(1, len(fields))
    return found


def _of(counts: Mapping[str, int], name: str) -> dict[str, int]:
    """The counters whose first label is a name, without that label."""
    found: dict[str, int] = {}
    for counter, value in counts.items():
        metric, *labels = counter.split("|")
        if labels and labels[0] == name:
            found["|".join([metric, *labels[1:]])] = value
    return found


def _component_row(settings: Settings, name: str, wanted: WantedStatus | None, mirrors: Mapping[str, _Mirror]) -> Row:
    component = settings.components[name]
    key = ObjectKey(Kind.COMPONENT, name)
    cells = {
        destination: _cell(key, mirror) if destination in component.on else Cell(CellState.ABSENT)
        for destination, mirror in mirrors.items()
    }
    status = wanted.status if wanted else ComponentStatus.OPERATIONAL
    return Row(Kind.COMPONENT, name, component.name, status, wanted.since if wanted else None, cells)


def _incident_row(settings: Settings, incident: Incident, mirrors: Mapping[str, _Mirror]) -> Row:
    key = ObjectKey(Kind.INCIDENT, incident.id)
    concerned = {name for component in incident.components for name in settings.destinations_of(component)}
    cells: dict[str, Cell] = {}
    for destination, mirror in mirrors.items():
        if destination not in concerned:
            cells[destination] = Cell(CellState.ABSENT)
        elif incident.publication is not Publication.PUBLISHED:
            cells[destination] = Cell(CellState.HELD, why=f"{incident.publication}: not published")
        else:
            cells[destination] = _cell(key, mirror)
    return Row(Kind.INCIDENT, incident.id, incident.title, incident.status, incident.started_at, cells)


def _mirrored_row(obj: Mirrored, mirrors: Mapping[str, _Mirror]) -> Row:
    """It concerns the destinations that have a link or a debt: which those are, the mirrors decided."""
    key = ObjectKey(obj.kind, obj.id)
    cells = {
        destination: _cell(key, mirror) if key in mirror.links or key in mirror.debts else Cell(CellState.ABSENT)
        for destination, mirror in mirrors.items()
    }
    began = obj.started_at if isinstance(obj, Incident) else obj.starts_at
    return Row(obj.kind, obj.id, obj.title, obj.status, began, cells)


def _cell(key: ObjectKey, mirror: _Mirror) -> Cell:
    link, debt = mirror.links.get(key, Link()), mirror.debts.get(key)
    facts: dict[str, Any] = {"remote_id": link.remote_id}
    if link.state is LinkState.DEAD:
        return Cell(CellState.FAILED, since=link.since, why=link.error, **facts)
    if debt is not None and (link.revision < debt.revision or link.intent is not None):
        why = "waiting for proof of a call whose answer was lost" if link.intent else None
        return Cell(CellState.OWED, since=debt.since, why=why, **facts)
    if link.theirs:
        names = ", ".join(sorted(link.theirs))
        return Cell(CellState.DRIFT, since=link.since, why=f"a person changed {names}", **facts)
    if link.state is LinkState.GONE and link.error:
        return Cell(CellState.DRIFT, since=link.since, why=link.error, **facts)
    return Cell(CellState.IN_SYNC, synced_at=link.since, **facts)
