"""What is there against what should be: every difference once, with its cause. Pure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config.settings import Edits, EditSettings
from bridge.model.enums import Kind
from bridge.model.facts import AppendWanted, FindBy, Link, LinkState, ObjectKey, Seen, SeenAppend, Wanted
from bridge.sync.drift.differences import Cause, Compared, differences

KEY = ObjectKey(Kind.INCIDENT, "inc_1")
NAMES = ("title", "message", "status", "visible")
ECHO = {"title": "a", "status": "open"}
DEFAULT = EditSettings()
REPAIR = EditSettings(*[Edits.REPAIR] * 4)

values = st.sampled_from((0, 1, 2))
echoes = st.dictionaries(st.sampled_from(NAMES), values)


def step(number: int, phase: str = "open") -> AppendWanted:
    said = {"status": phase, "message": f"Step {number}"}
    return AppendWanted(f"upd_{number}", said, said, {"status": phase})


def compared(
    echo: dict[str, object], link: Link, seen: Seen | None, *appends: AppendWanted, owed: bool = False
) -> Compared:
    return Compared(KEY, "Trouble", Wanted(echo, echo, echo, FindBy(), appends=appends), link, seen, owed)


def linked(echo: dict[str, object] = ECHO, **more: object) -> Link:
    return Link(LinkState.LINKED, "1", echo=echo, **more)  # type: ignore[arg-type]


def causes(each: Compared, edits: EditSettings = DEFAULT) -> dict[str, Cause]:
    return {found.field: found.cause for found in differences([each], edits)}


@given(echoes)
def test_what_is_as_it_was_written_and_wanted_has_no_difference(echo: dict[str, object]) -> None:
    assert differences([compared(echo, linked(echo), Seen("1", echo))], DEFAULT) == ()


@given(echoes, echoes, echoes)
def test_every_field_that_differs_is_told_once_and_no_other(
    base: dict[str, object], there: dict[str, object], wanted: dict[str, object]
) -> None:
    found = causes(compared(wanted, linked(base), Seen("1", there)))
    assert set(found) == {name for name in wanted if name in there and there[name] != wanted[name]}
    for name, cause in found.items():
        touched = name in base and base[name] != there[name]
        assert cause is (Cause.EDITED if touched else Cause.BEHIND)


@given(echoes, echoes, echoes)
def test_where_everything_is_repaired_nothing_is_left_alone(
    base: dict[str, object], there: dict[str, object], wanted: dict[str, object]
) -> None:
    assert Cause.EDITED not in causes(compared(wanted, linked(base), Seen("1", there)), REPAIR).values()


@pytest.mark.parametrize(
    ("link", "seen", "cause"),
    [
        (linked(), None, Cause.DELETED),
        (Link(LinkState.GONE, "1", error="it was deleted there"), None, Cause.DELETED),
        (Link(), None, Cause.MISSING),
        (Link(LinkState.DEAD, error="422"), None, Cause.FAILED),
    ],
)
def test_whole_objects_have_causes_too(link: Link, seen: Seen | None, cause: Cause) -> None:
    assert causes(compared(ECHO, link, seen)) == {"": cause}


def test_what_was_given_up_by_a_person_s_word_is_no_difference() -> None:
    assert causes(compared(ECHO, Link(LinkState.GONE, "1"), None)) == {}


def test_updates_that_a_person_s_phase_holds_back_wait_and_so_do_those_after_them() -> None:
    steps = (step(1), step(2, "known"), step(3, "closed"), step(4))
    link = linked(appended={"upd_1": "7"}, theirs={"status": "closed"})
    seen = Seen("1", {"title": "a", "status": "closed"}, appended=(SeenAppend("7", step(1).echo),))
    assert causes(compared(ECHO, link, seen, *steps)) == {
        "status": Cause.EDITED,
        "update upd_2": Cause.WAITS,
        "update upd_3": Cause.WAITS,
        "update upd_4": Cause.WAITS,
    }


def test_updates_that_were_rewritten_or_deleted_there_are_told() -> None:
    link = linked(appended={"upd_1": "7", "upd_2": "8", "upd_3": ""})
    seen = Seen("1", ECHO, appended=(SeenAppend("7", {"status": "open", "message": "Else"}),))
    (first, second) = differences([compared(ECHO, link, seen, step(1), step(2), step(3))], DEFAULT)
    assert (first.field, first.there) == ("update upd_1", {"status": "open", "message": "Else"})
    assert (second.field, second.there) == ("update upd_2", None)
    assert {first.cause, second.cause} == {Cause.EDITED}


def test_the_first_update_is_compared_where_it_is_listed() -> None:
    wanted = Wanted(ECHO, ECHO, ECHO, FindBy(), opening="upd_0", opened=step(0))
    seen = Seen("1", ECHO, appended=(SeenAppend("6", {"status": "open", "message": "Else"}),))
    (found,) = differences([Compared(KEY, "", wanted, linked(appended={"upd_0": "6"}), seen, False)], DEFAULT)
    assert found.field == "update upd_0"
    assert differences([Compared(KEY, "", wanted, linked(appended={"upd_0": ""}), seen, False)], DEFAULT) == ()


def test_what_is_under_way_or_left_alone_already_is_known() -> None:
    behind = compared({"title": "b"}, linked(), Seen("1", ECHO), owed=True)
    left = compared(ECHO, linked(theirs={"title": "c"}), Seen("1", {**ECHO, "title": "c"}))
    changed_once_more = compared(ECHO, linked(theirs={"title": "c"}), Seen("1", {**ECHO, "title": "d"}))
    found = differences([behind, left, changed_once_more], DEFAULT)
    assert [item.known for item in found] == [True, True, False]
    (now_to_be_mended,) = differences([left], REPAIR)
    assert not now_to_be_mended.known, "the policy was changed"
