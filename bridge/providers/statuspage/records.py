"""What Statuspage answers: the page, its components, groups, incidents and templates (Statuspage REST API v1).

The specification has every field and says of none that it may be null or missing; where a field may be None here,
recorded answers have it null, or nothing is known. Times are ISO 8601: ``record.moment("created_at")``. Who may see the
page and who is told is in ``people_records``, metrics in ``metric_records``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.providers.base.results import Record


class Page(Record):
    """A page. Colours are six hexadecimal digits."""

    id: str
    created_at: str
    updated_at: str
    name: str
    page_description: str | None
    headline: str | None
    branding: str | None
    subdomain: str | None
    domain: str | None
    url: str | None
    support_url: str | None
    hidden_from_search: bool
    allow_page_subscribers: bool
    allow_incident_subscribers: bool
    allow_email_subscribers: bool
    allow_sms_subscribers: bool
    allow_rss_atom_feeds: bool
    allow_webhook_subscribers: bool
    notifications_from_email: str | None
    notifications_email_footer: str | None
    activity_score: float | None
    twitter_username: str | None
    viewers_must_be_team_members: bool
    ip_restrictions: str | None
    city: str | None
    state: str | None
    country: str | None
    time_zone: str | None
    css_body_background_color: str | None
    css_font_color: str | None
    css_light_font_color: str | None
    css_greens: str | None
    css_yellows: str | None
    css_oranges: str | None
    css_blues: str | None
    css_reds: str | None
    css_border_color: str | None
    css_graph_color: str | None
    css_link_color: str | None
    css_no_data: str | None
    favicon_logo: Logo | None
    transactional_logo: Logo | None
    hero_cover: Logo | None
    email_logo: Logo | None
    twitter_logo: Logo | None


class Logo(Record):
    """A picture of the page; which addresses it has depends on what it is for (recorded answers)."""

    updated_at: str | None
    size: int | None
    url: str | None
    original_url: str | None
    normal_url: str | None
    retina_url: str | None


class EmbedConfig(Record):
    """How the widget for other sites looks."""

    page_id: str
    position: str | None
    incident_background_color: str | None
    incident_text_color: str | None
    maintenance_background_color: str | None
    maintenance_text_color: str | None


class Component(Record):
    """A component, or the row that stands for a group among them.

    ``position`` counts within its group, or at the top among components and groups. ``automation_email`` takes mails
    that set the status; whoever knows the address can do so.
    """

    id: str
    page_id: str
    group_id: str | None
    created_at: str
    updated_at: str
    group: bool
    name: str
    description: str | None
    position: int
    status: str
    showcase: bool
    only_show_if_degraded: bool
    automation_email: str | None
    start_date: str | None


class ComponentGroup(Record):
    """A group; ``components`` are the ids of its members. The specification has them, and the position, as text."""

    id: str
    page_id: str
    name: str
    description: str | None
    components: list[str]
    position: int
    created_at: str
    updated_at: str


class RelatedIncident(Record):
    """An incident that took from the uptime."""

    id: str


class RelatedEvents(Record):
    """The incidents that took from the uptime of one component."""

    component_id: str
    incidents: list[RelatedIncident] | None


class Uptime(Record):
    """How long something was up in a range of days; outages are in seconds."""

    id: str
    name: str
    range_start: str
    range_end: str
    uptime_percentage: float | None
    major_outage: int | None
    partial_outage: int | None
    warnings: list[str] | None


class ComponentUptime(Uptime):
    """That of a component."""

    related_events: list[RelatedIncident] | None


class GroupUptime(Uptime):
    """That of all components of a group."""

    related_events: list[RelatedEvents] | None


class AffectedComponent(Record):
    """What an update did to one component. Old data has a row without ``code`` that says that there was none."""

    code: str | None
    name: str
    old_status: str | None
    new_status: str | None


class IncidentUpdate(Record):
    """One update. ``display_at`` is the time that visitors see."""

    id: str
    incident_id: str
    status: str
    body: str
    created_at: str
    updated_at: str
    display_at: str
    affected_components: list[AffectedComponent] | None
    """None where no component was attached, also in the middle of an incident that has some (recorded answers)."""
    deliver_notifications: bool
    wants_twitter_update: bool
    custom_tweet: str | None
    tweet_id: str | None
    twitter_updated_at: str | None


class IncidentImpact(Record):
    """What an incident does to a product of the vendor; the newest part of the specification."""

    id: str
    tenant_id: str
    atlassian_organization_id: str
    product_name: str
    experiences: list[str]
    created_at: str


class Incident(Record):
    """An incident or a maintenance, with all its updates, the newest first.

    ``components`` are whole, as they are now. ``resolved_at`` and ``monitoring_at`` follow the ``display_at`` of their
    updates.
    """

    id: str
    page_id: str
    name: str
    status: str
    impact: str
    impact_override: str | None
    created_at: str
    updated_at: str
    started_at: str | None
    """Not in the specification, and not in every answer (recorded answers)."""
    monitoring_at: str | None
    resolved_at: str | None
    shortlink: str | None
    components: list[Component]
    incident_updates: list[IncidentUpdate]
    incident_impacts: list[IncidentImpact] | None
    metadata: Mapping[str, Any] | None
    reminder_intervals: str | None
    """JSON in a text: None is the vendor's default, "[]" never."""
    scheduled_for: str | None
    scheduled_until: str | None
    scheduled_remind_prior: bool | None
    scheduled_reminded_at: str | None
    scheduled_auto_in_progress: bool | None
    scheduled_auto_completed: bool | None
    auto_transition_to_maintenance_state: bool | None
    auto_transition_to_operational_state: bool | None
    auto_transition_deliver_notifications_at_start: bool | None
    auto_transition_deliver_notifications_at_end: bool | None
    postmortem_body: str | None
    postmortem_body_last_updated_at: str | None
    postmortem_published_at: str | None
    """A time; the specification says yes or no."""
    postmortem_ignored: bool | None
    postmortem_notified_subscribers: bool | None
    postmortem_notified_twitter: bool | None


class Postmortem(Record):
    """The postmortem of an incident. ``body`` is what is published, None as long as nothing is."""

    preview_key: str | None
    body: str | None
    body_updated_at: str | None
    body_draft: str | None
    body_draft_updated_at: str | None
    published_at: str | None
    notify_subscribers: bool | None
    notify_twitter: bool | None
    custom_tweet: str | None
    created_at: str
    updated_at: str


class IncidentTemplate(Record):
    """A template, with its components whole."""

    id: str
    name: str
    title: str
    body: str
    group_id: str | None
    update_status: str | None
    should_tweet: bool | None
    should_send_notifications: bool | None
    components: list[Component]
