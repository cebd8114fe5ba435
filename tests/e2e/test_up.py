"""``statusbridge up``: everything from one bridge.yaml, kept running, and ended in good order."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.store.embedded import running_url
from tests.e2e.command import Running

pytestmark = [pytest.mark.timeout(120), pytest.mark.slow]

CONFIG = """\
sources:
  prometheus: {{type: alertmanager, auth: {{path: s3cr3t-of-the-hook}}}}
web: {{port: {port}, workers: 1}}
worker: {{count: 1}}
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def up(tmp_path: Path, port: int) -> Iterator[Running]:
    (tmp_path / "bridge.yaml").write_text(CONFIG.format(port=port))
    with Running("--state-dir", "state", "up", cwd=tmp_path) as running:
        running.await_output("Ctrl-C stops it", within=45)
        yield running


def test_it_serves_and_ends_in_order(up: Running, tmp_path: Path, port: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
        assert answer.status == 200
    assert f"http://127.0.0.1:{port}/hooks/prometheus/<its secret>" in up.output
    assert "s3cr3t" not in up.output
    assert up.end(signal.SIGTERM) == 0, up.output
    assert running_url(tmp_path / "state") is None, "the store it owns was not stopped"
    assert _children_of(up.process.pid) == []


def test_a_second_one_on_the_same_state_directory_says_so(up: Running, tmp_path: Path, port: int) -> None:
    with Running("--state-dir", "state", "up", cwd=tmp_path, environ={"BRIDGE_WEB_PORT": "0"}) as second:
        assert second.wait(40) == 1
    assert "another statusbridge already runs on the state directory" in second.output
    assert up.process.poll() is None
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
        assert answer.status == 200


def test_a_child_that_dies_is_started_again(up: Running, port: int) -> None:
    web = next(pid for pid, command in _children_of(up.process.pid) if command.endswith("web"))
    os.kill(web, signal.SIGKILL)
    up.await_output("web was ended by SIGKILL; it is started again in 0.5 s", within=10)
    deadline = time.monotonic() + 30
    while not _is_ready(port):
        assert time.monotonic() < deadline, up.output
        time.sleep(0.1)


def test_a_store_that_dies_is_started_again(up: Running, tmp_path: Path, port: int) -> None:
    url = running_url(tmp_path / "state")
    assert url is not None
    found = [pid for pid, command in _children_of(up.process.pid) if "unixsocket" in command or "-server" in command]
    os.kill(found[0], signal.SIGKILL)
    up.await_output("starting it again", within=15)
    deadline = time.monotonic() + 30
    while not _is_ready(port):
        assert time.monotonic() < deadline, up.output
        time.sleep(0.1)


def test_all_mistakes_in_the_configuration_are_told_with_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "bridge.yaml").write_text("sources:\n  a: {type: nosuch, auth: none}\n  b: {type: generic}\n")
    with Running("--state-dir", "state", "up", cwd=tmp_path) as running:
        assert running.wait(30) == 2
    assert "nosuch" in running.output
    assert "auth" in running.output
    assert "Traceback" not in running.output


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _children_of(parent: int) -> list[tuple[int, str]]:
    listing = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = (line.split(None, 2) for line in listing.splitlines())
    return [(int(row[0]), row[2]) for row in rows if int(row[1]) == parent]
