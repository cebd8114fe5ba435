"""Routes of the public pages and of what the providers hang below their pages' addresses."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, render_template

from bridge.sandbox.pages.bodies import BodyRenderer
from bridge.sandbox.pages.looks import look_of, say
from bridge.sandbox.state import Plugin, ShownIncident, ShownMaintenance

if TYPE_CHECKING:
    from bridge.sandbox.app import Sandbox

REFRESH_SECONDS = 2
PAST_SHOWN = 30


def blueprint(sandbox: Sandbox) -> Blueprint:
    """The index at ``/``, a page at ``/<provider>/``, and the providers' own public addresses.

    Args:
        sandbox: whose pages.
    """
    pages = Blueprint("pages", __name__, template_folder="templates")
    renderer = BodyRenderer()
    pages.add_app_template_filter(say, "say")
    pages.add_app_template_filter(renderer.render, "body")
    pages.add_app_template_filter(_day, "day")
    pages.add_app_template_filter(_minute, "minute")

    @pages.get("/")
    def index() -> Response:
        shown = [
            {"page": plugin.page(), "look": look_of(name), "name": name, "api": plugin.prefix}
            for name, plugin in sandbox.plugins.items()
        ]
        return _respond("index.html", pages=shown, token=sandbox.token)

    for name, plugin in sandbox.plugins.items():
        pages.add_url_rule(f"/{name}/", f"page_{name}", _page_view(plugin))
        site = getattr(plugin, "site", None)
        if site is not None:
            pages.register_blueprint(site(), url_prefix=f"/{name}")
    return pages


def _page_view(plugin: Plugin) -> Any:
    def show_page() -> Response:
        page = plugin.page()
        ahead = [m for m in page.maintenances if not _is_over(m)]
        over = [m for m in page.maintenances if _is_over(m)]
        return _respond(
            "page.html",
            page=page,
            look=look_of(page.provider),
            past_days=_by_day(page.past_incidents[:PAST_SHOWN]),
            maintenances=sorted(ahead, key=lambda window: window.starts_at),
            past_maintenances=over[:PAST_SHOWN],
        )

    return show_page


def _is_over(window: ShownMaintenance) -> bool:
    """All four providers call it complete or completed."""
    return window.status.lower().startswith("complete")


def _by_day(incidents: Iterable[ShownIncident]) -> list[tuple[datetime, list[ShownIncident]]]:
    ordered = sorted(incidents, key=lambda incident: incident.started_at, reverse=True)
    days = groupby(ordered, key=lambda incident: incident.started_at.date())
    return [(group[0].started_at, group) for group in (list(members) for _, members in days)]


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _minute(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y, %H:%M} {moment.tzname() or 'UTC'}"


def _respond(template: str, **values: Any) -> Response:
    """A page that can load nothing but itself, whatever its texts hold."""
    nonce = secrets.token_urlsafe(12)
    html = render_template(template, nonce=nonce, refresh=REFRESH_SECONDS, **values)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(html, headers=headers, mimetype="text/html")
