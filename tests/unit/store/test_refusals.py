"""Servers that answer and take no writes: full disk, memory limit, a replica, too few replicas, evictions."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from bridge.config.settings import StoreSettings
from bridge.errors import StoreDown, StoreError
from bridge.model.events import Delivery, Parsed
from bridge.secret import Secret
from bridge.store import Store, ensure_server
from bridge.store.connection import connect
from bridge.store.embedded import trouble_with_disk
from bridge.store.lanes import INGEST, Lane
from tests.unit.store.servers import ValkeyProcess, server, until

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
WORD = "a-word-of-the-body"


def delivery(number: int) -> Delivery:
    return Delivery(f"dlv_{number}", "prometheus", NOW, WORD.encode() * 50, "text/plain")


def opened(running: ValkeyProcess, **more: Any) -> Store:
    return Store.open(StoreSettings(Path("unused"), Secret(running.url), **more))


def kept(store: Store) -> int:
    return len(store.inbox.read("prometheus", "0-0", 100_000))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[ValkeyProcess]:
    with server(tmp_path) as process:
        yield process


def test_at_its_memory_limit_it_refuses_and_goes_on_when_the_limit_is_raised(running: ValkeyProcess) -> None:
    store = opened(running)
    assert store.accept(delivery(1), Parsed(())).delivery == "dlv_1"
    running.client.config_set("maxmemory", "1mb")
    with pytest.raises(StoreDown, match=r"refuses writes.*maxmemory") as refusal:
        store.accept(delivery(2), Parsed(()))
    assert WORD not in str(refusal.value)
    with pytest.raises(StoreDown, match="refuses writes"):
        store.lanes.wake(Lane(INGEST, "another"))
    assert "maxmemory" in str(store.look().why), "it can be looked at all the same"
    assert any("(maxmemory)" in text for text in store.server_warnings())
    with pytest.raises(StoreDown):
        store.check_writable()
    assert kept(store) == 1
    running.client.config_set("maxmemory", "0")
    assert not store.accept(delivery(2), Parsed(())).duplicate
    assert kept(store) == 2
    assert store.look().why is None


def test_a_full_disk_that_is_synced_every_second_refuses_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with server(tmp_path, "--appendfsync", "everysec") as running:
        store = opened(running)
        store.accept(delivery(0), Parsed(()))
        running.fill_disk()
        acknowledged = 1

        def refused() -> bool:
            nonlocal acknowledged
            try:
                store.accept(delivery(acknowledged), Parsed(()))
            except StoreDown as error:
                return "refuses writes: MISCONF" in str(error)
            acknowledged += 1
            return False

        until(refused)
        assert kept(store) == acknowledged
        assert "MISCONF" in str(store.look().why)
        running.free_disk()
        until(lambda: store.look().why is None)
        store.accept(delivery(10_000), Parsed(()))
        assert kept(store) == acknowledged + 1


def test_a_full_disk_that_is_synced_every_time_ends_the_server_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        store = opened(running)
        for number in range(20):  # more than the log has, which cannot grow either
            store.accept(delivery(number), Parsed(()))
        running.fill_disk()
        with pytest.raises(StoreDown):
            for number in range(20, 200):
                store.accept(delivery(number), Parsed(()))
        (tmp_path / "store.log").write_bytes((tmp_path / "log").read_bytes())
        assert "AOF" in str(trouble_with_disk(tmp_path)), "up tells why it starts it again"
        running.start()
        (tmp_path / "store.log").write_bytes((tmp_path / "log").read_bytes())
        assert trouble_with_disk(tmp_path) is None, "and not again after another start"
        assert kept(store) >= 20
        assert store.look().why is None


def test_the_embedded_server_starts_again_on_a_disk_that_is_full_no_more(tmp_path: Path) -> None:
    first = ensure_server(tmp_path)
    store = Store(connect(first.url), first.url)
    store.accept(delivery(0), Parsed(()))
    pid = int(cast(dict[str, Any], connect(first.url).info("server"))["process_id"])
    largest = max(item.stat().st_size for item in tmp_path.rglob("*.aof"))
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    with pytest.raises(StoreDown):
        for number in range(1, 100):
            store.accept(delivery(number), Parsed(()))
    first.stop()
    again = ensure_server(tmp_path)
    try:
        assert kept(store) >= 1
        assert not store.accept(delivery(1000), Parsed(())).duplicate
    finally:
        again.stop()


def test_a_replica_is_refused_in_words(running: ValkeyProcess, tmp_path: Path) -> None:
    replica = ValkeyProcess(tmp_path / "replica", options=("--replicaof", f"127.0.0.1 {running.port}")).start()
    try:
        opened(running)  # stamps the version
        until(lambda: replica.client.get("sb:version"), patience=20)
        store = opened(replica)
        with pytest.raises(StoreDown, match=r"refuses writes.*read only replica"):
            store.accept(delivery(1), Parsed(()))
        look = store.look()
        assert look.state == "refusing"
        assert look.role == "replica"
    finally:
        replica.kill()


def test_a_primary_that_must_not_write_without_replicas_is_refused_in_words(running: ValkeyProcess) -> None:
    store = opened(running)
    running.client.config_set("min-replicas-to-write", "1")
    with pytest.raises(StoreDown, match="refuses writes: NOREPLICAS"):
        store.accept(delivery(1), Parsed(()))


def test_too_few_replicas_refuse_what_the_primary_took(running: ValkeyProcess) -> None:
    store = opened(running, replicas=1)
    with pytest.raises(StoreDown, match="only 0 of 1 replicas"):
        store.accept(delivery(1), Parsed(()))
    assert any("store.replicas asks for 1" in text for text in store.server_warnings())


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_a_server_that_throws_state_away_is_refused_at_start(running: ValkeyProcess, policy: str) -> None:
    running.client.config_set("maxmemory-policy", policy)
    opened(running)  # without a limit nothing is ever thrown away
    running.client.config_set("maxmemory", "100mb")
    with pytest.raises(StoreError, match=rf"throw state away.*{policy}.*noeviction"):
        opened(running)
