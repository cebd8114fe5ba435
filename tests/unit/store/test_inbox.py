"""Accepting deliveries: durable, once per sender id, woken in the same transaction."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import redis

from bridge.errors import StoreDown
from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Delivery, Event, Parsed, Quarantined
from bridge.store import Store
from bridge.store.connection import connect
from bridge.store.lanes import INGEST, Lane

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
EVENT = Event("disk-full", Action.TRIGGER, title="Disk full", severity=AlertSeverity.MAJOR, labels={"host": "a\x00b😀"})


def delivery(number: int, sender_id: str | None = None, at: datetime = NOW) -> Delivery:
    return Delivery(f"dlv_{number}", "prom", at, b'{"n": %d}' % number, sender_id=sender_id)


def test_an_accepted_delivery_is_read_back_whole(store: Store) -> None:
    store.accept(delivery(1), Parsed((EVENT, EVENT), (Quarantined(2, "no labels", {"x": 1}),), ("truncated",)))
    (entry,) = store.inbox.read("prom", "0-0", 10)
    assert (entry.delivery, entry.received_at, entry.events) == ("dlv_1", NOW, (EVENT, EVENT))
    assert store.counters() == {
        "deliveries.accepted|prom": 1,
        "events.trigger|prom": 2,
        "events.quarantined|prom": 1,
        "deliveries.warned|prom": 1,
    }


@pytest.mark.parametrize("lane_is_queued", [False, True])
def test_a_sender_s_own_id_is_accepted_once(store: Store, lane_is_queued: bool) -> None:
    if lane_is_queued:
        store.accept(delivery(0), Parsed((EVENT,)))
    first = store.accept(delivery(1, "id-7"), Parsed((EVENT,)))
    again = store.accept(delivery(2, "id-7"), Parsed((EVENT,)))
    assert (first.duplicate, again.duplicate) == (False, True)
    assert len(store.inbox.read("prom", "0-0", 10)) == 1 + lane_is_queued


def test_a_thousand_deliveries_from_eight_threads_queue_one_wake_up(store: Store, valkey: str) -> None:
    def send(base: int) -> None:
        for number in range(125):
            store.accept(delivery(base * 1000 + number), Parsed((EVENT,)))

    threads = [threading.Thread(target=send, args=(base,)) for base in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.inbox.read("prom", "0-0", 2000)) == 1000
    assert connect(valkey).llen("rq:queue:ingest") == 1


def test_while_a_worker_has_the_lane_nothing_is_queued_because_it_looks_again(store: Store, valkey: str) -> None:
    store.accept(delivery(1), Parsed((EVENT,)))
    lease = store.lanes.take(Lane(INGEST, "prom"))
    assert lease is not None
    store.accept(delivery(2), Parsed((EVENT,)))
    assert connect(valkey).llen("rq:queue:ingest") == 1
    store.lanes.release(lease)
    assert store.inbox.is_behind("prom")
    store.accept(delivery(3), Parsed((EVENT,)))
    assert connect(valkey).llen("rq:queue:ingest") == 2, "released, so the next delivery wakes the lane again"


def test_a_worker_that_died_with_the_lane_does_not_keep_it_asleep(store: Store, valkey: str) -> None:
    lease = store.lanes.take(Lane(INGEST, "prom"))
    assert lease is not None
    connect(valkey).hset("sb:lane:ingest:prom", "until", 1)
    store.accept(delivery(1), Parsed((EVENT,)))
    assert connect(valkey).llen("rq:queue:ingest") == 1


def test_trimming_never_touches_what_is_not_applied(store: Store) -> None:
    for number in range(5):
        store.accept(delivery(number), Parsed((EVENT,)))
    store.inbox.trim("prom", datetime.now(UTC) + timedelta(days=30), timedelta(days=1), keep=1)
    assert len(store.inbox.read("prom", "0-0", 10)) == 5


def test_an_unparsable_body_is_kept_and_counted(store: Store, valkey: str) -> None:
    store.quarantine_whole(delivery(1), "not JSON at line 1")
    assert store.counters() == {"events.quarantined|prom": 1}
    ((_, row),) = connect(valkey).xrange("sb:quarantine")
    assert row[b"body"] == b'{"n": 1}'


def test_a_server_that_is_away_is_a_store_that_is_down(tmp_path: object) -> None:
    store = Store(connect("redis://127.0.0.1:1/0"), "redis://127.0.0.1:1/0")
    with pytest.raises(StoreDown, match="does not answer"):
        store.accept(delivery(1), Parsed((EVENT,)))


def test_a_server_that_refuses_writes_is_a_store_that_is_down(store: Store, valkey: str) -> None:
    client: redis.Redis = connect(valkey)
    client.config_set("maxmemory", "1")
    try:
        with pytest.raises(StoreDown, match="refuses writes"):
            store.accept(delivery(1), Parsed((EVENT,)))
    finally:
        client.config_set("maxmemory", "0")
