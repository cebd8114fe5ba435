"""Collects what is lost while one object is translated."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from bridge.errors import Refused
from bridge.model.enums import ComponentStatus, Publication, Severity, TextFormat, Visibility
from bridge.model.facts import ObjectKey
from bridge.model.loss import Loss, Losses
from bridge.model.objects import (
    CanonicalObject,
    Component,
    ComponentGroup,
    Incident,
    IncidentUpdate,
    Maintenance,
    Origin,
    Text,
)
from bridge.providers.base.impact import severity_of
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.base.mapping import load
from bridge.providers.base.markup import loses_markup
from bridge.providers.base.moments import iso
from bridge.providers.base.text import cut, cut_name, plain_title, without_controls

_EXCERPT = 80
_LEFT_BEHIND: Mapping[str, str] = MappingProxyType(
    {
        "stickied": "Incidents cannot be pinned there.",
        "collapsed": "How a group is folded is decided there.",
        "meta": "The free data of a page stays with it.",
        "metadata": "The free data of a page stays with it.",
        "default_view": "How far a curve goes back is decided there.",
        "threshold": "How far apart points must be is decided there.",
        "frequency": "What measures it stays behind: nothing feeds it there.",
        "embargoed": "Nothing there is published by itself when its time comes.",
        "reminder_intervals": "Nobody is reminded there of an incident that goes on.",
        "scheduled_remind_prior": "Nobody is reminded there of work that is near.",
        "only_show_if_degraded": "A component is shown there also while all is well.",
        "order_column": "In which order a group shows its components is decided there.",
    }
)
"""Fields of single providers that canonical objects have no place for and a page is poorer without."""
_USUAL: Mapping[str, Any] = MappingProxyType({"order_column": "manual", "reminder_intervals": "[]"})
"""Values that say nothing of their own."""
_TOLD_AS: Mapping[str, str] = MappingProxyType({"embargoed": "published_at"})
"""Notes of a reader, and the field that they are about."""
_ALIKE = frozenset({"stickied", "collapsed", "threshold", "display_chart"})
"""Fields of both Cachets, with the same values."""


class Notes:
    """The losses of one object, and the small steps that make them.

    Args:
        obj: what is translated.
        mapping: the provider's words and widths.
    """

    def __init__(self, obj: CanonicalObject, mapping: Words) -> None:
        self._key = str(ObjectKey(obj.kind, obj.id))
        self._words = mapping
        origin = obj.origin
        self._is_own = origin is not None and origin.provider == mapping.provider
        self._raw: Mapping[str, Any] = origin.raw if origin is not None and self._is_own else {}
        self._foreign = dict(origin.raw) if origin is not None and not self._is_own else {}
        self._own_impacts = _impacts_of(obj) if isinstance(obj, Maintenance) and not self._is_own else ""
        self._losses: dict[Loss, None] = {}

    @property
    def losses(self) -> Losses:
        """Everything that was noted, each once; and what another provider's object had of its own."""
        for name, why in _LEFT_BEHIND.items():
            value, field = self._foreign.get(name), _TOLD_AS.get(name, name)
            if value and value != _USUAL.get(name):
                self.lose(field, str(self._foreign.get(field, value)), "", why)
        if self._own_impacts:
            why = "Work there puts its components under maintenance, whatever it does to them."
            self.lose("components", self._own_impacts, ComponentStatus.MAINTENANCE, why)
        return tuple(self._losses)

    def lose(self, field: str, had: str, became: str, why: str) -> None:
        """Note a loss; long texts are shortened, and told apart by their length where they begin alike."""
        shown, instead = _excerpt(had), _excerpt(became)
        if shown == instead and had != became:
            shown, instead = f"{shown} ({len(had)} characters)", f"{instead} ({len(became)} characters)"
        self._losses[Loss(self._key, field, shown, instead, why)] = None

    @property
    def is_own(self) -> bool:
        """Whether the object was read from this very provider."""
        return self._is_own

    def own(self, *fields: str) -> dict[str, Any]:
        """The provider's own fields without a canonical counterpart, for an object that was read from this provider.

        A few mean the same at every provider that has them; these come from any, and are then not left behind.
        """
        alike = {name: self._foreign.pop(name) for name in fields if name in _ALIKE and name in self._foreign}
        return {**alike, **{name: self._raw[name] for name in fields if name in self._raw}}

    def word(self, member: StrEnum, field: str | None = None) -> str | int | None:
        """The provider's value for a canonical one; None when it is to be left out.

        Args:
            member: the canonical value.
            field: the provider's name of the field. An object that was read from this provider, and still means what
                it meant then, gets back the very value that it came with, also one that the tables do not know.
        """
        return self._word(member, self._raw, field)

    def part_word(self, member: StrEnum, origin: Origin | None, field: str) -> str | int | None:
        """The same for a part of the object that has an origin of its own, such as one of its updates."""
        own = origin is not None and origin.provider == self._words.provider
        return self._word(member, origin.raw if origin is not None and own else {}, field)

    def _word(self, member: StrEnum, raw: Mapping[str, Any], field: str | None) -> str | int | None:
        if field is not None and field in raw and self._words.of(type(member), raw[field]) is member:
            came_with: str | int | None = raw[field]
            return came_with
        loss = self._words.loss(member, self._key)
        if loss is not None:
            self._losses[loss] = None
        return self._words.to(member)

    def name(self, name: str, width: int | None) -> str:
        """A name in one line, cut so that it stays an identity."""
        plain = self.plain("name", name)
        return self._fitted("name", plain, cut_name(plain, width), width)

    def title(self, title: str, width: int | None) -> str:
        """A title in one line, cut."""
        plain = self.plain("title", title)
        return self._fitted("title", plain, cut(plain, width), width)

    def plain(self, field: str, line: str) -> str:
        """A name or title as one line of plain text; one that came from this provider is as it was."""
        if self._is_own:
            return line
        plain = plain_title(line)
        if "".join(plain.split()) != "".join(without_controls(line).split()):
            self.lose(field, line, plain, "Names and titles are plain text.")
        return plain

    def message(self, source: str, rendered: str, width: int | None) -> str:
        """A rendered text, cut. Formatting that the rendering dropped is a loss; a phrase put in for nothing is not."""
        if source.strip() and rendered != source.strip():
            self.lose("message", source, rendered, "The provider shows messages in another format.")
        return self._fitted("message", rendered, cut(rendered, width), width)

    def text(self, field: str, source: str, width: int | None) -> str:
        """Any other plain text, cut."""
        return self._fitted(field, source.strip(), cut(source.strip(), width), width)

    def markup(self, field: str, text: Text, rendered: str, language: TextFormat) -> None:
        """Note when a text says less, or says it more plainly, in the provider's language."""
        if text.source.strip() and loses_markup(text, rendered, language):
            self.lose(field, text.source, rendered, "Not all of its formatting can be shown there.")

    def severity_loss(self, incident: Incident, why: str, became: str = "") -> None:
        """What a provider loses that knows no severity: on its page, an incident is as bad as its components."""
        derived = severity_of(incident.components.values())
        if not self._is_own and (incident.impact, derived) != (Severity.NONE, Severity.NONE):
            self.lose("impact", incident.impact, became, why)

    def update_time_losses(self, updates: Iterable[IncidentUpdate]) -> None:
        """What a provider loses that dates every update to the moment of the call."""
        told = ", ".join(iso(update.at) for update in updates)
        if told:
            self.lose("updates.at", told, "", "Updates there have the time at which they are written.")

    def update_component_losses(self, updates: Iterable[IncidentUpdate], why: str) -> None:
        """What a provider loses whose updates say nothing about components."""
        told = sorted({name for update in updates for name in update.components})
        if told:
            self.lose("updates.components", ", ".join(told), "", why)

    def label_losses(self, component: Component, kept: Container[str] = ()) -> None:
        """What a provider loses that knows no labels, except those that it has in another form."""
        lost = ", ".join(f"{name}={value}" for name, value in component.labels.items() if name not in kept)
        if lost:
            self.lose("labels", lost, "", "Components have no labels there.")

    def group_losses(self, group: ComponentGroup) -> None:
        """What a provider loses that always shows its groups, in an order of its own."""
        if group.visibility is not Visibility.PUBLIC:
            self.lose("visibility", group.visibility, Visibility.PUBLIC, "Component groups cannot be hidden there.")
        if group.position is not None:
            self.lose("position", str(group.position), "", "The order of component groups cannot be written there.")

    def _fitted(self, field: str, whole: str, fitted: str, width: int | None) -> str:
        if fitted != whole:
            self.lose(field, whole, fitted, f"The provider takes at most {width} characters here.")
        return fitted


def _impacts_of(work: Maintenance) -> str:
    """What planned work does to its components beside putting them under maintenance, as its own page says."""
    if work.origin is None or not work.origin.raw.get("impacts"):
        return ""
    words = load(work.origin.provider)
    told = {name: words.of(ComponentStatus, value) for name, value in work.origin.raw["impacts"].items() if value}
    changed = (f"{name}={told[name]}" for name in sorted(told) if told[name] is not ComponentStatus.MAINTENANCE)
    return ", ".join(changed)


def refuse_if_private(obj: Incident | Maintenance, mapping: Words) -> None:
    """Stop what must not be shown there.

    Raises:
        Refused: it is not published, or it is hidden and the provider cannot hide.
    """
    if isinstance(obj, Incident) and obj.publication is not Publication.PUBLISHED:
        raise Refused(f"{obj.id} is {obj.publication} and must not be published")
    if not mapping.capabilities.may_show(obj.visibility):
        raise Refused(
            f"{obj.id} is {obj.visibility}, and {mapping.provider} cannot hide it: "
            f"take this destination out of its route, or make it {Visibility.PUBLIC}"
        )


def _excerpt(text: str) -> str:
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"
