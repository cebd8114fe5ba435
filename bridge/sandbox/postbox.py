"""Outbound webhooks on their way: a bound queue, one thread, attempts and their delays on the sandbox's clock."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bridge.clock import Clock, SystemClock
from bridge.sandbox.sender import Unsent, is_here, send

QUEUE_LIMIT = 1000
ATTEMPTS_KEPT = 1000
_POLL_SECONDS = 0.05
"""How often the clock is looked at while only later attempts wait; a clock that is set by hand wakes nobody."""


@dataclass(frozen=True)
class Posting:
    """One message to one listener.

    Args:
        provider: whose sandbox sends it.
        event: what it is about, for the log.
        url: address of the listener.
        body: the exact bytes, the same on each attempt.
        headers: of the request.
        timeout: seconds.
        delays: seconds before the second attempt, the third …; their number says how many follow the first.
        give_up: called after the last attempt has failed.
    """

    provider: str
    event: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    timeout: float
    delays: tuple[float, ...] = ()
    give_up: Callable[[], None] | None = None


@dataclass(frozen=True)
class Attempt:
    """One attempt to deliver.

    Attributes:
        number: 1 for the first attempt of a posting.
        status: of the answer; None when there was none.
        problem: why there was no answer, or why nothing was sent.
    """

    at: datetime
    provider: str
    event: str
    url: str
    number: int
    status: int | None
    problem: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The attempt with its time as text."""
        return {**asdict(self), "at": self.at.isoformat()}


@dataclass(order=True)
class _Waiting:
    due: datetime
    order: int
    number: int = field(compare=False)
    posting: Posting = field(compare=False)


class Postbox:
    """Delivers postings in the background.

    The thread lives only while something waits. A posting that finds the queue full is dropped, and logged.

    Args:
        clock: the sandbox's clock, on which attempts fall due.

    Attributes:
        anywhere: whether other machines than this one may be called.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self.anywhere = False
        self._clock: Clock = clock or SystemClock()
        self._changed = threading.Condition()
        self._queue: list[_Waiting] = []
        self._orders = itertools.count()
        self._attempts: deque[Attempt] = deque(maxlen=ATTEMPTS_KEPT)
        self._thread: threading.Thread | None = None
        self._busy = False
        self._age = 0

    def post(self, posting: Posting) -> None:
        """Queue a message; returns at once."""
        problem = None if self.anywhere or is_here(posting.url) else "not sent: the address is not on this machine"
        with self._changed:
            if problem is None and len(self._queue) >= QUEUE_LIMIT:
                problem = f"not sent: {QUEUE_LIMIT} messages are waiting already"
            if problem is not None:
                self._log(posting, 1, None, problem)
                return
            self._push(posting, 1, 0.0)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="sandbox-postbox", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def attempts(self, provider: str | None = None) -> list[Attempt]:
        """The newest attempts in order, of one provider or of all."""
        with self._changed:
            return [attempt for attempt in self._attempts if provider in (None, attempt.provider)]

    def settle(self, timeout: float = 5.0) -> bool:
        """Wait until nothing is on its way and nothing is due now; False when the time was not enough."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy and not self._is_due(), timeout)

    def clear(self) -> None:
        """Forget what waits and what was sent; an attempt that is on its way has no consequences."""
        with self._changed:
            self._age += 1
            self._queue.clear()
            self._attempts.clear()
            self._changed.notify_all()

    def close(self) -> None:
        """Drop what waits and let the thread end; a later posting starts a new one."""
        with self._changed:
            self._age += 1
            self._queue.clear()
            thread = self._thread
            self._changed.notify_all()
        if thread is not None:
            thread.join(timeout=1)

    def _push(self, posting: Posting, number: int, delay: float) -> None:
        due = self._clock.now() + timedelta(seconds=delay)
        heapq.heappush(self._queue, _Waiting(due, next(self._orders), number, posting))

    def _is_due(self) -> bool:
        return bool(self._queue) and self._queue[0].due <= self._clock.now()

    def _log(self, posting: Posting, number: int, status: int | None, problem: str | None) -> None:
        at = self._clock.now()
        self._attempts.append(Attempt(at, posting.provider, posting.event, posting.url, number, status, problem))

    def _work(self) -> None:
        try:
            while (taken := self._take()) is not None:
                self._deliver(*taken)
        finally:  # also after a failure of ``give_up``: the next posting must find that there is no thread
            with self._changed:
                if self._thread is threading.current_thread():
                    self._thread, self._busy = None, False
                    self._changed.notify_all()

    def _deliver(self, waiting: _Waiting, age: int) -> None:
        posting = waiting.posting
        status, problem = _attempt(posting)
        ok = status is not None and 200 <= status < 300
        with self._changed:
            current = age == self._age
            if current:
                self._log(posting, waiting.number, status, problem)
            again = current and not ok and waiting.number <= len(posting.delays)
            if again:
                self._push(posting, waiting.number + 1, posting.delays[waiting.number - 1])
        if current and not ok and not again and posting.give_up is not None:
            posting.give_up()
        with self._changed:
            self._busy = False
            self._changed.notify_all()

    def _take(self) -> tuple[_Waiting, int] | None:
        """The next message that is due; None when nothing waits any more, which ends the thread."""
        with self._changed:
            while self._queue:
                if self._is_due():
                    self._busy = True
                    return heapq.heappop(self._queue), self._age
                self._changed.wait(_POLL_SECONDS)
            self._thread = None
            return None


def _attempt(posting: Posting) -> tuple[int | None, str | None]:
    try:
        return send(posting.url, posting.body, posting.headers, posting.timeout), None
    except Unsent as error:
        return None, str(error)
