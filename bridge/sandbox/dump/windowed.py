"""Saving and loading of a program that keeps its rows in one world and counts its rate in fixed windows."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from bridge.sandbox.dump.columns import STAMP, TEXT, WHOLE, Many, Tuple
from bridge.sandbox.dump.saved import Apply, read_generator, read_parts, read_settings, write_saved
from bridge.sandbox.ratelimit import FixedWindow
from bridge.sandbox.state import Context

_WINDOWS = Many(of=Tuple(of=(TEXT, STAMP, WHOLE)))


class Windowed(Protocol):
    """Such a program.

    Attributes:
        settings: its dataclass of switches.
        world: its rows.
        rng: from which its ids are drawn.
        limiter: what is used up of its rate.
    """

    context: Context
    settings: Any
    world: Any
    rng: random.Random
    limiter: FixedWindow


def save(program: Windowed, write_world: Callable[[Any], Mapping[str, Any]]) -> dict[str, Any]:
    """Everything as JSON."""
    with program.context.lock:
        windows = [(bucket, *window) for bucket, window in program.limiter.windows().items()]
        budget, objects = _WINDOWS.write(windows), write_world(program.world)
        return write_saved(program.settings, program.context.seed, program.rng, budget, objects)


def prepare(program: Windowed, saved: Any, where: str, read_world: Callable[[Any, str], Any]) -> Apply:
    """Check what :func:`save` wrote; raises BrokenDump."""
    parts = read_parts(saved, where)
    switch = read_settings(parts["settings"], f"{where}.settings", program.settings)
    generator = read_generator(parts["random"], f"{where}.random")
    budget = _WINDOWS.read(parts["budget"], f"{where}.budget")
    world = read_world(parts["objects"], f"{where}.objects")

    def apply() -> None:
        with program.context.lock:
            switch()
            program.context.seed, program.world, program.rng = parts["seed"], world, generator
            program.limiter.refill({bucket: (start, used) for bucket, start, used in budget})

    return apply
