"""The planner: whatever the starting point, performing the plan ends in sync, and a second plan does nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model.actions import Append, Create, Nothing, PlannedAction, Reason, Update
from bridge.model.enums import Kind
from bridge.model.facts import AppendWanted, FindBy, Intent, Link, LinkState, ObjectKey, Wanted
from bridge.sync.plan import fingerprint, plan

KEY = ObjectKey(Kind.INCIDENT, "inc_1")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
words = st.sampled_from(["a", "b", "c"])
ids = st.lists(st.sampled_from([f"upd_{n}" for n in range(6)]), unique=True, max_size=6)


@st.composite
def wishes(draw: st.DrawFn) -> Wanted:
    names = draw(ids)
    appends = tuple(AppendWanted(name, {"text": name}, {"text": name}, {"status": name}) for name in names[1:])
    status = appends[-1].id if appends else "first"
    echo = {"title": draw(words), "status": status}
    return Wanted(
        create={"title": echo["title"]},
        update={"title": echo["title"]},
        echo=echo,
        find=FindBy(marker="inc_1"),
        creates={"title": echo["title"], "status": "first"},
        opening=names[0] if names else None,
        appends=appends,
    )


def perform(action: PlannedAction, wanted: Wanted, link: Link) -> Link:
    """What the engine does with the answer of a provider that does as it is told."""
    if isinstance(action, Create):
        appended = {action.opening: "r0"} if action.opening else {}
        return replace(link, state=LinkState.LINKED, remote_id="1", echo=dict(wanted.creates), appended=appended)
    if isinstance(action, Append):
        appended = {**link.appended, action.append.id: f"r{len(link.appended)}"}
        return replace(link, echo={**link.echo, **action.append.settles}, appended=appended)
    assert isinstance(action, Update)
    return replace(link, echo={**link.echo, **wanted.echo})


def converge(wanted: Wanted, link: Link) -> tuple[Link, list[PlannedAction]]:
    done: list[PlannedAction] = []
    for _ in range(50):
        action = plan(KEY, wanted, link)[0]
        if isinstance(action, Nothing):
            return link, done
        done.append(action)
        link = perform(action, wanted, link)
    raise AssertionError("the plan never ends")


@given(wishes())
def test_a_new_object_is_created_once_and_its_updates_follow_in_order(wanted: Wanted) -> None:
    link, done = converge(wanted, Link())
    assert [action.name for action in done].count("create") == 1
    assert [a.append.id for a in done if isinstance(a, Append)] == [append.id for append in wanted.appends]
    assert {name: link.echo[name] for name in wanted.echo} == wanted.echo


@given(wishes(), wishes())
def test_from_any_agreed_state_to_any_other_no_update_is_sent_twice(before: Wanted, after: Wanted) -> None:
    link, first = converge(before, Link())
    _, second = converge(after, link)
    sent = [a.append.id for a in (*first, *second) if isinstance(a, Append)]
    assert len(sent) == len(set(sent))
    assert not any(isinstance(a, Create) for a in second)


@given(wishes())
def test_what_is_in_sync_makes_no_call(wanted: Wanted) -> None:
    link, _ = converge(wanted, Link())
    (action,) = plan(KEY, wanted, link)
    assert isinstance(action, Nothing)
    assert action.reason is Reason.IN_SYNC


@given(wishes(), wishes())
def test_a_dead_letter_is_left_alone_until_the_wish_changes(refused: Wanted, other: Wanted) -> None:
    link = Link(LinkState.DEAD, refused=fingerprint(refused))
    (action,) = plan(KEY, refused, link)
    assert isinstance(action, Nothing)
    assert action.reason is Reason.DEAD_LETTER
    if fingerprint(other) != fingerprint(refused):
        assert not isinstance(plan(KEY, other, link)[0], Nothing)


def test_an_unsettled_call_is_never_planned_over() -> None:
    link = Link(intent=Intent("create", NOW))
    with pytest.raises(ValueError, match="unsettled create"):
        plan(KEY, Wanted({}, {}, {}, FindBy()), link)


def test_what_a_provider_cannot_change_is_not_tried_again_and_again() -> None:
    wanted = Wanted(create={}, update={}, echo={"components": ["a", "b"]}, find=FindBy())
    (action,) = plan(KEY, wanted, Link(LinkState.LINKED, "1", echo={"components": ["a"]}))
    assert isinstance(action, Nothing)


def test_fields_that_nobody_wants_make_no_difference() -> None:
    wanted = Wanted(create={}, update={"a": 1}, echo={"a": 1}, find=FindBy())
    (action,) = plan(KEY, wanted, Link(LinkState.LINKED, "1", echo={"a": 1, "b": 2}))
    assert isinstance(action, Nothing)
