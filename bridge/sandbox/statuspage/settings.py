"""Switches of the Statuspage sandbox: what is unknown about the real service, and what tests want off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass
class StatuspageSettings:
    """Mutable; survives a reset.

    Attributes:
        rate_limit: calls per token in a rolling window; None switches the limit off.
        rate_window: seconds.
        over_limit_status: 420 or 429; the vendor documents both, so clients must cope with either.
        count_refused_calls: whether a call over the limit itself counts against the window (unknown).
        error_shape: how the value of ``error`` looks for validation problems (seen: all three).
        reopening: whether a resolved incident may be patched back to an open status (unknown).
    """

    rate_limit: int | None = 60
    rate_window: float = 60.0
    over_limit_status: int = 420
    count_refused_calls: bool = False
    error_shape: Literal["list", "string", "object"] = "list"
    reopening: bool = True
