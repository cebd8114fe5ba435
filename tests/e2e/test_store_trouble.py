"""A store that refuses writes, seen from outside: senders are asked to come back, workers wait, and all goes on."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import Server
from tests.unit.store.servers import ValkeyProcess, free_port, server, until

_CONFIGURATION = """
web: {{port: {port}, workers: 1, threads: 2}}
sources:
  prom: {{type: generic, auth: {{bearer: hook}}}}
destinations:
  public: {{type: statuspage, url: '{sandbox}/statuspage/v1', token: sandbox, page_id: sandboxpage1, rate: 1000/1s}}
components:
  api: {{name: Public API, on: {{public: "Public API"}}}}
routes:
  - match: {{source: prom}}
    components: [api]
"""


class Place:
    """Web and workers as processes, on a server that can be told to refuse."""

    def __init__(self, folder: Path, valkey: ValkeyProcess, sandbox: Server) -> None:
        self.port = free_port()
        (folder / "bridge.yaml").write_text(
            _CONFIGURATION.format(port=self.port, sandbox=sandbox.url), encoding="utf-8"
        )
        self.environ = {**os.environ, "BRIDGE_REDIS_URL": valkey.url, "BRIDGE_CONFIG": str(folder / "bridge.yaml")}
        self.children = [self.start(words, folder) for words in (["web"], ["worker", "--count", "2"])]

    def start(self, words: list[str], folder: Path) -> subprocess.Popen[bytes]:
        log = (folder / f"{words[0]}.log").open("ab")
        return subprocess.Popen([sys.executable, "-m", "bridge", *words], env=self.environ, stdout=log, stderr=log)

    def ask(self, path: str, body: object = None) -> tuple[int, dict[str, str], str]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": "Bearer hook", "Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read().decode()

    def say(self, key: str, action: str = "trigger") -> tuple[int, dict[str, str], str]:
        return self.ask("/hooks/prom", {"dedup_key": key, "title": key, "action": action, "severity": "critical"})

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bridge", *words], env=self.environ, capture_output=True, text=True, check=False
        )


@pytest.fixture
def valkey_process(tmp_path: Path) -> Iterator[ValkeyProcess]:
    with server(tmp_path / "valkey") as process:
        yield process


@pytest.fixture
def here(tmp_path: Path, valkey_process: ValkeyProcess, sandbox_server: Server) -> Iterator[Place]:
    place = Place(tmp_path, valkey_process, sandbox_server)
    try:
        until(lambda: place.ask("/readyz")[0] == 200, patience=30)
        yield place
    finally:
        for child in place.children:
            child.terminate()
        for child in place.children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(20)
            child.kill()


def shown(sandbox: Sandbox) -> list[str]:
    page = sandbox.plugins["statuspage"].page()
    return [incident.status for incident in (*page.open_incidents, *page.past_incidents)]


@pytest.mark.slow
@pytest.mark.timeout(150)
def test_at_its_memory_limit_nothing_is_accepted_all_is_told_and_all_goes_on(
    here: Place, valkey_process: ValkeyProcess, sandbox: Sandbox
) -> None:
    assert here.say("one")[0] == 202
    until(lambda: len(shown(sandbox)) == 1)
    valkey_process.client.config_set("maxmemory", "1mb")
    status, headers, _ = here.say("one", "resolve")
    assert status == 503
    assert int(headers["Retry-After"]) > 0
    assert here.ask("/readyz")[0] == 503
    assert here.ask("/healthz")[0] == 200
    assert "statusbridge_store_writable 0.0" in here.ask("/metrics")[2]
    assert "The store takes no writes." in here.ask("/")[2]
    told = here.command("status")
    assert "store\trefusing\tprimary" in told.stdout
    assert "maxmemory" in told.stdout
    checked = here.command("check")
    assert checked.returncode == 1
    assert "nothing is accepted now" in checked.stdout
    valkey_process.client.config_set("maxmemory", "0")
    until(lambda: here.say("one", "resolve")[0] == 202)
    until(lambda: any("resolved" in word.lower() for word in shown(sandbox)), patience=40)
    assert len(shown(sandbox)) == 1
    assert "store\tok\tprimary" in here.command("status").stdout


@pytest.mark.slow
@pytest.mark.timeout(150)
def test_workers_wait_while_writes_are_refused_and_publish_what_was_accepted_before(
    here: Place, valkey_process: ValkeyProcess, sandbox: Sandbox
) -> None:
    """What was accepted in the last moment is published once the primary has its replica again."""
    client: Any = valkey_process.client
    assert here.say("first")[0] == 202
    client.config_set("min-replicas-to-write", "1")
    assert here.say("second")[0] == 503
    client.config_set("min-replicas-to-write", "0")
    assert here.say("third")[0] == 202
    until(lambda: len(shown(sandbox)) == 1, patience=40)
    assert all(child.poll() is None for child in here.children), "web and workers are the same processes as before"
