"""The sandbox: faithful local copies of the four providers behind one WSGI application."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import cast, get_args

from flask import Blueprint, Flask, Response, jsonify, request

from bridge.clock import Clock, SystemClock
from bridge.sandbox.asked import read_object
from bridge.sandbox.dump import document
from bridge.sandbox.dump.broken import BrokenDump
from bridge.sandbox.dump.routes import add_state_routes
from bridge.sandbox.dump.saved import read_settings
from bridge.sandbox.faults import Faults, fault_from_json
from bridge.sandbox.gate import Gate
from bridge.sandbox.journal import CallLog, Journal
from bridge.sandbox.listening import add_webhook_routes
from bridge.sandbox.passing import ShiftedClock
from bridge.sandbox.postbox import Postbox
from bridge.sandbox.state import Context, Plugin, Rows

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
        rows: what it begins with, and goes back to in a reset.
        state: a dump to begin with, and to go back to, instead of ``rows``.
        resume: whether its clock goes on from the moment of that dump.

    Raises:
        BrokenDump: the dump cannot be loaded.

    Attributes:
        app: the WSGI application (a Flask app).
        plugins: the provider sandboxes by name; their ``settings`` are the switches.
        faults: what goes wrong (``sandbox.faults.add(Fault(...))``).
        journal: every committed write.
        calls: every call.
        postbox: outbound webhooks on their way, and what became of them.
        time: the clock with the shift that a load may bring.
        contexts: what each provider got, its lock among it.
        gate: the layer in front of the providers.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        token: str = "sandbox",  # noqa: S107
        seed: int = 1,
        rows: Rows = "demo",
        state: document.Document | None = None,
        resume: bool = False,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.time = ShiftedClock(self.clock)
        self.token = token
        self.seed = seed
        self.journal = Journal()
        self.calls = CallLog()
        self.faults = Faults(seed, tuple(PLUGINS))
        self.postbox = Postbox(self.time)
        self.contexts = {name: self._context(name, "empty" if state else rows) for name in PLUGINS}
        self.plugins: Mapping[str, Plugin] = {
            name: importlib.import_module(path).ProviderSandbox(self.contexts[name]) for name, path in PLUGINS.items()
        }
        self.app = self._make_app()
        self._start, self._resume = state, resume
        if state is not None:
            self.load(state, resume=resume)

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
        """Back to where it began; faults, journal, call log, listeners and what was to be sent are emptied."""
        if self._start is not None:
            self.load(self._start, resume=self._resume)
            return
        with self.held():
            self._forget()
            self.time.shift = timedelta()
            for plugin in self.plugins.values():
                plugin.reset()
            self._forget_writes()

    def fill(self, rows: Rows) -> None:
        """Begin anew with other rows, to which later resets go back.

        Raises:
            ValueError: there are no such rows.
        """
        if rows not in get_args(Rows):
            raise ValueError(f"rows are {', '.join(get_args(Rows))}, not {rows!r}")
        self._start = None
        for context in self.contexts.values():
            context.rows = rows
        self.reset()

    def dump(self, providers: Collection[str] | None = None) -> document.Document:
        """The whole state at this moment, or that of some providers; ``dump.document.to_text`` makes a file of it."""
        return document.write(self, providers)

    def load(self, state: document.Document, *, resume: bool = False) -> None:
        """Go on from a dump. Journal, call log, listeners of Cachet 3 and what was to be sent are emptied.

        Args:
            state: what ``dump`` gave. Providers that it does not name keep what they have.
            resume: whether the sandbox's clock goes on from the moment of the dump; otherwise it is as it was then.

        Raises:
            BrokenDump: it cannot be loaded; nothing has changed.
        """
        apply = document.prepare(self, state, resume=resume)
        with self.held():
            self._forget()
            apply()
            self._forget_writes()

    @contextmanager
    def held(self) -> Iterator[None]:
        """While it lasts, no provider answers: what is read or written is of one moment."""
        with ExitStack() as stack:
            for context in self.contexts.values():
                stack.enter_context(context.lock)
            yield

    def _forget(self) -> None:
        self.postbox.clear()
        self.faults.clear()
        self.gate.reset()

    def _forget_writes(self) -> None:
        self.journal.clear()
        self.calls.clear()

    def _context(self, name: str, rows: Rows) -> Context:
        return Context(name, self.time, self.token, self.seed, self.journal, self.postbox, rows)

    def _make_app(self) -> Flask:
        app = Flask("statusbridge-sandbox", static_folder=None)
        app.url_map.strict_slashes = False
        for plugin in self.plugins.values():
            app.register_blueprint(plugin.blueprint(), url_prefix=plugin.prefix)
        app.register_blueprint(_control(self), url_prefix="/_sandbox")
        make_pages = cast("Callable[[Sandbox], Blueprint]", importlib.import_module(PAGES).blueprint)
        app.register_blueprint(make_pages(self))
        self.gate = Gate(app.wsgi_app, self.plugins, self.faults, self.calls, self.time)
        app.wsgi_app = self.gate  # type: ignore[method-assign]
        return app


def _control(sandbox: Sandbox) -> Blueprint:
    """The sandbox's own routes: faults, journal, calls, settings, state, webhooks."""
    blueprint = Blueprint("_sandbox", __name__)

    @blueprint.get("/faults")
    def list_faults() -> Response:
        return jsonify(sandbox.faults.to_json())

    @blueprint.post("/faults")
    def add_fault() -> tuple[Response, int]:
        try:
            number = sandbox.faults.add(fault_from_json(read_object()))
        except (ValueError, TypeError) as problem:
            return jsonify(error=f"this fault cannot be armed: {problem}"), 422
        return jsonify(id=number), 201

    @blueprint.delete("/faults")
    def clear_faults() -> tuple[str, int]:
        sandbox.faults.clear(request.args.get("seed", type=int))
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

    add_state_routes(blueprint, sandbox)
    _add_settings_routes(blueprint, sandbox)
    add_webhook_routes(blueprint, sandbox)
    return blueprint


def _add_settings_routes(blueprint: Blueprint, sandbox: Sandbox) -> None:
    @blueprint.get("/settings/<provider>")
    def show_settings(provider: str) -> tuple[Response, int]:
        if provider not in sandbox.plugins:
            return jsonify(error=f"there is no provider {provider!r}"), 404
        return jsonify(asdict(sandbox.plugins[provider].settings)), 200

    @blueprint.put("/settings/<provider>")
    def change_settings(provider: str) -> tuple[Response, int]:
        if provider not in sandbox.plugins:
            return jsonify(error=f"there is no provider {provider!r}"), 404
        settings = sandbox.plugins[provider].settings
        try:
            read_settings({**asdict(settings), **read_object()}, "settings", settings)()
        except (BrokenDump, ValueError) as problem:
            return jsonify(error=f"these settings cannot be set: {problem}"), 422
        return jsonify(asdict(settings)), 200
