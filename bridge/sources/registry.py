"""Which source types there are: ours by dotted path, those of third parties by entry point.

Nothing is imported before it is named. A type that the configuration names and that cannot be loaded is an error
there and then, never a 404 later.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from marshmallow import Schema

from bridge.errors import ConfigError
from bridge.sources.base import SourceType

GROUP = "statusbridge.sources"
"""Entry point group for source types of third parties."""

BUILT_IN: Mapping[str, str] = {
    "alertmanager": "bridge.sources.alertmanager:Alertmanager",
    "generic": "bridge.sources.generic:Generic",
}
"""Type name → ``module:class``."""


def names() -> tuple[str, ...]:
    """All type names that may stand after ``type:``, sorted."""
    return tuple(sorted({*BUILT_IN, *_third_parties()}))


def load(type_name: str) -> type[SourceType]:
    """The class of a source type; ``-`` and ``_`` are alike.

    Raises:
        ConfigError: when there is no such type or it cannot be imported.
    """
    name = normal(type_name)
    path = BUILT_IN.get(name)
    if path is None:
        return _load_third_party(name, type_name)
    module, _, attribute = path.partition(":")
    return cast(type[SourceType], getattr(import_module(module), attribute))


def make(type_name: str, options: Mapping[str, Any]) -> SourceType:
    """A source of the given type; the options must have passed :func:`options_schema`.

    Raises:
        ConfigError: when there is no such type or it cannot be imported.
    """
    return load(type_name)(options)


def options_schema(type_name: str) -> type[Schema]:
    """The marshmallow schema of a type's own settings.

    Raises:
        ConfigError: when there is no such type or it cannot be imported.
    """
    return load(type_name).options_schema


def normal(type_name: str) -> str:
    """The one spelling of a type name: lower case, with hyphens."""
    return type_name.strip().lower().replace("_", "-")


def _third_parties() -> dict[str, EntryPoint]:
    return {normal(point.name): point for point in entry_points(group=GROUP)}


def _load_third_party(name: str, as_written: str) -> type[SourceType]:
    found = _third_parties()
    point = found.get(name)
    if point is None:
        known = sorted({*BUILT_IN, *found})
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean “{close[0]}”?" if close else f"known are: {', '.join(known)}."
        raise ConfigError([f"there is no source type “{as_written}”; {hint}"])
    try:
        return cast(type[SourceType], point.load())
    except Exception as error:
        package = point.dist.name if point.dist else point.value
        why = f"{type(error).__name__}: {error}"
        raise ConfigError(
            [f"the source type “{as_written}” of the package {package} cannot be loaded: {why}"]
        ) from error
