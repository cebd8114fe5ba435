"""What is kept beside the state: it leads to what is asked for, and is made anew where there is none."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.config.settings import StoreSettings
from bridge.model.enums import Kind
from bridge.model.facts import Intent, Link, LinkState, ObjectKey
from bridge.model.pages import PageChanges, Remembered
from bridge.model.schemas import MODEL_VERSION
from bridge.secret import Secret
from bridge.store import Store
from bridge.store.connection import connect
from bridge.store.lanes import MIRROR, POLL, Lane

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ONE, TWO = ObjectKey(Kind.INCIDENT, "inc_1"), ObjectKey(Kind.INCIDENT, "inc_2")
API = ObjectKey(Kind.COMPONENT, "api")
WAITING = Link(intent=Intent("create", NOW))


def linked(remote_id: str) -> Link:
    return Link(LinkState.LINKED, remote_id, echo={"title": "Problems " * 40})


def keep(store: Store, **links: Link) -> None:
    lease = store.lanes.take(Lane(MIRROR, "public"))
    assert lease is not None
    keys = {"one": ONE, "two": TWO, "api": API}
    store.links.keep(lease, {keys[name]: link for name, link in links.items()})
    store.lanes.release(lease)


def remember(store: Store, **objects: Remembered) -> None:
    lease = store.lanes.take(Lane(POLL, "old"))
    assert lease is not None
    changes = PageChanges(remembered={f"incident:{name}": item for name, item in objects.items()})
    store.pages.commit(lease, changes, [], NOW, etags={}, next_at=NOW)
    store.lanes.release(lease)


def seen(identity: str, *, is_open: bool) -> Remembered:
    return Remembered(identity, "print", taken=True, open=is_open, revision=1)


def without_indexes(valkey: str) -> None:
    """State as version 2 left it."""
    client = connect(valkey)
    for pattern in ("sb:index:*", "sb:page:*:open"):
        for name in client.scan_iter(pattern):
            client.delete(name)
    client.set("sb:version", 2)


def opened(valkey: str) -> Store:
    return Store.open(StoreSettings(Path("unused"), Secret(valkey)))


def test_a_remote_id_leads_to_its_object_and_to_no_other(store: Store) -> None:
    keep(store, one=linked("7"), two=linked('8 "é'), api=linked("7"))
    assert store.links.owner("public", Kind.INCIDENT, "7") == ONE
    assert store.links.owner("public", Kind.COMPONENT, "7") == API
    assert store.links.owner("public", Kind.MAINTENANCE, "7") is None
    assert store.links.owner("intranet", Kind.INCIDENT, "7") is None
    found = store.links.owners("public", Kind.INCIDENT, ["7", '8 "é', "9"])
    assert {key: link.remote_id for key, link in found.items()} == {ONE: "7", TWO: '8 "é'}
    assert store.links.owners("public", Kind.INCIDENT, []) == {}


def test_what_was_made_again_is_not_found_by_its_former_remote_id(store: Store) -> None:
    keep(store, one=linked("7"))
    keep(store, one=linked("12"))
    assert store.links.owner("public", Kind.INCIDENT, "7") is None
    assert store.links.owner("public", Kind.INCIDENT, "12") == ONE


@pytest.mark.parametrize("settled", [linked("7"), Link(LinkState.DEAD, error="no")])
def test_it_is_known_whether_anything_is_being_created(store: Store, settled: Link) -> None:
    assert not store.links.is_creating("public")
    keep(store, one=WAITING, two=linked("8"))
    assert store.links.is_creating("public")
    keep(store, one=settled)
    assert not store.links.is_creating("public")


def test_a_dead_letter_that_is_given_up_is_not_being_created(store: Store) -> None:
    keep(store, one=WAITING)
    store.links.settle_dead("public", ONE, WAITING)
    assert store.links.is_creating("public"), "nobody knows more about it than before"
    store.links.settle_dead("public", ONE, Link(LinkState.GONE))
    assert not store.links.is_creating("public")


def test_a_page_is_remembered_by_what_goes_on_and_by_what_is_asked_for(store: Store) -> None:
    remember(store, a=seen("inc_1", is_open=True), b=seen("inc_2", is_open=False), c=seen("inc_3", is_open=False))
    memory = store.pages.memory("old")
    assert set(memory.objects) == {"incident:a"}
    recalled = store.pages.recalled("old", memory, ["incident:a", "incident:b", "incident:unknown"])
    assert set(recalled.objects) == {"incident:a", "incident:b"}
    assert asdict(recalled.objects["incident:b"]) == asdict(seen("inc_2", is_open=False))
    remember(store, a=seen("inc_1", is_open=False))
    assert store.pages.memory("old").objects == {}


def test_state_of_the_second_version_gets_its_indexes(store: Store, valkey: str) -> None:
    remember(store, a=seen("inc_1", is_open=True), b=seen("inc_2", is_open=False))
    keep(store, one=linked("7"), two=WAITING)
    without_indexes(valkey)
    again = opened(valkey)
    assert int(connect(valkey).get("sb:version") or 0) == MODEL_VERSION
    assert again.links.owner("public", Kind.INCIDENT, "7") == ONE
    assert again.links.is_creating("public")
    assert set(again.pages.memory("old").objects) == {"incident:a"}


def test_packed_links_are_indexed_too(store: Store, valkey: str) -> None:
    keep(store, one=linked("7"))
    client = connect(valkey)
    client.zadd("sb:settled", {str(ONE): 0})
    assert store.archive.pack(["public"], NOW + timedelta(days=1)) == 1
    without_indexes(valkey)
    assert opened(valkey).links.owner("public", Kind.INCIDENT, "7") == ONE


def test_a_restored_backup_has_its_indexes(store: Store, valkey: str) -> None:
    remember(store, a=seen("inc_1", is_open=True))
    keep(store, one=linked("7"), two=WAITING)
    lines = list(store.backup())
    assert not any("sb:index:" in line for line in lines)
    connect(valkey).flushdb()
    store.restore(lines)
    assert store.links.owner("public", Kind.INCIDENT, "7") == ONE
    assert store.links.is_creating("public")
    assert set(store.pages.memory("old").objects) == {"incident:a"}
