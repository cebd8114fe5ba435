"""Incident templates: create and list are all there is."""

from __future__ import annotations

from typing import Any

from bridge.sandbox.statuspage.collection import Collection, show_times
from bridge.sandbox.statuspage.fields import Field, choice, flag, ids, text
from bridge.sandbox.statuspage.http import Call, Reply, Route
from bridge.sandbox.statuspage.tables import INCIDENT_STATUSES
from bridge.sandbox.statuspage.views import show_component
from bridge.sandbox.statuspage.world import Row, World


def _show(world: World, row: Row) -> dict[str, Any]:
    plain = show_times(
        row, "id", "name", "title", "body", "group_id", "update_status", "should_tweet", "should_send_notifications"
    )
    there = [id for id in row["component_ids"] if id in world.components]
    return {**plain, "components": [show_component(world.components[id]) for id in there]}


TEMPLATES = Collection(
    table="incident_templates",
    kind="incident_template",
    wrapper="template",
    arg="template_id",
    fields=(
        Field("name", text(), required=True),
        Field("title", text(), required=True),
        Field("body", text(), required=True),
        Field("group_id", text()),
        Field("update_status", choice(INCIDENT_STATUSES)),
        Field("should_tweet", flag, nullable=False),
        Field("should_send_notifications", flag, nullable=False),
        Field("component_ids", ids, nullable=False),
    ),
    changeable=(),
    show=_show,
)
_DEFAULTS: Row = {
    "group_id": None,
    "update_status": None,
    "should_tweet": False,
    "should_send_notifications": False,
}


def create_template(world: World, call: Call) -> Reply:
    """A new template; the answer carries whole components."""
    values = TEMPLATES.read_new(call)
    world.check_listed("component_ids", values.get("component_ids", []))
    return Reply(201, _show(world, TEMPLATES.add(world, {**_DEFAULTS, "component_ids": [], **values})))


ROUTES = (
    Route("GET", "/pages/{page_id}/incident_templates", TEMPLATES.answer_list),
    Route("POST", "/pages/{page_id}/incident_templates", create_template),
)
