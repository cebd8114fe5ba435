"""The page itself and the settings of the status embed."""

from __future__ import annotations

from typing import Any

from bridge.sandbox.statuspage.fields import Field, choice, flag, read_fields, text
from bridge.sandbox.statuspage.http import Call, Reply, Route
from bridge.sandbox.statuspage.tables import BRANDINGS
from bridge.sandbox.statuspage.times import seconds
from bridge.sandbox.statuspage.world import World

COLOURS = {
    "css_body_background_color": "ffffff",
    "css_font_color": "333333",
    "css_light_font_color": "757575",
    "css_greens": "1e8542",
    "css_yellows": "f1c40f",
    "css_oranges": "b35e14",
    "css_blues": "207ab6",
    "css_reds": "de2f1b",
    "css_border_color": "E0E0E0",
    "css_graph_color": "3498db",
    "css_link_color": "207ab6",
    "css_no_data": "b3bac5",
}
EMBED_COLOURS = {
    "incident_background_color": "#de2f1b",
    "incident_text_color": "#ffffff",
    "maintenance_background_color": "#207ab6",
    "maintenance_text_color": "#ffffff",
}
SWITCHES = (
    "hidden_from_search",
    "viewers_must_be_team_members",
    "allow_page_subscribers",
    "allow_incident_subscribers",
    "allow_email_subscribers",
    "allow_sms_subscribers",
    "allow_rss_atom_feeds",
    "allow_webhook_subscribers",
)
FIELDS = (
    Field("name", text(), nullable=False),
    Field("domain", text()),
    Field("subdomain", text()),
    Field("url", text()),
    Field("branding", choice(BRANDINGS), nullable=False),
    *(Field(name, text(), nullable=False) for name in COLOURS),
    *(Field(name, flag, nullable=False) for name in SWITCHES),
    Field("notifications_from_email", text()),
    Field("notifications_email_footer", text()),
    Field("time_zone", text(), nullable=False),
)
EMBED_FIELDS = (
    Field("position", text(), nullable=False),
    *(Field(name, text(), nullable=False) for name in EMBED_COLOURS),
)


def show_page(world: World) -> dict[str, Any]:
    """The page."""
    page = world.page
    return {**page, "created_at": seconds(page["created_at"]), "updated_at": seconds(page["updated_at"])}


def list_pages(world: World, _call: Call) -> Reply:
    """The pages that the key can reach: always the whole list."""
    return Reply(200, [show_page(world)])


def get_page(world: World, _call: Call) -> Reply:
    """The page."""
    return Reply(200, show_page(world))


def patch_page(world: World, call: Call) -> Reply:
    """Change the page's own settings; a page can be neither created nor deleted."""
    values = read_fields(FIELDS, call.wrapped("page"), form=call.form, creating=False)
    world.page |= values | {"updated_at": world.now()}
    shown = show_page(world)
    world.commit("page", world.page["id"], "updated", shown)
    return Reply(200, shown)


def get_embed(world: World, _call: Call) -> Reply:
    """The embed's settings."""
    return Reply(200, dict(world.embed))


def patch_embed(world: World, call: Call) -> Reply:
    """Change the embed's settings."""
    values = read_fields(EMBED_FIELDS, call.wrapped("status_embed_config"), form=call.form, creating=False)
    world.embed |= values
    world.commit("status_embed_config", world.page["id"], "updated", world.embed)
    return Reply(200, dict(world.embed))


_ONE = "/pages/{page_id}"
ROUTES = (
    Route("GET", "/pages", list_pages),
    Route("GET", _ONE, get_page),
    Route("PATCH PUT", _ONE, patch_page),
    Route("GET", _ONE + "/status_embed_config", get_embed),
    Route("PATCH PUT", _ONE + "/status_embed_config", patch_embed),
)
