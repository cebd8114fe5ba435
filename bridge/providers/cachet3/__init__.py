"""Cachet 3 (JSON:API)."""

from bridge.providers.cachet3.client import Client
from bridge.providers.cachet3.provider import make
from bridge.providers.cachet3.settings import Options

__all__ = ["Client", "Options", "make"]
