"""The sandbox: faithful local copies of the four providers behind one WSGI application."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import cast

from flask import Blueprint, Flask, Response, jsonify, request

from bridge.clock import Clock, SystemClock
from bridge.sandbox.faults import Faults, fault_from_json
from bridge.sandbox.gate import Gate
from bridge.sandbox.journal import CallLog, Journal
from bridge.sandbox.listening import add_webhook_routes
from bridge.sandbox.postbox import Postbox
from bridge.sandbox.state import Context, Plugin

PLUGINS = {
    "cachet2": "bridge.sandbox.cachet2",
    "cachet3": "bridge.sandbox.cachet3",
    "statuspage": "bridge.sandbox.statuspage",
    "pingpong": "bridge.sandbox.pingpong",
}
PAGES = "bridge.sandbox.pages"


class Sandbox:
    """Four status page providers in memory, with fault injection.

    Args:
        clock: tells the time of every row; the machine's clock by default.
        token: the credential that all providers accept.
        seed: same seed, same calls, same ids.

    Attributes:
        app: the WSGI application (a Flask app).
        plugins: the provider sandboxes by name; their ``settings`` are the switches.
        faults: what goes wrong (``sandbox.faults.add(Fault(...))``).
        journal: every committed write.
        calls: every call.
        postbox: outbound webhooks on their way, and what became of them.
    """

    def __init__(self, clock: Clock | None = None, token: str = "sandbox", seed: int = 1) -> None:  # noqa: S107
        self.clock: Clock = clock or SystemClock()
        self.token = token
        self.seed = seed
        self.journal = Journal()
        self.calls = CallLog()
        self.faults = Faults(seed)
        self.postbox = Postbox(self.clock)
        self.plugins: Mapping[str, Plugin] = {
            name: importlib.import_module(path).ProviderSandbox(self._context(name)) for name, path in PLUGINS.items()
        }
        self.app = self._make_app()

    def listen(self, provider: str, url: str, secret: str = "", events: Sequence[str] | None = None) -> str:
        """Send a provider's webhooks to an address from now on; gives the listener's id.

        Args:
            provider: ``cachet3`` or ``statuspage``.
            url: on this machine, unless ``postbox.anywhere`` is set.
            secret: with which Cachet 3 signs.
            events: names of Cachet 3's events; None for all.

        Raises:
            ValueError: when the provider sends no webhooks or cannot do what is asked.
        """
        plugin = self.plugins.get(provider)
        if plugin is None or plugin.listening is None:
            known = ", ".join(name for name, plugin in self.plugins.items() if plugin.listening)
            raise ValueError(f"{provider!r} sends no webhooks; {known} do")
        return plugin.listening.add(url, secret, events)

    def reset(self) -> None:
        """Back to the seeded rows; faults, journal, call log, listeners and what was to be sent are emptied."""
        self.postbox.clear()
        self.faults.clear()
        self._gate.reset()
        for plugin in self.plugins.values():
            plugin.reset()
        self.journal.clear()
        self.calls.clear()

    def _context(self, name: str) -> Context:
        return Context(name, self.clock, self.token, self.seed, self.journal, self.postbox)

    def _make_app(self) -> Flask:
        app = Flask("statusbridge-sandbox", static_folder=None)
        app.url_map.strict_slashes = False
        for plugin in self.plugins.values():
            app.register_blueprint(plugin.blueprint(), url_prefix=plugin.prefix)
        app.register_blueprint(_control(self), url_prefix="/_sandbox")
        make_pages = cast("Callable[[Sandbox], Blueprint]", importlib.import_module(PAGES).blueprint)
        app.register_blueprint(make_pages(self))
        self._gate = Gate(app.wsgi_app, self.plugins, self.faults, self.calls, self.clock)
        app.wsgi_app = self._gate  # type: ignore[method-assign]
        return app


def _control(sandbox: Sandbox) -> Blueprint:
    """The sandbox's own routes: faults, journal, calls, settings, reset."""
    blueprint = Blueprint("_sandbox", __name__)

    @blueprint.get("/faults")
    def list_faults() -> Response:
        return jsonify(sandbox.faults.to_json())

    @blueprint.post("/faults")
    def add_fault() -> tuple[Response, int]:
        try:
            number = sandbox.faults.add(fault_from_json(request.get_json()))
        except (ValueError, TypeError) as problem:
            return jsonify(error=f"this fault cannot be armed: {problem}"), 422
        return jsonify(id=number), 201

    @blueprint.delete("/faults")
    def clear_faults() -> tuple[str, int]:
        sandbox.faults.clear()
        return "", 204

    @blueprint.delete("/faults/<int:number>")
    def remove_fault(number: int) -> tuple[str, int]:
        return "", 204 if sandbox.faults.remove(number) else 404

    @blueprint.get("/journal")
    def read_journal() -> Response:
        after = request.args.get("after", 0, type=int)
        entries = sandbox.journal.entries(request.args.get("provider"), request.args.get("kind"), max(0, after))
        with_page = request.args.get("pages", "true") != "false"
        return jsonify([entry.to_json(with_page) for entry in entries])

    @blueprint.get("/calls")
    def read_calls() -> Response:
        calls = sandbox.calls.all(request.args.get("provider"), request.args.get("method"))
        return jsonify([call.to_json() for call in calls])

    @blueprint.post("/reset")
    def reset() -> tuple[str, int]:
        sandbox.reset()
        return "", 204

    _add_settings_routes(blueprint, sandbox)
    add_webhook_routes(blueprint, sandbox)
    return blueprint


def _add_settings_routes(blueprint: Blueprint, sandbox: Sandbox) -> None:
    @blueprint.get("/settings/<provider>")
    def read_settings(provider: str) -> tuple[Response, int]:
        if provider not in sandbox.plugins:
            return jsonify(error=f"there is no provider {provider!r}"), 404
        return jsonify(asdict(sandbox.plugins[provider].settings)), 200

    @blueprint.put("/settings/<provider>")
    def change_settings(provider: str) -> tuple[Response, int]:
        if provider not in sandbox.plugins:
            return jsonify(error=f"there is no provider {provider!r}"), 404
        settings = sandbox.plugins[provider].settings
        known = {f.name for f in fields(settings)}
        wanted = request.get_json()
        if unknown := sorted(set(wanted) - known):
            return jsonify(error=f"unknown settings {unknown}; known are {sorted(known)}"), 422
        for name, value in wanted.items():
            setattr(settings, name, value)
        return jsonify(asdict(settings)), 200
