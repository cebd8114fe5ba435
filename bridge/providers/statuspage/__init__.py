"""Atlassian Statuspage."""

from bridge.providers.statuspage.client import Client
from bridge.providers.statuspage.provider import make
from bridge.providers.statuspage.settings import Options

__all__ = ["Client", "Options", "make"]
