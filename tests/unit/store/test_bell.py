"""Bells: heard at once, and nothing depends on them."""

from __future__ import annotations

import select
import time
from datetime import UTC, datetime

from bridge.model.enums import Kind
from bridge.model.facts import ObjectKey
from bridge.store import Store
from bridge.store.bell import Bells
from bridge.store.connection import connect
from bridge.store.lanes import MIRROR, Lane
from bridge.store.outbox import LIVE
from bridge.store.state import Mark
from bridge.sync.outbox.vigil import Vigil

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MARK = Mark("public", ObjectKey(Kind.INCIDENT, "inc_1"), 1, LIVE)


def rings(ear: object) -> bool:
    return bool(select.select([ear], [], [], 1.0)[0])


def test_what_is_owed_is_heard_by_whoever_works_on_the_destination(store: Store) -> None:
    assert store.lanes.take(Lane(MIRROR, "public"))
    ear, other = store.lanes.bells.listen("public"), store.lanes.bells.listen("intranet")
    assert rings(ear), "the server confirms that it listens"
    assert rings(other)
    assert ear.hear()
    assert other.hear()
    store.outbox.mark([MARK], NOW)
    assert rings(ear)
    assert ear.hear()
    assert not select.select([ear, other], [], [], 0.05)[0]
    ear.close()
    other.close()


def test_a_server_that_forbids_channels_makes_nobody_fail(store: Store, valkey: str) -> None:
    admin = connect(valkey)
    admin.execute_command("ACL", "SETUSER", "silent", "on", ">x", "~*", "+@all", "resetchannels")
    try:
        client = connect(valkey)
        client.execute_command("AUTH", "silent", "x")
        Bells(client).ring(["public"])
        limited = connect(valkey)
        limited.connection_pool.connection_kwargs |= {"username": "silent", "password": "x"}
        ear = Bells(limited).listen("public")
        assert rings(ear)
        assert not ear.hear()
        ear.close()
    finally:
        admin.execute_command("ACL", "DELUSER", "silent")


def test_who_waits_is_woken_by_a_bell_by_work_that_ends_and_by_time(store: Store) -> None:
    vigil = Vigil(lambda: store.lanes.bells.listen("public"))
    vigil.wait(0.2)  # begins to listen
    vigil.wait(1.0)  # the confirmation
    for ring in (lambda: store.lanes.bells.ring(["public"]), vigil.end):
        ring()
        began = time.monotonic()
        vigil.wait(30.0)
        assert time.monotonic() - began < 10.0
    began = time.monotonic()
    vigil.wait(0.1)
    assert 0.05 < time.monotonic() - began < 10.0
    vigil.close()
    vigil.end()  # work may end a moment later


def test_a_vigil_whose_ear_went_deaf_still_hears_of_work(store: Store, valkey: str) -> None:
    vigil = Vigil(lambda: store.lanes.bells.listen("public"))
    vigil.wait(0.2)
    connect(valkey).client_kill_filter(_type="pubsub")
    vigil.wait(1.0)
    vigil.wait(0.2)
    vigil.end()
    began = time.monotonic()
    vigil.wait(30.0)
    assert time.monotonic() - began < 10.0
    vigil.close()
