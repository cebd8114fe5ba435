"""Where the fields of an alert are in a foreign body, declared instead of programmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.sources.fields import is_left_over


class Shape:
    """Our name of a field → the places where senders put it; the first place that says something counts.

    A place is a member, or a path of members joined by dots. Several places are separated by blanks::

        Shape(key="code uuid check.uuid", title="name check.name")
    """

    def __init__(self, **places: str) -> None:
        self._places = {
            name: tuple((place, tuple(place.split("."))) for place in written.split())
            for name, written in places.items()
        }

    def __call__(self, element: Mapping[str, Any]) -> dict[str, Any]:
        """The element under our names; what no place says is None, or the placeholder that stands there."""
        return {name: _first(element, places) for name, places in self._places.items()}


def inner(value: Any, *path: str) -> Mapping[str, Any]:
    """The object at the end of a path; an empty one where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _first(element: Mapping[str, Any], places: tuple[tuple[str, tuple[str, ...]], ...]) -> Any:
    left_over = None
    for place, path in places:
        value = element.get(place)
        if value is None and len(path) > 1:
            value = inner(element, *path[:-1]).get(path[-1])
        if value is None:
            continue
        if not isinstance(value, str) or not is_left_over(value):
            return value
        left_over = value if left_over is None else left_over
    return left_over
