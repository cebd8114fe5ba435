"""Backups: the same state comes out of another server, also when it was written while everything went on."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.config.settings import StoreSettings
from bridge.errors import StoreError
from bridge.model.enums import (
    ComponentStatus,
    IncidentStatus,
    Kind,
    Publication,
    Severity,
    Visibility,
)
from bridge.model.events import Delivery, Parsed
from bridge.model.facts import Link, LinkState, ObjectKey
from bridge.model.objects import Incident, IncidentUpdate, Text
from bridge.model.schemas import MODEL_VERSION
from bridge.model.state import Changes
from bridge.secret import Secret
from bridge.store import Store
from bridge.store.connection import connect
from bridge.store.lanes import INGEST, MIRROR, Lane
from bridge.store.state import Mark, Progress
from tests.unit.store.servers import ValkeyProcess, server

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def incident(number: int, status: IncidentStatus = IncidentStatus.INVESTIGATING, revision: int = 1) -> Incident:
    update = IncidentUpdate(f"upd_{number}", Text("We are looking into it."), NOW, status)
    return Incident(
        id=f"inc_{number}",
        title="Problems",
        status=status,
        impact=Severity.MAJOR,
        components={"api": ComponentStatus.MAJOR_OUTAGE},
        updates=(update,),
        started_at=NOW,
        visibility=Visibility.PUBLIC,
        publication=Publication.PUBLISHED,
        notify=True,
        revision=revision,
    )


def key(number: int) -> ObjectKey:
    return ObjectKey(Kind.INCIDENT, f"inc_{number}")


def commit(store: Store, *incidents: Incident, destination: str = "public") -> None:
    marks = [Mark(destination, ObjectKey(Kind.INCIDENT, item.id), item.revision, 0) for item in incidents]
    store.state.commit(store.state.snapshot(()), Changes(incidents=incidents), marks, NOW)


def delivery(number: int) -> Delivery:
    return Delivery(
        f"dlv_{number}", "prom", NOW, b"\xff\x00 not text", "application/octet-stream", sender_id=f"s{number}"
    )


@pytest.fixture
def other(tmp_path: Path) -> Iterator[ValkeyProcess]:
    with server(tmp_path / "other") as process:
        yield process


def opened(process: ValkeyProcess) -> Store:
    return Store.open(StoreSettings(Path("unused"), Secret(process.url)))


def contents(url: str) -> dict[bytes, object]:
    client = connect(url)
    read = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"set": client.smembers,
        b"list": lambda k: client.lrange(k, 0, -1),
    }
    read |= {b"zset": lambda k: client.zrange(k, 0, -1, withscores=True), b"stream": client.xrange}
    names = [name for name in client.scan_iter("sb:*") if not name.startswith((b"sb:rate", b"sb:probe"))]
    found = {name: read[client.type(name)](name) for name in names if not name.endswith(b":queued")}  # type: ignore[index]
    return {name: value for name, value in found.items() if value and not name.startswith(b"sb:lane:")}


def test_all_of_it_is_in_another_server_afterwards(store: Store, valkey: str, other: ValkeyProcess) -> None:
    for number in range(30):
        store.accept(delivery(number), Parsed(()))
    commit(store, *(incident(number) for number in range(700)))
    commit(store, incident(700, IncidentStatus.RESOLVED))
    lease = store.lanes.take(Lane(MIRROR, "public"))
    assert lease is not None
    store.links.done(lease, key(1), 0, 1, {key(1): Link(LinkState.LINKED, "9001", losses=())})
    store.links.keep(lease, {key(number): Link(LinkState.LINKED, str(number)) for number in range(2, 600)})
    store.archive.pack(["public"], NOW + timedelta(hours=1))
    store.edits.put("public", "upd_1", "other words")
    lines = list(store.backup())
    restored = opened(other)
    assert restored.restore(lines) > 10
    assert contents(other.url) == contents(valkey)
    assert not restored.lanes.state(Lane(MIRROR, "public")).leased
    assert restored.links.get("public", key(1)).remote_id == "9001"
    assert restored.accept(delivery(3), Parsed(())).duplicate, "what was seen stays seen"


def test_a_store_that_is_not_empty_is_left_alone(store: Store, other: ValkeyProcess) -> None:
    lines = list(store.backup())
    commit(opened(other), incident(1))
    with pytest.raises(StoreError, match="holds state already"):
        opened(other).restore(lines)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"format": "statusbridge-backup", "version": 99}', "newer statusbridge"),
        ('{"format": "something", "version": 1}', "not a backup"),
        ("", "not a backup"),
    ],
)
def test_what_is_no_backup_of_ours_is_refused(store: Store, line: str, why: str) -> None:
    with pytest.raises(StoreError, match=why):
        store.restore([line])


def test_a_line_that_cannot_be_read_is_named(store: Store, other: ValkeyProcess) -> None:
    lines = list(store.backup())
    with pytest.raises(StoreError, match="line 3"):
        opened(other).restore([lines[0], lines[1], "{]"])


def test_a_delivery_is_seen_on_a_server_whose_clock_is_behind(store: Store, valkey: str, other: ValkeyProcess) -> None:
    """Positions in an inbox are times: what comes in later must not stand before what was applied."""
    ahead = int((datetime.now(UTC) + timedelta(hours=3)).timestamp() * 1000)
    connect(valkey).xadd("sb:inbox:prom", {"delivery": "dlv_0", "at": 1, "events": "[]"}, id=f"{ahead}-0")
    store.state.commit(store.state.snapshot(()), Changes(), (), NOW, progress=Progress("prom", "0-0", f"{ahead}-0", 1))
    for trimmed in (False, True):
        if trimmed:
            connect(valkey).xtrim("sb:inbox:prom", maxlen=0)
        connect(other.url).flushall()
        restored = opened(other)
        restored.restore(list(store.backup()))
        assert not restored.inbox.is_behind("prom")
        restored.accept(delivery(1), Parsed(()))
        assert restored.inbox.is_behind("prom")


def test_while_everything_runs_nothing_is_in_it_by_halves(store: Store, valkey: str, other: ValkeyProcess) -> None:
    """Incidents open, are written on a page and close all the time; in the backup they fit together."""
    commit(store, *(incident(number, IncidentStatus.RESOLVED) for number in range(1000, 4000)))
    stop = threading.Event()
    before = [store.accept(delivery(number), Parsed(())).delivery for number in range(20)]

    def live(own: Store) -> None:
        number = 0
        while not stop.is_set():
            number += 1
            own.accept(delivery(1000 + number), Parsed(()))
            commit(own, incident(number))
            lease = own.lanes.take(Lane(MIRROR, "public"))
            assert lease is not None
            own.links.done(lease, key(number), 0, 1, {key(number): Link(LinkState.LINKED, f"r{number}", revision=1)})
            own.lanes.release(lease)
            commit(own, replace(incident(number, IncidentStatus.RESOLVED, 2)))

    own = Store(connect(valkey), valkey)
    worker = threading.Thread(target=live, args=(own,))
    worker.start()
    try:
        backups = [list(store.backup()) for _ in range(3)]
    finally:
        stop.set()
        worker.join()
    for lines in backups:
        connect(other.url).flushall()
        restored = opened(other)
        restored.restore(lines)
        kept = {entry.delivery for entry in restored.inbox.read("prom", "0-0", 100_000)}
        assert set(before) <= kept
        owed = {debt.key for debt in restored.outbox.all("public")}
        links = restored.links.all("public")
        for name in connect(other.url).hkeys("sb:incidents"):
            found = restored.incident(name.decode())
            assert found is not None
            if found.id < "inc_1000" or len(found.id) < 8:
                is_open = bool(connect(other.url).sismember("sb:open", name))
                assert is_open == found.is_open, "what is open by the list is open by itself"
            this = ObjectKey(Kind.INCIDENT, found.id)
            assert this in owed or this in links, "what may have been written on the page is known, or looked for"


def test_the_first_line_tells_format_and_version(store: Store) -> None:
    assert json.loads(next(store.backup())) == {"format": "statusbridge-backup", "version": MODEL_VERSION}


def test_what_waits_for_ingest_wakes_its_lane_again(store: Store, other: ValkeyProcess) -> None:
    store.accept(delivery(1), Parsed(()))
    restored = opened(other)
    restored.restore(list(store.backup()))
    assert restored.lanes.wake(Lane(INGEST, "prom")), "no wake-up of the old server stands in the way"
