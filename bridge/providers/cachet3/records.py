"""What Cachet 3 answers, flat: the attributes of a document with its id, and what ``include`` brought along.

What may be null follows the vendor's specification. A part that is :data:`Asked` is there only when the call asks for
it: ``client.incidents.get(7, include="components,updates").updates``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.providers.base.declared import Asked
from bridge.providers.base.results import Record


class Moment(Record):
    """A time: ``string`` in the zone of the server, without naming it; ``human`` changes with the time of asking."""

    human: str | None
    string: str | None


class Choice(Record):
    """One of a list of numbers. ``human`` is in the language of the server, so decide by ``value``."""

    human: str
    value: int


class OpenChoice(Record):
    """A choice that the specification lets be none."""

    human: str | None
    value: int | None


class Impact(Record):
    """What an incident or a maintenance does to a component."""

    component_status: Choice


class Component(Record):
    """A component. ``status`` is its own, ``latest_status`` the one shown, with what incidents impose.

    ``pivot`` is there among the components of an incident or a maintenance.
    """

    id: str
    name: str
    description: str | None
    link: str | None
    order: int | None
    status: Choice
    latest_status: Choice | None
    """Servers from before July 26, 2026 have none."""
    enabled: bool
    created: Moment
    updated: Moment
    pivot: Impact | None
    meta: Asked[Mapping[str, Any]]
    group: Asked[ComponentGroup | None]
    incidents: Asked[list[Incident]]


class ComponentGroup(Record):
    """A group. ``visible`` and ``collapsed`` are bare numbers here."""

    id: str
    name: str
    order: int | None
    order_column: str | None
    order_direction: str | None
    collapsed: int | None
    visible: int | None
    created: Moment
    updated: Moment
    meta: Asked[Mapping[str, Any]]
    components: Asked[list[Component]]


class User(Record):
    """Who wrote an incident; the API never sets it."""

    id: str


class Incident(Record):
    """An incident; ``message`` is Markdown. ``occurred`` is empty unless it was sent: it began when it was created."""

    id: str
    guid: str
    """Its name in the address of its page."""
    name: str
    message: str
    status: OpenChoice
    visible: int
    stickied: bool
    notifications: bool | int
    """A number, except in the answer that created it (Cachet 3, measured)."""
    occurred: Moment
    published: Moment | None
    """Older servers publish at once, and have none."""
    created: Moment
    updated: Moment
    components_count: Asked[int]
    meta: Asked[Mapping[str, Any]]
    components: Asked[list[Component]]
    updates: Asked[list[IncidentUpdate]]
    user: Asked[User | None]


class Update(Record):
    """An update of an incident or a maintenance."""

    id: str
    updateable_id: int
    updateable_type: str
    message: str
    created: Moment
    updated: Moment


class IncidentUpdate(Update):
    """An update of an incident."""

    status: OpenChoice
    incident: Asked[Incident | None]


class ScheduleUpdate(Update):
    """An update of a maintenance, which has no status."""

    schedule: Asked[Schedule | None]


class IncidentTemplate(Record):
    """A template; ``engine`` is Twig, or Blade where the server lets it."""

    id: str
    name: str
    slug: str
    template: str
    engine: str | None
    created: Moment
    updated: Moment


class Schedule(Record):
    """A maintenance. Its status follows the clock; ``completed`` is the planned end, too."""

    id: str
    name: str
    message: str | None
    status: Choice
    scheduled: Moment
    completed: Moment
    published: Moment | None
    """Older servers publish at once, and have none."""
    created: Moment
    updated: Moment
    meta: Asked[Mapping[str, Any]]
    components: Asked[list[Component]]
    updates: Asked[list[ScheduleUpdate]]


class Metric(Record):
    """A metric; everything that is one of a list is a bare number here."""

    id: str
    name: str
    suffix: str
    description: str | None
    default_value: float | str | None
    """A text, except in the answer that created it (Cachet 3, measured)."""
    calc_type: int | None
    display_chart: bool | None
    places: int | None
    default_view: int | None
    threshold: int | None
    order: int | None
    visible: int | None
    created: Moment
    updated: Moment
    points: Asked[list[MetricPoint]]


class MetricPoint(Record):
    """A point: ``calculated_value`` is its value times its counter, ``created`` its own time."""

    id: str
    metric_id: int
    value: float
    counter: int
    calculated_value: float
    created: Moment
    updated: Moment
    metric: Asked[Metric | None]


class Subscriber(Record):
    """Somebody who gets mails; without ``global_`` only about some components."""

    id: str
    email: str
    global_: bool
    verified: bool
    verified_at: Moment
    created: Moment
    updated: Moment
    meta: Asked[Mapping[str, Any]]
    components: Asked[list[Component]]


class ServerVersion(Record):
    """What the server calls itself."""

    version: str


class ServerStatus(Record):
    """The state of the whole page, and a sentence about it."""

    status: str
    message: str
