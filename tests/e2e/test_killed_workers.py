"""Real workers, killed again and again: every event ends on every page, once, in order."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.model.enums import Action, AlertSeverity, Kind
from bridge.model.events import Delivery, Event, Parsed
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import serve
from bridge.sandbox.state import ShownIncident
from bridge.store import Store
from tests.chaos.place import descendants

PROVIDERS = {
    "cachet2": "/cachet2/api/v1",
    "cachet3": "/cachet3/api",
    "statuspage": "/statuspage/v1",
    "pingpong": "/pingpong/rest/v1",
}
KILLS = 12
PATIENCE = 45.0

CONFIGURATION = """
sources:
  prom: {{type: alertmanager, auth: none}}
destinations:
  cachet2: {{type: cachet2, url: {url}/cachet2/api/v1, token: sandbox, rate: 1000/1s, settle_after: 3s}}
  cachet3: {{type: cachet3, url: {url}/cachet3/api, token: sandbox, rate: 1000/1s, settle_after: 3s}}
  statuspage:
    {{type: statuspage, url: {url}/statuspage/v1,
     page_id: sandboxpage1, token: sandbox, rate: 1000/1s, settle_after: 3s}}
  pingpong: {{type: pingpong, url: {url}/pingpong/rest/v1, token: sandbox, rate: 1000/1s, settle_after: 3s}}
components:
  api:
    name: Public API
    on: {{cachet2: Public API, cachet3: Public API, statuspage: Public API, pingpong: Public API}}
routes:
  - {{match: {{source: prom}}, components: [api]}}
"""


@pytest.fixture
def sandbox_with_url() -> Iterator[tuple[Sandbox, str]]:
    sandbox = Sandbox()
    for name in ("statuspage", "cachet3"):
        sandbox.plugins[name].settings.rate_limit = None
    with serve(sandbox) as server:
        yield sandbox, server.url


@pytest.fixture
def workers(valkey: str, sandbox_with_url: tuple[Sandbox, str], tmp_path: Path) -> Iterator[int]:
    """Process id of a running ``statusbridge worker``."""
    configuration = tmp_path / "bridge.yaml"
    configuration.write_text(CONFIGURATION.format(url=sandbox_with_url[1]), encoding="utf-8")
    environ = {**os.environ, "BRIDGE_REDIS_URL": valkey, "BRIDGE_CONFIG": str(configuration)}
    process = subprocess.Popen([sys.executable, "-m", "bridge", "worker", "--count", "4"], env=environ)
    yield process.pid
    process.terminate()
    process.wait(20)


def say(store: Store, key: str, action: Action, at: datetime) -> None:
    times = {"ended_at": at} if action is Action.RESOLVE else {"started_at": at}
    event = Event(
        key, action, title=key, severity=AlertSeverity.CRITICAL, labels={"service": "api"}, happened_at=at, **times
    )
    store.accept(Delivery(f"dlv_{key}_{action}", "prom", datetime.now(UTC), b"{}"), Parsed((event,)))


def all_incidents(sandbox: Sandbox, provider: str) -> list[ShownIncident]:
    page = sandbox.plugins[provider].page()
    return [*page.open_incidents, *page.past_incidents]


def is_settled(store: Store) -> bool:
    return (
        not store.inbox.is_behind("prom")
        and not store.open_incidents()
        and not any(store.outbox.all(name) for name in PROVIDERS)
    )


def expected_updates(store: Store, provider: str) -> dict[str, int]:
    """Remote id of every incident that a page must show → the number of its updates."""
    found = {}
    for key, link in store.links.all(provider).items():
        incident = store.incident(key.id) if key.kind is Kind.INCIDENT else None
        if incident is not None:
            found[str(link.remote_id)] = len(incident.updates)
    return found


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finding work horses needs Linux's /proc")
def test_killed_workers_lose_nothing_and_double_nothing(
    store: Store, sandbox_with_url: tuple[Sandbox, str], workers: int
) -> None:
    sandbox, _ = sandbox_with_url
    dice = random.Random(7)
    start = datetime.now(UTC) - timedelta(hours=1)
    lives = 5
    for life in range(lives):
        begin = start + timedelta(minutes=2 * life)
        say(store, f"alert-{life}", Action.TRIGGER, begin)
        for _ in range(KILLS // lives + 1):
            time.sleep(dice.uniform(0.05, 0.5))
            for victim in dice.sample(alive := descendants(workers), k=min(2, len(alive))):
                os.kill(victim, signal.SIGKILL) if Path(f"/proc/{victim}").exists() else None
        say(store, f"alert-{life}", Action.RESOLVE, begin + timedelta(minutes=1))
        time.sleep(1.0)
    deadline = time.monotonic() + PATIENCE
    while not is_settled(store) and time.monotonic() < deadline:
        time.sleep(0.25)
    assert is_settled(store)
    # An outage that ends and one that begins before any worker is alive again are told as one.
    outages = {key.id for name in PROVIDERS for key in store.links.all(name) if key.kind is Kind.INCIDENT}
    assert 1 <= len(outages) <= lives
    for name in PROVIDERS:
        shown = all_incidents(sandbox, name)
        assert {incident.id: len(incident.updates) for incident in shown} == expected_updates(store, name), name
        assert len(shown) == len(outages), name
        assert not sandbox.plugins[name].page().open_incidents, name
        statuses = {item.name: item.tone for group in sandbox.plugins[name].page().groups for item in group.components}
        assert statuses["Public API"] == "good", name


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells children of their parent's death")
def test_a_killed_parent_takes_its_workers_along(workers: int) -> None:
    deadline = time.monotonic() + 20
    while len(descendants(workers)) < 5 and time.monotonic() < deadline:
        time.sleep(0.1)
    orphans = descendants(workers)
    assert len(orphans) >= 5
    os.kill(workers, signal.SIGKILL)
    while any(is_running(pid) for pid in orphans) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(is_running(pid) for pid in orphans)


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
