"""The clock of the store's host is set back, or forward, while everything runs.

A machine's clock cannot be moved for a test, so what was stored is moved instead: for whoever reads it later, a time
that was stored an hour ahead is the same as a clock that was set back by an hour.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bridge.errors import LeaseLost
from bridge.model.enums import Kind
from bridge.model.events import Delivery, Parsed
from bridge.model.facts import Link, LinkState, ObjectKey
from bridge.store import Store
from bridge.store.connection import connect
from bridge.store.lanes import INGEST, LEASE_MILLIS, LOST_AFTER, MIRROR, Lane
from bridge.store.state import Mark

HOUR_MILLIS = 3_600_000
LANE = Lane(MIRROR, "public")
KEY = ObjectKey(Kind.INCIDENT, "inc_1")


def set_back(valkey: str) -> None:
    """By an hour, as far as the lease of the lane is concerned."""
    client = connect(valkey)
    until = float(client.hget(f"sb:lane:{LANE}", "until") or 0)
    client.hset(f"sb:lane:{LANE}", "until", f"{until + HOUR_MILLIS:.0f}")


def test_a_lane_whose_holder_is_dead_is_not_locked_for_an_hour(store: Store, valkey: str) -> None:
    dead = store.lanes.take(LANE)
    assert dead is not None
    set_back(valkey)
    assert not store.lanes.state(LANE).leased
    taken = store.lanes.take(LANE)
    assert taken is not None
    with pytest.raises(LeaseLost):
        store.links.keep(dead, {KEY: Link(LinkState.LINKED, "9")})
    assert (
        float(connect(valkey).hget(f"sb:lane:{LANE}", "until") or 0)
        <= LEASE_MILLIS + 1000 * datetime.now(UTC).timestamp()
    )


def test_a_holder_that_lives_keeps_its_lane_if_it_says_so_in_time(store: Store, valkey: str) -> None:
    lease = store.lanes.take(LANE)
    assert lease is not None
    set_back(valkey)
    store.lanes.keep(lease)
    assert store.lanes.state(LANE).leased
    assert store.lanes.take(LANE) is None


def test_a_lease_that_ran_out_early_makes_no_second_writer(store: Store, valkey: str) -> None:
    """Set forward: somebody else takes the lane while its holder works, and the holder writes nothing from then on."""
    first = store.lanes.take(LANE)
    assert first is not None
    connect(valkey).hset(f"sb:lane:{LANE}", "until", 1)
    second = store.lanes.take(LANE)
    assert second is not None
    assert second.token > first.token
    with pytest.raises(LeaseLost):
        store.links.keep(first, {KEY: Link(LinkState.LINKED, "9")})
    store.links.keep(second, {KEY: Link(LinkState.LINKED, "8")})


def test_tokens_grow_when_the_clock_goes_back(store: Store, valkey: str) -> None:
    ahead = int(datetime.now(UTC).timestamp() * 1000) + HOUR_MILLIS
    connect(valkey).hset(f"sb:lane:{LANE}", "token", ahead)
    lease = store.lanes.take(LANE)
    assert lease is not None
    assert lease.token == ahead + 1


def test_a_wake_up_that_was_lost_is_made_again(store: Store, valkey: str) -> None:
    """Valkey keeps the end of a key as a moment, so that a mark for three seconds would stay for an hour."""
    lane = Lane(INGEST, "prom")
    assert store.lanes.wake(lane)
    assert not store.lanes.wake(lane)
    connect(valkey).pexpire(f"sb:lane:{lane}:queued", int(LOST_AFTER * 1000) + HOUR_MILLIS)
    assert store.lanes.wake(lane)
    assert not store.lanes.wake(lane)


def test_what_is_owed_is_not_put_off_for_an_hour(store: Store) -> None:
    now = datetime.now(UTC)
    store.outbox.mark([Mark("public", KEY, 1, 0)], now + timedelta(hours=1))
    soon = ObjectKey(Kind.INCIDENT, "inc_2")
    store.outbox.mark([Mark("public", soon, 1, 0)], now + timedelta(minutes=2))
    assert store.outbox.due("public", now, 10) == []
    assert store.outbox.pull_in("public", now, timedelta(minutes=5)) == 1
    assert [debt.key for debt in store.outbox.due("public", now, 10)] == [KEY]


def test_deliveries_stay_in_order(store: Store, valkey: str) -> None:
    ahead = int(datetime.now(UTC).timestamp() * 1000) + HOUR_MILLIS
    connect(valkey).xadd("sb:inbox:prom", {"delivery": "dlv_1", "at": 1, "events": "[]"}, id=f"{ahead}-0")
    store.accept(Delivery("dlv_2", "prom", datetime.now(UTC), b"{}"), Parsed(()))
    assert [entry.delivery for entry in store.inbox.read("prom", "0-0", 10)] == ["dlv_1", "dlv_2"]
