"""``statusbridge up``: everything from one bridge.yaml, kept running, and ended in good order."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bridge.demo.place import free_port
from bridge.store.connection import connect
from bridge.store.embedded import running_url
from tests.e2e.command import Running

pytestmark = [pytest.mark.timeout(120), pytest.mark.slow]

CONFIG = """\
sources:
  prometheus: {{type: alertmanager, auth: {{path: s3cr3t-of-the-hook}}}}
web: {{port: {port}, workers: 1}}
worker: {{count: 1}}
"""


@dataclass(frozen=True)
class Up:
    """A running ``up``."""

    command: Running
    folder: Path
    port: int

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def await_ready(self) -> None:
        deadline = time.monotonic() + 30
        while not self.is_ready():
            assert time.monotonic() < deadline, self.command.output
            time.sleep(0.1)

    def children(self) -> list[tuple[int, str]]:
        listing = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
        rows = (line.split(None, 2) for line in listing.splitlines())
        return [(int(row[0]), row[2]) for row in rows if int(row[1]) == self.command.process.pid]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("up")
    port = free_port()
    (folder / "bridge.yaml").write_text(CONFIG.format(port=port))
    with Running("--state-dir", "state", "up", cwd=folder) as command:
        command.await_output("Ctrl-C stops it", within=45)
        yield Up(command, folder, port)


def test_it_tells_where_things_are_and_no_secret(up: Up) -> None:
    assert up.is_ready()
    assert f"http://127.0.0.1:{up.port}/hooks/prometheus/<its secret>" in up.command.output
    assert "s3cr3t" not in up.command.output


def test_a_second_one_on_the_same_state_directory_says_so(up: Up) -> None:
    with Running("--state-dir", "state", "up", cwd=up.folder, environ={"BRIDGE_WEB_PORT": "0"}) as second:
        assert second.wait(40) == 1
    assert "another statusbridge already runs on the state directory" in second.output
    assert up.command.process.poll() is None
    assert up.is_ready()


def test_a_second_one_on_the_same_port_says_so(up: Up, tmp_path: Path) -> None:
    config = str(up.folder / "bridge.yaml")
    with Running("--config", config, "--state-dir", "state", "up", cwd=tmp_path) as second:
        assert second.wait(40) == 1
    assert f"127.0.0.1:{up.port} cannot be listened on" in second.output
    assert up.is_ready()


def test_a_child_that_dies_is_started_again(up: Up) -> None:
    web = next(pid for pid, command in up.children() if command.endswith("web"))
    os.kill(web, signal.SIGKILL)
    up.command.await_output("web was ended by SIGKILL; it is started again in 0.5 s", within=10)
    up.await_ready()
    assert web not in [pid for pid, _ in up.children()]


def test_a_store_that_dies_is_started_again(up: Up) -> None:
    url = running_url(up.state)
    assert url is not None
    client = connect(url)
    server = int(client.info("server")["process_id"])
    client.close()
    os.kill(server, signal.SIGKILL)
    up.command.await_output("starting it again", within=15)
    up.await_ready()
    assert running_url(up.state) == url


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_order_and_stops_the_store_it_owns(tmp_path: Path, how: signal.Signals) -> None:
    (tmp_path / "bridge.yaml").write_text(CONFIG.format(port=0))
    with Running("--state-dir", "state", "up", cwd=tmp_path) as command:
        command.await_output("Ctrl-C stops it", within=45)
        before = Up(command, tmp_path, 0).children()
        assert command.end(how) == 0, command.output
    assert len(before) >= 2
    assert [pid for pid, _ in before if Path(f"/proc/{pid}").exists()] == []
    assert running_url(tmp_path / "state") is None


def test_all_mistakes_in_the_configuration_are_told_with_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "bridge.yaml").write_text("sources:\n  a: {type: nosuch, auth: none}\n  b: {type: generic}\n")
    with Running("--state-dir", "state", "up", cwd=tmp_path) as running:
        assert running.wait(30) == 2
    assert "nosuch" in running.output
    assert "auth" in running.output
    assert "Traceback" not in running.output
