"""Slots for calls: never more than so many at once, the urgent first, nobody waits for ever."""

from __future__ import annotations

import threading
import time

from bridge.sync.outbox.slots import MadeWay, Slots

BULK = 3


class Caller:
    """A thread that calls once."""

    def __init__(self, slots: Slots, who: str, rank: int, order: list[str]) -> None:
        self.go = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(slots, who, rank, order), daemon=True)
        self.thread.start()

    def _run(self, slots: Slots, who: str, rank: int, order: list[str]) -> None:
        slots.sit_down(who, rank)
        with slots:
            order.append(who)
            self.go.wait(5)
        slots.get_up()

    def finish(self) -> None:
        self.go.set()
        self.thread.join(5)
        assert not self.thread.is_alive()


def soon(what: list[str], order: list[str]) -> None:
    deadline = time.monotonic() + 2
    while order != what and time.monotonic() < deadline:
        time.sleep(0.005)
    assert order == what


def test_so_many_call_at_once_and_the_urgent_one_is_next() -> None:
    slots, order = Slots(2), list[str]()
    first, second = Caller(slots, "a", 1, order), Caller(slots, "b", 1, order)
    while len(order) < 2:
        time.sleep(0.005)
    waiting = [Caller(slots, "c", 1, order), Caller(slots, "d", 0, order)]
    time.sleep(0.1)
    assert len(order) == 2
    first.finish()
    while len(order) < 3:
        time.sleep(0.005)
    assert order[2] == "d"
    for caller in (second, *waiting):
        caller.finish()


def test_bulk_leaves_a_slot_to_whom_is_expected() -> None:
    slots, order = Slots(1, least=BULK), list[str]()
    slots.expect("live")
    bulk = Caller(slots, "bulk", BULK, order)
    time.sleep(0.1)
    assert order == []
    live = Caller(slots, "live", 0, order)
    soon(["live"], order)
    live.finish()
    soon(["live", "bulk"], order)
    bulk.finish()


def test_bulk_that_waits_where_somebody_urgent_must_pass_makes_way_without_a_call() -> None:
    """Otherwise both would wait for each other."""
    slots, order, made_way = Slots(1, least=BULK), list[str](), threading.Event()

    def bulk() -> None:
        slots.sit_down("in the way", BULK)
        try:
            with slots:
                order.append("in the way")
        except MadeWay:
            assert slots.is_to_make_way("in the way")
            slots.get_up()
            made_way.set()

    slots.expect("live")
    waiting = threading.Thread(target=bulk, daemon=True)
    waiting.start()
    slots.make_way("in the way")
    assert made_way.wait(2)
    assert not slots.is_to_make_way("in the way"), "it is asked once"
    Caller(slots, "live", 0, order).finish()
    assert order == ["live"]
    waiting.join(2)


def test_somebody_who_was_expected_and_needs_no_call_keeps_nobody_waiting() -> None:
    slots, order = Slots(1, least=BULK), list[str]()
    slots.expect("live")
    bulk = Caller(slots, "bulk", BULK, order)
    slots.sit_down("live", 0)
    slots.get_up()
    soon(["bulk"], order)
    bulk.finish()
