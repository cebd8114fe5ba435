"""The system under test: real store, web and workers as processes; the sandbox in this process, over HTTP."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import serve
from bridge.store import Store
from bridge.store.connection import connect
from bridge.store.embedded import EmbeddedServer, ensure_server
from tests.chaos.nursery import Nursery
from tests.chaos.origin import Origin, configuration

PROVIDERS = {
    "cachet2": "/cachet2/api/v1",
    "cachet3": "/cachet3/api",
    "statuspage": "/statuspage/v1",
    "pingpong": "/pingpong/rest/v1",
}
SERVICES = ("api", "web")
NAMES = {"api": "Public API", "web": "Website"}
SETTLE_AFTER = 4
"""Seconds after which a lost call is taken not to have happened; more than any latency that is injected."""

_PORTS = range(21_000, 30_000)
"""Below those that the kernel gives to whoever asks for any."""

_CONFIGURATION = """
web: {{port: {port}, workers: 2, threads: 4}}
sources:
  prom: {{type: generic, auth: {{bearer: chaos}}}}
{page}
destinations:
{destinations}
components:
  api: {{name: Public API, on: {{{api}}}}}
  web: {{name: Website, on: {{{web}}}}}
routes:
  - name: secret
    match: {{source: prom, labels: {{team: secret}}}}
    components: ["{{{{ labels.service }}}}"]
    publish: hold
    title: "SECRET {{{{ component.name }}}}"
  - name: open
    match: {{source: prom}}
    components: ["{{{{ labels.service }}}}"]
"""


@dataclass
class Place:
    """What a run drives and looks at."""

    sandbox: Sandbox
    store: Store
    hook: str
    folder: Path
    server: EmbeddedServer
    environ: dict[str, str]
    nursery: Nursery
    origin: Origin | None = None
    children: dict[str, int] = field(default_factory=dict)
    killed_at: list[datetime] = field(default_factory=list)

    def start(self, name: str) -> None:
        """Start ``web`` or ``worker``; again, if it has died."""
        words = {"web": ["web"], "worker": ["worker", "--count", "4"]}[name]
        self.children[name] = self.nursery.start(words, self.environ, self.folder / f"{name}.log")

    def keep_alive(self) -> None:
        """What an init system does: start again what died."""
        for name, child in list(self.children.items()):
            if not _lives(child):
                self.start(name)
        if not self.store_answers():
            self.server.stop()
            self.server = ensure_server(self.folder / "state")

    def store_answers(self) -> bool:
        """Whether the store is there."""
        with contextlib.suppress(Exception):
            self.store.ping()
            return True
        return False

    def kill_store(self) -> None:
        """SIGKILL to the server."""
        with contextlib.suppress(Exception):
            os.kill(int(connect(self.server.url).info("server")["process_id"]), signal.SIGKILL)

    def processes(self, name: str) -> list[int]:
        """A child and everything below it."""
        child = self.children[name]
        return [child, *descendants(child)] if _lives(child) else []


def _lives(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def descendants(pid: int) -> list[int]:
    """Children and their children, RQ's work horses among them; who ends meanwhile is left out."""
    children: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            children += [int(word) for word in task.read_text().split()]
    return children + [deeper for child in children for deeper in descendants(child)]


@contextlib.contextmanager
def place(folder: Path, seed: int, nursery: Nursery) -> Iterator[Place]:
    """Start everything, and end it whatever happened. With every third seed a page is mirrored, too."""
    with _origin(seed) as origin, _running(folder, seed, nursery, origin) as here:
        yield here


@contextlib.contextmanager
def _origin(seed: int) -> Iterator[Origin | None]:
    if seed % 3:
        yield None
        return
    sandbox = Sandbox(seed=seed + 1)
    sandbox.plugins["cachet3"].settings.rate_limit = None
    with serve(sandbox) as listening:
        yield Origin(sandbox, listening.url)


@contextlib.contextmanager
def _running(folder: Path, seed: int, nursery: Nursery, origin: Origin | None) -> Iterator[Place]:
    sandbox = Sandbox(seed=seed)
    for name in ("statuspage", "cachet3"):
        sandbox.plugins[name].settings.rate_limit = None
    server = ensure_server(folder / "state")
    port = _port_of(seed)
    with serve(sandbox) as listening:
        (folder / "bridge.yaml").write_text(_configuration(port, listening.url, origin), encoding="utf-8")
        environ = {**os.environ, "BRIDGE_REDIS_URL": server.url, "BRIDGE_CONFIG": str(folder / "bridge.yaml")}
        store = Store(connect(server.url), server.url)
        here = Place(sandbox, store, f"http://127.0.0.1:{port}/hooks/prom", folder, server, environ, nursery, origin)
        try:
            here.start("web")
            here.start("worker")
            _await(f"http://127.0.0.1:{port}/readyz")
            yield here
        finally:
            _end(here)


def _end(here: Place) -> None:
    for child in here.children.values():
        for pid in (*descendants(child), child):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    while any(_lives(child) for child in here.children.values()):
        time.sleep(0.01)
    here.store.close()
    here.server.stop()


def _configuration(port: int, url: str, origin: Origin | None) -> str:
    lines = []
    for name, path in PROVIDERS.items():
        more = ", page_id: sandboxpage1" if name == "statuspage" else ""
        lines.append(
            f"  {name}: {{type: {name}, url: '{url}{path}', token: sandbox, rate: 1000/1s, "
            f"settle_after: {SETTLE_AFTER}s, read_timeout: 1s{more}}}"
        )
    on = {service: ", ".join(f'{name}: "{NAMES[service]}"' for name in PROVIDERS) for service in SERVICES}
    page = configuration(origin.url, list(PROVIDERS)) if origin else ""
    return _CONFIGURATION.format(port=port, destinations="\n".join(lines), page=page, **on)


def _port_of(seed: int) -> int:
    """A port that is free, and that no run at the same time tries: its seed is another one."""
    for port in range(_PORTS.start + seed % 1000 * 9, _PORTS.start + seed % 1000 * 9 + 9):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError(f"no port is free for seed {seed}")


def _await(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (OSError, urllib.error.HTTPError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
