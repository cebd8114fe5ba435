"""Cachet 2 (2.3 and 2.4) as a destination, and as a library."""

from bridge.providers.cachet2.audience import verified_at
from bridge.providers.cachet2.client import Client
from bridge.providers.cachet2.dialect import NotInDialect
from bridge.providers.cachet2.provider import Cachet2 as make
from bridge.providers.cachet2.resources import has_tag
from bridge.providers.cachet2.settings import Dialect, Options

__all__ = ["Client", "Dialect", "NotInDialect", "Options", "has_tag", "make", "verified_at"]
