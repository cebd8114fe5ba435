"""The public HTML pages of the sandbox: what a visitor of each provider's page would see, and an index of them."""

from __future__ import annotations

from bridge.sandbox.pages.routes import blueprint

__all__ = ["blueprint"]
