"""Slots for calls: how many may be under way to one destination at once, and who gets the next one."""

from __future__ import annotations

import itertools
import sys
import threading
from collections.abc import Hashable
from types import TracebackType

_Ticket = tuple[int, int]


class MadeWay(Exception):
    """No call was made: something more urgent waits for what it would have changed."""


class Slots:
    """So many calls at once; whoever is more urgent gets the next free slot, among equals whoever came first.

    Used as a context around one call, by threads that said before for whom they call (:meth:`sit_down`). Entering
    raises :class:`MadeWay` when whoever waits is asked to make way.

    Args:
        count: calls at once.
        least: the rank from which on slots are not given while somebody more urgent is expected (bulk work).
    """

    def __init__(self, count: int, least: int = sys.maxsize) -> None:
        self._count = self._free = count
        self._least = least
        self._changed = threading.Condition()
        self._waiting: dict[_Ticket, Hashable] = {}
        self._tickets = itertools.count()
        self._local = threading.local()
        self._expected: set[Hashable] = set()
        self._making_way: set[Hashable] = set()

    def sit_down(self, who: Hashable, rank: int) -> None:
        """Say for whom this thread calls from now on, and how urgent that is; 0 is most urgent."""
        self._local.who, self._local.rank = who, rank

    def get_up(self) -> None:
        """Whoever this thread called for needs no slot any more."""
        with self._changed:
            self._expected.discard(self._local.who)
            self._making_way.discard(self._local.who)
            self._changed.notify_all()

    def expect(self, who: Hashable) -> None:
        """Keep a slot free of bulk work for somebody who is about to call."""
        with self._changed:
            self._expected.add(who)

    def make_way(self, who: Hashable) -> None:
        """Ask somebody to stop after the call that is under way: something more urgent waits for it."""
        with self._changed:
            self._making_way.add(who)
            self._changed.notify_all()

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
            self._expected.discard(who)
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
        return rank < self._least or self._free > min(len(self._expected), self._count)
