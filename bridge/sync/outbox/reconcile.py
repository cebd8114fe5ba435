"""One object on one destination: load, settle, translate, plan, intend, perform, save.

Before a call the link is saved with its intent; after the answer it is saved without. A kill between any two
lines leaves either no trace of a call, or an intent that :mod:`bridge.sync.outbox.settle` looks into.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bridge.errors import Ambiguous, Down, Gone, Outcome, ProviderError, Refused
from bridge.model.actions import Adopt, Append, Create, Nothing, PlannedAction, Remove, WritingAction
from bridge.model.enums import Kind, Publication
from bridge.model.facts import Echo, FindBy, Intent, Link, LinkState, ObjectKey, Receipt, Wanted
from bridge.model.objects import CanonicalObject, Incident, Maintenance
from bridge.store.outbox import Debt
from bridge.sync.fields import agreed, doubted, kept
from bridge.sync.outbox.attention import attend, must_look
from bridge.sync.outbox.desk import Desk
from bridge.sync.outbox.gone import after_deletion, drop_deleted_components, made_again, quiet
from bridge.sync.outbox.settle import settle
from bridge.sync.outbox.slots import MadeWay
from bridge.sync.pages.reach import same_pages
from bridge.sync.plan import fingerprint, plan
from bridge.sync.two_way.copies import native
from bridge.sync.wishes import EVERYTHING, reclaimed

_STEPS = 500
"""Calls for one object in one go; more than any incident has updates in one slice."""
_ANSWERED_GRACE = timedelta(seconds=5)
"""After an answered 5xx the provider has let go of the call: it will not commit much later."""
_WITHDRAWABLE = (Kind.INCIDENT, Kind.MAINTENANCE)
_UNTIL_MADE = timedelta(seconds=1)
"""What concerns a component that is to be made waits for it: on some pages it could not be added afterwards."""
_PROXY_ANSWERS = (502, 504)
"""Answers of a gateway say nothing about the server behind it."""


@dataclass(frozen=True, slots=True)
class Done:
    """The remote copy is what it should be."""


@dataclass(frozen=True, slots=True)
class Again:
    """Look at the object again, but not before a time."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Dead:
    """The destination refuses the object."""

    why: str


Result = Done | Again | Dead


def reconcile(desk: Desk, debt: Debt) -> Result:
    """Bring the remote copy of one object up to date, as far as that is possible now.

    Raises:
        ProviderError: the destination as a whole has a problem (busy, down, not allowed); the link is saved.
        LeaseLost: somebody else works on the destination.
    """
    key = debt.key
    link = desk.link(key)
    try:
        link, again = settle(desk, key, link)
        if again:
            return later(desk, debt, link, again)
        return _converge(desk, debt, link)
    except MadeWay:
        return Again(desk.now())  # its place in the outbox stays: who makes way does not go behind ten thousand others
    except Down as error:
        space_out(desk, debt, error)
        raise
    except (Refused, Ambiguous) as error:
        return _dead(desk, debt, desk.link(key), str(error), None)


def _converge(desk: Desk, debt: Debt, link: Link) -> Result:
    key = debt.key
    obj = desk.load(key)
    if obj and link.state is LinkState.GONE and link.error and EVERYTHING in reclaimed(debt.wishes):
        link = desk.keep(key, made_again(obj, link))
    if obj is None or link.state is LinkState.GONE or not may_be_published(obj):
        return _done(desk, debt, link, debt.revision)
    if key.kind in _WITHDRAWABLE and desk.store.pages.is_withdrawn(key):
        return _withdraw(desk, debt, obj, link)
    if key.kind is Kind.COMPONENT and link.remote_id is None:
        return _not_there(desk, debt, link)
    if isinstance(obj, Incident | Maintenance) and desk.awaits(obj.components):
        return later(desk, debt, link, desk.now() + _UNTIL_MADE)
    return _perform_plan(desk, debt, obj, _verify(desk, key, _with_native(desk, obj, link)))


def _perform_plan(desk: Desk, debt: Debt, obj: CanonicalObject, link: Link) -> Result:
    """Perform what the plan says, one call after the other; each is planned on the answer of the one before."""
    key, obj = debt.key, quiet(obj, link)
    wanted, losses = desk.provider.translate(obj, desk.refs())
    wishes = debt.wishes if link.state is LinkState.LINKED else ""
    asked = False
    for _ in range(_STEPS):
        if desk.slots.is_to_make_way(key):
            raise MadeWay
        link = agreed(wanted, link)
        action = plan(key, wanted, link)[0]
        try:
            if wishes or must_look(desk, action, wanted, link):
                obj, link = attend(desk, key, obj, wanted, link, wishes)
                wishes = ""
                wanted, losses = desk.provider.translate(obj, desk.refs())
                continue
            if isinstance(action, Nothing | Adopt):
                return _done(desk, debt, _at_rest(obj, replace(link, losses=losses)), max(obj.revision, debt.revision))
            pause = _pause_before(desk, action, link)
            if pause:
                return later(desk, debt, link, pause)
            link = perform(desk, action, wanted, link)
        except Refused as error:
            if asked or not drop_deleted_components(desk, obj):
                return _dead(desk, debt, desk.link(key), str(error), wanted)
            asked, link = True, desk.link(key)
            wanted, losses = desk.provider.translate(obj, desk.refs())
        except Gone:
            known = after_deletion(desk, key, obj, desk.link(key), debt.wishes)
            if known is None:
                return _ask_again(desk, debt)
            if known.state is LinkState.GONE:
                return _done(desk, debt, known, max(obj.revision, debt.revision))
            if key.kind is Kind.COMPONENT and known.remote_id is None:
                return _not_there(desk, debt, known)
            link, obj, wishes = known, quiet(obj, known), ""
            wanted, losses = desk.provider.translate(obj, desk.refs())
    return later(desk, debt, link, desk.now())


def _at_rest(obj: CanonicalObject, link: Link) -> Link:
    """Of what is over, no more is kept than is needed; it is looked at before it is ever written again."""
    is_over = isinstance(obj, Incident | Maintenance) and obj.status.is_terminal
    return replace(link, seen_at=None) if is_over else link


def _ask_again(desk: Desk, debt: Debt) -> Result:
    """The object is gone and listed all the same: one of the two is not true yet."""
    link = desk.link(debt.key)
    again = replace(link, intent=None, failures=link.failures + 1)
    return later(desk, debt, again, desk.now() + _spacing(again.failures))


def _withdraw(desk: Desk, debt: Debt, obj: CanonicalObject, link: Link) -> Result:
    """The original was deleted, and its copies are to go too; where nothing can be deleted, the copy is ended."""
    if link.remote_id is None:
        return _done(desk, debt, link, obj.revision)
    if link.adopted or not desk.provider.capabilities.can_delete_incidents:
        return _perform_plan(desk, debt, obj, link)
    try:
        link = perform(desk, Remove(debt.key, link.remote_id), Wanted({}, {}, {}, FindBy()), link)
    except Gone:
        link = replace(desk.link(debt.key), state=LinkState.GONE, intent=None)
    return _done(desk, debt, link, obj.revision)


def _with_native(desk: Desk, obj: CanonicalObject, link: Link) -> Link:
    """What people wrote on this very page is there, and not to be written again."""
    if not isinstance(obj, Incident | Maintenance) or link.remote_id is None:
        return link
    settings = desk.settings
    here = [page.name for page in settings.pages.values() if desk.name in same_pages(settings, page)]
    return native(obj, here, link) if here else link


def may_be_published(obj: CanonicalObject) -> bool:
    """Whether policy lets an object out."""
    return not isinstance(obj, Incident) or obj.publication is Publication.PUBLISHED


def _not_there(desk: Desk, debt: Debt, link: Link) -> Result:
    """A component is not made up on a public page, unless that was asked for; binding has said why.

    What was asked for is made before the work on objects begins, when nothing more urgent is due.
    """
    if link.state is LinkState.ABSENT and desk.awaits((debt.key.id,)):
        return later(desk, debt, link, desk.now() + _UNTIL_MADE)
    desk.store.links.dead(desk.lease, debt.key, debt.rank, {debt.key: link})
    return Dead(link.error or "the component has no counterpart there")


def _verify(desk: Desk, key: ObjectKey, link: Link) -> Link:
    """Read the object back once the time is over in which a lost call could still have overwritten ours."""
    if link.verify_at is None or desk.now() < link.verify_at or link.remote_id is None:
        return link
    with desk.slots:
        seen = desk.provider.look(key.kind, link.remote_id)
    if seen is None:  # the next call meets it, and what is gone is treated there
        return desk.keep(key, replace(link, verify_at=None, echo=doubted(link), seen_at=None))
    return desk.keep(key, replace(link, verify_at=None, echo=kept(link, seen.echo)))


def _pause_before(desk: Desk, action: PlannedAction, link: Link) -> datetime | None:
    """Some providers order updates by whole seconds: two in one second would appear in the wrong order."""
    spacing = desk.provider.capabilities.append_spacing
    if not isinstance(action, Append) or link.appended_at is None or not spacing:
        return None
    ready = link.appended_at + timedelta(seconds=spacing)
    return ready if link.appended_at <= desk.now() < ready else None  # an update of the future: the clock was set back


def perform(desk: Desk, action: WritingAction, wanted: Wanted, link: Link) -> Link:
    """Make one call: intend it, make it, save what it did. After a failure the link tells what is still unsettled.

    Raises:
        ProviderError: the call failed, or its answer was lost.
        LeaseLost: somebody else works on the destination.
        MadeWay: no call was made, because something more urgent waits.
    """
    desk.slots.await_clear(action.key)
    key, now = action.key, desk.now()
    effects = _side_effects(action, wanted)
    touched = _touched(desk, effects)
    intent = replace(_intent(action, wanted, now), touches=tuple(str(name) for name in touched))
    desk.keep(key, replace(link, intent=intent), _clouded(touched, now + desk.settle_after))
    try:
        with desk.slots:
            receipt = desk.provider.perform(action)
    except MadeWay:
        desk.keep(key, link, touched)
        raise
    except ProviderError as error:
        remains = after_failure(intent, error)
        desk.keep(key, replace(link, intent=remains), {} if remains else touched)
        raise
    saved = _after_success(action, wanted, link, receipt, desk.now())
    return desk.keep(key, saved, _after_side_effects(touched, effects))


def _intent(action: WritingAction, wanted: Wanted, now: datetime) -> Intent:
    if isinstance(action, Create):
        return Intent(action.name, now, append=action.opening, echo=wanted.creates, find=wanted.find)
    if isinstance(action, Append):
        facts = action.append
        return Intent(action.name, now, append=facts.id, echo=facts.echo, settles=facts.settles)
    return Intent(action.name, now)


def _side_effects(action: WritingAction, wanted: Wanted) -> Mapping[str, Echo]:
    """What this very call does to other objects. Taken for another's, a page would go on showing what nobody wants."""
    if isinstance(action, Create):
        return wanted.side_effects
    return action.append.side_effects if isinstance(action, Append) else {}


def _touched(desk: Desk, effects: Mapping[str, Echo]) -> dict[ObjectKey, Link]:
    """Links of the other objects that a call changes."""
    if not effects:
        return {}
    links = desk.store.links.many(desk.name, map(ObjectKey.parse, effects))
    return {key: link for key, link in links.items() if link.intent is None}


def _clouded(touched: Mapping[ObjectKey, Link], until: datetime) -> dict[ObjectKey, Link]:
    """While the call is under way, and if its answer is lost, nobody knows what these objects show."""
    return {key: replace(link, echo=doubted(link), verify_at=until) for key, link in touched.items()}


def _after_side_effects(touched: Mapping[ObjectKey, Link], effects: Mapping[str, Echo]) -> dict[ObjectKey, Link]:
    return {key: replace(link, echo={**link.echo, **effects[str(key)]}) for key, link in touched.items()}


def after_failure(intent: Intent, error: ProviderError) -> Intent | None:
    """What remains to be settled after a failed call."""
    if error.outcome is Outcome.NOT_DONE:
        return None
    if error.status is not None and error.status not in _PROXY_ANSWERS:
        return replace(intent, until=intent.at + _ANSWERED_GRACE)
    return intent


def _after_success(action: WritingAction, wanted: Wanted, link: Link, receipt: Receipt, now: datetime) -> Link:
    if isinstance(action, Remove):
        return replace(link, state=LinkState.GONE, intent=None, error=None, failures=0)
    fresh = replace(link, state=LinkState.LINKED, remote_id=receipt.remote_id, intent=None, error=None, failures=0)
    appended = {**link.appended, **receipt.appended}
    if isinstance(action, Create):
        if action.opening:
            appended.setdefault(action.opening, "")
        return replace(fresh, echo=dict(wanted.creates), appended=appended, seen_at=now)
    if isinstance(action, Append):
        appended.setdefault(action.append.id, "")
        return replace(fresh, echo=kept(link, action.append.settles), appended=appended, appended_at=now)
    return replace(fresh, echo={**link.echo, **action.echo}, appended=appended)


def space_out(desk: Desk, debt: Debt, error: Down) -> None:
    """An object whose calls fail again and again must not keep the others of its destination waiting."""
    link = desk.link(debt.key)
    failures = link.failures + 1
    pause = _spacing(failures)
    if error.status is None and error.outcome is Outcome.NOT_DONE:
        pause = timedelta(0)  # nobody was reached: that says nothing about this object
    saved = replace(link, failures=failures)
    desk.store.links.later(desk.lease, debt.key, debt.rank, desk.now() + pause, {debt.key: saved})


def _spacing(failures: int) -> timedelta:
    return timedelta(seconds=min(300.0, 2.0 ** min(failures, 8) / 2))


def _done(desk: Desk, debt: Debt, link: Link, revision: int) -> Result:
    now = desk.now()
    saved = replace(link, revision=revision, since=now, failures=0)
    if link.verify_at is not None:
        desk.store.links.later(desk.lease, debt.key, debt.rank, link.verify_at, {debt.key: saved})
        return Again(link.verify_at)
    desk.store.links.done(desk.lease, debt.key, debt.rank, revision, {debt.key: saved}, debt.wishes)
    return Done()


def later(desk: Desk, debt: Debt, link: Link, at: datetime) -> Result:
    """Save the link, and have the object looked at again, but not before a time."""
    desk.store.links.later(desk.lease, debt.key, debt.rank, at, {debt.key: link})
    return Again(at)


def _dead(desk: Desk, debt: Debt, link: Link, why: str, wanted: Wanted | None) -> Result:
    refused = fingerprint(wanted) if wanted else None
    dead = replace(link, state=LinkState.DEAD, error=why[:500], refused=refused, since=desk.now(), intent=None)
    desk.store.links.dead(desk.lease, debt.key, debt.rank, {debt.key: dead})
    return Dead(why)
