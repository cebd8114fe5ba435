"""The connection that every webhook goes over: nothing waits for longer than its time-out, and it mends itself."""

from __future__ import annotations

import threading
import time

import pytest
import redis

from bridge.store.connection import connect
from bridge.store.hot import HotScript

KEYS = ["queued", "inbox", "meta", "counters", "", "lane"]
ENTRY = [60, 1, 2, "delivery", "dlv_1"]


@pytest.fixture
def script(valkey: str) -> HotScript:
    client = redis.Redis.from_url(valkey, socket_timeout=0.3, socket_connect_timeout=0.3)
    client.set("queued", "1")
    return HotScript(client, "accept")


def test_a_script_that_the_server_has_forgotten_is_loaded_again(script: HotScript, valkey: str) -> None:
    assert script(KEYS, ENTRY) == 1
    client = connect(valkey)
    client.script_flush()
    assert script(KEYS, ENTRY) == 1
    assert client.xlen("inbox") == 2


def test_a_server_that_does_not_answer_is_given_up_at_the_time_out(script: HotScript, valkey: str) -> None:
    assert script(KEYS, ENTRY) == 1
    client = connect(valkey)
    client.client_pause(1000)
    started = time.monotonic()
    with pytest.raises((redis.ConnectionError, redis.TimeoutError)):
        script(KEYS, ENTRY)
    assert 0.2 < time.monotonic() - started < 0.9
    client.client_unpause()
    assert script(KEYS, ENTRY) == 1, "the next call has a connection of its own"


def test_a_connection_that_the_server_closed_while_nobody_used_it_is_opened_again(
    script: HotScript, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bridge.store.hot._FRESH", 0.0)
    assert script(KEYS, ENTRY) == 1
    client = connect(valkey)
    for other in client.client_list():
        if other["cmd"] == "evalsha":
            client.client_kill(other["addr"])
    assert script(KEYS, ENTRY) == 1


def test_each_thread_has_its_own_connection(script: HotScript, valkey: str) -> None:
    together = threading.Barrier(4)

    def call() -> None:
        together.wait(5)
        for _ in range(50):
            assert script(KEYS, ENTRY) == 1

    threads = [threading.Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert connect(valkey).xlen("inbox") == 200
