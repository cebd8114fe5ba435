"""What is otherwise on a Cachet 3 server without free data, from before July 2026.

Nothing there carries our marker. What a lost call may have made is known by everything that was sent being equal; when
several are, none is taken (see docs/decisions/0004).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bridge.model.enums import Severity
from bridge.model.facts import FindBy, ObjectKey, Seen
from bridge.model.loss import Loss, Losses
from bridge.model.objects import CanonicalObject, Component, Incident
from bridge.providers.base.capabilities import Capabilities


def capabilities(known: Capabilities) -> Capabilities:
    """What such a server can do."""
    return replace(known, carries_marker=False)


def matches(seen: Seen, by: FindBy) -> bool:
    """Whether an object is equal to what was sent: its title, its explicit time, its text."""
    same = all(seen.echo.get(name) == value for name, value in by.echo.items())
    return by.title is not None and seen.name == by.title and by.at in (None, seen.at) and same


def losses(obj: CanonicalObject, told: Losses) -> Losses:
    """What such a server loses: what others do, and for good what these keep in their free data.

    Args:
        obj: what was translated.
        told: what a server with free data loses of it.
    """
    own = tuple(_losses(obj))
    fields = {loss.field for loss in own}
    return (*(loss for loss in told if loss.field not in fields), *own)


def _losses(obj: CanonicalObject) -> Iterator[Loss]:
    key, why = str(ObjectKey(obj.kind, obj.id)), "The server is too old for free data, which is where it would be kept."
    if isinstance(obj, Incident) and obj.impact is not Severity.NONE:
        yield Loss(key, "impact", obj.impact, "", why)
    if isinstance(obj, Component) and obj.labels:
        yield Loss(key, "labels", ", ".join(f"{name}={value}" for name, value in obj.labels.items()), "", why)
