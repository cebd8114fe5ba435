"""Cachet 2.4 as a destination."""

from bridge.providers.cachet2.provider import Cachet2 as make
from bridge.providers.cachet2.settings import Options

__all__ = ["Options", "make"]
