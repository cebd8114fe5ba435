from __future__ import annotations

from collections import Counter

from bridge.errors import StoreDown
from bridge.web.refusals import FLUSH_AGAIN, FLUSH_EVERY, Refusals


class CountingStore:
    """What of the store is used here; tells how often it was written to."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.writes = 0
        self.away = False

    def count(self, name: str, by: int = 1) -> None:
        if self.away:
            raise StoreDown("away")
        self.writes += 1
        self.counts[name] += by


def test_a_stranger_who_tries_all_day_costs_one_write_a_second() -> None:
    store, now = CountingStore(), [0.0]
    refusals = Refusals(store, lambda: now[0])  # type: ignore[arg-type]
    for _ in range(100):
        refusals.add("prometheus", 401)
    assert (store.writes, store.counts["deliveries.refused|prometheus|401"]) == (1, 1)
    now[0] += FLUSH_EVERY
    refusals.add("prometheus", 401)
    assert (store.writes, store.counts["deliveries.refused|prometheus|401"]) == (2, 101)


def test_nothing_is_forgotten_while_the_store_is_away() -> None:
    store = CountingStore()
    refusals = Refusals(store, lambda: 0.0)  # type: ignore[arg-type]
    store.away = True
    for status in (400, 401, 413, 401):
        refusals.add("a", status)
    refusals.flush()
    store.away = False
    refusals.flush()
    refusals.flush()
    assert store.counts == {"deliveries.refused|a|400": 1, "deliveries.refused|a|401": 2, "deliveries.refused|a|413": 1}


class HangingStore(CountingStore):
    """One that refuses somebody else while it is asked, and counts how often it is."""

    asked = 0
    refusals: Refusals | None = None

    def count(self, name: str, by: int = 1) -> None:
        self.asked += 1
        if self.refusals is not None:
            self.refusals.add("other", 401)
        super().count(name, by)


def test_a_store_that_hangs_holds_up_one_caller_and_then_nobody_for_a_while() -> None:
    store, now = HangingStore(), [0.0]
    store.refusals = refusals = Refusals(store, lambda: now[0])  # type: ignore[arg-type]
    store.away = True
    for _ in range(3):
        refusals.add("a", 401)
    now[0] += FLUSH_EVERY
    refusals.add("a", 401)
    assert store.asked == 1
    store.away, store.refusals = False, None
    now[0] += FLUSH_AGAIN
    refusals.add("a", 401)
    assert store.counts == {"deliveries.refused|a|401": 5, "deliveries.refused|other|401": 1}
