"""Make the components that are to be made on a destination and are missing there, with their groups; each once.

The same protocol as for everything that is written: the link says what is intended before the call, and whatever
has an intent is looked for before anything is made again. One after the other, those first that a live incident
waits for; the others give way as soon as something live is due.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from bridge.errors import Ambiguous, Refused
from bridge.model.actions import Create, Reason
from bridge.model.enums import Kind, Visibility
from bridge.model.facts import Link, LinkState, ObjectKey, Refs, Seen, Wanted
from bridge.model.loss import Losses
from bridge.model.objects import Component, ComponentGroup, Incident, Maintenance
from bridge.model.pages import Original
from bridge.model.state import Decision, Why
from bridge.store.outbox import COMPONENTS, LIVE
from bridge.sync.outbox.bind import entry_of
from bridge.sync.outbox.desk import Desk
from bridge.sync.outbox.reconcile import perform
from bridge.sync.outbox.settle import settle

_LOOKED_AT = 100
"""How many due objects are looked through for those that wait for a component."""


def make_components(desk: Desk) -> None:
    """Make what is missing and was asked for; :func:`bridge.sync.outbox.bind.bind_components` goes before.

    Raises:
        ProviderError: a call failed; what was made before stays so, and the rest is made another time.
    """
    wanted = [ObjectKey(Kind.COMPONENT, name) for name in desk.components()]
    wanted = [key for key in wanted if desk.settings.components[key.id].may_be_made(desk.name)]
    links = desk.store.links.many(desk.name, wanted)
    missing = [key for key in wanted if links.get(key, Link()).state is LinkState.ABSENT]
    maker = _Maker(desk)
    if not all(maker.is_settled(key) for key in missing):
        return  # what becomes of a lost call must be known first, or a thing of equal name is taken for another's
    for key, link in links.items():
        if maker.lacks_its_group(key, link):
            maker.make_group_around(key, link)
    missing = [key for key in missing if desk.link(key).state is LinkState.ABSENT]
    needed = _waited_for(desk) if missing else frozenset()
    for key in sorted(missing, key=lambda key: key not in needed):
        if key not in needed and _is_live_work_due(desk):
            return
        if not maker.make(key):
            return


def _waited_for(desk: Desk) -> frozenset[ObjectKey]:
    """The components of what is live and due."""
    live = [debt.key for debt in desk.store.outbox.due(desk.name, desk.now(), _LOOKED_AT) if debt.rank == LIVE]
    objects = [desk.store.find(key) for key in live]
    names = {name for obj in objects if isinstance(obj, Incident | Maintenance) for name in obj.components}
    return frozenset(ObjectKey(Kind.COMPONENT, name) for name in names)


def _is_live_work_due(desk: Desk) -> bool:
    return any(debt.rank == LIVE for debt in desk.store.outbox.due(desk.name, desk.now(), 1))


@dataclass(frozen=True, slots=True)
class _Heading:
    """The group on the destination under which a component is to stand.

    Attributes:
        remote_id: None where there is none, or none yet.
        is_private: whether it keeps its components from the public.
    """

    remote_id: str | None = None
    is_private: bool = False


class _Unsettled(Exception):
    """The outcome of a call for the group is not known yet."""


class _Maker:
    """Makes components and groups on one destination."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def is_settled(self, key: ObjectKey) -> bool:
        """Whether it is known what became of every call for an object; a thing that was made is linked then."""
        link = self._desk.link(key)
        if link.intent is None:
            return True
        try:
            _, again = settle(self._desk, key, link)
        except (Refused, Ambiguous) as error:
            self._give_up(key, str(error))
            return True
        return again is None

    def make(self, key: ObjectKey) -> bool:
        """Make a component, with its group where that is missing.

        Returns:
            False when the outcome of a call is not known yet: nothing more may be made then.
        """
        original = self._original(key)
        try:
            heading = self._heading(original.group) if original.group else _Heading()
            wanted, losses = self._translate(key, original, heading)
            link = self._create(key, wanted, losses)
        except _Unsettled:
            return False
        except (Refused, Ambiguous) as error:
            self._give_up(key, str(error))
            return True
        if self.lacks_its_group(key, link):
            self.make_group_around(key, link)
        return True

    def lacks_its_group(self, key: ObjectKey, link: Link) -> bool:
        """Whether a component was made before its group, because groups begin with a component here."""
        group = self._original(key).group
        if group is None or link.adopted or link.state is not LinkState.LINKED:
            return False
        if not self._desk.provider.capabilities.groups_begin_with_component:
            return False
        return self._desk.link(ObjectKey(group.kind, group.id)).state is LinkState.ABSENT

    def make_group_around(self, key: ObjectKey, link: Link) -> None:
        """Make the group of a component that was made before it."""
        group = self._original(key).group
        if group is None:
            return
        group_key = ObjectKey(group.kind, group.id)
        refs = Refs({str(key): str(link.remote_id)})
        if not self.is_settled(group_key) or self._desk.link(group_key).state is not LinkState.ABSENT:
            return
        same = [item for item in self._groups if item.name == group.name]
        if same:  # somebody made one meanwhile: the components that come next stand under that
            found = Link(LinkState.LINKED, same[0].remote_id, echo=dict(same[0].echo), adopted=True)
            self._desk.keep(group_key, found)
            return
        try:
            wanted, losses = self._desk.provider.translate(replace(group, members=(key.id,)), refs)
            self._groups.append(_as_seen(self._create(group_key, wanted, losses), group))
        except Refused as error:
            self._give_up(group_key, str(error))

    # --- groups ------------------------------------------------------------------------------------------------

    def _heading(self, group: ComponentGroup) -> _Heading:
        """The group as it is there: adopted by its name, or made; none where it could not be as private as it is.

        Raises:
            Refused: several groups there go by the name.
            _Unsettled: see there.
        """
        key = ObjectKey(group.kind, group.id)
        if not self.is_settled(key):
            raise _Unsettled
        link = self._desk.link(key)
        if link.state in (LinkState.GONE, LinkState.DEAD):
            return _Heading()
        there = [item for item in self._groups if item.remote_id == link.remote_id]
        same = there or [item for item in self._groups if item.name == group.name]
        if len(same) > 1:
            ids = ", ".join(item.remote_id for item in same)
            raise Refused(f"{len(same)} component groups there are called {group.name!r} ({ids}): rename all but one")
        if same:
            if link.remote_id != same[0].remote_id:
                found = Link(LinkState.LINKED, same[0].remote_id, echo=dict(same[0].echo), adopted=True)
                self._desk.keep(key, found)
            return _Heading(same[0].remote_id, self._is_private(same[0]))
        return self._made_heading(key, group)

    def _made_heading(self, key: ObjectKey, group: ComponentGroup) -> _Heading:
        desk = self._desk
        try:
            wanted, losses = desk.provider.translate(group, Refs())
        except Refused:
            wanted = None
        if wanted is None or any(loss.field == "visibility" for loss in losses):
            desk.keep(key, Link(LinkState.GONE))
            return _Heading()
        if desk.provider.capabilities.groups_begin_with_component:
            desk.keep(key, Link())
            return _Heading()
        made = self._create(key, wanted, losses)
        self._groups.append(_as_seen(made, group))
        return _Heading(made.remote_id, group.visibility is not Visibility.PUBLIC)

    @cached_property
    def _groups(self) -> list[Seen]:
        return list(self._desk.provider.scan(Kind.COMPONENT_GROUP))

    def _is_private(self, seen: Seen) -> bool:
        if not seen.raw:
            return False
        group, _ = self._desk.provider.read(Kind.COMPONENT_GROUP, seen, self._desk.name, _as_it_is)
        return isinstance(group, ComponentGroup) and group.visibility is not Visibility.PUBLIC

    # --- components --------------------------------------------------------------------------------------------

    def _original(self, key: ObjectKey) -> Original:
        original = self._desk.settings.components[key.id].original
        if original is None:
            raise LookupError(f"{key} is not to be made")
        return original

    def _translate(self, key: ObjectKey, original: Original, heading: _Heading) -> tuple[Wanted, Losses]:
        """The component in the destination's words. It is hidden where its group would have hidden it.

        Raises:
            Refused: it cannot be kept as private as it is.
        """
        desk, like = self._desk, original.component
        group = original.group
        exposed = group is not None and group.visibility is not Visibility.PUBLIC and not heading.is_private
        now = desk.load(key)
        if not isinstance(now, Component):
            raise LookupError(f"{key} is not known any more")
        obj = replace(
            now,
            link=like.link,
            position=like.position,
            labels=like.labels,
            showcased=like.showcased and not exposed,
            group=group.id if group and heading.remote_id else None,
        )
        refs = Refs({str(ObjectKey(group.kind, group.id)): heading.remote_id} if group and heading.remote_id else {})
        wanted, losses = desk.provider.translate(obj, refs)
        if not obj.showcased and any(loss.field == "showcased" for loss in losses):
            raise Refused(f"{like.name!r} is kept from the public, and components cannot be hidden there")
        return wanted, losses

    def _create(self, key: ObjectKey, wanted: Wanted, losses: Losses) -> Link:
        desk = self._desk
        action = Create(key, wanted.create, wanted.find, wanted.creates, wanted.opening, Reason.FIRST)
        try:
            link = perform(desk, action, wanted, Link(losses=losses))
        finally:
            desk.store.story.add_calls(desk.name, key, desk.calls.drain())
        text = f"{wanted.find.title!r} was made on {desk.name}, because nothing of that name was there"
        desk.store.story.add_decision(Decision(desk.now(), str(key), Why.MADE, text, incident=key.id))
        return link

    def _give_up(self, key: ObjectKey, why: str) -> None:
        """A dead letter; a component is tried again when its entry in the configuration has changed."""
        entry = entry_of(self._desk, key) if key.kind is Kind.COMPONENT else None
        dead = Link(LinkState.DEAD, error=why[:500], refused=entry)
        self._desk.store.links.dead(self._desk.lease, key, COMPONENTS, {key: dead})


def _as_seen(link: Link, group: ComponentGroup) -> Seen:
    return Seen(str(link.remote_id), link.echo, name=group.name)


def _as_it_is(kind: Kind, remote_id: str, at: datetime | None) -> str:
    return remote_id
