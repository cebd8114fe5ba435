"""The Cachet 2 sandbox as a plugin: from an HTTP request to a handler and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from bridge.sandbox import php, slip
from bridge.sandbox.cachet2 import moments, page
from bridge.sandbox.cachet2.answers import ApiError, error_body
from bridge.sandbox.cachet2.call import Call
from bridge.sandbox.cachet2.realistic import Renderer
from bridge.sandbox.cachet2.routes import Envelope, find_route, run
from bridge.sandbox.cachet2.saving import read_world, write_world
from bridge.sandbox.cachet2.world import Settings, World, seed
from bridge.sandbox.dump import windowed
from bridge.sandbox.dump.saved import Apply
from bridge.sandbox.laravel import read_input
from bridge.sandbox.listening import Listening
from bridge.sandbox.ratelimit import FixedWindow
from bridge.sandbox.realistic.page import plan_page
from bridge.sandbox.state import Context, PublicPage

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_NOT_ACCEPTABLE = "<!doctype html><html><head><title>Error 406</title></head><body>Not Acceptable</body></html>"
_OVERRIDES = ("PUT", "PATCH", "DELETE")


class ProviderSandbox:
    """Cachet 2.x (2.4 by default, 2.3 by a switch) at ``/cachet2/api/v1``.

    Besides the sandbox's token (user 1), ``<token>-staff`` is the token of a second user who is no administrator.
    """

    name = "cachet2"
    prefix = "/cachet2/api/v1"
    public: tuple[str, ...] = ()
    listening: Listening | None = None

    def __init__(self, context: Context) -> None:
        self.context = context
        self.settings = Settings()
        self.limiter = FixedWindow()
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
            planned = plan_page(self.context.seed, now)
            Renderer(self.world, planned, self.settings.version, self.context.seed).render()

    def save(self) -> dict[str, Any]:
        """Everything as JSON."""
        return windowed.save(self, write_world)

    def prepare(self, saved: Any, where: str) -> Apply:
        """Check what ``save`` wrote; raises BrokenDump."""
        return windowed.prepare(self, saved, where, read_world)

    def blueprint(self) -> Blueprint:
        """One catch-all route: 404, 405 and their order are the program's own."""
        blueprint = Blueprint("cachet2", __name__)
        for rule in ("/", "/<path:path>"):
            blueprint.add_url_rule(rule, "api", self._answer, methods=_METHODS, provide_automatic_options=False)
        return blueprint

    def first_page(self, path: str) -> int | None:
        """Every list counts its pages from 1."""
        return 1

    def page(self) -> PublicPage:
        """What a visitor sees."""
        with self.context.lock:
            return page.public_page(self.world, self.settings)

    def glimpse(self) -> Mapping[str, Any]:
        """The page in short."""
        with self.context.lock:
            return page.glimpse(self.world, self.settings)

    def failure(self, status: int) -> tuple[Any, str]:
        """An error as the program words it."""
        return error_body(ApiError(status), self.rng), "application/json"

    def _answer(self, path: str = "") -> Response:
        with self.context.lock:
            if request.method == "OPTIONS":
                return _preflight()
            try:
                response = self._respond(path.rstrip("/"))
            except ApiError as error:
                response = self._error(error)
        response.headers["Cache-Control"] = "no-cache, private"
        if (origin := request.headers.get("Origin")) and request.method in ("GET", "HEAD"):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Vary"] = "Origin"
        return response

    def _respond(self, path: str) -> Response:
        if self.settings.maintenance_mode:
            raise ApiError(503)
        values = read_input(request)
        method = _effective_method(values)
        route, handler, ids = find_route(path, method, self.settings.version)
        if not _accepts_json(request.headers.get("Accept", "*/*")):
            return Response(_NOT_ACCEPTABLE, 406, content_type="text/html; charset=UTF-8")
        result = run(route, handler, self._call(values), ids, method)
        if method == "DELETE":
            response = Response(status=204)
            response.headers.pop("Content-Type", None)
            return response
        if isinstance(result, Envelope):
            body = result.body
        else:
            body = result if isinstance(result, dict) and "meta" in result and "data" in result else {"data": result}
        return Response(php.dumps(body), content_type="application/json")

    def _call(self, values: dict[str, Any]) -> Call:
        now = self.context.clock.now().replace(microsecond=0)
        self._count_request()
        try:
            zone = moments.find_zone(request.headers.get("Time-Zone") or self.settings.zone)
        except KeyError:
            raise ApiError(500) from None
        site = f"{request.host_url.rstrip('/')}/cachet2"
        return Call(
            world=self.world, settings=self.settings, context=self.context, input=values,
            query=php.parse_query(request.query_string.decode()), user=self._user(), zone=zone, now=now, site=site,
            url=request.base_url.rstrip("/"), slip=slip.current(),
        )  # fmt: skip

    def _count_request(self) -> None:
        limit = self.settings.rate_limit
        if limit is not None and not self.limiter.count("all", limit, self.context.clock.now()).allowed:
            raise ApiError(429)

    def _user(self) -> int | None:
        """MySQL compares the token without regard to case."""
        sent = request.headers.get("X-Cachet-Token", "").casefold()
        return {self.context.token.casefold(): 1, f"{self.context.token}-staff".casefold(): 2}.get(sent)

    def _error(self, error: ApiError) -> Response:
        """2.3 does not name the model of a missing record."""
        if self.settings.version == "2.3" and error.status == 404:
            error = ApiError(404)
        accept = request.headers.get("Accept", "")
        kind = "application/vnd.api+json" if "application/vnd.api+json" in accept else "application/json"
        response = Response(php.dumps(error_body(error, self.rng)), error.status, content_type=kind)
        if error.allow is not None:
            response.headers["Allow"] = error.allow
        return response


def _effective_method(values: Mapping[str, Any]) -> str:
    """POST can be overridden by ``_method`` or a header; HEAD is GET without a body."""
    if request.method == "HEAD":
        return "GET"
    wanted = str(request.headers.get("X-HTTP-Method-Override") or values.get("_method") or "").upper()
    return wanted if request.method == "POST" and wanted in _OVERRIDES else request.method


def _accepts_json(accept: str) -> bool:
    kinds = [part.split(";")[0].strip() for part in accept.split(",")]
    return any(kind in ("*/*", "application/*") or "json" in kind for kind in kinds)


def _preflight() -> Response:
    """Only the token header is allowed, so a browser may read but not write."""
    names = request.headers.get("Access-Control-Request-Headers", "").lower().split(",")
    asked = {name.strip() for name in names if name.strip()}
    if asked - {"x-cachet-token"}:
        return Response("Header not allowed", 403, content_type="text/html; charset=UTF-8")
    response = Response(status=204, content_type="text/html; charset=UTF-8")
    response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*")
    response.headers["Access-Control-Max-Age"] = "3600"
    response.headers["Access-Control-Allow-Methods"] = "GET"
    response.headers["Access-Control-Allow-Headers"] = "x-cachet-token"
    return response
