"""What is over is packed where it is, and read as before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bridge.model.enums import IncidentStatus, Kind
from bridge.model.facts import Call, Link, LinkState
from bridge.model.state import Changes, Decision, Why
from bridge.store import Store
from bridge.store.archive import MOST_RECENT
from bridge.store.connection import connect, script_source
from bridge.store.lanes import MIRROR, Lane
from bridge.store.packed import is_packed, pack, pack_rows, unpack, unpack_rows
from tests.unit.store.test_backup import NOW, commit, incident, key

LATER = NOW + timedelta(hours=1)
LONG = Link(LinkState.LINKED, "9", echo={"message": "We are looking into it. " * 20})


def story(store: Store, number: int, count: int) -> None:
    subject = f"inc_{number}"
    decisions = tuple(Decision(NOW, subject, Why.OPENED, f"Reason {each}.", incident=subject) for each in range(count))
    store.state.commit(store.state.snapshot(()), Changes(decisions=decisions), (), NOW)


def test_an_incident_that_is_over_is_smaller_afterwards_and_reads_the_same(store: Store, valkey: str) -> None:
    over = incident(1, IncidentStatus.RESOLVED)
    commit(store, over, incident(2))
    story(store, 1, 30)
    lease = store.lanes.take(Lane(MIRROR, "public"))
    assert lease is not None
    store.links.keep(lease, {key(1): LONG, key(2): replace(LONG, remote_id="10")})
    links, told = store.links.all("public"), store.story.entries("inc_1")
    client = connect(valkey)
    before = [client.memory_usage("sb:story:inc_1"), len(client.hget("sb:links:public", str(key(1))) or b"")]
    assert store.archive.pack(["public"], NOW) == 1, "over since now counts as over"
    after = [client.memory_usage("sb:story:inc_1"), len(client.hget("sb:links:public", str(key(1))) or b"")]
    assert all(small * 2 < big for small, big in zip(after, before, strict=True))
    assert is_packed(client.hget("sb:incidents", "inc_1") or b"")
    assert not is_packed(client.hget("sb:incidents", "inc_2") or b"")
    assert store.incident("inc_1") == over
    assert store.links.all("public") == links
    assert store.links.get("public", key(1)) == LONG
    assert store.links.owner("public", Kind.INCIDENT, "9") == key(1)
    assert set(store.links.owners("public", Kind.INCIDENT, ["9", "10"])) == {key(1), key(2)}
    assert store.story.entries("inc_1") == told
    assert len(store.decisions("inc_1")) == 30
    assert store.archive.pack(["public"], LATER) == 0


def test_a_story_goes_on_behind_its_packed_part_and_is_packed_again(store: Store) -> None:
    commit(store, incident(1, IncidentStatus.RESOLVED))
    story(store, 1, 5)
    store.archive.pack([], LATER)
    store.story.add_calls("public", key(1), [Call(NOW, "POST", "/incidents", 200, 3.0)])
    assert [*("decision" in entry for entry in store.story.entries("inc_1"))] == [True] * 5 + [False]
    commit(store, incident(1, IncidentStatus.RESOLVED, 2))
    assert store.archive.pack([], LATER) == 1
    assert len(store.story.entries("inc_1")) == 6


def test_an_incident_that_opens_again_is_not_packed(store: Store, valkey: str) -> None:
    commit(store, incident(1, IncidentStatus.RESOLVED))
    commit(store, incident(1, revision=2))
    assert store.archive.pack([], LATER) == 0
    assert not is_packed(connect(valkey).hget("sb:incidents", "inc_1") or b"")


def test_what_was_over_last_is_known_newest_first_until_it_opens_again(store: Store) -> None:
    ended = {number: NOW - timedelta(minutes=number) for number in range(30)}
    over = [replace(incident(number, IncidentStatus.RESOLVED), resolved_at=at) for number, at in ended.items()]
    commit(store, *over, incident(99))
    assert store.archive.recent() == {key(number): ended[number] for number in range(MOST_RECENT)}
    assert list(store.archive.recent()) == [key(number) for number in range(MOST_RECENT)]
    commit(store, incident(1, revision=2))
    assert key(1) not in store.archive.recent()
    store.archive.pack(["public"], LATER)
    assert key(0) in store.archive.recent(), "packing changes nothing about it"


def test_what_was_called_off_is_over_now_and_not_at_its_planned_end(store: Store) -> None:
    commit(store, replace(incident(1, IncidentStatus.RESOLVED), resolved_at=NOW + timedelta(days=2)))
    assert store.archive.recent() == {key(1): NOW}


def test_what_is_over_for_a_short_while_is_left_alone(store: Store) -> None:
    commit(store, incident(1, IncidentStatus.RESOLVED))
    assert store.archive.pack([], NOW - timedelta(seconds=1)) == 0


def test_many_are_packed_in_one_go_and_the_rest_in_the_next(store: Store) -> None:
    commit(store, *(incident(number, IncidentStatus.RESOLVED) for number in range(250)))
    assert store.archive.pack(["public"], LATER, limit=230) == 230
    assert store.archive.pack(["public"], LATER, limit=230) == 20


def test_what_changed_since_it_was_read_is_not_overwritten(store: Store, valkey: str) -> None:
    client = connect(valkey)
    client.hset("sb:incidents", "inc_1", "new")
    client.rpush("sb:story:inc_1", "first", "second", "third")
    names = ["sb:settled", "sb:story:inc_1", "sb:incidents"]
    facts = ["incident:inc_1", 2, "first", "xpacked", 3, "inc_1", "old", "xpacked"]
    client.eval(script_source("pack_incident"), 3, *names, *facts)  # type: ignore[arg-type]
    assert client.hget("sb:incidents", "inc_1") == b"new"
    assert client.lrange("sb:story:inc_1", 0, -1) == [b"first", b"second", b"third"]


@given(st.lists(st.text().map(lambda text: ("{" + text.replace("\n", "") + "}").encode()), min_size=1))
def test_whatever_is_packed_comes_out_again(rows: list[bytes]) -> None:
    assert [unpack(pack(row)) for row in rows] == rows
    assert list(unpack_rows([pack_rows(rows[:3]), *rows[3:]])) == rows
    assert pack(pack(rows[0])) == pack(rows[0])
