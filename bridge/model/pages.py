"""What is known of a status page that is mirrored: what was seen there last, and what became of it here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bridge.ids import derived_id
from bridge.model.enums import ComponentStatus, Kind, Visibility
from bridge.model.facts import ObjectKey
from bridge.model.objects import Component, ComponentGroup, Incident, Maintenance
from bridge.model.state import Decision

Mirrored = Incident | Maintenance
"""What is taken over from a page as an object of its own; of components only the status is, unless they are made."""


@dataclass(frozen=True, slots=True)
class Original:
    """What a component is made after, where it is missing and was asked for.

    Attributes:
        component: with our own ids; its status is none of its own.
        group: the heading it stands under.
    """

    component: Component
    group: ComponentGroup | None = None

    @property
    def is_private(self) -> bool:
        """Whether it is kept from the public where it comes from."""
        hidden_group = self.group is not None and self.group.visibility is not Visibility.PUBLIC
        return hidden_group or not self.component.showcased


def group_id(name: str) -> str:
    """Our id of a component group: on a destination there is one of a name."""
    return derived_id("grp", name)


def remote_key(kind: Kind, remote_id: str) -> str:
    """The name of an object of a page, among all that the page has."""
    return f"{kind}:{remote_id}"


@dataclass(frozen=True, slots=True)
class Remembered:
    """One object of a page as it was when the page was last looked at.

    Attributes:
        id: its canonical id.
        fingerprint: of everything that is compared.
        taken: whether it is mirrored; a closed incident of a first run may be left where it is.
        open: whether it was still going on.
        revision: of the object that was taken over last.
    """

    id: str
    fingerprint: str
    taken: bool
    open: bool
    revision: int = 0


@dataclass(frozen=True, slots=True)
class ComponentSeen:
    """The status that a page gives to one of our components."""

    status: ComponentStatus


@dataclass(frozen=True, slots=True)
class Travels:
    """What is remembered of an object that people change on the pages of a two-way mirror.

    Attributes:
        history: by field, when it was taken over from a page (milliseconds) and a fingerprint of its value, oldest
            first.
        clashes: by page and field (``page.title``), the fingerprint of what is held there because both sides changed
            it.
        stopped: fields that are left alone from now on, because they went to and fro.
    """

    history: Mapping[str, Sequence[Sequence[Any]]] = field(default_factory=dict)
    clashes: Mapping[str, str] = field(default_factory=dict)
    stopped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageMemory:
    """Everything known of one page.

    Attributes:
        begun: when the page was first looked at to the end; None while it never was.
        objects: by remote key (``incident:<remote id>``), what goes on and what was asked for; not all there ever was.
        components: by our component id.
        originals: by remote id, the components of the page that became ours because they were to be made elsewhere.
        etags: by document, for conditional reads.
        stopped: the page was paused because everything was gone from it at once.
    """

    begun: datetime | None = None
    objects: Mapping[str, Remembered] = field(default_factory=dict)
    components: Mapping[str, ComponentSeen] = field(default_factory=dict)
    originals: Mapping[str, Original] = field(default_factory=dict)
    etags: Mapping[str, str] = field(default_factory=dict)
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class PageChanges:
    """What a look at a page changes.

    Attributes:
        remembered: remote keys to remember anew.
        mirrored: objects to save, whole, with their new revision.
        withdrawn: objects whose copies are to be removed.
        components: our components whose status on the page changed.
        originals: by remote id, components of the page that are new or changed, and are to be made elsewhere.
        travels: what is remembered of objects that people changed on a page of a two-way mirror.
    """

    remembered: Mapping[str, Remembered] = field(default_factory=dict)
    mirrored: tuple[Mirrored, ...] = ()
    withdrawn: tuple[ObjectKey, ...] = ()
    components: Mapping[str, ComponentSeen] = field(default_factory=dict)
    originals: Mapping[str, Original] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    travels: Mapping[ObjectKey, Travels] = field(default_factory=dict)
