"""What PingPong's API has not got, in words for whoever asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bridge.errors import Refused
from bridge.model.enums import Kind

_NOT_THERE: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.SUBSCRIBER: "PingPong's API has no subscribers: they subscribe on the page, and are kept there",
        Kind.INCIDENT_TEMPLATE: "PingPong's API has no incident templates",
        Kind.INCIDENT_UPDATE: "PingPong shows an update only inside of its incident",
        Kind.METRIC_POINT: "PingPong's API takes metric points and never shows them",
    }
)


def unreadable(kind: Kind) -> Refused:
    """Why objects of a kind cannot be read."""
    return Refused(_NOT_THERE[kind])


def unwritable(kind: Kind, identity: str) -> Refused:
    """Why an object of a kind cannot be written."""
    return Refused(f"{identity}: {_NOT_THERE[kind]}; leave {kind} out for this destination")
