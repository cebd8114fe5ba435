"""The rest of a realistic page on Statuspage: subscribers, metrics, templates, access, and the team."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bridge.sandbox.realistic.plan import PlannedMetric, PlannedPage, PlannedSubscriber, Standing
from bridge.sandbox.statuspage.tables import METRIC_SLOT
from bridge.sandbox.statuspage.world import INCIDENT_SUBSCRIBERS, ORGANIZATION_ID, PAGE_ID, SUBSCRIBERS, Row, World

_STATES: Mapping[Standing, str] = {
    "confirmed": "active", "unconfirmed": "unconfirmed", "quarantined": "quarantined", "left": "active",
}  # fmt: skip
_QUARANTINED_FOR = timedelta(days=20)
_PURGED_AFTER = timedelta(days=90)
_TEAM = (("dana@example.com", "Dana", "Duty"), ("ole@example.com", "Ole", "Øster"), ("mei@example.com", "Mei", "林"))
_FOLLOWERS = 6
_CUSTOMERS = 5


class PeopleRenderer:
    """Puts the rows of a planned page into a world that has its components and incidents.

    Args:
        world: that gets the rows.
        page: the plan.
        ids: ids of components by their keys.
    """

    def __init__(self, world: World, page: PlannedPage, ids: Mapping[int, str]) -> None:
        self._world = world
        self._page = page
        self._ids = ids

    def render(self) -> None:
        """Add all rows."""
        for subscriber in self._page.subscribers:
            self._add_subscriber(subscriber)
        self._add_followers()
        self._add_metrics()
        self._add_templates()
        self._add_access()
        for email, first, last in _TEAM:
            names = {"organization_id": ORGANIZATION_ID, "email": email, "first_name": first, "last_name": last}
            id = self._add("users", names)["id"]
            self._world.table("permissions")[id] = {"pages": {PAGE_ID: {"incident_manager": True}}}

    def _add(self, table: str, values: Mapping[str, Any]) -> Row:
        at = self._page.begins_at
        row = {"id": self._world.new_id(), **values, "created_at": at, "updated_at": at}
        self._world.table(table)[row["id"]] = row
        return row

    def _add_subscriber(self, planned: PlannedSubscriber) -> None:
        row = self._subscriber(planned.since)
        is_mail, is_phone = planned.channel == "email", planned.channel == "sms"
        unsure = planned.standing == "unconfirmed" and is_mail
        row.update(
            mode=planned.channel,
            email=planned.address if is_mail else None,
            phone_number=planned.address.removeprefix("+1") if is_phone else None,
            phone_country="US" if is_phone else None,
            endpoint=None if is_mail or is_phone else planned.address,
            component_ids=[self._ids[key] for key in planned.components],
            state=_STATES[planned.standing] if unsure or planned.standing == "quarantined" else "active",
        )
        if planned.standing == "quarantined":
            since = self._page.now - _QUARANTINED_FOR
            row.update(quarantined_at=since, purge_at=since + _PURGED_AFTER)
        if planned.standing == "left":
            self._world.removed_subscribers.append(row)
        else:
            self._world.table(SUBSCRIBERS)[row["id"]] = row

    def _subscriber(self, since: datetime) -> Row:
        return {
            "id": self._world.new_id(), "incident_id": None, "mode": "email", "email": None, "endpoint": None,
            "phone_number": None, "phone_country": None, "skip_confirmation_notification": False, "component_ids": [],
            "page_access_user_id": None, "state": "active", "quarantined_at": None, "purge_at": None,
            "created_at": since,
        }  # fmt: skip

    def _add_followers(self) -> None:
        """Some follow the incidents that are going on."""
        going_on = [i for i in self._world.incidents.values() if not i.planned and i.status != "resolved"]
        for number in range(_FOLLOWERS if going_on else 0):
            incident = going_on[number % len(going_on)]
            row = self._subscriber(incident.created_at)
            row.update(incident_id=incident.id, email=f"follower+{number}@example.org")
            self._world.table(INCIDENT_SUBSCRIBERS)[row["id"]] = row

    def _add_metrics(self) -> None:
        common = {"disabled": False, "metric_base_uri": None, "last_revalidated_at": self._page.begins_at}
        own = self._add("metrics_providers", {"type": "Self", **common})
        measured = self._add("metrics_providers", {"type": "Pingdom", **common})
        for planned in self._page.metrics:
            self._add_metric(planned, (own if planned.url is None else measured)["id"])

    def _add_metric(self, planned: PlannedMetric, provider: str) -> None:
        points = {int(at.timestamp()) // METRIC_SLOT * METRIC_SLOT: value for at, value in planned.points}
        newest = datetime.fromtimestamp(max(points), UTC) if points else None
        self._add(
            "metrics",
            {
                "metrics_provider_id": provider, "metric_identifier": planned.url, "name": planned.name,
                "display": not planned.hidden, "tooltip_description": planned.description or None,
                "backfilled": False, "y_axis_min": None, "y_axis_max": None, "y_axis_hidden": False,
                "suffix": planned.suffix, "decimal_places": planned.places, "most_recent_data_at": newest,
                "last_fetched_at": None, "backfill_percentage": 0, "reference_name": None, "points": points,
            },
        )  # fmt: skip

    def _add_templates(self) -> None:
        for planned in self._page.templates:
            self._add(
                "incident_templates",
                {
                    "group_id": None, "update_status": "investigating", "should_tweet": False,
                    "should_send_notifications": True, "component_ids": [self._ids[0]], "name": planned.name,
                    "title": planned.title, "body": planned.body,
                },
            )  # fmt: skip

    def _add_access(self) -> None:
        """Five customers in two groups see some of the components."""
        users = [
            self._add(
                "page_access_users",
                {
                    "email": f"customer+{number}@example.net", "external_login": None, "component_ids": [],
                    "metric_ids": [], "subscribe_to_components": None,
                },
            )["id"]
            for number in range(_CUSTOMERS)
        ]  # fmt: skip
        for place, name in enumerate(("Enterprise", "Partners & friends")):
            self._add(
                "page_access_groups",
                {
                    "external_identifier": f"group-{place}", "metric_ids": [], "name": name,
                    "component_ids": [self._ids[key] for key in range(place, 12, 2)],
                    "page_access_user_ids": users[place::2],
                },
            )  # fmt: skip
