"""The Statuspage sandbox as a plug-in of the core: authentication, rate limit, bodies, dispatch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Request, Response, request

from bridge.sandbox import slip
from bridge.sandbox.dump.columns import STAMP, Many
from bridge.sandbox.dump.saved import Apply, read_generator, read_parts, read_settings, write_saved
from bridge.sandbox.realistic.page import plan_page
from bridge.sandbox.reasons import reason
from bridge.sandbox.state import Context, PublicPage
from bridge.sandbox.statuspage.http import Call, Refusal, Reply, Router, not_found, parse_form
from bridge.sandbox.statuspage.limiter import Limiter
from bridge.sandbox.statuspage.listeners import Listeners
from bridge.sandbox.statuspage.operations import ROUTES
from bridge.sandbox.statuspage.realistic import HistoryRenderer
from bridge.sandbox.statuspage.realistic_people import PeopleRenderer
from bridge.sandbox.statuspage.saving import read_world, write_world
from bridge.sandbox.statuspage.seed import seed
from bridge.sandbox.statuspage.settings import StatuspageSettings
from bridge.sandbox.statuspage.showing import Summary, draw_page, glimpse
from bridge.sandbox.statuspage.site import make_site
from bridge.sandbox.statuspage.timers import advance
from bridge.sandbox.statuspage.world import ORGANIZATION_ID, PAGE_ID, World

JSON = "application/json; charset=utf-8"
HITS = Many(of=STAMP)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_WORDS = {
    400: "is invalid",
    401: "Could not authenticate",
    404: "not found",
    420: "Too many requests",
    422: "is invalid",
    429: "Too many requests",
}


class ProviderSandbox:
    """One Statuspage organisation with one page.

    Attributes:
        world: the state; a new one after each reset.
    """

    name = "statuspage"
    prefix = "/statuspage/v1"
    public: tuple[str, ...] = ("/statuspage/api/v2",)

    def __init__(self, context: Context) -> None:
        self.settings = StatuspageSettings()
        self._context = context
        self._limiter = Limiter(self.settings)
        self._router = Router(ROUTES)
        self.world = self._fresh_world()
        self.listening = Listeners(context, lambda: self.world)

    def reset(self) -> None:
        """Back to the seeded page, with an unused rate budget."""
        with self._context.lock:
            self._limiter.clear()
            self.world = self._fresh_world()

    def first_page(self, path: str) -> int | None:
        """Lists count their pages from 1, but the subscribers of the page from 0."""
        return 0 if path == f"/pages/{PAGE_ID}/subscribers" else 1

    def page(self) -> PublicPage:
        """What a visitor sees now."""
        with self._context.lock:
            advance(self.world)
            return draw_page(self.world)

    def glimpse(self) -> Mapping[str, Any]:
        """The page in short."""
        with self._context.lock:
            return glimpse(self.world)

    def failure(self, status: int) -> tuple[Any, str]:
        """The error body of an injected fault."""
        usual = "Internal server error" if status >= 500 else reason(status)
        return {"error": _WORDS.get(status, usual)}, JSON

    def blueprint(self) -> Blueprint:
        """The v1 API."""
        blueprint = Blueprint("statuspage", __name__)

        @blueprint.route("/", defaults={"path": ""}, methods=METHODS)
        @blueprint.route("/<path:path>", methods=METHODS)
        def answer(path: str) -> Response:
            with self._context.lock:
                try:
                    reply = self._handle(request, f"/{path}")
                except Refusal as refusal:
                    body = refusal.payload(self.settings.error_shape)
                    reply = Reply(refusal.status, body, refusal.headers)
            return _respond(reply)

        return blueprint

    def site(self) -> Blueprint:
        """The public JSON API that hangs below the page's own address."""
        return make_site(self._context, lambda: self.world)

    def save(self) -> dict[str, Any]:
        """Everything as JSON; a look like any other, so that maintenances whose time has come are moved on before."""
        with self._context.lock:
            advance(self.world)
            budget, objects = HITS.write(self._limiter.hits()), write_world(self.world)
            return write_saved(self.settings, self._context.seed, self.world.generator, budget, objects)

    def prepare(self, saved: Any, where: str) -> Apply:
        """Check what ``save`` wrote; raises BrokenDump."""
        parts = read_parts(saved, where)
        switch = read_settings(parts["settings"], f"{where}.settings", self.settings)
        world = World(self._context, self.settings, Summary().after)
        world.generator = read_generator(parts["random"], f"{where}.random")
        hits = HITS.read(parts["budget"], f"{where}.budget")
        read_world(parts["objects"], f"{where}.objects", world)

        def apply() -> None:
            with self._context.lock:
                switch()
                self._context.seed, self.world = parts["seed"], world
                self._limiter.refill(hits)

        return apply

    def _fresh_world(self) -> World:
        world = World(self._context, self.settings, Summary().after)
        seed(world, demo=self._context.rows == "demo")
        if self._context.rows == "page":
            page = plan_page(self._context.seed, world.now())
            history = HistoryRenderer(world, page)
            history.render()
            PeopleRenderer(world, page, history.ids).render()
        return world

    def _handle(self, http: Request, path: str) -> Reply:
        self._authenticate(http)
        self._limiter.admit(self._context.clock.now())
        advance(self.world)
        handler, args = self._router.find("GET" if http.method == "HEAD" else http.method, path)
        if args.get("page_id", PAGE_ID) != PAGE_ID or args.get("organization_id", ORGANIZATION_ID) != ORGANIZATION_ID:
            raise not_found()
        body, form = _read_body(http)
        query = http.args.to_dict()
        return handler(self.world, Call(http.method, path, args, query, body, form, slip.current()))

    def _authenticate(self, http: Request) -> None:
        """``OAuth <key>`` in any case, or ``?api_key=``; every other scheme answers like a wrong key."""
        scheme, _, key = http.headers.get("Authorization", "").partition(" ")
        sent = key.strip() if scheme.lower() == "oauth" else http.args.get("api_key", "")
        if sent != self._context.token:
            raise Refusal(401, [("", "Could not authenticate")])


def _read_body(http: Request) -> tuple[Any, bool]:
    """The decoded body and whether it was a form.

    Raises:
        Refusal: 400 if it cannot be decoded, 415 if its type is neither JSON nor a form.
    """
    if http.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return parse_form(http.form.items(multi=True)), True
    raw = http.get_data()
    if not raw:
        return None, False
    if http.mimetype != "application/json":
        raise Refusal(415, [("", "The Content-Type must be application/json or application/x-www-form-urlencoded")])
    try:
        body = json.loads(raw)
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair can be neither stored nor answered
    except (ValueError, RecursionError) as error:
        raise Refusal(400, [("", "The request body is not valid JSON")]) from error
    return body, False


def _respond(reply: Reply) -> Response:
    data = "" if reply.payload is None else json.dumps(reply.payload, ensure_ascii=False)
    response = Response(data, status=reply.status, headers=dict(reply.headers))
    response.headers["Content-Type"] = JSON
    if reply.status == 204:
        del response.headers["Content-Type"]
    return response
