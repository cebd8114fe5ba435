"""Sentinels: the primary is found, a fail-over is followed, and what replicas had to confirm is there afterwards."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from bridge.config.settings import StoreSettings
from bridge.errors import LeaseLost, StoreDown
from bridge.model.enums import Kind
from bridge.model.events import Delivery, Parsed
from bridge.model.facts import Intent, Link, LinkState, ObjectKey
from bridge.secret import Secret
from bridge.store import Store
from bridge.store.connection import connect
from bridge.store.lanes import INGEST, MIRROR, Lane
from tests.unit.store.servers import Watched, free_port, until, watched

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
KEY = ObjectKey(Kind.INCIDENT, "inc_1")


def delivery(number: int) -> Delivery:
    return Delivery(f"dlv_{number}", "prometheus", NOW, b"{}", "application/json")


def opened(here: Watched, replicas: int = 0) -> Store:
    return Store.open(StoreSettings(Path("unused"), Secret(here.url), replicas=replicas))


def accepts(store: Store, number: int) -> bool:
    """For ``until``: whatever is refused now is tried again."""
    return not store.accept(delivery(number), Parsed(())).duplicate


def refusal(store: Store, number: int) -> str:
    """Why a delivery is not accepted; the first call on a connection that broke may say just that."""
    with pytest.raises(StoreDown) as error:
        store.accept(delivery(number), Parsed(()))
    return str(error.value)


def kept(store: Store) -> list[str]:
    return [entry.delivery for entry in store.inbox.read("prometheus", "0-0", 10_000)]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Watched]:
    with watched(tmp_path) as everything:
        yield everything


def test_nothing_confirmed_is_lost_when_the_primary_dies(here: Watched) -> None:
    store = opened(here, replicas=1)
    acknowledged = [store.accept(delivery(number), Parsed(())).delivery for number in range(200)]
    old, new = here.fail_over()
    until(lambda: store.look().role == "primary")
    until(lambda: "only 0 of 1 replicas" in refusal(store, 1000))  # alone, the new primary has nobody to confirm
    assert set(acknowledged) <= set(kept(store))
    old.start("--replicaof", f"127.0.0.1 {new.port}")
    until(lambda: accepts(store, 1001))
    assert "dlv_1001" in kept(store)


def test_nothing_confirmed_is_lost_while_two_servers_think_they_are_the_primary(here: Watched) -> None:
    """Sentinel leaves the old one alone for ten seconds, and who is connected to it goes on writing there."""
    store = opened(here, replicas=1)
    acknowledged = [store.accept(delivery(number), Parsed(())).delivery for number in range(20)]
    old, new = here.hand_over()
    assert old.client.info("replication")["role"] == "master"  # type: ignore[index]
    refused = 0
    for number in range(100, 103):
        try:
            acknowledged.append(store.accept(delivery(number), Parsed(())).delivery)
        except StoreDown:
            refused += 1
    assert refused
    old.client.replicaof("127.0.0.1", new.port)
    until(lambda: accepts(store, 200))
    assert set(acknowledged) <= set(kept(store))


def test_everything_that_holds_a_connection_follows_the_fail_over(here: Watched) -> None:
    store = opened(here)
    lease = store.lanes.take(Lane(MIRROR, "public"))
    assert lease is not None
    opened(here, replicas=1).check_writable()  # the replica has the lease
    budget_client = connect(here.url)
    budget_client.ping()
    here.fail_over()
    until(lambda: accepts(store, 2))
    store.lanes.keep(lease)
    store.links.keep(lease, {KEY: Link(LinkState.LINKED, "9")})
    assert store.links.get("public", KEY).remote_id == "9"
    assert budget_client.ping()
    assert store.look().role == "primary"


def test_a_primary_that_became_a_replica_is_given_up(here: Watched) -> None:
    store = opened(here)
    assert accepts(store, 1)
    opened(here, replicas=1).check_writable()
    old, new = here.hand_over()
    old.client.replicaof("127.0.0.1", new.port)
    until(lambda: accepts(store, 2))
    assert set(kept(store)) >= {"dlv_1", "dlv_2"}
    assert store.look().role == "primary"


def test_sentinels_without_store_replicas_are_warned_of(here: Watched) -> None:
    assert any("store.replicas" in text for text in opened(here).server_warnings())
    assert not any("store.replicas" in text for text in opened(here, replicas=1).server_warnings())


def test_an_intent_that_no_replica_has_makes_no_call(here: Watched) -> None:
    store = opened(here, replicas=1)
    lease = store.lanes.take(Lane(MIRROR, "public"))
    assert lease is not None
    store.links.keep(lease, {KEY: Link(intent=Intent("create", NOW))})
    for replica in here.replicas():
        replica.kill()
    with pytest.raises(StoreDown, match="only 0 of 1 replicas"):
        store.links.keep(lease, {KEY: Link(intent=Intent("create", NOW))})


def test_a_lease_that_the_new_primary_never_heard_of_is_worth_nothing(here: Watched) -> None:
    """Its number is no step of a counter, which would go back to where it was and give the same number twice."""
    store = opened(here)
    lane = Lane(MIRROR, "public")
    (replica,) = here.replicas()
    replica.signal(signal.SIGSTOP)  # it hears nothing from now on
    lost = store.lanes.take(lane)
    assert lost is not None
    old = here.primary()
    old.kill()
    replica.signal(signal.SIGCONT)
    until(lambda: here.primary() is not old and store.look().role == "primary")
    taken = until(lambda: store.lanes.take(lane))
    assert taken.token != lost.token
    with pytest.raises(LeaseLost):
        store.links.keep(lost, {KEY: Link(LinkState.LINKED, "9")})


def test_a_worker_of_rq_goes_on_after_a_fail_over(here: Watched) -> None:
    store = opened(here)
    connection = connect(here.url, socket_timeout=None)
    queue = Queue(INGEST, connection=connection, serializer=JSONSerializer)
    worker = SimpleWorker([queue], connection=connection, serializer=JSONSerializer)
    here.fail_over()
    until(lambda: store.look().state == "ok")
    queue.enqueue("builtins.len", args=("four",), job_id="ingest-x", result_ttl=500)
    worker.work(burst=True, logging_level="ERROR")
    assert until(lambda: queue.fetch_job("ingest-x")).return_value() == 4


def test_sentinels_that_are_all_away_are_told_apart_from_a_server_that_is_down() -> None:
    url = f"redis+sentinel://:secretpw@127.0.0.1:{free_port()}/bridge/0"
    with pytest.raises(StoreDown, match="no sentinel that answers knows a primary") as error:
        Store(connect(url), url).ping()
    assert "secretpw" not in str(error.value) + repr(error.value.__cause__)
