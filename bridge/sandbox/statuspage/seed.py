"""What is on the Statuspage sandbox after a reset."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bridge.sandbox.statuspage.membership import set_members
from bridge.sandbox.statuspage.objects import Component, Group
from bridge.sandbox.statuspage.resources.pages import COLOURS, EMBED_COLOURS
from bridge.sandbox.statuspage.world import COMPONENT_IDS, GROUP_ID, ORGANIZATION_ID, PAGE_ID, World

CORE = ("Public API", "Website")


def seed(world: World, *, demo: bool) -> None:
    """One page and its owner; for the demo four operational components, the first two in the group "Core"."""
    now = world.now()
    world.page = _page(now)
    world.embed = {"page_id": PAGE_ID, "position": "bottom-right", **EMBED_COLOURS}
    if demo:
        _add_components(world, now)
    owner = world.new_id()
    world.table("users")[owner] = {
        "id": owner,
        "organization_id": ORGANIZATION_ID,
        "email": "owner@example.com",
        "first_name": "Olga",
        "last_name": "Owner",
        "created_at": now,
        "updated_at": now,
    }
    world.table("permissions")[owner] = {"pages": {PAGE_ID: {}}}


def _add_components(world: World, now: datetime) -> None:
    for name, id in COMPONENT_IDS.items():
        world.components[id] = Component(
            id=id,
            name=name,
            created_at=now,
            updated_at=now,
            automation_email=f"component+{world.new_hex(32)}@notifications.statuspage.io",
            position=world.next_position(None),
            start_date=now.date(),
        )
        world.history[id] = [(now, "operational")]
    group = Group(GROUP_ID, "Core", now, now, position=1)
    world.groups[GROUP_ID] = group
    set_members(world, group, [COMPONENT_IDS[name] for name in CORE])


def _page(now: Any) -> dict[str, Any]:
    small_logo = {"updated_at": None, "size": None, "url": ""}
    logo = {"updated_at": None, "original_url": "", "size": None, "normal_url": "", "retina_url": ""}
    return {
        "id": PAGE_ID,
        "created_at": now,
        "updated_at": now,
        "name": "Sandbox",
        "page_description": None,
        "headline": None,
        "branding": "basic",
        "subdomain": "sandbox",
        "domain": None,
        "url": None,
        "support_url": None,
        "hidden_from_search": False,
        "allow_page_subscribers": True,
        "allow_incident_subscribers": True,
        "allow_email_subscribers": True,
        "allow_sms_subscribers": True,
        "allow_rss_atom_feeds": True,
        "allow_webhook_subscribers": True,
        "notifications_from_email": None,
        "notifications_email_footer": None,
        "activity_score": 0,
        "twitter_username": None,
        "viewers_must_be_team_members": False,
        "ip_restrictions": None,
        "city": None,
        "state": None,
        "country": None,
        "time_zone": "UTC",
        **COLOURS,
        "favicon_logo": dict(small_logo),
        "transactional_logo": dict(logo),
        "hero_cover": dict(logo),
        "email_logo": dict(logo),
        "twitter_logo": dict(small_logo),
    }
