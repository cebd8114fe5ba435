"""A local Cachet 3."""

from bridge.sandbox.cachet3.plugin import ProviderSandbox

__all__ = ["ProviderSandbox"]
