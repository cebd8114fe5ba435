"""Collects what is lost while one object is translated."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from bridge.errors import Refused
from bridge.model.enums import Publication, Visibility
from bridge.model.facts import ObjectKey
from bridge.model.loss import Loss, Losses
from bridge.model.objects import CanonicalObject, ComponentGroup, Incident, Maintenance
from bridge.providers.base.mapping import Mapping
from bridge.providers.base.text import cut, cut_name, plain_title

_EXCERPT = 80


class Notes:
    """The losses of one object, and the small steps that make them.

    Args:
        obj: what is translated.
        mapping: the provider's words and widths.
    """

    def __init__(self, obj: CanonicalObject, mapping: Mapping) -> None:
        self._key = str(ObjectKey(obj.kind, obj.id))
        self._mapping = mapping
        origin = obj.origin
        self._raw = origin.raw if origin is not None and origin.provider == mapping.provider else {}
        self._losses: dict[Loss, None] = {}

    @property
    def losses(self) -> Losses:
        """Everything that was noted, each once."""
        return tuple(self._losses)

    def lose(self, field: str, had: str, became: str, why: str) -> None:
        """Note a loss; long texts are shortened, and told apart by their length where they begin alike."""
        shown, instead = _excerpt(had), _excerpt(became)
        if shown == instead and had != became:
            shown, instead = f"{shown} ({len(had)} characters)", f"{instead} ({len(became)} characters)"
        self._losses[Loss(self._key, field, shown, instead, why)] = None

    def own(self, *fields: str) -> dict[str, Any]:
        """The provider's own fields without a canonical counterpart, for an object that was read from this provider."""
        return {name: self._raw[name] for name in fields if name in self._raw}

    def word(self, member: StrEnum, field: str | None = None) -> str | int | None:
        """The provider's value for a canonical one; None when it is to be left out.

        Args:
            member: the canonical value.
            field: the provider's name of the field. An object that was read from this provider, and still means what
                it meant then, gets back the very value that it came with, also one that the tables do not know.
        """
        if field is not None and field in self._raw and self._mapping.of(type(member), self._raw[field]) is member:
            came_with: str | int | None = self._raw[field]
            return came_with
        loss = self._mapping.loss(member, self._key)
        if loss is not None:
            self._losses[loss] = None
        return self._mapping.to(member)

    def name(self, name: str, width: int | None) -> str:
        """A name in one line, cut so that it stays an identity."""
        return self._fitted("name", plain_title(name), cut_name(plain_title(name), width), width)

    def title(self, title: str, width: int | None) -> str:
        """A title in one line, cut."""
        return self._fitted("title", plain_title(title), cut(plain_title(title), width), width)

    def message(self, source: str, rendered: str, width: int | None) -> str:
        """A rendered text, cut. Formatting that the rendering dropped is a loss; a phrase put in for nothing is not."""
        if source.strip() and rendered != source.strip():
            self.lose("message", source, rendered, "The provider shows messages in another format.")
        return self._fitted("message", rendered, cut(rendered, width), width)

    def text(self, field: str, source: str, width: int | None) -> str:
        """Any other plain text, cut."""
        return self._fitted(field, source.strip(), cut(source.strip(), width), width)

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


def refuse_if_private(obj: Incident | Maintenance, mapping: Mapping) -> None:
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
