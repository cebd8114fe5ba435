"""Wake-ups and leases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bridge.errors import LeaseLost
from bridge.model.enums import Kind
from bridge.model.facts import Link, LinkState, ObjectKey
from bridge.store import Store
from bridge.store.connection import connect
from bridge.store.lanes import LOST_AFTER, MIRROR, Lane, Lease
from bridge.store.state import Mark

LANE = Lane(MIRROR, "public")
KEY = ObjectKey(Kind.INCIDENT, "inc_1")
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def take(store: Store) -> Lease:
    lease = store.lanes.take(LANE)
    assert lease is not None
    return lease


def expire(valkey: str) -> None:
    connect(valkey).hset(f"sb:lane:{LANE}", "until", 1)


def test_a_lane_is_leased_to_one_at_a_time(store: Store) -> None:
    lease = take(store)
    assert store.lanes.take(LANE) is None
    store.lanes.release(lease)
    assert take(store).token > lease.token


def test_taking_a_lane_that_is_held_clears_its_queued_mark_all_the_same(store: Store, valkey: str) -> None:
    take(store)
    store.lanes.wake(LANE)
    assert store.lanes.take(LANE) is None
    assert store.lanes.wake(LANE), "the holder looks again after release, but a new wake-up must be possible"


def test_an_expired_lease_is_taken_over_and_its_old_holder_can_write_nothing(store: Store, valkey: str) -> None:
    old = take(store)
    store.outbox.mark([Mark("public", KEY, 1, 0)], NOW)
    expire(valkey)
    take(store)
    with pytest.raises(LeaseLost):
        store.lanes.keep(old)
    with pytest.raises(LeaseLost):
        store.links.done(old, KEY, 0, 1, {KEY: Link(LinkState.LINKED, "9")})
    with pytest.raises(LeaseLost):
        store.lanes.defer(old, "down", "x", NOW)
    store.lanes.release(old)
    assert store.links.get("public", KEY) == Link()
    assert store.lanes.state(LANE).leased, "releasing a lost lease must not release the new one"


def test_a_wake_up_is_queued_once(store: Store, valkey: str) -> None:
    assert [store.lanes.wake(LANE), store.lanes.wake(LANE)] == [True, False]
    assert connect(valkey).llen("rq:queue:mirror") == 1


def test_a_lost_wake_up_is_forgotten_after_a_while_only(store: Store, valkey: str) -> None:
    store.lanes.wake(LANE)
    assert not store.lanes.wake(LANE)
    client = connect(valkey)
    assert 0 < int(client.pttl(f"sb:lane:{LANE}:queued")) <= LOST_AFTER * 1000
    client.pexpire(f"sb:lane:{LANE}:queued", 1)
    while client.exists(f"sb:lane:{LANE}:queued"):
        pass
    assert store.lanes.wake(LANE)


def test_back_off_is_kept_with_its_reason_and_ends_by_word(store: Store) -> None:
    lease = take(store)
    store.lanes.defer(lease, "down", "no route to host", NOW + timedelta(seconds=4), 3)
    state = store.lanes.state(LANE)
    assert (state.state, state.why, state.not_before, state.failures) == (
        "down", "no route to host", NOW + timedelta(seconds=4), 3,
    )  # fmt: skip
    store.lanes.resume(LANE)
    assert store.lanes.state(LANE).state == "ok"


def test_an_object_leaves_the_outbox_only_when_the_owed_revision_was_written(store: Store) -> None:
    lease = take(store)
    store.outbox.mark([Mark("public", KEY, 1, 0)], NOW)
    store.outbox.mark([Mark("public", KEY, 2, 0)], NOW + timedelta(seconds=5))
    store.links.done(lease, KEY, 0, 1, {KEY: Link(LinkState.LINKED, "9", revision=1)})
    (debt,) = store.outbox.all("public")
    assert (debt.revision, debt.since) == (2, NOW), "a newer debt keeps the age of the old one"
    store.links.done(lease, KEY, 0, 2, {KEY: Link(LinkState.LINKED, "9", revision=2)})
    assert store.outbox.all("public") == []


def test_what_comes_later_is_owed_but_not_due(store: Store) -> None:
    lease = take(store)
    store.outbox.mark([Mark("public", KEY, 1, 0)], NOW)
    store.links.later(lease, KEY, 0, NOW + timedelta(seconds=30), {KEY: Link()})
    assert store.outbox.due("public", NOW, 10) == []
    assert [debt.key for debt in store.outbox.due("public", NOW + timedelta(seconds=30), 10)] == [KEY]


def test_a_dead_letter_leaves_the_outbox_and_comes_back_when_it_is_owed_again(store: Store) -> None:
    lease = take(store)
    store.outbox.mark([Mark("public", KEY, 1, 0)], NOW)
    store.links.dead(lease, KEY, 0, {KEY: Link(LinkState.DEAD, error="422")})
    assert (store.outbox.all("public"), store.outbox.dead("public")) == ([], [KEY])
    store.outbox.mark([Mark("public", KEY, 2, 0)], NOW)
    store.links.done(lease, KEY, 0, 2, {KEY: Link(LinkState.LINKED, "9", revision=2)})
    assert store.outbox.dead("public") == []


def test_urgent_classes_come_first(store: Store) -> None:
    component = ObjectKey(Kind.COMPONENT, "api")
    store.outbox.mark([Mark("public", component, 1, 1)], NOW - timedelta(hours=1))
    store.outbox.mark([Mark("public", KEY, 1, 0)], NOW)
    assert [debt.key for debt in store.outbox.due("public", NOW, 10)] == [KEY, component]
