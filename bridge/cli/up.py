"""``statusbridge up``: the store, the web process and the workers from one bridge.yaml, in one terminal."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import FrameType

import click

from bridge.children import Command, Keeper, Say, stop_all
from bridge.cli.invocation import Invocation
from bridge.cli.serve import refuse_taken
from bridge.config.settings import AuthKind, Settings, SourceSettings
from bridge.demo.place import free_port
from bridge.errors import StoreDown
from bridge.store import Store
from bridge.store.embedded import EmbeddedServer, ensure_server, trouble_with_disk

READY_WITHIN = 30.0
"""Seconds until the web process must answer /readyz."""
GRACE = 30.0
"""Seconds all children together get to end; a slice of a mirror's work lasts at most 25."""
LOOK_EVERY = 0.2
PING_EVERY = 2.0

_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - what is listened on, not what is opened


def register(group: click.Group) -> None:
    """Add ``up`` to the command line."""

    @group.command()
    @click.pass_obj
    def up(invocation: Invocation) -> None:
        """Run everything: store, web and workers, until Ctrl-C.

        The store is a Valkey server of its own in the state directory, unless BRIDGE_REDIS_URL names another.
        """
        settings = invocation.settings()
        with stop_signal() as stop:
            House(settings, invocation.environ(), stop, click.echo).run()


@contextlib.contextmanager
def stop_signal() -> Iterator[threading.Event]:
    """An event that is set by Ctrl-C and by SIGTERM, while the context lasts."""
    stop = threading.Event()

    def note(signum: int, frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class House:
    """Everything that ``up`` runs.

    Args:
        settings: the configuration.
        environ: for the children; the address of the store is added.
        stop: set when it is time to end.
        say: prints a line.
    """

    def __init__(self, settings: Settings, environ: Mapping[str, str], stop: threading.Event, say: Say) -> None:
        self._settings = settings
        self._environ = dict(environ)
        self._stop = stop
        self._say = say
        self._server: EmbeddedServer | None = None
        self._keepers: list[Keeper] = []

    def run(self) -> None:
        """Start all, keep all running, and stop all again.

        Raises:
            click.ClickException: it could not be started; says why.
        """
        try:
            self._check_port()
            self._open_store()
            self._start()
            if self._stop.is_set():
                return
            for line in welcome(self._settings):
                self._say(line)
            self._keep()
        finally:
            self._say("Stopping ...")
            stop_all([keeper.child for keeper in self._keepers], GRACE, self._say)
            if self._server is not None:
                try:
                    self._server.stop()
                except StoreDown as error:
                    self._say(f"{error}; end it by hand")
            self._say("Stopped; nothing accepted is lost.")

    def _check_port(self) -> None:
        """A taken port would let somebody else's /readyz pass for ours."""
        web = self._settings.web
        port = web.port or free_port()
        refuse_taken(web.host, port, "web.port (or BRIDGE_WEB_PORT)")
        self._settings = replace(self._settings, web=replace(web, port=port))
        self._environ["BRIDGE_WEB_PORT"] = str(port)

    def _open_store(self) -> None:
        store = self._settings.store
        try:
            if store.url is None:
                self._server = ensure_server(store.state_dir, own=True)
                self._environ["BRIDGE_REDIS_URL"] = self._server.url  # a socket in the state directory: it stays
            ping(self._settings)
        except StoreDown as error:
            raise click.ClickException(str(error)) from error

    def _start(self) -> None:
        for name in ("web", "worker"):
            self._keepers.append(Keeper(Command(name, (name,), self._environ), self._say))
        deadline = time.monotonic() + READY_WITHIN
        address = address_of(self._settings)
        while not is_ready(address) and not self._stop.is_set():
            for keeper in self._keepers:
                if (code := keeper.child.exit_code) is not None:
                    raise click.ClickException(f"{keeper.name} ended with exit code {code} at start; see above")
            if time.monotonic() > deadline:
                raise click.ClickException(f"{address}/readyz did not answer within {READY_WITHIN:.0f} s")
            self._stop.wait(0.05)

    def _keep(self) -> None:
        ping_at = time.monotonic() + PING_EVERY
        while not self._stop.wait(LOOK_EVERY):
            for keeper in self._keepers:
                keeper.look()
            if self._server is not None and time.monotonic() >= ping_at:
                self._keep_store()
                ping_at = time.monotonic() + PING_EVERY

    def _keep_store(self) -> None:
        """Start the embedded server again when it has died. Its address stays, so nobody else need be told."""
        try:
            ping(self._settings)
        except StoreDown as error:
            trouble = trouble_with_disk(self._settings.store.state_dir)
            because = f"; it ended itself, as it could not write: {trouble}" if trouble else ""
            self._say(f"{error}{because}; starting it again")
            with contextlib.suppress(StoreDown):  # then it is tried again at the next look
                if self._server is not None:
                    self._server.stop()
                self._server = ensure_server(self._settings.store.state_dir, own=True)


def ping(settings: Settings) -> None:
    """See whether the store answers.

    Raises:
        StoreDown: it does not.
    """
    store = Store.open(settings.store)
    try:
        store.ping()
    finally:
        store.close()


def address_of(settings: Settings) -> str:
    """Where the web process is found from this machine."""
    host = _ANYWHERE.get(settings.web.host, settings.web.host)
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{settings.web.port}"


def is_ready(address: str) -> bool:
    """Whether ``/readyz`` answers 200."""
    try:
        with urllib.request.urlopen(f"{address}/readyz", timeout=2) as answer:  # noqa: S310 - http, built by us
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def welcome(settings: Settings) -> Iterator[str]:
    """What somebody who just started it wants to know."""
    address = address_of(settings)
    yield f"statusbridge runs: {address}/"
    for name, source in settings.sources.items():
        yield f"  {name} ({source.type}) posts to {address}{hook_path(source)}"
    shown = ", ".join(f"{name} ({item.type})" for name, item in settings.destinations.items())
    yield f"  published on {shown or 'no destination yet'}"
    where = "BRIDGE_REDIS_URL" if settings.store.url else str(settings.store.state_dir)
    yield f"  state in {where}"
    yield "Ctrl-C stops it."


def hook_path(source: SourceSettings) -> str:
    """The path a source posts to, with a secret in it as a word instead."""
    tail = "/<its secret>" if source.auth.kind is AuthKind.PATH else ""
    return f"/hooks/{source.name}{tail}"
