"""The operations of the v1 API, one module per resource; each has a table ``ROUTES``."""

from __future__ import annotations
