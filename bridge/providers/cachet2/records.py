"""What Cachet 2 answers (2.3 and 2.4). There is no specification: the fields are those of recorded answers of both.

A field that only one of the two has is None on the other. Ids of other objects are whole numbers and 0 is none; times
are without a zone and in UTC: ``record.moment("created_at")``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.providers.base.results import Record


class ServerVersion(Record):
    """What the server calls itself, and the newest release."""

    value: str
    on_latest: bool
    latest: Release | None


class Release(Record):
    """A release of Cachet."""

    tag_name: str
    prelease: bool | None
    """Spelt so by Cachet."""
    draft: bool | None


class PageStatus(Record):
    """The state of the whole page, and a sentence about it."""

    status: str
    message: str


class Component(Record):
    """A component; ``status_name`` is in the language of the site."""

    id: str
    name: str
    description: str
    link: str
    status: int
    status_name: str
    order: int
    group_id: int
    enabled: bool
    tags: Mapping[str, str]
    """Slug → name."""
    meta: Mapping[str, Any] | None
    """2.4 only."""
    created_at: str
    updated_at: str
    deleted_at: None


class ComponentGroup(Record):
    """A group, with its members that are enabled, by their order and by how bad they are."""

    id: str
    name: str
    order: int
    collapsed: int
    visible: int | None
    """2.4 only: 2.3 shows all groups to everybody."""
    enabled_components: list[Component]
    enabled_components_lowest: list[Component]
    lowest_human_status: str | None
    """The word for the worst of them, despite its name."""
    created_at: str
    updated_at: str


class IncidentUpdate(Record):
    """An update of an incident (2.4 only)."""

    id: str
    incident_id: int
    status: int
    human_status: str
    message: str
    user_id: int
    permalink: str
    created_at: str
    updated_at: str
    incident: Incident | None
    """Only in the answer that created it."""


class Incident(Record):
    """An incident. In 2.4 ``latest_status`` is that of its newest update, and ``status`` the one it was made with.

    ``occurred_at`` is the start whichever Cachet it is.
    """

    id: str
    name: str
    status: int
    human_status: str
    message: str
    visible: int
    component_id: int
    component: Component | None
    """Only in the answer that created it, and only where it was told about."""
    occurred_at: str
    created_at: str
    updated_at: str
    deleted_at: None
    notify: bool | None
    """2.3 only, in the answer that created it."""
    scheduled_at: str | None
    """2.3 only; none is shown as the present moment."""
    stickied: bool | None
    notifications: bool | None
    user_id: int | None
    meta: Mapping[str, Any] | None
    is_resolved: bool | None
    updates: list[IncidentUpdate] | None
    """Newest first; 2.3 has no updates."""
    latest_update_id: int | None
    latest_status: int | None
    latest_human_status: str | None
    latest_icon: str | None
    permalink: str | None
    duration: int | None
    """Seconds up to now as soon as there are updates, also when it is over."""


class IncidentTemplate(Record):
    """A template (2.4 only)."""

    id: str
    name: str
    slug: str
    template: str
    created_at: str
    updated_at: str
    deleted_at: None


class Schedule(Record):
    """A maintenance (2.4 only). ``completed_at`` without an end is shown as the present moment."""

    id: str
    name: str
    message: str | None
    status: int
    human_status: str
    scheduled_at: str
    completed_at: str
    components: list[Component]
    """Always empty: Cachet does not keep them."""
    created_at: str
    updated_at: str
    deleted_at: None


class Metric(Record):
    """A metric."""

    id: str
    name: str
    suffix: str
    description: str
    default_value: float
    calc_type: int
    display_chart: bool
    places: int
    default_view: int
    default_view_name: str
    threshold: int
    order: int
    visible: int | None
    """2.4 only."""
    created_at: str
    updated_at: str


class MetricPoint(Record):
    """A point: ``calculated_value`` is its value times its counter, ``created_at`` its own time."""

    id: str
    metric_id: int
    value: float
    counter: int
    calculated_value: float
    created_at: str
    updated_at: str


class Subscription(Record):
    """That somebody follows one component."""

    id: str
    subscriber_id: int
    component_id: int
    created_at: str
    updated_at: str


class Subscriber(Record):
    """Somebody who gets mails. With ``verify_code`` anybody can change the subscription."""

    id: str
    email: str
    verify_code: str
    verified_at: str | None
    """Of whoever never answered the present moment; see ``verified_at()`` of ``bridge.providers.cachet2``."""
    subscriptions: list[Subscription]
    global_: bool
    phone_number: str | None
    slack_webhook_url: str | None
    created_at: str
    updated_at: str
