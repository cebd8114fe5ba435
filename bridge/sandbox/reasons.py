"""Short words for an HTTP status, for errors for which a provider is not known to have its own."""

from __future__ import annotations

from http import HTTPStatus

_CALM = "Enhance Your Calm"
"""What goes with 420, which is in no standard."""


def reason(status: int) -> str:
    """Such as "Conflict" for 409."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return _CALM
