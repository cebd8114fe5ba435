"""What a provider cannot express, as a value instead of silence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loss:
    """One thing that is lost or changed on the way to a provider.

    Attributes:
        object: key of the object, such as ``incident:inc_…``.
        field: canonical field.
        had: the canonical value, as text.
        became: what is written instead, as text; empty when nothing is.
        why: one sentence.
    """

    object: str
    field: str
    had: str
    became: str
    why: str


Losses = tuple[Loss, ...]
