"""What is known of a status page that is mirrored: what was seen there last, and what became of it here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bridge.model.enums import ComponentStatus
from bridge.model.facts import ObjectKey
from bridge.model.objects import Incident, Maintenance
from bridge.model.state import Decision

Mirrored = Incident | Maintenance
"""What is taken over from a page as an object of its own; of components only the status is."""


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
class PageMemory:
    """Everything known of one page.

    Attributes:
        begun: when the page was first looked at to the end; None while it never was.
        objects: by remote key (``incident:<remote id>``).
        components: by our component id.
        etags: by document, for conditional reads.
        stopped: the page was paused because everything was gone from it at once.
    """

    begun: datetime | None = None
    objects: Mapping[str, Remembered] = field(default_factory=dict)
    components: Mapping[str, ComponentSeen] = field(default_factory=dict)
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
    """

    remembered: Mapping[str, Remembered] = field(default_factory=dict)
    mirrored: tuple[Mirrored, ...] = ()
    withdrawn: tuple[ObjectKey, ...] = ()
    components: Mapping[str, ComponentSeen] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
