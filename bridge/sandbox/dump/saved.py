"""What a dump holds of one provider: its switches, its generator, its rate budget, its objects."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Literal, get_args, get_origin, get_type_hints

from bridge.sandbox.dump.broken import BrokenDump
from bridge.sandbox.dump.columns import WHOLE, Column, read_columns
from bridge.sandbox.dump.draws import read_draws, write_draws

PARTS = ("settings", "seed", "random", "budget", "objects")

Apply = Callable[[], None]
"""Puts in place what was read and checked."""


def write_saved(
    settings: Any, seed: int, generator: random.Random, budget: Any, objects: Mapping[str, Any]
) -> dict[str, Any]:
    """The parts of one provider as JSON.

    Args:
        settings: its dataclass of switches.
        seed: of everything that is drawn.
        generator: from which its ids are drawn.
        budget: what of the rate limit is used up, as JSON.
        objects: by kind, as JSON.
    """
    head = {"settings": asdict(settings), "seed": seed, "random": write_draws(generator)}
    return {**head, "budget": budget, "objects": dict(objects)}


def read_parts(raw: Any, where: str) -> dict[str, Any]:
    """The parts by name, but for the seed not yet read; raises BrokenDump."""
    return read_columns({**dict.fromkeys(PARTS, Column(optional=True)), "seed": WHOLE}, raw, where)


def read_settings(raw: Any, where: str, settings: Any) -> Apply:
    """The switches; one that the dump does not name gets its default. They are set on the same object.

    Raises:
        BrokenDump: a switch is not known or cannot be set so.
    """
    hints = get_type_hints(type(settings))
    if not isinstance(raw, dict):
        raise BrokenDump(where, f"must be an object, not {raw!r:.60}")
    for name, value in raw.items():
        if name not in hints:
            raise BrokenDump(f"{where}.{name}", f"is not known; known are {', '.join(hints)}")
        if not _fits(value, hints[name]):
            raise BrokenDump(f"{where}.{name}", f"cannot be {value!r:.60}")

    def apply() -> None:
        usual = type(settings)()
        for name in hints:
            setattr(settings, name, raw.get(name, getattr(usual, name)))

    return apply


def _fits(value: Any, hint: Any) -> bool:
    """Whether a JSON value is of an annotated type."""
    kinds = get_args(hint)
    if get_origin(hint) is Literal:
        return value in kinds
    if get_origin(hint) is list:
        return isinstance(value, list) and all(_fits(item, kinds[0]) for item in value)
    if kinds:
        return any(_fits(value, kind) for kind in kinds)
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))


def read_generator(raw: Any, where: str) -> random.Random:
    """A generator; raises BrokenDump."""
    generator = random.Random()
    read_draws(raw, where, generator)
    return generator
