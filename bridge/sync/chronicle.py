"""Put the story of an object together from what the store keeps: deliveries, decisions, calls, links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bridge.config.settings import Settings
from bridge.model.chronicle import CallTold, Chronicle, DeliveryTold, EventTold, Standing, Told
from bridge.model.enums import Kind, Publication
from bridge.model.events import Event
from bridge.model.facts import Call, Link, LinkState, ObjectKey
from bridge.model.objects import Incident
from bridge.model.pages import Mirrored
from bridge.model.schemas import load
from bridge.model.state import Decision
from bridge.store import Store
from bridge.store.inbox import InboxEntry
from bridge.store.lanes import MIRROR, Lane
from bridge.store.outbox import Debt
from bridge.store.story import KEPT
from bridge.sync.pages.originals import with_stored_originals

_MOST_DELIVERIES = 200
"""So many deliveries are looked up again; of the others only the ids are told."""


def chronicle_of(settings: Settings, store: Store, identity: str) -> Chronicle | None:
    """The whole story of an incident, a maintenance, a component or a metric; None where nothing has this very id."""
    for kind in (Kind.INCIDENT, Kind.MAINTENANCE):
        key = ObjectKey(kind, identity)
        obj = store.find(key)
        if obj is not None:
            return _whole(settings, store, key, _head(obj))
    component = with_stored_originals(settings, store).components.get(identity)
    if component is None:
        return _of_metric(settings, store, identity)
    key = ObjectKey(Kind.COMPONENT, identity)
    wanted = store.state.component_statuses().get(identity)
    status = str(wanted.status) if wanted else "operational"
    return _whole(settings, store, key, Chronicle(identity, key.kind, component.name, status))


def _of_metric(settings: Settings, store: Store, words: str) -> Chronicle | None:
    """The story of a metric of a page, by its id or its name; None where none or several have that."""
    known = store.points.known()
    found = [known[words]] if words in known else [each for each in known.values() if each.metric.name == words]
    if len(found) != 1:
        return None
    metric = found[0].metric
    head = Chronicle(metric.id, metric.kind, metric.name, str(metric.visibility), origin=found[0].page)
    return _whole(settings, store, ObjectKey(metric.kind, metric.id), head)


def _head(obj: Mirrored) -> Chronicle:
    return Chronicle(
        id=obj.id,
        kind=obj.kind,
        title=obj.title,
        status=obj.status,
        publication=obj.publication if isinstance(obj, Incident) else None,
        origin=obj.origin.source if obj.origin else None,
        started_at=obj.started_at if isinstance(obj, Incident) else obj.starts_at,
    )


def _whole(settings: Settings, store: Store, key: ObjectKey, head: Chronicle) -> Chronicle:
    entries = store.story.entries(key.id)
    decisions = [load(Decision, entry["decision"]) for entry in entries if "decision" in entry]
    told: list[Told] = [*deliveries_of(decisions, _kept_deliveries(store, decisions)), *_in_order(entries)]
    return replace(
        head,
        told=tuple(sorted(told, key=lambda entry: entry.at)),
        standings=tuple(_standings(settings, store, key, head.publication)),
        is_cut=len(entries) >= KEPT,
    )


# --- what was decided and called ---------------------------------------------------------------------------------


def _in_order(entries: Iterable[Mapping[str, Any]]) -> Iterator[Decision | CallTold]:
    """Decisions and calls as they were kept; a call that is made again after a failure is counted."""
    failed: dict[tuple[str, str, str], int] = {}
    for entry in entries:
        if "decision" in entry:
            yield load(Decision, entry["decision"])
            continue
        call, destination = load(Call, entry["call"]), str(entry["destination"])
        same = (destination, call.method, call.path)
        attempt = failed.get(same, 0) + 1
        yield CallTold(destination, call, attempt)
        if call.status is None or call.status >= 400:
            failed[same] = attempt
        else:
            failed.pop(same, None)


# --- what came in ------------------------------------------------------------------------------------------------


def _kept_deliveries(store: Store, decisions: Iterable[Decision]) -> dict[tuple[str, str], InboxEntry]:
    """The deliveries that decisions name, by source and id, as far as they are still kept."""
    wanted: dict[str, set[str]] = {}
    for decision in list(decisions)[-_MOST_DELIVERIES:]:
        source, _, key = decision.subject.partition("/")
        if decision.delivery and key:
            wanted.setdefault(source, set()).add(decision.delivery)
    return {
        (source, identity): entry
        for source, identities in wanted.items()
        for identity, entry in store.inbox.find(source, identities).items()
    }


def deliveries_of(decisions: Iterable[Decision], kept: Mapping[tuple[str, str], InboxEntry]) -> Iterator[DeliveryTold]:
    """Every delivery that decisions name, with its events about the same alerts. Pure.

    Args:
        decisions: about one object.
        kept: deliveries by source and id.
    """
    concerned: dict[str, tuple[str, datetime]] = {}
    keys: dict[str, set[str]] = {}
    for decision in decisions:
        source, _, key = decision.subject.partition("/")
        if decision.delivery is None:
            continue
        if key:
            keys.setdefault(source, set()).add(key)
            concerned.setdefault(decision.delivery, (source, decision.at))
    for identity, (source, at) in concerned.items():
        entry = kept.get((source, identity))
        if entry is None:
            yield DeliveryTold(identity, source, at, kept=False)
            continue
        events = tuple(_told(event) for event in entry.events if event.dedup_key in keys[source])
        yield DeliveryTold(identity, source, entry.received_at, True, events, len(entry.events) - len(events))


def _told(event: Event) -> EventTold:
    return EventTold(
        key=event.dedup_key,
        action=event.action,
        title=event.title,
        severity=event.severity,
        started_at=event.started_at,
        ended_at=event.ended_at,
        happened_at=event.happened_at,
    )


# --- where it stands now -----------------------------------------------------------------------------------------


def _standings(settings: Settings, store: Store, key: ObjectKey, publication: str | None) -> Iterator[Standing]:
    for name in settings.destinations:
        link = store.links.many(name, [key]).get(key)
        debt = store.outbox.get(name, key)
        if link is None and debt is None:
            continue
        standing = standing_of(name, link or Link(), debt, publication)
        lane = store.lanes.state(Lane(MIRROR, name))
        if standing.state == "owed" and standing.why is None and lane.state != "ok":
            standing = replace(standing, why=f"the destination is {lane.state}: {lane.why or 'no reason was given'}")
        yield standing


def standing_of(destination: str, link: Link, debt: Debt | None, publication: str | None) -> Standing:
    """Where an object stands on a destination. Pure."""
    facts: dict[str, Any] = {"remote_id": link.remote_id, "failures": link.failures, "losses": link.losses}
    if link.state is LinkState.DEAD:
        return Standing(destination, "failed", link.error, link.since, **facts)
    if link.state is LinkState.GONE:
        return Standing(destination, "gone", link.error or "it is not there any more", link.since, **facts)
    if publication not in (None, Publication.PUBLISHED):
        return Standing(destination, "held", f"{publication}: not published", **facts)
    if link.intent is not None:
        why = f"what became of a call ({link.intent.action}) is not known yet; it is looked for"
        return Standing(destination, "owed", why, link.intent.at, **facts)
    if debt is not None and link.revision < debt.revision:
        return Standing(destination, "owed", None, debt.since, **facts)
    if link.theirs:
        return Standing(destination, "drift", f"a person changed {', '.join(sorted(link.theirs))}", link.since, **facts)
    if link.remote_id is None:
        return Standing(destination, "absent", None, None, **facts)
    return Standing(destination, "in_sync", None, link.since, **facts)
