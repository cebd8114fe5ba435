"""The PingPong sandbox as a plug-in of the core: routing, authentication and bodies as the framework does them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Request, Response, request

from bridge.sandbox import slip
from bridge.sandbox.dump.saved import Apply, read_generator, read_parts, read_settings, write_saved
from bridge.sandbox.listening import Listening
from bridge.sandbox.pingpong.http import HTML_404, Call, NoRoute, Refusal, Reply, Resource, Router, detail
from bridge.sandbox.pingpong.operations import RESOURCES
from bridge.sandbox.pingpong.realistic import Renderer
from bridge.sandbox.pingpong.saving import read_world, write_world
from bridge.sandbox.pingpong.seed import seed
from bridge.sandbox.pingpong.settings import PingPongSettings
from bridge.sandbox.pingpong.showing import draw_page, glimpse
from bridge.sandbox.pingpong.site import make_site
from bridge.sandbox.pingpong.world import World
from bridge.sandbox.realistic.page import plan_page
from bridge.sandbox.reasons import reason
from bridge.sandbox.state import Context, PublicPage

JSON = "application/json"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_WORDS = {
    400: "Malformed request.",
    401: "Authentication credentials were not provided.",
    403: "You do not have permission to perform this action.",
    404: "Not found.",
    429: "Request was throttled. Expected available in 60 seconds.",
}


class ProviderSandbox:
    """One PingPong project.

    Attributes:
        world: the state; a new one after each reset.
    """

    name = "pingpong"
    prefix = "/pingpong/rest/v1"
    public: tuple[str, ...] = ("/pingpong/widget",)
    listening: Listening | None = None

    def __init__(self, context: Context) -> None:
        self.settings = PingPongSettings()
        self._context = context
        self._router = Router(RESOURCES)
        self.world = self._fresh_world()

    def reset(self) -> None:
        """Back to the seeded project."""
        with self._context.lock:
            self.world = self._fresh_world()

    def first_page(self, path: str) -> int | None:
        """Lists have pages only when the switches say so; none are documented."""
        return 1 if self.settings.wrap_lists and self.settings.page_size else None

    def page(self) -> PublicPage:
        """What a visitor sees now."""
        with self._context.lock:
            return draw_page(self.world)

    def glimpse(self) -> Mapping[str, Any]:
        """The page in short."""
        with self._context.lock:
            return glimpse(self.world)

    def failure(self, status: int) -> tuple[Any, str]:
        """The error body of an injected fault."""
        return {"detail": _WORDS.get(status, "A server error occurred." if status >= 500 else reason(status))}, JSON

    def blueprint(self) -> Blueprint:
        """The API."""
        blueprint = Blueprint("pingpong", __name__)

        @blueprint.route("/", defaults={"path": ""}, methods=METHODS, provide_automatic_options=False)
        @blueprint.route("/<path:path>", methods=METHODS, provide_automatic_options=False)
        def answer(path: str) -> Response:
            try:
                resource, args = self._router.find(f"/{path}")
            except NoRoute:
                return Response(HTML_404, status=404, mimetype="text/html")
            with self._context.lock:
                allow = ", ".join(resource.allowed(self.settings.update_methods))
                try:
                    reply = self._handle(request, resource, args)
                except Refusal as refusal:
                    reply = Reply(refusal.status, refusal.body, refusal.headers)
            return _respond(reply, allow)

        return blueprint

    def site(self) -> Blueprint:
        """The badges."""
        return make_site(self._context, lambda: self.world)

    def save(self) -> dict[str, Any]:
        """Everything as JSON; there is no rate budget."""
        with self._context.lock:
            return write_saved(self.settings, self._context.seed, self.world.generator, None, write_world(self.world))

    def prepare(self, saved: Any, where: str) -> Apply:
        """Check what ``save`` wrote; raises BrokenDump."""
        parts = read_parts(saved, where)
        switch = read_settings(parts["settings"], f"{where}.settings", self.settings)
        world = World(self._context, self.settings, glimpse)
        world.generator = read_generator(parts["random"], f"{where}.random")
        read_world(parts["objects"], f"{where}.objects", world)

        def apply() -> None:
            with self._context.lock:
                switch()
                self._context.seed, self.world = parts["seed"], world

        return apply

    def _fresh_world(self) -> World:
        world = World(self._context, self.settings, glimpse)
        if self._context.rows == "demo":
            seed(world)
        elif self._context.rows == "page":
            Renderer(world, plan_page(self._context.seed, world.now())).render()
        return world

    def _handle(self, http: Request, resource: Resource, args: Mapping[str, str]) -> Reply:
        """Negotiation, then the key, then the method, then the object, then the body: the framework's order."""
        if http.accept_mimetypes and not http.accept_mimetypes[JSON]:
            raise detail(406, "Could not satisfy the request Accept header.")
        self._authenticate(http.headers.get("Authorization", ""))
        allowed = resource.allowed(self.settings.update_methods)
        if http.method not in allowed:
            raise detail(405, f'Method "{http.method}" not allowed.')
        if http.method == "OPTIONS":
            return self._describe(resource, allowed)
        page = http.args.get("page", "1")
        number = int(page) if page.isascii() and page.isdigit() else 1
        call = Call(http.method, args, lambda: _read_body(http), http.base_url, number, slip.current())
        return resource.handler(http.method)(self.world, call)

    def _authenticate(self, header: str) -> None:
        """``Token <key>``; a key under any other scheme counts as not sent at all."""
        challenge = {"WWW-Authenticate": "Token"}
        words = header.split()
        if not words or words[0].lower() != "token":
            raise detail(401, "Authentication credentials were not provided.", challenge)
        if len(words) == 1:
            raise detail(401, "Invalid token header. No credentials provided.", challenge)
        if len(words) > 2:
            raise detail(401, "Invalid token header. Token string should not contain spaces.", challenge)
        if words[1] != self._context.token:
            raise detail(401, "Invalid token.", challenge)

    def _describe(self, resource: Resource, allowed: list[str]) -> Reply:
        """The answer to OPTIONS: methods, and the writable fields of those that write."""
        body: dict[str, Any] = {
            "name": resource.title,
            "description": "",
            "renders": [JSON],
            "parses": [JSON],
        }
        if resource.fields is not None:
            fields = {field.name: field.describe() for field in resource.fields(self.world)}
            body["actions"] = {method: fields for method in ("POST", "PUT") if method in allowed}
        return Reply(200, body)


def _read_body(http: Request) -> Any:
    """The decoded body; without one it is an empty object.

    Raises:
        Refusal: 415 if it is not declared JSON, 400 if it is none.
    """
    raw = http.get_data()
    if not raw:
        return {}
    if http.mimetype != JSON:
        raise detail(415, f'Unsupported media type "{http.headers.get("Content-Type", "")}" in request.')
    try:
        body = json.loads(raw)
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair can be neither stored nor answered
    except (ValueError, RecursionError) as error:
        raise detail(400, f"JSON parse error - {error}") from error
    return body


def _respond(reply: Reply, allow: str) -> Response:
    data = "" if reply.payload is None else json.dumps(reply.payload, ensure_ascii=False, separators=(",", ":"))
    response = Response(data, status=reply.status, headers=dict(reply.headers), content_type=JSON)
    if reply.payload is None:
        del response.headers["Content-Type"]
    response.headers["Allow"] = allow
    response.headers["Vary"] = "Accept, Origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
