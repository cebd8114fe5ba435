"""A local copy of PingPong Status Pages: the REST API and the badges.

Most of the real service is known from its documentation only; what had to be decided is a switch in ``settings``.
"""

from __future__ import annotations

from bridge.sandbox.pingpong.plugin import ProviderSandbox
from bridge.sandbox.pingpong.seed import COMPONENT_IDS, GROUP_ID
from bridge.sandbox.pingpong.settings import PingPongSettings
from bridge.sandbox.pingpong.site import WIDGET_KEY

__all__ = ["COMPONENT_IDS", "GROUP_ID", "WIDGET_KEY", "PingPongSettings", "ProviderSandbox"]
