"""The dashboard's addresses: the page, the part of it that refreshes itself, and the story of one object."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flask import Blueprint, Response, render_template

from bridge.clock import Clock
from bridge.config.settings import Settings
from bridge.errors import StoreError
from bridge.model.enums import Kind
from bridge.model.facts import ObjectKey
from bridge.model.overview import CellState, Overview, Row
from bridge.store import Store
from bridge.sync.chronicle import chronicle_of
from bridge.sync.decisions.remedies import Remedy, remedies
from bridge.sync.pages.originals import with_stored_originals
from bridge.web.dashboard import words

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True, slots=True)
class Board:
    """The overview, sorted for the eye.

    Attributes:
        held: open incidents that wait for a person.
        cells: how many cells are in each state.
        troubled: names of the destinations that are not ok.
        silent: names of the sources of which nothing was heard for longer than their heartbeat.
        maintenances: that were taken over from pages.
        remedies: what a person can end, by the destination or page that it is about.
        dead: dead letters of all destinations, also of what is over and has no row.
    """

    overview: Overview
    incidents: tuple[Row, ...]
    components: tuple[Row, ...]
    held: tuple[Row, ...]
    cells: Counter[CellState]
    troubled: tuple[str, ...]
    silent: tuple[str, ...] = ()
    maintenances: tuple[Row, ...] = ()
    remedies: Mapping[str, tuple[Remedy, ...]] = field(default_factory=dict)
    dead: int = 0

    @property
    def mood(self) -> str:
        """``bad`` when something needs a person, ``busy`` when something is owed or silent, else ``good``."""
        if self.failed or self.troubled or self.held:
            return "bad"
        return "busy" if self.cells[CellState.OWED] or self.silent else "good"

    @property
    def failed(self) -> int:
        """How much is refused; a component without a counterpart may have a cell only, what is over a letter only."""
        return max(self.cells[CellState.FAILED], self.dead)

    @property
    def summary(self) -> str:
        """The whole matrix in one line."""
        told = [
            (self.failed, "failed"),
            (self.cells[CellState.OWED], "owed"),
            (self.cells[CellState.DRIFT], "changed by people"),
            (len(self.held), "waiting for approval"),
            (len(self.troubled), "destinations in trouble" if len(self.troubled) != 1 else "destination in trouble"),
            (len(self.silent), "sources silent" if len(self.silent) != 1 else "source silent"),
        ]
        parts = [f"{count} {what}" for count, what in told if count]
        return " · ".join(parts) or "Everything is in sync"


def board_of(overview: Overview) -> Board:
    """Sort an overview for the eye: incidents first, newest first; components as configured."""
    incidents = sorted(
        (row for row in overview.rows if row.kind == Kind.INCIDENT), key=lambda row: row.id, reverse=True
    )
    held = tuple(row for row in incidents if any(_awaits_approval(row, name) for name in row.cells))
    return Board(
        overview=overview,
        incidents=tuple(incidents),
        components=tuple(row for row in overview.rows if row.kind == Kind.COMPONENT),
        held=held,
        cells=Counter(cell.state for row in overview.rows for cell in row.cells.values()),
        troubled=tuple(view.name for view in overview.destinations if view.state not in ("ok", "busy")),
        silent=tuple(view.name for view in overview.sources if view.silent),
        maintenances=tuple(row for row in overview.rows if row.kind == Kind.MAINTENANCE),
        remedies=_by_name(remedies(overview)),
        dead=sum(view.dead for view in overview.destinations),
    )


def _by_name(found: Iterable[Remedy]) -> dict[str, tuple[Remedy, ...]]:
    sorted_out: dict[str, tuple[Remedy, ...]] = {}
    for remedy in found:
        sorted_out[remedy.about] = (*sorted_out.get(remedy.about, ()), remedy)
    return sorted_out


def _awaits_approval(row: Row, destination: str) -> bool:
    """Rejected incidents are not published either, but nobody has to decide about them any more."""
    cell = row.cells[destination]
    return cell.state is CellState.HELD and not (cell.why or "").startswith("rejected")


def blueprint(settings: Settings, store: Store, clock: Clock) -> Blueprint:
    """The routes of the dashboard."""
    routes = Blueprint("dashboard", __name__, template_folder="templates")

    def answer(template: str, status: int, **facts: object) -> Response:
        nonce = secrets.token_urlsafe(16)
        page = render_template(template, nonce=nonce, words=words, **facts)
        response = Response(page, status, content_type="text/html; charset=utf-8", headers=_HEADERS)
        response.headers["Content-Security-Policy"] = _policy(nonce)
        return response

    def render(template: str) -> Response:
        now = clock.now()
        status, board = 200, None
        try:
            board = board_of(store.overview(with_stored_originals(settings, store), now))
        except StoreError:
            status = 503
        return answer(template, status, board=board, now=now)

    @routes.get("/")
    def page() -> Response:
        return render("dashboard/page.html")

    @routes.get("/board")
    def board() -> Response:
        return render("dashboard/board.html")

    @routes.get("/story/<identity>")
    def story(identity: str) -> Response:
        status, chronicle = 200, None
        try:
            chronicle = chronicle_of(settings, store, identity)
            status = 200 if chronicle else 404
        except StoreError:
            status = 503
        key = ObjectKey(Kind(chronicle.kind), chronicle.id) if chronicle else None
        facts = {"chronicle": chronicle, "key": key, "now": clock.now(), "is_down": status == 503}
        return answer("dashboard/story.html", status, **facts)

    return routes


def _policy(nonce: str) -> str:
    """Nothing but this page's own style, script and refresh."""
    return (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
