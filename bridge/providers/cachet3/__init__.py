"""Cachet 3 (JSON:API)."""

from bridge.providers.cachet3.provider import make
from bridge.providers.cachet3.settings import Options

__all__ = ["Options", "make"]
