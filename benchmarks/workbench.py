"""An engine in this process for a benchmark: a store of its own, and the sandbox as a process beside it."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.place import PROVIDERS, await_answer, fetch, free_port
from bridge.config.settings import (
    AuthKind,
    AuthSettings,
    ComponentSettings,
    DestinationSettings,
    Settings,
    SourceSettings,
    StoreSettings,
)
from bridge.errors import StateChanged
from bridge.model.enums import ComponentStatus, IncidentStatus, Publication, Severity, TextFormat, Visibility
from bridge.model.objects import Incident, IncidentUpdate, Text
from bridge.model.state import Changes
from bridge.policy.rules import ComponentInfo, Match, Route, Rules
from bridge.secret import Secret
from bridge.store import Store
from bridge.store.connection import connect
from bridge.store.embedded import EmbeddedServer, ensure_server
from bridge.store.state import Mark
from bridge.sync.runtime import Runtime

START = datetime(2026, 11, 1, tzinfo=UTC)
_NEW: Mapping[str, tuple[str, str, str, Callable[[str], object]]] = {
    "cachet2": ("/components", "X-Cachet-Token", "sandbox", lambda name: {"name": name, "status": 1}),
    "cachet3": ("/components", "Authorization", "Bearer sandbox", lambda name: {"name": name, "status": 1}),
    "statuspage": (
        "/pages/sandboxpage1/components",
        "Authorization",
        "OAuth sandbox",
        lambda name: {"component": {"name": name, "status": "operational"}},
    ),
    "pingpong": ("/components", "Authorization", "Token sandbox", lambda name: {"name": name}),
}


@contextlib.contextmanager
def sandbox_process() -> Iterator[str]:
    """A sandbox as a process; gives its address."""
    port = free_port()
    command = [sys.executable, "-m", "bridge", "sandbox", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_answer(f"http://127.0.0.1:{port}/_sandbox/calls")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(10)


@contextlib.contextmanager
def server_in_a_folder() -> Iterator[tuple[EmbeddedServer, Path]]:
    """An embedded server in a folder that goes."""
    folder = Path(tempfile.mkdtemp(prefix="statusbridge-benchmark-"))
    server = ensure_server(folder / "state")
    try:
        yield server, folder
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def settings_of(
    sandbox: str, providers: tuple[str, ...], services: int, rates: Mapping[str, tuple[int, float] | None] | None = None
) -> Settings:
    """A configuration with so many services on some providers of a sandbox.

    Args:
        sandbox: its address.
        providers: which of them are destinations, under their own names.
        services: number of components.
        rates: budgets by provider; 10,000 calls a second where none is named, the provider's own for None.
    """
    names = {f"svc-{number}": f"Service {number}" for number in range(services)}
    destinations = {
        name: DestinationSettings(
            name,
            name,
            Secret("sandbox"),
            url=sandbox + PROVIDERS[name],
            options={"page_id": "sandboxpage1"} if name == "statuspage" else {},
            rate=(rates or {}).get(name, (10_000, 1.0)),
        )
        for name in providers
    }
    components = {key: ComponentSettings(key, name, on=dict.fromkeys(providers, name)) for key, name in names.items()}
    route = Route("all", Match(), ("{{ labels.service }}",))
    return Settings(
        sources={"prom": SourceSettings("prom", "generic", AuthSettings(AuthKind.NONE))},
        destinations=destinations,
        components=components,
        rules=Rules((route,), {key: ComponentInfo(key, name) for key, name in names.items()}),
        store=StoreSettings(Path("unused")),
    )


def add_components(sandbox: str, providers: tuple[str, ...], services: int) -> None:
    """Make the components of :func:`settings_of` on the pages, and lift the pages' own rate limits."""
    for provider in {"statuspage", "cachet3"} & set(providers):
        fetch(f"{sandbox}/_sandbox/settings/{provider}", {"rate_limit": None}, {}, "PUT")
    for provider in providers:
        path, header, credential, body = _NEW[provider]
        for number in range(services):
            fetch(f"{sandbox}{PROVIDERS[provider]}{path}", body(f"Service {number}"), {header: credential})


def runtime_on(server: EmbeddedServer, settings: Settings) -> Runtime:
    """The surroundings of jobs on a server."""
    store = Store(connect(server.url), server.url)
    store.check_version()
    return Runtime(settings, store, store.clock)


def commit_whole(store: Store, changes: Changes, marks: Sequence[Mark]) -> None:
    """Commit as policy would, again where a worker was faster."""
    while True:
        try:
            store.state.commit(store.state.snapshot(()), changes, marks, store.clock.now())
        except StateChanged:
            continue
        return


def incident(number: int, components: tuple[str, ...], steps: int, *, over: bool, began: datetime = START) -> Incident:
    """An incident as policy makes it, with so many updates."""
    statuses = [IncidentStatus.INVESTIGATING, IncidentStatus.IDENTIFIED, *[IncidentStatus.MONITORING] * max(0, steps)]
    phases = [*statuses[: steps - 1], IncidentStatus.RESOLVED] if over else statuses[:steps]
    broken = ComponentStatus.OPERATIONAL if over else ComponentStatus.MAJOR_OUTAGE
    updates = tuple(
        IncidentUpdate(
            f"upd_{number:08d}{step:02d}aaaaaaaaaa",
            Text(f"Step {step} of incident {number}: we are looking into elevated errors.", TextFormat.MARKDOWN),
            began + timedelta(minutes=step),
            phase,
        )
        for step, phase in enumerate(phases)
    )
    return Incident(
        id=f"inc_{number:08d}aaaaaaaaaaaa",
        title=f"Problems with {components[0]}",
        status=phases[-1],
        impact=Severity.CRITICAL,
        components=dict.fromkeys(components, broken),
        updates=updates,
        started_at=began,
        visibility=Visibility.PUBLIC,
        publication=Publication.PUBLISHED,
        notify=True,
        resolved_at=began + timedelta(minutes=steps) if over else None,
        revision=steps,
    )
