"""A local copy of Atlassian Statuspage: the v1 management API and the public v2 JSON.

Each rule names where it is known from; what is unknown about the real service is a switch in ``settings``.
"""

from __future__ import annotations

from bridge.sandbox.statuspage.plugin import ProviderSandbox
from bridge.sandbox.statuspage.settings import StatuspageSettings
from bridge.sandbox.statuspage.world import COMPONENT_IDS, GROUP_ID, ORGANIZATION_ID, PAGE_ID

__all__ = ["COMPONENT_IDS", "GROUP_ID", "ORGANIZATION_ID", "PAGE_ID", "ProviderSandbox", "StatuspageSettings"]
