"""``type: icalendar``: planned work from a calendar file or address, recurring events included.

An event is a maintenance. Its components are those that its CATEGORIES name, its SUMMARY as a whole, or what stands in
front of a colon or in brackets at the beginning of the SUMMARY. What is cancelled or only tentative is not announced.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from marshmallow import Schema

from bridge.clock import Clock
from bridge.config.fields import DurationField, Line, wrong
from bridge.config.settings import DestinationSettings
from bridge.errors import ConfigError, Down, Refused
from bridge.model.enums import ComponentStatus, Kind, MaintenanceStatus, TextFormat, Visibility
from bridge.model.facts import Seen
from bridge.model.loss import Losses
from bridge.model.objects import CanonicalObject, Component, Maintenance, Origin, Text
from bridge.pages.document import MOST_BYTES, WebDocument
from bridge.pages.events import NoCalendar, Planned, read_calendar
from bridge.providers.base.mapping import Limits
from bridge.providers.base.provider import Budget, Observer
from bridge.providers.base.reading import Identify

LIMITS = Limits(calls=60, window=3600.0, concurrency=1)
"""Ours: plans change seldom."""
HORIZON = timedelta(days=60)
BACK = timedelta(days=2)
"""How long work that is over is still looked at, so that its end is seen."""
_ACCEPT = "text/calendar, text/plain;q=0.5, */*;q=0.1"


class ZoneName(Line):
    """A zone of the IANA database, such as ``Europe/Berlin``."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        name = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[arg-type]
        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError) as error:
            raise wrong("there is no such time zone", "write one like Europe/Berlin or UTC") from error
        return name


class Options(Schema):
    """``file``: path of a file instead of ``url``; ``horizon``: how far ahead; ``time_zone``: of times without one."""

    file = Line()
    horizon = DurationField(least="1d", most="366d")
    time_zone = ZoneName()


class CalendarPage:
    """See :class:`bridge.providers.base.provider.Page`.

    Attributes:
        etags: kept by the caller from one look to the next.
    """

    def __init__(self, settings: DestinationSettings, budget: Budget, observe: Observer, clock: Clock) -> None:
        self._clock = clock
        self._horizon: timedelta = settings.options.get("horizon", HORIZON)
        zone = settings.options.get("time_zone")
        self._zone = ZoneInfo(zone) if zone else None
        self._file: str | None = settings.options.get("file")
        self._document: WebDocument | None = None
        if bool(self._file) == bool(settings.url):
            raise ConfigError([f"sources.{settings.name}: give either the url of the calendar or its file"])
        if not self._file:
            self._document = WebDocument(settings, budget, observe, self._clock, accept=_ACCEPT, private=True)
        self._plans: dict[str, Planned] | None = None
        self.etags: dict[str, str] = self._document.etags if self._document else {}

    def scan(self, kind: Kind, since: datetime | None = None) -> Iterator[Seen]:
        """What the events name as components, or the events from two days ago to the horizon, earliest first.

        Raises:
            Unchanged: the calendar is the one of the last look, and nothing has begun or ended since.
        """
        plans = self._read().values()
        if kind is Kind.COMPONENT:
            for name in sorted({name for plan in plans for name in plan.names}):
                yield Seen(name, {}, name=name)
        elif kind is Kind.MAINTENANCE:
            for plan in plans:  # the nearest first: a look compares a hundred
                if since is None or plan.starts_at >= since:
                    yield Seen(plan.id, {}, name=plan.title, at=plan.starts_at)

    def look(self, kind: Kind, remote_id: str) -> Seen | None:
        """One event; None when it was taken out, cancelled, or is long over."""
        return next((seen for seen in self.scan(kind) if seen.remote_id == remote_id), None)

    def read(self, kind: Kind, seen: Seen, source: str, identify: Identify) -> tuple[CanonicalObject, Losses]:
        """The maintenance or the component that was seen.

        Raises:
            Refused: a calendar has no objects of this kind.
        """
        if kind is Kind.COMPONENT:
            going_on = any(seen.name in plan.names and self._is_on(plan) for plan in self._read().values())
            status = ComponentStatus.MAINTENANCE if going_on else ComponentStatus.OPERATIONAL
            return Component(identify(kind, seen.remote_id, None), seen.name, status), ()
        plan = self._read().get(seen.remote_id)
        if kind is not Kind.MAINTENANCE or plan is None:
            raise Refused(f"a calendar shows no object of the kind {kind} with this id")
        components = (identify(Kind.COMPONENT, name, None) for name in plan.names)
        return Maintenance(
            # Without the time: an event that is moved stays the same one.
            id=identify(kind, plan.id, None),
            title=plan.title,
            status=self._status(plan),
            message=Text(plan.text, TextFormat.PLAIN),
            components=tuple(dict.fromkeys(components)),
            starts_at=plan.starts_at,
            visibility=Visibility.PUBLIC,
            notify=False,
            ends_at=plan.ends_at,
            origin=Origin(source, plan.id),
        ), ()

    def close(self) -> None:
        """Close the connections."""
        if self._document:
            self._document.close()

    def _read(self) -> dict[str, Planned]:
        if self._plans is None:
            body = self._document.fetch() if self._document else self._load(Path(self._file or ""))
            now = self._clock.now().astimezone(UTC)
            try:
                plans = read_calendar(body, self._zone, now - BACK, now + self._horizon)
            except NoCalendar as error:
                if self._document:
                    raise self._document.unusable(str(error)) from error
                raise Down(f"the calendar's file cannot be used: {error}") from error
            self._plans = {plan.id: plan for plan in plans}
            if self._document:
                moments = {moment for plan in plans for moment in (plan.starts_at, plan.ends_at) if moment > now}
                # Once a day the horizon moves far enough to matter, and less than what is kept of the past goes.
                self._document.due(min({*moments, now + timedelta(days=1)}))
        return self._plans

    def _load(self, path: Path) -> bytes:
        try:
            with path.expanduser().open("rb") as stream:
                body = stream.read(MOST_BYTES + 1)
        except OSError as error:
            raise Down(f"the calendar's file cannot be read: {error.strerror or type(error).__name__}") from error
        if len(body) > MOST_BYTES:
            raise Down("the calendar's file is far too long")
        return body

    def _is_on(self, plan: Planned) -> bool:
        return plan.starts_at <= self._clock.now() < plan.ends_at

    def _status(self, plan: Planned) -> MaintenanceStatus:
        if self._is_on(plan):
            return MaintenanceStatus.IN_PROGRESS
        return MaintenanceStatus.SCHEDULED if self._clock.now() < plan.starts_at else MaintenanceStatus.COMPLETED


def make(settings: DestinationSettings, budget: Budget, observe: Observer, clock: Clock) -> CalendarPage:
    """The calendar that a source names.

    Raises:
        ConfigError: there is neither a usable address nor a file, or both.
    """
    return CalendarPage(settings, budget, observe, clock)
