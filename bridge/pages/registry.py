"""The types of pages by name: what may stand after ``type:`` for a source that is looked at.

A module of a page that is no provider has three names: ``make(settings, budget, observe, clock)``, which gives
the :class:`bridge.providers.base.provider.Page`, ``Options``, the marshmallow schema of the settings that only this
type has, and ``LIMITS``, how often it may be asked.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import marshmallow

from bridge.clock import Clock, SystemClock
from bridge.config.settings import DestinationSettings
from bridge.model.enums import Kind
from bridge.providers import registry as providers
from bridge.providers.base import mapping
from bridge.providers.base.mapping import Limits
from bridge.providers.base.provider import Budget, Observer, Page

READ_ONLY: Mapping[str, str] = MappingProxyType(
    {
        "statuspage-public": "bridge.pages.statuspage_public",
        "feed": "bridge.pages.feed",
        "icalendar": "bridge.pages.calendar",
    }
)
"""Types of pages that are read without a token and never written, and the modules that do it."""


TITLES: Mapping[str, str] = MappingProxyType(
    {
        "cachet2": "Cachet 2, looked at",
        "cachet3": "Cachet 3, looked at",
        "statuspage": "Statuspage, looked at with a token",
        "pingpong": "PingPong, looked at",
        "statuspage-public": "any page hosted by Statuspage",
        "feed": "RSS and Atom status feeds",
        "icalendar": "planned work in iCalendar files",
    }
)
"""What each type looks at, for people."""


def title(name: str) -> str:
    """What a type of page looks at; its own name where somebody else made it."""
    return TITLES.get(name, name)


def names() -> tuple[str, ...]:
    """Every type of page that can be looked at."""
    return (*providers.names(), *READ_ONLY)


def normal(name: str) -> str:
    """The registry's own spelling of a type."""
    return name.strip().lower().replace("_", "-")


def options_schema(name: str) -> type[marshmallow.Schema]:
    """The schema of the settings that only this type of page has.

    Raises:
        ConfigError: there is no such type, or it cannot be loaded.
    """
    schema: type[marshmallow.Schema] = _module(name).Options if name in READ_ONLY else providers.options_schema(name)
    return schema


def limits(name: str) -> Limits:
    """How often a type of page may be asked."""
    if name not in READ_ONLY:
        return mapping.load(name).limits
    found: Limits = _module(name).LIMITS
    return found


def shows_points(name: str) -> bool:
    """Whether a type of page shows the points of its metrics."""
    return name not in READ_ONLY and Kind.METRIC_POINT in mapping.load(name).capabilities.readable


def make(settings: DestinationSettings, budget: Budget, observe: Observer, clock: Clock | None = None) -> Page:
    """What looks at one page.

    Args:
        settings: of the page.
        budget: asked before every call.
        observe: told after every call.
        clock: for pages that say other things as time passes; the machine's own when left out.

    Raises:
        ConfigError: there is no such type, it cannot be loaded, or the settings cannot be used.
    """
    if settings.type not in READ_ONLY:
        return providers.make(settings, budget, observe)
    page: Page = _module(settings.type).make(settings, budget, observe, clock or SystemClock())
    return page


def _module(name: str) -> Any:
    return importlib.import_module(READ_ONLY[name])
