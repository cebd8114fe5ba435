"""Slots for calls: how many may be under way to one destination at once, and who gets the next one."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Hashable, Iterable
from types import TracebackType

_Ticket = tuple[int, int]


class MadeWay(Exception):
    """No call was made: something more urgent waits for what it would have changed."""


class Slots:
    """So many calls at once; whoever is more urgent gets the next free slot, among equals whoever came first.

    Whoever is worked on has a seat (:meth:`seat`) from before its thread begins until that thread is through with it.
    Used as a context around one call, by threads that said before for whom they call (:meth:`sit_down`). Entering
    raises :class:`MadeWay` when whoever waits is asked to make way.

    Bulk work leaves a slot free for something live that may come at any moment, where there is more than one, and one
    for everything live that is about to make its first call.

    Args:
        count: calls at once.
        least: the rank from which on work is bulk work.
    """

    def __init__(self, count: int, least: int = sys.maxsize) -> None:
        self._count = self._free = count
        self._kept = min(1, count - 1)
        self._least = least
        self._changed = threading.Condition()
        self._waiting: dict[_Ticket, Hashable] = {}
        self._tickets = itertools.count()
        self._local = threading.local()
        self._seated: set[Hashable] = set()
        self._expected: frozenset[Hashable] = frozenset()
        self._coming: set[Hashable] = set()
        self._making_way: set[Hashable] = set()
        self._ahead: dict[Hashable, set[Hashable]] = {}

    def seat(self, who: Hashable, rank: int) -> None:
        """Somebody is about to be worked on; 0 is the most urgent rank."""
        with self._changed:
            self._seated.add(who)
            if rank < self._least:
                self._coming.add(who)

    def sit_down(self, who: Hashable, rank: int) -> None:
        """Say for whom this thread calls from now on, and how urgent that is."""
        self._local.who, self._local.rank = who, rank

    def get_up(self) -> None:
        """Whoever this thread called for needs no slot any more."""
        who, self._local.who, self._local.rank = self._local.who, None, 0
        with self._changed:
            self._seated.discard(who)
            self._coming.discard(who)
            self._expected -= {who}
            self._making_way.discard(who)
            self._ahead.pop(who, None)
            for others in self._ahead.values():
                others.discard(who)
            self._changed.notify_all()

    def is_bulk(self) -> bool:
        """Whether this thread calls for bulk work."""
        return getattr(self._local, "rank", 0) >= self._least

    def expect(self, whom: Iterable[Hashable]) -> None:
        """Keep slots free of bulk work for whoever is about to sit down; replaces those who were expected before."""
        with self._changed:
            self._expected = frozenset(whom)
            self._changed.notify_all()

    def make_way(self, who: Hashable, for_whom: Hashable = None) -> None:
        """Ask somebody to stop after the call that is under way: something more urgent waits for it.

        Args:
            who: is not in the way any more once it got up.
            for_whom: see :meth:`await_clear`; None when nobody in particular waits.
        """
        with self._changed:
            if who not in self._seated:
                return
            self._making_way.add(who)
            if for_whom is not None:
                self._ahead.setdefault(for_whom, set()).add(who)
            self._changed.notify_all()

    def await_clear(self, who: Hashable) -> None:
        """Wait until nobody is in somebody's way any more who was asked to make way for it."""
        with self._changed:
            self._changed.wait_for(lambda: not self._ahead.get(who))

    def is_to_make_way(self, who: Hashable) -> bool:
        """Whether somebody was asked to make way."""
        return who in self._making_way

    def __enter__(self) -> None:
        ticket = (getattr(self._local, "rank", 0), next(self._tickets))
        with self._changed:
            self._waiting[ticket] = who = getattr(self._local, "who", None)
            self._changed.wait_for(lambda: who in self._making_way or (self._free > 0 and self._next() == ticket))
            del self._waiting[ticket]
            if who in self._making_way:
                self._changed.notify_all()
                raise MadeWay
            self._free -= 1
            self._coming.discard(who)
            self._expected -= {who}
            self._changed.notify_all()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify_all()

    def _next(self) -> _Ticket | None:
        return min((ticket for ticket in self._waiting if self._may_go(ticket[0])), default=None)

    def _may_go(self, rank: int) -> bool:
        """Bulk work leaves slots to whom is expected."""
        awaited = len(self._expected | self._coming)
        return rank < self._least or self._free > min(max(awaited, self._kept), self._count)
