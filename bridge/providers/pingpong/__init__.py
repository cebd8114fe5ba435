"""PingPong Status Pages as a destination, and as a library."""

from bridge.providers.pingpong.client import Client
from bridge.providers.pingpong.provider import PingPong as make
from bridge.providers.pingpong.settings import ROUTES, Options

__all__ = ["ROUTES", "Client", "Options", "make"]
