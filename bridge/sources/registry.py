"""Which source types there are: ours by the files of this package, those of third parties by entry point.

A file of this package in which a class says ``name: ClassVar[str] = "…"`` is a source type; there is no table to keep.
The files are read for these names and nothing is imported before a type is named. A type that the configuration names
and that cannot be loaded is an error there and then, never a 404 later.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from typing import Any, cast

from marshmallow import Schema

from bridge.config.schemes import Scheme
from bridge.errors import ConfigError
from bridge.sources.base import SourceType, traits_of

GROUP = "statusbridge.sources"
"""Entry point group for source types of third parties."""

_PACKAGE = "bridge.sources"
_CLASS = re.compile(r"class (\w+)")
_NAME = re.compile(r' {4}name(?:: ClassVar\[str\])? = "([a-z0-9][a-z0-9-]*)"')


def built_in() -> Mapping[str, str]:
    """Our own types: name → ``module:class``."""
    return _scan(_PACKAGE)


def names() -> tuple[str, ...]:
    """All type names that may stand after ``type:``, sorted."""
    return tuple(sorted({*built_in(), *_third_parties()}))


def load(type_name: str) -> type[SourceType]:
    """The class of a source type; ``-`` and ``_`` are alike.

    Raises:
        ConfigError: when there is no such type or it cannot be imported.
    """
    name = normal(type_name)
    path = built_in().get(name)
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


def scheme(type_name: str) -> Scheme | None:
    """How the vendor of a type signs; None where it does not.

    Raises:
        ConfigError: when there is no such type or it cannot be imported.
    """
    return traits_of(load(type_name)).scheme


def normal(type_name: str) -> str:
    """The one spelling of a type name: lower case, with hyphens."""
    return type_name.strip().lower().replace("_", "-")


@cache
def _scan(package: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for file in files(package).iterdir():
        if file.name.endswith(".py"):
            module = f"{package}.{file.name.removesuffix('.py')}"
            found.update({name: f"{module}:{kind}" for name, kind in _named_in(file.read_text(encoding="utf-8"))})
    return found


def _named_in(text: str) -> Iterator[tuple[str, str]]:
    """Name and class of each type in a file."""
    kind = ""
    for line in text.splitlines():
        if opening := _CLASS.match(line):
            kind = opening[1]
        elif kind and (named := _NAME.fullmatch(line)):
            yield named[1], kind


def _third_parties() -> dict[str, EntryPoint]:
    return {normal(point.name): point for point in entry_points(group=GROUP)}


def _load_third_party(name: str, as_written: str) -> type[SourceType]:
    found = _third_parties()
    point = found.get(name)
    if point is None:
        known = names()
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
