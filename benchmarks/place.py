"""A bridge of its own for a benchmark: embedded store, web, workers and sandbox as processes, in a folder that goes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bodies import SERVICES
from bridge.store.embedded import ensure_server

TOKEN = "benchmark"
PROVIDERS = {
    "cachet2": "/cachet2/api/v1",
    "cachet3": "/cachet3/api",
    "statuspage": "/statuspage/v1",
    "pingpong": "/pingpong/rest/v1",
}
SHOWN = tuple(f"Service {number}" for number in range(len(SERVICES)))
"""Names of the components on every page, in the order of the services."""
_NEW_COMPONENT: dict[str, tuple[str, dict[str, str], Callable[[str], dict[str, object]]]] = {
    "cachet2": ("/components", {"X-Cachet-Token": "sandbox"}, lambda name: {"name": name, "status": 1}),
    "cachet3": ("/components", {"Authorization": "Bearer sandbox"}, lambda name: {"name": name, "status": 1}),
    "statuspage": (
        "/pages/sandboxpage1/components",
        {"Authorization": "OAuth sandbox"},
        lambda name: {"component": {"name": name, "status": "operational"}},
    ),
    "pingpong": ("/components", {"Authorization": "Token sandbox"}, lambda name: {"name": name}),
}


@dataclass
class Place:
    """Where things run.

    Attributes:
        hook: address that takes deliveries.
        pids: process ids by name.
    """

    folder: Path
    web: str
    sandbox: str
    environ: dict[str, str]
    pids: dict[str, int]

    @property
    def hook(self) -> str:
        """Address that takes deliveries."""
        return f"{self.web}/hooks/prometheus"

    @property
    def headers(self) -> dict[str, str]:
        """What a delivery must carry."""
        return {"Authorization": f"Bearer {TOKEN}"}


@contextlib.contextmanager
def place(
    parts: Sequence[str] = ("web", "worker", "sandbox"), *, rate: str = "", pages: Sequence[str] = tuple(PROVIDERS)
) -> Iterator[Place]:
    """Start the parts, wait until they answer, and end them afterwards.

    Args:
        parts: which of ``web``, ``worker``, ``sandbox`` to start.
        rate: rate budget of every destination, such as ``1000/1s``; empty keeps each provider's own.
        pages: the providers that are destinations.
    """
    folder = Path(tempfile.mkdtemp(prefix="statusbridge-benchmark-"))
    server = ensure_server(folder / "state")
    ports = {name: free_port() for name in ("web", "sandbox")}
    (folder / "bridge.yaml").write_text(configuration(ports, rate, pages), encoding="utf-8")
    environ = {**os.environ, "BRIDGE_REDIS_URL": server.url, "BRIDGE_CONFIG": str(folder / "bridge.yaml")}
    commands = {"sandbox": ["sandbox", "--port", str(ports["sandbox"])], "web": ["web"], "worker": ["worker"]}
    children = {
        name: subprocess.Popen([sys.executable, "-m", "bridge", *commands[name]], env=environ, start_new_session=True)
        for name in commands
        if name in parts
    }
    here = Place(
        folder,
        f"http://127.0.0.1:{ports['web']}",
        f"http://127.0.0.1:{ports['sandbox']}",
        environ,
        {name: child.pid for name, child in children.items()},
    )
    try:
        if "web" in parts:
            await_answer(f"{here.web}/readyz")
        if "sandbox" in parts:
            await_answer(f"{here.sandbox}/_sandbox/calls")
            _add_components(here)
        yield here
    finally:
        for child in children.values():
            child.terminate()
        for child in children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(15)
            child.kill()
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def configuration(ports: dict[str, int], rate: str, pages: Sequence[str]) -> str:
    """A bridge.yaml with ten services on pages of the sandbox."""
    lines = ["web:", f"  port: {ports['web']}", "sources:"]
    lines += [f"  prometheus: {{type: alertmanager, auth: {{bearer: {TOKEN}}}}}", "destinations:"]
    for name in pages:
        path = PROVIDERS[name]
        more = ", page_id: sandboxpage1" if name == "statuspage" else ""
        more += f", rate: {rate}" if rate else ""
        lines.append(
            f"  {name}: {{type: {name}, url: 'http://127.0.0.1:{ports['sandbox']}{path}', token: sandbox{more}}}"
        )
    lines.append("components:")
    for service, name in zip(SERVICES, SHOWN, strict=True):
        on = ", ".join(f'{destination}: "{name}"' for destination in pages)
        lines.append(f"  {service}: {{name: '{name}', on: {{{on}}}}}")
    lines += ["routes:", "  - match: {source: prometheus}", '    components: ["{{ labels.service }}"]']
    return "\n".join(lines) + "\n"


def _add_components(here: Place) -> None:
    for provider in ("statuspage", "cachet3"):  # first, so that these calls are in nobody's window
        fetch(f"{here.sandbox}/_sandbox/settings/{provider}", {"rate_limit": None}, {}, "PUT")
    for provider, (path, headers, body) in _NEW_COMPONENT.items():
        for name in SHOWN:
            fetch(f"{here.sandbox}{PROVIDERS[provider]}{path}", body(name), headers)


def fetch(url: str, body: object = None, headers: dict[str, str] | None = None, method: str | None = None) -> Any:
    """One JSON request to a server of ours; the answer as JSON."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


def machine() -> str:
    """What the figures were measured on."""
    return f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {sys.platform}"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_answer(url: str) -> None:
    """Wait until a server answers."""
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (OSError, urllib.error.HTTPError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
