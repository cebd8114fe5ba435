"""The points of one metric on one destination: what is lacking there, sent once in effect, one call at a time.

The same protocol as for everything that is written (:mod:`bridge.sync.outbox.reconcile`): the link of the metric says
which points are about to be sent, and afterwards that they are there. After a lost answer the destination is looked at
where it shows points; where it does not, sending a point again is harmless once the lost call can act no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bridge.errors import Down, Gone, ProviderError, Refused
from bridge.model.actions import Create, Reason
from bridge.model.enums import Kind, Visibility
from bridge.model.facts import Fed, FindBy, Intent, Link, LinkState, ObjectKey, Refs, Seen
from bridge.model.objects import Metric, MetricPoint
from bridge.model.points import PageMetric
from bridge.model.state import Decision, Why
from bridge.providers.base import mapping
from bridge.providers.base.capabilities import SecondPoint
from bridge.providers.base.mapping import MetricPoints
from bridge.providers.base.points import points_back_to, width
from bridge.store.outbox import Debt
from bridge.sync.outbox.desk import Desk
from bridge.sync.outbox.points_owed import Owed, Standing, Verdict, judged, owed, second_of, with_sent
from bridge.sync.outbox.reconcile import Again, Dead, Done, Result, after_failure, later, space_out
from bridge.sync.outbox.slots import MadeWay
from bridge.sync.pages.points import KEPT
from bridge.sync.pages.points_reach import Goal, goals_of

POINTS = "points"
"""What an intent is called that names points."""
_AT_ONCE = 500
"""Points in one call, where several may go in one."""
_LOOKED_THROUGH = 1_000
"""Points that are compared in one go."""
_UNTIL_BOUND = timedelta(seconds=1)
_LOOK_AGAIN = timedelta(seconds=15)
_NOT_FED = 405
"""Points are refused for good by a metric that is fed in another way (Statuspage: from a vendor)."""


class _Unfit(Exception):
    """The remote metric cannot be fed; the text says why."""


def feed(desk: Desk, debt: Debt) -> Result:
    """Send what a destination lacks of the points of a metric, with one call at most.

    Raises:
        ProviderError: the destination as a whole has a problem (busy, down, not allowed); the link is saved.
        LeaseLost: somebody else works on the destination.
    """
    key, link = debt.key, desk.link(debt.key)
    known = desk.store.points.get(key.id)
    if known is None or goal_here(desk, known) is None or link.state is LinkState.GONE:
        return _done(desk, debt, link)
    if link.state is LinkState.DEAD:
        return _dead(desk, debt, link, link.error or "")
    if link.remote_id is None:
        waits = link.fed is not None and link.fed.due > desk.now().timestamp()
        return _done(desk, debt, link) if waits else later(desk, debt, link, desk.now() + _UNTIL_BOUND)
    try:
        link, again = _settled(desk, key, link)
        if again:
            return later(desk, debt, link, again)
        fed = _still_fit(known, link.fed or _first_sight(desk, known, link))
        return _send(desk, debt, known, replace(link, fed=fed))
    except MadeWay:
        return Again(desk.now())
    except Down as error:
        space_out(desk, debt, error)
        raise
    except (Refused, Gone, _Unfit) as error:
        return _dead(desk, debt, desk.link(key), str(error))


def goal_here(desk: Desk, known: PageMetric) -> Goal | None:
    """The metric of this destination that gets the points; None when none does by now."""
    page = desk.settings.pages.get(known.page)
    if page is None:
        return None
    return goals_of(desk.settings, page, known.remote_id, known.metric.name).get(desk.name)


def rules_of(desk: Desk) -> MetricPoints:
    """How the destination takes points."""
    return mapping.load(desk.destination.type).metric_points


# --- the remote metric -------------------------------------------------------------------------------------------


def _first_sight(desk: Desk, known: PageMetric, link: Link) -> Fed:
    """What must be known of the remote metric before the first point is sent."""
    return _with_look(desk, known, str(link.remote_id), Fed(until=known.begun))


def _with_look(desk: Desk, known: PageMetric, remote_id: str, fed: Fed) -> Fed:
    """What is known of the remote metric, after another look at it.

    Raises:
        _Unfit: it is not there any more.
    """
    with desk.slots:
        seen = desk.provider.look(Kind.METRIC, remote_id)
    if seen is None:
        raise _Unfit(f"the metric of {known.metric.name!r} is not there any more")
    return as_seen(desk, seen, fed)


def as_seen(desk: Desk, seen: Seen, fed: Fed) -> Fed:
    """What is known of the remote metric, by what is seen of it."""
    shown, _ = desk.provider.read(Kind.METRIC, seen, desk.name, lambda kind, remote, at: remote)
    is_public = not isinstance(shown, Metric) or shown.visibility is Visibility.PUBLIC
    minutes = seen.echo.get("threshold")
    return replace(fed, threshold=int(minutes) if minutes else None, is_public=is_public)


def _still_fit(known: PageMetric, fed: Fed) -> Fed:
    """Nothing that is kept from the public goes where everybody sees it.

    Raises:
        _Unfit: it would.
    """
    if fed.is_public and known.metric.visibility is not Visibility.PUBLIC:
        raise _Unfit(
            f"{known.metric.name!r} is {known.metric.visibility} on {known.page}, and everybody would see it there: "
            "hide the metric there, or show it to everybody on the page"
        )
    return fed


# --- sending -----------------------------------------------------------------------------------------------------


def _send(desk: Desk, debt: Debt, known: PageMetric, link: Link) -> Result:
    fed = link.fed or Fed()
    lacking, is_cut = _lacking(desk, known, fed)
    _tell_dropped(desk, known, lacking.late, "late", "steps got points after they were sent, and stay as they are")
    _tell_dropped(desk, known, lacking.old, "too_old", "points are older than this destination takes")
    link = replace(link, fed=lacking.fed)
    most = lacking.fed.most or (_AT_ONCE if rules_of(desk).batch else 1)
    bodies, refused = _bodies(desk, known, link, lacking.send[:most])
    if refused:
        _tell_dropped(desk, known, len(refused), "refused", "points have values that this destination cannot keep")
        link = replace(link, fed=with_sent(lacking.fed, refused))
    if bodies:
        sent = {
            str(second_of(point)): point.value for point in lacking.send[:most] if str(second_of(point)) not in refused
        }
        link = _call(desk, known, link, bodies, sent)
    if bodies or refused or is_cut:
        return later(desk, debt, link, desk.now())  # what is agreed by now says how to go on
    return _done(desk, debt, link)


def _lacking(desk: Desk, known: PageMetric, fed: Fed) -> tuple[Owed, bool]:
    """What is lacking among the next points, and whether there are more of them than were looked through."""
    rules, window = rules_of(desk), desk.store.points.window
    name, step = known.metric.id, width(rules, fed.threshold)
    rows, over, kept = window(name, fed.until, _LOOKED_THROUGH + 1), known.complete, KEPT
    last = rows[-1].second // step * step if len(rows) > _LOOKED_THROUGH else over
    is_cut = rows[0].second // step * step < last < known.complete - KEPT if rows else False
    if is_cut:  # of long ago: what is sent of it need not be remembered
        over, kept = last, 0
    elif len(rows) > _LOOKED_THROUGH:
        rows = window(name, fed.until)
    points = [MetricPoint(row.row, name, row.value, datetime.fromtimestamp(row.second, UTC)) for row in rows]
    return owed(known.metric, points, fed, rules, desk.now(), over, kept), is_cut


def _bodies(
    desk: Desk, known: PageMetric, link: Link, points: Sequence[MetricPoint]
) -> tuple[list[Mapping[str, object]], dict[str, float]]:
    """Points in the destination's words; and those that it cannot keep, by their begin."""
    refs = Refs({str(ObjectKey(Kind.METRIC, known.metric.id)): str(link.remote_id)})
    bodies: list[Mapping[str, object]] = []
    refused: dict[str, float] = {}
    for point in points:
        try:
            bodies.append(desk.provider.translate(point, refs)[0].create)
        except Refused:
            refused[str(second_of(point))] = point.value
    return bodies, refused


def _call(
    desk: Desk, known: PageMetric, link: Link, bodies: Sequence[Mapping[str, object]], sent: Mapping[str, float]
) -> Link:
    """Send some points, with the link saved before; gives the link as it stands afterwards.

    Raises:
        ProviderError: the call failed, or its answer was lost; the link tells which.
        MadeWay: no call was made, because something more urgent waits.
    """
    key, fed = ObjectKey(Kind.METRIC, known.metric.id), link.fed or Fed()
    intent = Intent(POINTS, desk.now(), echo=dict(sent))
    desk.keep(key, replace(link, intent=intent))
    several = {"metric": bodies[0]["metric"], "points": [_bare(each) for each in bodies]}
    body = several if len(bodies) > 1 else bodies[0]
    action = Create(ObjectKey(Kind.METRIC_POINT, known.metric.id), body, FindBy(), {}, None, Reason.FIRST)
    try:
        with desk.slots:
            desk.provider.perform(action)
    except MadeWay:
        desk.keep(key, link)
        raise
    except Refused as error:
        return desk.keep(key, replace(link, fed=_after_refusal(desk, known, link, sent, error)))
    except ProviderError as error:
        desk.keep(key, replace(link, intent=after_failure(intent, error)))
        raise
    desk.store.points.count("sent", desk.name, len(sent))
    desk.store.story.count_calls(desk.name, desk.calls.drain())  # two calls a minute make no story
    return replace(link, fed=with_sent(replace(fed, most=_more(fed.most)), sent), failures=0)


def _bare(body: Mapping[str, object]) -> Mapping[str, object]:
    return {name: value for name, value in body.items() if name != "metric"}


def _more(most: int) -> int:
    """After a call with fewer points than usual went well, more may go again; 0 is as many as may be."""
    return 0 if most * 2 >= _AT_ONCE else most * 2


def _after_refusal(desk: Desk, known: PageMetric, link: Link, sent: Mapping[str, float], error: Refused) -> Fed:
    """Of several points one may be to blame, so fewer go at once next time; one that is refused alone is given up.

    Raises:
        _Unfit: the metric is not there any more, or cannot be fed.
    """
    if error.status == _NOT_FED:
        raise _Unfit(str(error)) from error
    fed = _with_look(desk, known, str(link.remote_id), link.fed or Fed())
    if len(sent) > 1:
        return replace(fed, most=max(1, len(sent) // 2))
    _tell_dropped(desk, known, 1, "refused", f"point was refused: {error}")
    return with_sent(fed, sent)


def _tell_dropped(desk: Desk, known: PageMetric, number: int, reason: str, why: str) -> None:
    if number:
        desk.store.points.count("dropped", desk.name, number, reason)
        text = f"{number} {why} ({known.metric.name!r} on {desk.name})"
        name = str(ObjectKey(Kind.METRIC, known.metric.id))
        desk.store.story.add_decision(
            Decision(desk.now(), name, Why.POINTS_DROPPED, text[:500], incident=known.metric.id)
        )


# --- lost answers ------------------------------------------------------------------------------------------------


def _settled(desk: Desk, key: ObjectKey, link: Link) -> tuple[Link, datetime | None]:
    """Find out what became of points whose call was lost; gives the link, and when to look again if that is unknown."""
    intent = link.intent
    if intent is None or intent.action != POINTS:
        return link, None
    rules, now, fed = rules_of(desk), desk.now(), link.fed or Fed()
    until = intent.until or intent.at + desk.settle_after
    verdict = Verdict.MISSING if rules.second is SecondPoint.REPLACES else _looked_for(desk, link, intent, fed, rules)
    if verdict is Verdict.MISSING and now < until:
        # Where points take the place of others, a lost call that acts late could undo what is sent after it.
        pause = _LOOK_AGAIN if rules.second is not SecondPoint.REPLACES else until - now
        return link, min(until, now + pause)
    if verdict is Verdict.COUNTED:
        desk.store.points.count("dropped", desk.name, len(intent.echo), "counted")
    elif verdict is Verdict.THERE:
        desk.store.points.count("sent", desk.name, len(intent.echo))
    agreed = fed if verdict is Verdict.MISSING else with_sent(fed, intent.echo)
    return desk.keep(key, replace(link, intent=None, fed=agreed)), None


def _looked_for(desk: Desk, link: Link, intent: Intent, fed: Fed, rules: MetricPoints) -> Verdict:
    """What became of the one point of a call to a destination that shows points."""
    ((begin, value),) = intent.echo.items()
    minutes = fed.threshold or 0
    since = datetime.fromtimestamp(int(begin), UTC) - timedelta(minutes=minutes)
    with desk.slots:
        rows = list(_standing(desk, str(link.remote_id), since))
    return judged(int(begin), float(value), rows, rules, fed.threshold, intent.at)


def _standing(desk: Desk, remote_id: str, since: datetime) -> Iterator[Standing]:
    for seen in points_back_to(desk.provider, remote_id, since):
        point, _ = desk.provider.read(Kind.METRIC_POINT, seen, desk.name, lambda kind, remote, at: remote)
        if isinstance(point, MetricPoint):
            raw = point.origin.raw if point.origin else {}
            yield Standing(second_of(point), float(raw.get("value", point.value)))


# --- results -----------------------------------------------------------------------------------------------------


def _done(desk: Desk, debt: Debt, link: Link) -> Result:
    saved = replace(link, revision=debt.revision, since=desk.now())
    desk.store.links.done(desk.lease, debt.key, debt.rank, debt.revision, {debt.key: saved}, debt.wishes)
    return Done()


def _dead(desk: Desk, debt: Debt, link: Link, why: str) -> Result:
    """A dead letter; it is bound anew when a person has it tried again, as its metric may be another one then."""
    fed = replace(link.fed, due=0) if link.fed else None
    dead = replace(link, state=LinkState.DEAD, remote_id=None, error=why[:500], since=desk.now(), intent=None, fed=fed)
    desk.store.links.dead(desk.lease, debt.key, debt.rank, {debt.key: dead})
    return Dead(why)
