"""What waits for a person, and the command that ends it. Pure; for ``status`` and the dashboard alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.model.overview import DestinationView, Overview


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something that somebody can end.

    Attributes:
        about: name of the destination or the page; empty for what is about none.
        text: what is the matter, in words.
        commands: that end it; the first is the usual one.
        urgent: nothing of it ends by itself.
    """

    about: str
    text: str
    commands: tuple[str, ...]
    urgent: bool = True


def remedies(overview: Overview) -> tuple[Remedy, ...]:
    """Everything that a person can end, destinations first."""
    return tuple(_all(overview))


def _all(overview: Overview) -> Iterator[Remedy]:
    for view in overview.destinations:
        yield from _of_destination(view)
    for page in overview.pages:
        if page.state == "paused":
            yield Remedy(
                page.name, f"{page.name} is not looked at: it is paused", (f"statusbridge resume {page.name}",)
            )
    if overview.held:
        commands = ("statusbridge approve INCIDENT", "statusbridge reject INCIDENT")
        yield Remedy("", f"{overview.held} held: not published before you say so", commands)


def _of_destination(view: DestinationView) -> Iterator[Remedy]:
    name = view.name
    if view.state == "paused":
        yield Remedy(name, f"{name} is paused: nothing is written there", (f"statusbridge resume {name}",))
    elif view.state in ("down", "busy"):
        what = "cannot be reached" if view.state == "down" else "asks to wait"
        at_once = (f"statusbridge resume {name}",)
        yield Remedy(name, f"{name} {what}: it is tried again by itself, or at once", at_once, urgent=False)
    if view.dead:
        letters = "1 object is" if view.dead == 1 else f"{view.dead} objects are"
        commands = (f"statusbridge failed list {name}", f"statusbridge failed retry {name} OBJECT")
        yield Remedy(name, f"{letters} refused by {name}", commands)
    if view.drift:
        text = f"{sum(view.drift.values())} changed by people on {name} and left so"
        yield Remedy(name, text, (f"statusbridge diff {name}", f"statusbridge reclaim {name}"), urgent=False)
