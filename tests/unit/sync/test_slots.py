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
        slots.seat(who, rank)
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
    slots.expect(["live"])
    bulk = Caller(slots, "bulk", BULK, order)
    time.sleep(0.1)
    assert order == []
    live = Caller(slots, "live", 0, order)
    soon(["live"], order)
    live.finish()
    soon(["live", "bulk"], order)
    bulk.finish()


def test_where_there_is_more_than_one_bulk_never_has_the_last() -> None:
    slots, order = Slots(2, least=BULK), list[str]()
    first = Caller(slots, "first", BULK, order)
    soon(["first"], order)
    second = Caller(slots, "second", BULK, order)
    time.sleep(0.1)
    assert order == ["first"]
    live = Caller(slots, "live", 0, order)
    soon(["first", "live"], order)
    for caller in (first, live, second):
        caller.finish()
    assert order == ["first", "live", "second"]


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

    slots.expect(["live"])
    slots.seat("in the way", BULK)
    waiting = threading.Thread(target=bulk, daemon=True)
    waiting.start()
    slots.make_way("in the way", "live")
    assert made_way.wait(2)
    assert not slots.is_to_make_way("in the way"), "it is asked once"
    Caller(slots, "live", 0, order).finish()
    assert order == ["live"]
    waiting.join(2)


def test_whoever_others_make_way_for_waits_until_the_last_of_them_is_out_of_the_way() -> None:
    slots, order, clear = Slots(3, least=BULK), list[str](), threading.Event()
    bulk = [Caller(slots, who, BULK, order) for who in ("a", "b")]
    for who in ("a", "b"):
        slots.make_way(who, "live")

    def live() -> None:
        slots.await_clear("live")
        clear.set()

    threading.Thread(target=live, daemon=True).start()
    bulk[0].finish()
    assert not clear.wait(0.1)
    bulk[1].finish()
    assert clear.wait(2)


def test_nobody_waits_for_whom_is_through_already() -> None:
    """A thread may have ended a moment before its work is asked to make way."""
    slots, order = Slots(2, least=BULK), list[str]()
    Caller(slots, "bulk", BULK, order).finish()
    slots.make_way("bulk", "live")
    slots.await_clear("live")
    assert not slots.is_to_make_way("bulk"), "it would make way for nobody when it is worked on again"


def test_somebody_who_was_expected_and_needs_no_call_keeps_nobody_waiting() -> None:
    slots, order = Slots(1, least=BULK), list[str]()
    slots.expect(["live"])
    bulk = Caller(slots, "bulk", BULK, order)
    slots.seat("live", 0)
    slots.sit_down("live", 0)
    slots.get_up()
    soon(["bulk"], order)
    bulk.finish()


def test_once_nobody_is_expected_any_more_bulk_goes_on() -> None:
    """A slice that begins nothing more must still come to its end."""
    slots, order = Slots(1, least=BULK), list[str]()
    slots.expect(["live"])
    bulk = Caller(slots, "bulk", BULK, order)
    time.sleep(0.05)
    assert order == []
    slots.expect(())
    soon(["bulk"], order)
    bulk.finish()


def test_a_thread_knows_whether_it_calls_for_bulk_work() -> None:
    slots = Slots(1, least=BULK)
    assert not slots.is_bulk(), "what belongs to no object is live"
    slots.sit_down("bulk", BULK)
    assert slots.is_bulk()
    slots.get_up()
    assert not slots.is_bulk()
