"""``type: feed``: an RSS or Atom status feed, where a page offers nothing better.

A feed shows its newest entries, with words that everybody chooses freely. Only words of ``feed_words.yaml`` are
understood. An entry of which nothing tells how it stands is an open incident until nothing was added to it for
``unknown_for``; what is open and not in the feed any more is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from marshmallow import Schema

from bridge.clock import Clock
from bridge.config.fields import DurationField, Line
from bridge.config.settings import DestinationSettings
from bridge.errors import Refused
from bridge.model.enums import (
    ComponentStatus,
    IncidentStatus,
    Kind,
    MaintenanceStatus,
    Publication,
    Severity,
    TextFormat,
    Visibility,
    worst,
)
from bridge.model.facts import Seen
from bridge.model.loss import Losses
from bridge.model.objects import CanonicalObject, Component, Incident, IncidentUpdate, Maintenance, Origin, Text
from bridge.pages.document import WebDocument
from bridge.pages.feed_entries import Entry, NoFeed, read_feed
from bridge.pages.feed_updates import Step
from bridge.providers.base.mapping import Limits
from bridge.providers.base.provider import Budget, Observer
from bridge.providers.base.reading import Identify

LIMITS = Limits(calls=60, window=3600.0, concurrency=1)
"""Ours: feeds are made for readers that come a few times an hour."""
UNKNOWN_FOR = timedelta(days=1)
_ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
_SHOWN = {
    Severity.NONE: ComponentStatus.DEGRADED,
    Severity.MINOR: ComponentStatus.DEGRADED,
    Severity.MAJOR: ComponentStatus.PARTIAL_OUTAGE,
    Severity.CRITICAL: ComponentStatus.MAJOR_OUTAGE,
}


class Options(Schema):
    """``component``: what the whole feed is about; ``unknown_for``: how long an entry without a status stays open."""

    component = Line()
    unknown_for = DurationField(least="1m", most="30d")


class FeedPage:
    """See :class:`bridge.providers.base.provider.Page`.

    Attributes:
        etags: kept by the caller from one look to the next.
    """

    def __init__(self, settings: DestinationSettings, budget: Budget, observe: Observer, clock: Clock) -> None:
        self._clock = clock
        self._document = WebDocument(settings, budget, observe, self._clock, accept=_ACCEPT)
        self._component: str | None = settings.options.get("component")
        self._unknown_for: timedelta = settings.options.get("unknown_for", UNKNOWN_FOR)
        self._entries: dict[str, Entry] | None = None
        self.etags = self._document.etags

    def scan(self, kind: Kind, since: datetime | None = None) -> Iterator[Seen]:
        """The one component of the feed, or its incidents or planned works, newest first.

        Raises:
            Unchanged: nothing was added to the feed since the last look.
        """
        entries = self._read().values()
        if kind is Kind.COMPONENT and self._component:
            yield Seen(self._component, {}, name=self._component)
        elif kind in (Kind.INCIDENT, Kind.MAINTENANCE):
            for entry in sorted(entries, key=lambda entry: entry.steps[0].at, reverse=True):
                at = entry.steps[0].at
                if _is(kind, entry) and (since is None or at >= since):
                    yield Seen(entry.id, {}, name=entry.title, at=at)

    def look(self, kind: Kind, remote_id: str) -> Seen | None:
        """One entry; None when it is not in the feed any more."""
        return next((seen for seen in self.scan(kind) if seen.remote_id == remote_id), None)

    def read(self, kind: Kind, seen: Seen, source: str, identify: Identify) -> tuple[CanonicalObject, Losses]:
        """The component, incident or maintenance that was seen.

        Raises:
            Refused: a feed has no objects of this kind.
        """
        if kind is Kind.COMPONENT:
            status = worst(self._status_of(entry) for entry in self._read().values())
            return Component(identify(kind, seen.remote_id, None), seen.name, status), ()
        entry = self._read().get(seen.remote_id)
        if entry is None or not _is(kind, entry):
            raise Refused(f"a feed shows no object of the kind {kind} with this id")
        if kind is Kind.MAINTENANCE:
            return self._work(entry, source, identify), ()
        return self._incident(entry, source, identify), ()

    def close(self) -> None:
        """Close the connections."""
        self._document.close()

    def _read(self) -> dict[str, Entry]:
        if self._entries is None:
            body = self._document.fetch()
            try:
                self._entries = {entry.id: entry for entry in read_feed(body)}
            except NoFeed as error:
                raise self._document.unusable(str(error)) from error
            waiting = [self._over_at(entry) for entry in self._entries.values() if entry.status is None]
            self._document.due(min((at for at in waiting if at > self._clock.now()), default=None))
        return self._entries

    # --- what an entry says ------------------------------------------------------------------------------------

    def _over_at(self, entry: Entry) -> datetime:
        """When an entry of unknown status is not taken to be going on any more."""
        return entry.steps[-1].at + self._unknown_for

    def _phase(self, entry: Entry) -> IncidentStatus:
        if isinstance(entry.status, IncidentStatus):
            return entry.status
        return IncidentStatus.RESOLVED if self._over_at(entry) <= self._clock.now() else IncidentStatus.INVESTIGATING

    def _status_of(self, entry: Entry) -> ComponentStatus:
        if entry.is_work:
            going_on = entry.status in (MaintenanceStatus.IN_PROGRESS, MaintenanceStatus.VERIFYING)
            return ComponentStatus.MAINTENANCE if going_on else ComponentStatus.OPERATIONAL
        return ComponentStatus.OPERATIONAL if self._phase(entry).is_terminal else _SHOWN[entry.severity]

    def _incident(self, entry: Entry, source: str, identify: Identify) -> Incident:
        phase = self._phase(entry)
        steps = list(entry.steps)
        if entry.status is None and phase.is_terminal:
            steps.append(Step(self._over_at(entry), phase, ""))
        updates = tuple(self._update(entry, number, step, identify) for number, step in enumerate(steps))
        name = identify(Kind.COMPONENT, self._component, None) if self._component else ""
        return Incident(
            id=identify(Kind.INCIDENT, entry.id, None),
            title=entry.title,
            status=phase,
            impact=entry.severity,
            components={name: self._status_of(entry)} if name else {},
            updates=updates,
            started_at=entry.steps[0].at,
            visibility=Visibility.PUBLIC,
            publication=Publication.PUBLISHED,
            notify=False,
            resolved_at=steps[-1].at if phase.is_terminal else None,
            origin=Origin(source, entry.id),
        )

    def _work(self, entry: Entry, source: str, identify: Identify) -> Maintenance:
        first = entry.steps[0]
        begins, ends = entry.plan or (next((step.at for step in entry.steps if _has_begun(step)), first.at), None)
        updates = [self._update(entry, number, step, identify) for number, step in enumerate(entry.steps)]
        assert isinstance(entry.status, MaintenanceStatus)  # noqa: S101 - ``_is`` has looked
        name = identify(Kind.COMPONENT, self._component, None) if self._component else ""
        return Maintenance(
            id=identify(Kind.MAINTENANCE, entry.id, None),
            title=entry.title,
            status=entry.status,
            message=updates[0].message,
            components=(name,) if name else (),
            starts_at=begins,
            visibility=Visibility.PUBLIC,
            notify=False,
            ends_at=entry.steps[-1].at if entry.status.is_terminal else ends,
            updates=tuple(updates[1:]),
            origin=Origin(source, entry.id),
        )

    def _update(self, entry: Entry, number: int, step: Step, identify: Identify) -> IncidentUpdate:
        # Without the time: feeds put times right later, and an update must keep its name.
        identity = identify(Kind.INCIDENT_UPDATE, f"{entry.id}/{step.name or number}", None)
        status = step.status
        if status is None and not entry.is_work and number == 0:
            status = IncidentStatus.INVESTIGATING
        return IncidentUpdate(identity, Text(step.text, TextFormat.PLAIN), step.at, status)


def make(settings: DestinationSettings, budget: Budget, observe: Observer, clock: Clock) -> FeedPage:
    """The feed that a source names.

    Raises:
        ConfigError: there is no usable address.
    """
    return FeedPage(settings, budget, observe, clock)


def _is(kind: Kind, entry: Entry) -> bool:
    """Whether an entry is of a kind. Planned work whose time nobody can tell is neither."""
    if not entry.is_work:
        return kind is Kind.INCIDENT
    told = entry.plan is not None or any(_has_begun(step) for step in entry.steps)
    return kind is Kind.MAINTENANCE and told


def _has_begun(step: Step) -> bool:
    return isinstance(step.status, MaintenanceStatus) and step.status is not MaintenanceStatus.SCHEDULED
