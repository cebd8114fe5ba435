"""A local Cachet 2 (2.4 and 2.3)."""

from bridge.sandbox.cachet2.plugin import ProviderSandbox

__all__ = ["ProviderSandbox"]
