"""The providers by name. Loaded when the configuration names them, and loudly when that fails.

A provider is a package with two names: ``make(settings, budget, observe)``, which gives the
:class:`bridge.providers.base.provider.Provider` of one destination, and ``Options``, the marshmallow schema of the
settings that only this provider has. A third party's package is found through the entry point group
``statusbridge.providers``, whose entries name such a package.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any

import marshmallow

from bridge.config.settings import DestinationSettings
from bridge.errors import ConfigError
from bridge.providers.base.provider import Budget, Observer, Provider

GROUP = "statusbridge.providers"

_BUILT_IN: Mapping[str, str] = MappingProxyType(
    {
        "cachet2": "bridge.providers.cachet2",
        "cachet3": "bridge.providers.cachet3",
        "statuspage": "bridge.providers.statuspage",
        "pingpong": "bridge.providers.pingpong",
    }
)


def names() -> tuple[str, ...]:
    """Every provider that can be configured, by name."""
    return tuple(sorted({*_BUILT_IN, *_plugins()}))


def options_schema(name: str) -> type[marshmallow.Schema]:
    """The schema of the settings that only this provider has.

    Raises:
        ConfigError: there is no such provider, or it cannot be loaded.
    """
    schema: type[marshmallow.Schema] = _package(name).Options
    return schema


def make(settings: DestinationSettings, budget: Budget, observe: Observer) -> Provider:
    """The provider of one destination.

    Raises:
        ConfigError: there is no such provider, it cannot be loaded, or the settings cannot be used.
    """
    provider: Provider = _package(settings.type).make(settings, budget, observe)
    return provider


def _package(name: str) -> Any:
    try:
        if name in _BUILT_IN:
            package: Any = importlib.import_module(_BUILT_IN[name])
        else:
            package = _plugins()[name].load()
    except KeyError:
        known = ", ".join(names())
        raise ConfigError([f"there is no provider {name!r}; known providers: {known}"]) from None
    except ImportError as error:
        raise ConfigError([f"the provider {name!r} cannot be loaded: {error}"]) from error
    missing = [part for part in ("make", "Options") if not hasattr(package, part)]
    if missing:
        raise ConfigError([f"the provider {name!r} lacks {' and '.join(missing)}; it does not fit this version"])
    return package


def _plugins() -> Mapping[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP) if entry.name not in _BUILT_IN}
