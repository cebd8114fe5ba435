"""One time for all hosts."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from bridge.store import Store
from bridge.store.clock import StoreClock
from bridge.store.connection import connect


def test_it_tells_the_server_s_time_whatever_the_machine_says(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    real = datetime.now(UTC)
    wrong = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: wrong)
    assert abs(store.clock.now() - real) < timedelta(seconds=5)


def test_it_counts_on_between_two_questions(store: Store) -> None:
    first = store.clock.now()
    time.sleep(0.02)
    assert timedelta(milliseconds=15) < store.clock.now() - first < timedelta(seconds=2)


def test_without_a_server_it_is_the_machine_s_own_time() -> None:
    clock = StoreClock(connect("redis://127.0.0.1:1/0"))
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
