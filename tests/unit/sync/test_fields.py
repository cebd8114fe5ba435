"""Three-way comparison of one object: who changed what, what is left alone, and what may be sent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.config.settings import Edits, EditSettings
from bridge.model.actions import Append, Update
from bridge.model.enums import Kind
from bridge.model.facts import AppendWanted, FindBy, Link, LinkState, ObjectKey, Seen, Wanted
from bridge.sync import wishes
from bridge.sync.fields import Change, agreed, compare, left_alone, missing, sendable
from bridge.sync.outbox.edits import Judgement, Sort, judge, must_restate, sort_of
from bridge.sync.plan import plan

KEY = ObjectKey(Kind.INCIDENT, "inc_1")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PHASES = ("one", "two", "three", "over")
NAMES = ("title", "message", "status", "visible")

values = st.sampled_from((0, 1, 2))
echoes = st.dictionaries(st.sampled_from(NAMES), values)
policies = st.builds(EditSettings, *[st.sampled_from(Edits)] * 4)


def wish(echo: dict[str, object], appends: tuple[AppendWanted, ...] = (), **more: object) -> Wanted:
    body = {name: value for name, value in echo.items() if not (appends and name == "status")}
    return Wanted(create=echo, update=body, echo=echo, find=FindBy(), appends=appends, **more)  # type: ignore[arg-type]


def step(number: int, phase: str) -> AppendWanted:
    said = {"status": phase, "message": f"Step {number}"}
    return AppendWanted(f"upd_{number}", body=said, echo=said, settles={"status": phase})


steps = st.lists(st.sampled_from(PHASES), max_size=5).map(
    lambda phases: tuple(step(number, phase) for number, phase in enumerate(phases))
)


def linked(echo: dict[str, object], **more: object) -> Link:
    return Link(LinkState.LINKED, "1", echo=echo, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("base", "there", "wanted", "change"),
    [
        ("a", "a", "a", Change.NONE),
        ("a", "a", "b", Change.OURS),
        ("a", "b", "a", Change.THEIRS),
        ("a", "b", "b", Change.AGREED),
        ("a", "b", "c", Change.CONFLICT),
        (None, "b", "b", Change.AGREED),
        (None, "b", "c", Change.OURS),
    ],
)
def test_who_changed_a_field(base: str | None, there: str, wanted: str, change: Change) -> None:
    (field,) = compare({} if base is None else {"f": base}, {"f": there}, {"f": wanted})
    assert (field.change, field.there, field.wanted, field.written) == (change, there, wanted, base)


@given(echoes, echoes, echoes)
def test_every_wanted_field_that_is_told_is_compared_and_no_other(
    base: dict[str, object], there: dict[str, object], wanted: dict[str, object]
) -> None:
    assert [field.name for field in compare(base, there, wanted)] == [name for name in wanted if name in there]


@given(echoes, echoes)
def test_where_nobody_changed_anything_nothing_is_theirs(base: dict[str, object], wanted: dict[str, object]) -> None:
    assert not any(field.is_theirs for field in compare(base, base, wanted))


@given(policies, echoes, echoes, echoes)
def test_after_a_look_the_plan_writes_all_but_what_is_left_alone(
    edits: EditSettings, base: dict[str, object], there: dict[str, object], wanted: dict[str, object]
) -> None:
    wanted_whole = wish({**dict.fromkeys(NAMES, 0), **wanted})
    found = judge(edits, Kind.INCIDENT, wanted_whole, linked(base), Seen("1", there), NOW)
    left = {field.name for field in found.left}
    (action,) = plan(KEY, wanted_whole, found.link)
    body = action.body if isinstance(action, Update) else {}
    assert left.isdisjoint(body)
    written = {**there, **body}
    assert all(
        written[name] == value for name, value in wanted_whole.echo.items() if name in there and name not in left
    )
    assert all(written[name] == there[name] for name in left)


@given(policies, echoes, echoes, echoes)
def test_looking_twice_changes_nothing(
    edits: EditSettings, base: dict[str, object], there: dict[str, object], wanted: dict[str, object]
) -> None:
    whole = wish(wanted)
    once = judge(edits, Kind.INCIDENT, whole, linked(base), Seen("1", there), NOW)
    twice = judge(edits, Kind.INCIDENT, whole, once.link, Seen("1", there), NOW)
    assert twice.link.theirs == once.link.theirs
    assert plan(KEY, whole, twice.link) == plan(KEY, whole, once.link)


@given(echoes, echoes, echoes)
def test_what_is_reclaimed_is_written_whatever_the_policy_says(
    base: dict[str, object], there: dict[str, object], wanted: dict[str, object]
) -> None:
    found = judge(EditSettings(), Kind.INCIDENT, wish(wanted), linked(base), Seen("1", there), NOW, ["*"])
    assert found.link.theirs == {}


@given(steps, st.sampled_from(PHASES), st.sets(st.integers(0, 4)))
def test_updates_go_out_in_order_and_never_against_a_person_s_phase(
    course: tuple[AppendWanted, ...], theirs: str, there: set[int]
) -> None:
    wanted = wish({"status": course[-1].settles["status"] if course else "one"}, course)
    link = linked({"status": "one"}, appended={f"upd_{number}": "" for number in there}, theirs={"status": theirs})
    met = agreed(wanted, link)
    sent = sendable(wanted, met)
    assert sent == missing(wanted, met)[: len(sent)], "in order, without a gap"
    assert all(append.settles["status"] == theirs for append in sent)
    if wanted.echo["status"] == theirs:
        assert missing(wanted, met) == sent, "both agree, so nothing waits"


@given(steps, st.sampled_from(PHASES))
def test_an_update_that_is_not_sent_is_sent_once_the_phase_is_taken_back(
    course: tuple[AppendWanted, ...], theirs: str
) -> None:
    wanted = wish({"status": course[-1].settles["status"] if course else "one"}, course)
    waiting = agreed(wanted, linked({"status": "one"}, theirs={"status": theirs}))
    found = judge(EditSettings(), Kind.INCIDENT, wanted, waiting, Seen("1", {"status": theirs}), NOW, ["status"])
    actions = [action for action in plan(KEY, wanted, found.link) if isinstance(action, Append)]
    assert [action.append.id for action in actions] == [append.id for append in missing(wanted, found.link)]


def test_fields_that_travel_together_are_left_alone_together() -> None:
    echo = {"title": "t", "components": ["1"], "statuses": {"1": "x"}}
    body = {"title": "t", "affected": [{"id": "1", "status": "x"}]}
    wanted = Wanted(body, body, echo, FindBy(), carriers={"components": "affected", "statuses": "affected"})
    left = left_alone(wanted, {"statuses": {}})
    assert (left.update, left.echo) == ({"title": "t"}, {"title": "t"})


def test_a_field_that_follows_a_person_s_is_not_judged_by_itself() -> None:
    echo = {"status": "one", "statuses": {"1": "bad"}}
    wanted = Wanted(echo, echo, echo, FindBy(), followers={"statuses": "status"})
    found = judge(
        EditSettings(), Kind.INCIDENT, wanted, linked(echo), Seen("1", {"status": "over", "statuses": {}}), NOW
    )
    assert found.link.theirs == {"status": "over"}
    assert found.mended == ()


@pytest.mark.parametrize(
    ("kind", "name", "sort"),
    [
        (Kind.INCIDENT, "title", Sort.TEXT),
        (Kind.MAINTENANCE, "message", Sort.TEXT),
        (Kind.INCIDENT, "status", Sort.STATUS),
        (Kind.COMPONENT, "status", Sort.COMPONENT_STATUS),
        (Kind.INCIDENT, "statuses", Sort.COMPONENT_STATUS),
        (Kind.INCIDENT, "visible", Sort.DETAILS),
        (Kind.MAINTENANCE, "anything_new", Sort.DETAILS),
    ],
)
def test_every_field_has_a_sort(kind: Kind, name: str, sort: Sort) -> None:
    assert sort_of(kind, name) is sort


def test_a_phase_is_said_again_only_where_no_update_says_it() -> None:
    wanted = wish({"status": "two"}, (step(1, "two"),))
    edits = EditSettings(status=Edits.REPAIR)

    def look(**appended: str) -> Judgement:
        link = linked({"status": "two"}, appended=appended)
        return judge(edits, Kind.INCIDENT, wanted, link, Seen("1", {"status": "over"}), NOW)

    assert must_restate(look(upd_1="7"), wanted, Kind.INCIDENT)
    assert not must_restate(look(), wanted, Kind.INCIDENT), "the update that is missing says it"
    assert must_restate(look(upd_1="7"), wanted, Kind.MAINTENANCE)
    assert not must_restate(look(upd_1="7"), wish({"status": "two"}), Kind.MAINTENANCE), "its own fields say it"


@given(st.sets(st.sampled_from(NAMES)))
def test_wishes_say_which_fields_are_taken_back(fields: set[str]) -> None:
    said = f"{wishes.LOOK} {wishes.reclaim(fields)}"
    assert wishes.reclaimed(said) == (fields or {wishes.EVERYTHING})
    assert wishes.reclaimed(wishes.LOOK) == frozenset()
