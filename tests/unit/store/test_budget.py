"""Rate budgets: never more calls in a window than the provider allows, by the store's clock."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.store import Store
from bridge.store.budget import MARGIN, Budget
from bridge.store.connection import Scripts, connect


def budget(valkey: str, rate: tuple[int, float] | None, identity: str = "x") -> Budget:
    client = connect(valkey)
    return Budget(client, Scripts(client), identity, rate)


def test_a_window_has_room_for_so_many_calls_and_says_when_the_next_may_be_made(valkey: str) -> None:
    mine = budget(valkey, (3, 60.0))
    assert [mine.take() for _ in range(3)] == [0.0, 0.0, 0.0]
    assert 59.0 < mine.take() <= 60 * (1 + MARGIN)


def test_threads_and_processes_share_it(valkey: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: budget(valkey, (10, 60.0)).take(), range(40)))
    assert taken.count(0.0) == 10


def test_a_window_of_less_than_a_second_moves(valkey: str) -> None:
    mine = budget(valkey, (2, 0.2))
    asked, made = [], []
    while len(made) < 6:
        before = time.monotonic()
        wait = mine.take()
        if wait:
            assert wait <= 0.2 * (1 + MARGIN) + 0.001
            time.sleep(wait)
        else:
            asked.append(before)
            made.append(time.monotonic())
    assert all(later - sooner >= 0.19 for sooner, later in zip(asked, made[2:], strict=False))


def test_whoever_was_told_to_stay_away_stays_away_with_and_without_a_limit(valkey: str) -> None:
    for mine in (budget(valkey, (100, 1.0)), budget(valkey, None, "free")):
        assert mine.take() == 0.0
        mine.penalise(5.0)
        assert 4.0 < mine.take() <= 5.0


def test_a_clock_that_was_set_back_does_not_shut_it(valkey: str) -> None:
    mine = budget(valkey, (2, 60.0))
    hour = int((time.time() + 3600) * 1000)
    connect(valkey).rpush("sb:rate:x", hour, hour)
    assert mine.take() == 0.0


def test_nothing_of_it_goes_into_a_backup(store: Store, valkey: str) -> None:
    budget(valkey, (2, 60.0)).take()
    assert not any("sb:rate" in line for line in store.backup())


def test_bulk_work_keeps_to_its_share_and_live_work_may_have_all(valkey: str) -> None:
    client = connect(valkey)
    mine = Budget(client, Scripts(client), "x", (10, 60.0), bulk_share=0.7)
    assert [mine.take(bulk=True) for _ in range(7)] == [0.0] * 7
    assert 59.0 < mine.take(bulk=True) <= 60 * (1 + MARGIN), "also while nothing live is owed"
    assert [mine.take() for _ in range(3)] == [0.0] * 3
    assert mine.take() > 0

    other = Budget(client, Scripts(client), "y", (10, 60.0), bulk_share=0.7)
    assert [other.take() for _ in range(10)] == [0.0] * 10
    assert other.take(bulk=True) > 0


def test_one_call_in_a_window_is_left_to_bulk_work_however_small_its_share(valkey: str) -> None:
    client = connect(valkey)
    mine = Budget(client, Scripts(client), "x", (2, 60.0), bulk_share=0.01)
    assert [mine.take(bulk=True) > 0 for _ in range(2)] == [False, True]


def test_the_share_of_bulk_work_moves_with_the_window(valkey: str) -> None:
    client = connect(valkey)
    mine = Budget(client, Scripts(client), "x", (4, 0.2), bulk_share=0.5)
    made: list[float] = []
    while len(made) < 6:
        wait = mine.take(bulk=True)
        if wait:
            time.sleep(wait)
        else:
            made.append(time.monotonic())
    assert all(later - sooner >= 0.19 for sooner, later in zip(made, made[2:], strict=False))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    calls=st.integers(1, 12),
    percent=st.integers(1, 100),
    asked=st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40),
)
def test_of_each_window_bulk_gets_its_share_at_most_and_live_work_whatever_is_left(
    valkey: str, calls: int, percent: int, asked: list[tuple[bool, bool]]
) -> None:
    client = connect(valkey)
    client.flushall()
    mine = Budget(client, Scripts(client), "x", (calls, 300.0), bulk_share=percent / 100)
    most, made, bulk_made = max(1, calls * percent // 100), 0, 0
    for bulk, read in asked:
        allowed = mine.take(bulk=bulk, read=read) == 0.0
        assert allowed == (made < calls and (not bulk or bulk_made < most))
        made, bulk_made = made + allowed, bulk_made + (allowed and bulk)
