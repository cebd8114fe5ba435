"""The objects of a Statuspage page as a dump has them. Updates, postmortems and permissions stand for themselves."""

from __future__ import annotations

from bridge.sandbox.dump.columns import (
    ANY,
    FLAG,
    FLAG_OR_NONE,
    MADE,
    NUMBER,
    NUMBER_OR_NONE,
    OBJECT,
    STAMP,
    STAMP_OR_NONE,
    TEXT,
    TEXT_OR_NONE,
    TOLD,
    TOLD_OR_NONE,
    WHOLE,
    Column,
    Day,
    Many,
    Pairs,
    Record,
    Reference,
    Tuple,
    choice,
)
from bridge.sandbox.dump.sheets import DRAWN, Sheet
from bridge.sandbox.statuspage.objects import Affected
from bridge.sandbox.statuspage.tables import (
    COMPONENT_STATUSES,
    IMPACTS,
    INCIDENT_STATUSES,
    PROVIDER_TYPES,
    SUBSCRIBER_STATES,
    SUBSCRIBER_TYPES,
)

_TIMES: dict[str, Column] = {"created_at": STAMP, "updated_at": STAMP}
_STATUS = choice(*COMPONENT_STATUSES)
_COMPONENT, _GROUP = Reference(kinds=("components",)), Reference(optional=True, kinds=("component_groups",))
_LISTED = ("components", "component_groups")
_LISTED_ONCE = Many(of=Reference(kinds=_LISTED, loose=True))
"""Ids that stay behind when their objects go."""
_ACCESS_USERS = Many(of=Reference(kinds=("page_access_users",), loose=True))
_METRICS = Many(of=Reference(kinds=("metrics",), loose=True))

_PAGE: dict[str, Column] = {
    **_TIMES, "name": TEXT, "page_description": TEXT_OR_NONE, "headline": TEXT_OR_NONE, "branding": TEXT,
    "subdomain": TEXT_OR_NONE, "domain": TEXT_OR_NONE, "url": TEXT_OR_NONE, "support_url": TEXT_OR_NONE,
    "hidden_from_search": FLAG, "allow_page_subscribers": FLAG, "allow_incident_subscribers": FLAG,
    "allow_email_subscribers": FLAG, "allow_sms_subscribers": FLAG, "allow_rss_atom_feeds": FLAG,
    "allow_webhook_subscribers": FLAG, "notifications_from_email": TEXT_OR_NONE,
    "notifications_email_footer": TEXT_OR_NONE, "activity_score": NUMBER, "twitter_username": TEXT_OR_NONE,
    "viewers_must_be_team_members": FLAG, "ip_restrictions": ANY, "city": TEXT_OR_NONE, "state": TEXT_OR_NONE,
    "country": TEXT_OR_NONE, "time_zone": TEXT, "css_body_background_color": TEXT, "css_font_color": TEXT,
    "css_light_font_color": TEXT, "css_greens": TEXT, "css_yellows": TEXT, "css_oranges": TEXT, "css_blues": TEXT,
    "css_reds": TEXT, "css_border_color": TEXT, "css_graph_color": TEXT, "css_link_color": TEXT, "css_no_data": TEXT,
    "favicon_logo": ANY, "transactional_logo": ANY, "hero_cover": ANY, "email_logo": ANY, "twitter_logo": ANY,
}  # fmt: skip
_EMBED: dict[str, Column] = {
    "page_id": TEXT, "position": TEXT, "incident_background_color": TEXT, "incident_text_color": TEXT,
    "maintenance_background_color": TEXT, "maintenance_text_color": TEXT,
}  # fmt: skip
_SUBSCRIBER: dict[str, Column] = {
    "incident_id": Reference(optional=True, kinds=("incidents",), loose=True), "mode": choice(*SUBSCRIBER_TYPES),
    "email": TEXT_OR_NONE, "endpoint": TEXT_OR_NONE, "phone_number": TEXT_OR_NONE, "phone_country": TEXT_OR_NONE,
    "skip_confirmation_notification": FLAG, "component_ids": _LISTED_ONCE,
    "page_access_user_id": Reference(optional=True, kinds=("page_access_users",), loose=True),
    "state": choice(*SUBSCRIBER_STATES), "quarantined_at": STAMP_OR_NONE, "purge_at": STAMP_OR_NONE,
    "created_at": STAMP,
}  # fmt: skip
_SUBSCRIBED_BY = ("mode", "email", "endpoint", "phone_number", "incident_id")
_AFFECTED = Record(
    columns={
        "code": Reference(kinds=_LISTED, loose=True), "name": TEXT, "old_status": _STATUS, "new_status": _STATUS,
    },
    make=Affected,
)  # fmt: skip

SHEETS = (
    Sheet("page", DRAWN, _PAGE, known_by=()),
    Sheet("embed", DRAWN, _EMBED, known_by=()),
    Sheet(
        "component_groups", DRAWN,
        {"name": TEXT, "description": TEXT_OR_NONE, "position": WHOLE, "member_ids": Many(of=_COMPONENT), **_TIMES},
    ),
    Sheet(
        "components", DRAWN,
        {
            "name": TEXT, "description": TEXT_OR_NONE, "status": _STATUS, "group_id": _GROUP, "position": WHOLE,
            "showcase": FLAG, "only_show_if_degraded": FLAG, "start_date": Day(optional=True),
            "automation_email": MADE, "access_user_ids": _ACCESS_USERS,
            "access_group_ids": Many(of=Reference(kinds=("page_access_groups",), loose=True)), **_TIMES,
            "history": Many(of=Tuple(of=(STAMP, _STATUS))),
        },
        known_by=("name", "group_id"),
    ),
    Sheet(
        "incidents", DRAWN,
        {
            "name": TEXT, "status": choice(*INCIDENT_STATUSES), "component_ids": Many(of=Reference(kinds=_LISTED)),
            "peak_impact": choice(*IMPACTS), "impact_override": choice(*IMPACTS, optional=True), "metadata": OBJECT,
            "reminder_intervals": TEXT_OR_NONE, "backfilled": FLAG, "scheduled_for": TOLD_OR_NONE,
            "scheduled_until": TOLD_OR_NONE, "scheduled_remind_prior": FLAG, "scheduled_reminded_at": STAMP_OR_NONE,
            "scheduled_auto_in_progress": FLAG, "scheduled_auto_completed": FLAG,
            "auto_transition_to_maintenance_state": FLAG_OR_NONE,
            "auto_transition_to_operational_state": FLAG_OR_NONE,
            "auto_transition_deliver_notifications_at_start": FLAG_OR_NONE,
            "auto_transition_deliver_notifications_at_end": FLAG_OR_NONE, "shortlink": MADE, **_TIMES,
        },
    ),
    Sheet(
        "incident_updates", DRAWN,
        {
            "incident_id": Reference(kinds=("incidents",)), "status": choice(*INCIDENT_STATUSES), "body": TEXT,
            "display_at": TOLD, "deliver_notifications": FLAG, "wants_twitter_update": FLAG,
            "affected": Many(optional=True, of=_AFFECTED), **_TIMES,
        },
        known_by=("incident_id",),
    ),
    Sheet(
        "postmortems", Reference(kinds=("incidents",)),
        {
            "body_draft": TEXT_OR_NONE, "body_draft_updated_at": STAMP_OR_NONE, "body": TEXT_OR_NONE,
            "body_updated_at": STAMP_OR_NONE, "published_at": STAMP_OR_NONE, "notify_subscribers": FLAG,
            "notify_twitter": FLAG, "custom_tweet": TEXT_OR_NONE, "preview_key": MADE, **_TIMES,
        },
        known_by=("id",),
    ),
    Sheet(
        "incident_templates", DRAWN,
        {
            "name": TEXT, "title": TEXT, "body": TEXT, "group_id": TEXT_OR_NONE,
            "update_status": choice(*INCIDENT_STATUSES, optional=True),
            "should_tweet": FLAG, "should_send_notifications": FLAG, "component_ids": _LISTED_ONCE, **_TIMES,
        },
    ),
    Sheet(
        "metrics_providers", DRAWN,
        {
            "type": choice(*PROVIDER_TYPES), "disabled": FLAG, "metric_base_uri": TEXT_OR_NONE,
            "last_revalidated_at": STAMP_OR_NONE, **_TIMES,
        },
        known_by=("type",),
    ),
    Sheet(
        "metrics", DRAWN,
        {
            "metrics_provider_id": Reference(kinds=("metrics_providers",)), "metric_identifier": TEXT_OR_NONE,
            "name": TEXT, "display": FLAG_OR_NONE, "tooltip_description": TEXT_OR_NONE, "backfilled": FLAG,
            "y_axis_min": NUMBER_OR_NONE, "y_axis_max": NUMBER_OR_NONE, "y_axis_hidden": FLAG,
            "suffix": TEXT_OR_NONE, "decimal_places": WHOLE, "most_recent_data_at": TOLD_OR_NONE,
            "last_fetched_at": STAMP_OR_NONE, "backfill_percentage": NUMBER, "reference_name": TEXT_OR_NONE,
            "points": Pairs(key=WHOLE, value=NUMBER), **_TIMES,
        },
    ),
    Sheet("subscribers", DRAWN, _SUBSCRIBER, known_by=_SUBSCRIBED_BY),
    Sheet("incident_subscribers", DRAWN, _SUBSCRIBER, known_by=_SUBSCRIBED_BY),
    Sheet("removed_subscribers", DRAWN, _SUBSCRIBER, known_by=_SUBSCRIBED_BY),
    Sheet(
        "page_access_users", DRAWN,
        {
            "email": TEXT_OR_NONE, "external_login": TEXT_OR_NONE, "component_ids": _LISTED_ONCE,
            "metric_ids": _METRICS, "subscribe_to_components": FLAG_OR_NONE, **_TIMES,
        },
        known_by=("email", "external_login"),
    ),
    Sheet(
        "page_access_groups", DRAWN,
        {
            "name": TEXT, "external_identifier": TEXT_OR_NONE, "component_ids": _LISTED_ONCE,
            "metric_ids": _METRICS, "page_access_user_ids": _ACCESS_USERS, **_TIMES,
        },
    ),
    Sheet(
        "users", DRAWN,
        {"organization_id": TEXT, "email": TEXT, "first_name": TEXT_OR_NONE, "last_name": TEXT_OR_NONE, **_TIMES},
        known_by=("email",),
    ),
    Sheet("permissions", Reference(kinds=("users",)), {"pages": OBJECT}, known_by=("id",)),
)  # fmt: skip

PLAIN_TABLES = (
    "incident_templates", "metrics_providers", "metrics", "subscribers", "incident_subscribers", "page_access_users",
    "page_access_groups", "users",
)  # fmt: skip
"""Tables of the world that are written as they are."""
