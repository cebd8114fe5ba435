"""The Cachet 3 sandbox as a plugin: from an HTTP request to a handler and back."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from bridge.sandbox import php, slip
from bridge.sandbox.cachet3 import hooks, page
from bridge.sandbox.cachet3.answers import ApiError
from bridge.sandbox.cachet3.call import Call, trimmed
from bridge.sandbox.cachet3.listeners import Listeners
from bridge.sandbox.cachet3.realistic import Renderer
from bridge.sandbox.cachet3.routes import Handler, Route, find_route, no_route
from bridge.sandbox.cachet3.saving import read_world, write_world
from bridge.sandbox.cachet3.world import ALL, LATER_FIELDS, Settings, World, seed
from bridge.sandbox.dump import windowed
from bridge.sandbox.dump.saved import Apply
from bridge.sandbox.laravel import read_input
from bridge.sandbox.ratelimit import Count, FixedWindow
from bridge.sandbox.realistic.page import plan_page
from bridge.sandbox.state import Context, PublicPage

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_DOCUMENT = "application/vnd.api+json"
_USER = "user:1"
"""All tokens belong to one user and so share one bucket."""


class ProviderSandbox:
    """Cachet 3.x at ``/cachet3/api``.

    Tokens: the sandbox's own has all abilities, ``<token>-limited`` only ``components.manage``.
    """

    name = "cachet3"
    prefix = "/cachet3/api"
    public: tuple[str, ...] = ()

    def __init__(self, context: Context) -> None:
        self.context = context
        self.settings = Settings()
        self.limiter = FixedWindow()
        self.listening = Listeners(context, lambda: self.world)
        self.reset()

    def reset(self) -> None:
        """Back to the seeded rows (or to a fresh installation, see ``settings.seeded``)."""
        with self.context.lock:
            self.world = World()
            self.rng = self.context.rng()
            self.limiter.clear()
            if self.settings.seeded:
                self._fill()

    def _fill(self) -> None:
        now = self.context.clock.now().replace(microsecond=0)
        if self.context.rows == "demo":
            seed(self.world, now)
        elif self.context.rows == "page":
            Renderer(self.world, plan_page(self.context.seed, now), self.rng).render()

    def save(self) -> dict[str, Any]:
        """Everything as JSON."""
        return windowed.save(self, write_world)

    def prepare(self, saved: Any, where: str) -> Apply:
        """Check what ``save`` wrote; raises BrokenDump."""
        return windowed.prepare(self, saved, where, read_world)

    def blueprint(self) -> Blueprint:
        """One catch-all route: 404, 405 and their order are the program's own."""
        blueprint = Blueprint("cachet3", __name__)
        for rule in ("/", "/<path:path>"):
            blueprint.add_url_rule(rule, "api", self._answer, methods=_METHODS, provide_automatic_options=False)
        return blueprint

    def first_page(self, path: str) -> int | None:
        """Every list counts its pages from 1."""
        return 1

    def page(self) -> PublicPage:
        """What a visitor sees."""
        with self.context.lock:
            return page.public_page(self.world, self.settings, self.context.clock.now())

    def glimpse(self) -> Mapping[str, Any]:
        """The page in short."""
        with self.context.lock:
            return page.glimpse(self.world, self.settings, self.context.clock.now())

    def failure(self, status: int) -> tuple[Any, str]:
        """An error as the program words it."""
        return ApiError(status).body(), "application/json"

    def _answer(self, path: str = "") -> Response:
        if request.method == "OPTIONS":
            return _preflight()
        headers: dict[str, str] = {}
        with self.context.lock:
            try:
                response = self._respond(path.rstrip("/"), headers)
            except ApiError as error:
                response = _error(error)
        response.headers.update(headers)
        response.headers["Cache-Control"] = "no-cache, private"
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    def _respond(self, path: str, headers: dict[str, str]) -> Response:
        """The checks come in the program's order: route, switches, token, limit; the handlers go on from there."""
        method = "GET" if request.method == "HEAD" else request.method
        route, handler, ids = find_route(path, method)
        if path.startswith("subscribers") and not self.settings.subscribers:
            raise no_route(path)
        if not self.settings.api_enabled:
            raise ApiError(404, "")
        abilities = self._abilities()
        needs_token = method != "GET" or route.token_to_read
        if abilities is None and (needs_token or self.settings.api_protected):
            raise ApiError(401)
        self._count(_USER if needs_token else f"address:{request.remote_addr}", headers)
        return self._run(route, handler, ids, method, abilities)

    def _run(
        self, route: Route, handler: Handler, ids: tuple[str, ...], method: str, abilities: frozenset[str] | None
    ) -> Response:
        result = handler(self._call(abilities), *ids)
        if method == "DELETE":
            response = Response(status=204)
            response.headers.pop("Content-Type", None)
            return response
        status = 201 if method == "POST" else 200
        if isinstance(result, tuple):
            result, status = result
        return Response(php.dumps(result), status, content_type="application/json" if route.plain else _DOCUMENT)

    def _call(self, abilities: frozenset[str] | None) -> Call:
        return Call(
            world=self.world, settings=self.settings, context=self.context, rng=self.rng, input=self._input(),
            query=php.parse_query(request.query_string.decode()), abilities=abilities,
            zone=ZoneInfo(self.settings.zone), now=self.context.clock.now().replace(microsecond=0),
            url=request.base_url.rstrip("/"), slip=slip.current(),
            before=None if request.method in ("GET", "HEAD") else hooks.remember(self.world),
        )  # fmt: skip

    def _input(self) -> dict[str, Any]:
        """What was sent; fields that the program does not know yet are ignored in silence."""
        unknown = () if self.settings.meta else LATER_FIELDS
        return {name: trimmed(value) for name, value in read_input(request).items() if name not in unknown}

    def _abilities(self) -> frozenset[str] | None:
        token = self.context.token
        sent = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        return {token: ALL, f"{token}-limited": frozenset({"components.manage"})}.get(sent)

    def _count(self, bucket: str, headers: dict[str, str]) -> None:
        """Only a 429 tells when the window ends."""
        limit = self.settings.rate_limit
        if limit is None:
            return
        count: Count = self.limiter.count(bucket, limit, self.context.clock.now())
        headers["X-RateLimit-Limit"] = str(limit)
        headers["X-RateLimit-Remaining"] = str(count.remaining)
        if not count.allowed:
            headers["Retry-After"] = str(count.retry_after)
            headers["X-RateLimit-Reset"] = str(count.reset_at)
            raise ApiError(429)


def _error(error: ApiError) -> Response:
    """Errors of routing are HTML pages unless JSON is asked for."""
    if error.routing and "json" not in request.headers.get("Accept", ""):
        phrase = HTTPStatus(error.status).phrase
        text = f"<!DOCTYPE html><html><head><title>{phrase}</title></head><body>{error.status} {phrase}</body></html>"
        return Response(text, error.status, content_type="text/html; charset=UTF-8")
    return Response(php.dumps(error.body()), error.status, content_type="application/json")


def _preflight() -> Response:
    response = Response(status=204, content_type="text/html; charset=UTF-8")
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = request.headers.get("Access-Control-Request-Method", "*")
    response.headers["Access-Control-Allow-Headers"] = request.headers.get("Access-Control-Request-Headers", "*")
    return response
