"""PingPong Status Pages as a destination."""

from bridge.providers.pingpong.provider import PingPong as make
from bridge.providers.pingpong.settings import Options

__all__ = ["Options", "make"]
