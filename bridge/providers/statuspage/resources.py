"""The page itself, its components, groups, incidents and what belongs to incidents (Statuspage REST API v1).

Who may see the page is in ``access``, who is told in ``audience``, metrics in ``metrics``, people in ``team``. Answers
are never wrapped; almost every body is. PATCH and PUT have one contract everywhere, so ``update`` and ``replace`` do
the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bridge.providers.base.actions import Nothing, One, Rows
from bridge.providers.base.failures import Failures, Reaction, Row, first_of
from bridge.providers.base.http import Query
from bridge.providers.base.paging import NoPaging, Paging
from bridge.providers.base.resource import (
    Creating,
    Crud,
    JsonObject,
    Listing,
    Reading,
    Replacing,
    Updating,
    Viewing,
)
from bridge.providers.statuspage.records import (
    Component,
    ComponentGroup,
    ComponentUptime,
    EmbedConfig,
    GroupUptime,
    Incident,
    IncidentTemplate,
    IncidentUpdate,
    Page,
    Postmortem,
)

FAILURES = Failures(
    # Over the limit is 420 or 429, documentation and vendor disagree which; both mean wait.
    [Row(420, Reaction.BUSY)],
    # The specification says "message"; what was seen is "error", as text, list or mapping.
    words=first_of("error", "message"),
    pause=60.0,
)

_UPTIME = ("start", "end", "skip_related_events")


class Pages(Listing[Page], Reading[Page], Updating[Page], Replacing[Page]):
    """The pages that the token can reach; they cannot be made or deleted by API."""

    path = "/pages"
    wrap = "page"
    paging = NoPaging()
    fields = (
        "name", "domain", "subdomain", "url", "branding",
        "css_body_background_color", "css_font_color", "css_light_font_color", "css_greens", "css_yellows",
        "css_oranges", "css_reds", "css_blues", "css_border_color", "css_graph_color", "css_link_color", "css_no_data",
        "hidden_from_search", "viewers_must_be_team_members", "allow_page_subscribers", "allow_incident_subscribers",
        "allow_email_subscribers", "allow_sms_subscribers", "allow_rss_atom_feeds", "allow_webhook_subscribers",
        "notifications_from_email", "time_zone", "notifications_email_footer",
    )  # fmt: skip


_EMBED = (
    "position",
    "incident_background_color",
    "incident_text_color",
    "maintenance_background_color",
    "maintenance_text_color",
)


class StatusEmbedConfig(Viewing[EmbedConfig]):
    """How the widget for other sites looks."""

    path = "/pages/{page_id}/status_embed_config"
    update = One(EmbedConfig, "PATCH", wrap="status_embed_config", fields=_EMBED)
    replace = One(EmbedConfig, "PUT", wrap="status_embed_config", fields=_EMBED)


class Components(Crud[Component], Replacing[Component]):
    """Components. The API's list also holds a row for every group, which is not a component and is left out here.

    ``group_id`` None takes a component out of its group. Nothing sets the position.
    """

    path = "/pages/{page_id}/components"
    wrap = "component"
    fields = ("name", "description", "status", "group_id", "showcase", "only_show_if_degraded", "start_date")

    uptime = One(ComponentUptime, "GET", "/{id}/uptime", fields=_UPTIME)
    # The specification has this one body as a form; the API takes JSON and forms alike everywhere.
    grant_users = One(Component, "POST", "/{id}/page_access_users", fields=("page_access_user_ids",))
    revoke_users = One(Component, "DELETE", "/{id}/page_access_users")
    grant_groups = One(Component, "POST", "/{id}/page_access_groups")
    revoke_groups = One(Component, "DELETE", "/{id}/page_access_groups")

    def list(
        self, query: Query | None = None, /, *, per_page: int | None = None, groups: bool = False, **names: Any
    ) -> Iterator[Component]:
        """All components; with ``groups`` also the rows that stand for groups."""
        rows = super().list(query, per_page=per_page, **names)
        return rows if groups else (row for row in rows if not row.get("group"))


class ComponentGroups(Crud[ComponentGroup], Replacing[ComponentGroup]):
    """Groups, which exist only with members; ``components`` replaces the membership and goes with every change."""

    path = "/pages/{page_id}/component-groups"
    wrap = "component_group"
    # The specification has the description beside the wrapper; it is read only inside it (Terraform's providers).
    fields = ("name", "description", "components")

    uptime = One(GroupUptime, "GET", "/{id}/uptime", fields=_UPTIME)


class Incidents(Crud[Incident], Replacing[Incident]):
    """Incidents and maintenances. A change with ``status`` or ``body`` makes an incident update; send both together.

    ``components`` is a mapping id → status and moves statuses, ``component_ids`` attaches. Resolving puts no component
    back. Values of ``metadata`` must be mappings themselves.
    """

    path = "/pages/{page_id}/incidents"
    wrap = "incident"
    paging = Paging(size="limit")
    filters = ("q",)
    fields = (
        "name", "status", "body", "impact_override", "components", "component_ids", "metadata", "deliver_notifications",
        "scheduled_for", "scheduled_until", "scheduled_remind_prior", "scheduled_auto_in_progress",
        "scheduled_auto_completed", "scheduled_auto_transition", "auto_transition_to_maintenance_state",
        "auto_transition_to_operational_state", "auto_transition_deliver_notifications_at_start",
        "auto_transition_deliver_notifications_at_end", "reminder_intervals", "backfilled", "backfill_date",
        "auto_tweet_at_beginning", "auto_tweet_on_completion", "auto_tweet_on_creation", "auto_tweet_one_hour_before",
    )  # fmt: skip

    # These are sized by per_page, unlike the full list.
    unresolved = Rows(Incident, "/unresolved", paging=Paging())
    scheduled = Rows(Incident, "/scheduled", paging=Paging())
    upcoming = Rows(Incident, "/upcoming", paging=Paging())
    active_maintenance = Rows(Incident, "/active_maintenance", paging=Paging())

    def shape(self, row: JsonObject, answer: Any) -> JsonObject:
        """Updates are null in some answers; here they are always a list, newest first as they come."""
        return {**row, "incident_updates": list(row.get("incident_updates") or [])}


class IncidentUpdates(Updating[IncidentUpdate], Replacing[IncidentUpdate]):
    """Updates that are there already. A new one is made by changing the incident; none can be deleted."""

    path = "/pages/{page_id}/incidents/{incident_id}/incident_updates"
    wrap = "incident_update"
    fields = ("body", "display_at", "deliver_notifications", "wants_twitter_update")


class Postmortems(Viewing[Postmortem]):
    """The postmortem of an incident: a draft that is published and taken back."""

    path = "/pages/{page_id}/incidents/{incident_id}/postmortem"
    save = One(Postmortem, "PUT", wrap="postmortem", fields=("body_draft",))
    publish = One(
        Postmortem,
        "PUT",
        "/publish",
        wrap="postmortem",
        fields=("notify_twitter", "notify_subscribers", "custom_tweet"),
    )
    revert = One(Postmortem, "PUT", "/revert")
    remove = Nothing("DELETE")


class IncidentTemplates(Listing[IncidentTemplate], Creating[IncidentTemplate]):
    """Templates, which can only be listed and made."""

    path = "/pages/{page_id}/incident_templates"
    wrap = "template"
    fields = (
        "name", "title", "body", "group_id", "update_status", "should_tweet", "should_send_notifications",
        "component_ids",
    )  # fmt: skip
