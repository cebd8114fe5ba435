"""Find the metrics on a destination that get points, by id or name, and make those that are missing and asked for.

Before the work on objects begins, and one after the other, so that no two of a name are made; while something live is
due, metrics wait.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bridge.errors import Ambiguous, Refused
from bridge.model.actions import Create, Reason
from bridge.model.enums import Kind
from bridge.model.facts import Fed, Link, LinkState, ObjectKey, Refs, Seen
from bridge.model.objects import MetricPoint
from bridge.model.points import PageMetric
from bridge.model.state import Decision, Why
from bridge.store.outbox import BULK, LIVE, METRICS, Debt
from bridge.sync.outbox.desk import Desk
from bridge.sync.outbox.points import as_seen, goal_here
from bridge.sync.outbox.reconcile import perform
from bridge.sync.outbox.settle import settle
from bridge.sync.pages.points_reach import Goal

_LOOKED_AT = 200
"""How many due objects are looked through for metrics without a copy."""
_LOOK_AGAIN = timedelta(minutes=10)
"""How long after a metric of equal name was missing it is looked for again."""


def bind_metrics(desk: Desk) -> None:
    """Link every metric that is due and has no copy yet, with one listing for all of them.

    Raises:
        ProviderError: a call failed; what was bound before stays so.
    """
    unbound = [(debt, known) for debt in _due(desk) if (known := _unbound(desk, debt)) is not None]
    if not unbound or desk.store.outbox.due(desk.name, desk.now(), 1, (LIVE,)):
        return
    try:
        if not all(_is_settled(desk, debt) for debt, _ in unbound):
            return  # what became of a lost call must be known first, or a metric of equal name is taken for another's
    finally:
        desk.store.story.count_calls(desk.name, desk.calls.drain())
    there = list(desk.provider.scan(Kind.METRIC))
    for debt, known in unbound:
        goal = goal_here(desk, known)
        if goal is not None and desk.link(debt.key).state is LinkState.ABSENT:
            _bind(desk, debt, known, goal, there)


def _due(desk: Desk) -> list[Debt]:
    due = desk.store.outbox.due(desk.name, desk.now(), _LOOKED_AT, (METRICS, BULK))
    return [debt for debt in due if debt.key.kind is Kind.METRIC]


def _unbound(desk: Desk, debt: Debt) -> PageMetric | None:
    """The metric of a debt, if it is to be looked for."""
    link = desk.link(debt.key)
    waits = link.fed is not None and link.fed.due > desk.now().timestamp()
    return None if link.state is not LinkState.ABSENT or waits else desk.store.points.get(debt.key.id)


def _is_settled(desk: Desk, debt: Debt) -> bool:
    link = desk.link(debt.key)
    if link.intent is None:
        return True
    try:
        _, again = settle(desk, debt.key, link)
    except (Refused, Ambiguous) as error:
        _give_up(desk, debt, str(error))
        return True
    return again is None


def _bind(desk: Desk, debt: Debt, known: PageMetric, goal: Goal, there: list[Seen]) -> None:
    """Adopt the metric that is meant, or make it."""
    found = _meant(desk, known, goal, there)
    try:
        if len(found) > 1:
            ids = ", ".join(seen.remote_id for seen in found)
            raise Refused(f"{len(found)} metrics there are called {goal.name!r}: name one of them by its id ({ids})")
        if found:
            _adopt(desk, debt, known, found[0])
        elif goal.may_be_made:
            there.append(_make(desk, debt, known, goal))
        else:
            _miss(desk, debt, goal, there)
    except Refused as error:
        _give_up(desk, debt, str(error))
    finally:
        desk.store.story.add_calls(desk.name, debt.key, desk.calls.drain())


def _meant(desk: Desk, known: PageMetric, goal: Goal, there: Sequence[Seen]) -> list[Seen]:
    """The remote metrics that may be meant: the one of that id, or those of that name, also as it is cut there."""
    by_id = [seen for seen in there if seen.remote_id == goal.name]
    if by_id:
        return by_id
    names = {goal.name}
    with contextlib.suppress(Refused):  # it cannot be made there as it is; one that is there already may do
        names.add(str(desk.provider.translate(replace(known.metric, name=goal.name), Refs())[0].find.title))
    return [seen for seen in there if seen.name in names]


def _adopt(desk: Desk, debt: Debt, known: PageMetric, seen: Seen) -> None:
    """Take a metric that is there.

    Raises:
        Refused: it has the points of another metric already, or it cannot be fed.
    """
    others = [ObjectKey(Kind.METRIC, name) for name in desk.store.points.known() if name != debt.key.id]
    for key, link in desk.store.links.many(desk.name, others).items():
        if link.remote_id == seen.remote_id:
            raise Refused(f"{seen.name!r} gets the points of another metric already ({key})")
    trial = MetricPoint("trial", debt.key.id, 0.0, desk.now())
    desk.provider.translate(trial, Refs({str(debt.key): seen.remote_id}))
    before = desk.link(debt.key).fed or Fed(until=known.begun)
    fed = replace(as_seen(desk, seen, before), due=0)
    desk.keep(debt.key, Link(LinkState.LINKED, seen.remote_id, echo=dict(seen.echo), adopted=True, fed=fed))


def _make(desk: Desk, debt: Debt, known: PageMetric, goal: Goal) -> Seen:
    """Make a metric, once.

    Raises:
        Refused: it cannot be made there, or not as private as it is.
    """
    wanted, losses = desk.provider.translate(replace(known.metric, name=goal.name), desk.refs())
    action = Create(debt.key, wanted.create, wanted.find, wanted.creates, wanted.opening, Reason.FIRST)
    before = desk.link(debt.key).fed
    link = perform(desk, action, wanted, Link(losses=losses, fed=replace(before, due=0) if before else None))
    text = f"{goal.name!r} was made on {desk.name}, because nothing of that name was there"
    desk.store.story.add_decision(Decision(desk.now(), str(debt.key), Why.MADE, text, incident=debt.key.id))
    return Seen(str(link.remote_id), dict(link.echo), name=str(wanted.find.title))


def _miss(desk: Desk, debt: Debt, goal: Goal, there: Sequence[Seen]) -> None:
    """Nothing there goes by the name: a dead letter where a person named it, else it is looked for again later.

    Raises:
        Refused: a person named it.
    """
    if goal.is_named:
        names = ", ".join(sorted(seen.name for seen in there)[:10]) or "none"
        raise Refused(f"no metric there has the id or the name {goal.name!r}; there are: {names}")
    link = desk.link(debt.key)
    until = int((desk.now() + _LOOK_AGAIN).timestamp())
    desk.keep(debt.key, replace(link, fed=replace(link.fed or Fed(), due=until)))


def _give_up(desk: Desk, debt: Debt, why: str) -> None:
    """A dead letter, until a person has it tried again."""
    fed = desk.link(debt.key).fed
    dead = Link(LinkState.DEAD, error=why[:500], since=desk.now(), fed=replace(fed, due=0) if fed else None)
    desk.store.links.dead(desk.lease, debt.key, debt.rank, {debt.key: dead})
