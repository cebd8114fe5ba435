"""The sandbox: faithful local copies of the four providers behind one WSGI application."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import cast

from flask import Blueprint, Flask, Response, jsonify, request

from bridge.clock import Clock, SystemClock
from bridge.sandbox.faults import Faults, fault_from_json
from bridge.sandbox.gate import Gate
from bridge.sandbox.journal import CallLog, Journal
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
    """

    def __init__(self, clock: Clock | None = None, token: str = "sandbox", seed: int = 1) -> None:  # noqa: S107
        self.clock: Clock = clock or SystemClock()
        self.token = token
        self.seed = seed
        self.journal = Journal()
        self.calls = CallLog()
        self.faults = Faults(seed)
        self.plugins: Mapping[str, Plugin] = {
            name: importlib.import_module(path).ProviderSandbox(Context(name, self.clock, token, seed, self.journal))
            for name, path in PLUGINS.items()
        }
        self.app = self._make_app()

    def reset(self) -> None:
        """Back to the seeded rows; faults, journal and call log are emptied."""
        self.faults.clear()
        for plugin in self.plugins.values():
            plugin.reset()
        self.journal.clear()
        self.calls.clear()

    def _make_app(self) -> Flask:
        app = Flask("statusbridge-sandbox", static_folder=None)
        app.url_map.strict_slashes = False
        for plugin in self.plugins.values():
            app.register_blueprint(plugin.blueprint(), url_prefix=plugin.prefix)
        app.register_blueprint(_control(self), url_prefix="/_sandbox")
        make_pages = cast("Callable[[Sandbox], Blueprint]", importlib.import_module(PAGES).blueprint)
        app.register_blueprint(make_pages(self))
        app.wsgi_app = Gate(app.wsgi_app, self.plugins, self.faults, self.calls, self.clock)  # type: ignore[method-assign]
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
        entries = sandbox.journal.entries(request.args.get("provider"), request.args.get("kind"))
        return jsonify([entry.to_json() for entry in entries])

    @blueprint.get("/calls")
    def read_calls() -> Response:
        calls = sandbox.calls.all(request.args.get("provider"), request.args.get("method"))
        return jsonify([call.to_json() for call in calls])

    @blueprint.post("/reset")
    def reset() -> tuple[str, int]:
        sandbox.reset()
        return "", 204

    _add_settings_routes(blueprint, sandbox)
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
