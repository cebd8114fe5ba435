"""``BRIDGE_…``: every key of the blocks ``store``, ``web`` and ``worker`` may come from the environment instead."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping

from bridge.config.problems import Place, Problems
from bridge.config.schema import BLOCKS
from bridge.config.yaml import Entry, Scalar, Table

PREFIX = "BRIDGE_"
SHORT_NAMES: Mapping[str, tuple[str, str]] = {
    "BRIDGE_REDIS_URL": ("store", "redis_url"),
    "BRIDGE_STATE_DIR": ("store", "state_dir"),
}
OTHER_NAMES = ("BRIDGE_CONFIG", "BRIDGE_VERBOSITY")
_NEAR = 0.85


def variables() -> dict[str, tuple[str, str]]:
    """Variable → block and key."""
    short = {target: name for name, target in SHORT_NAMES.items()}
    named: dict[str, tuple[str, str]] = {}
    for block, schema in BLOCKS.items():
        for key in schema().fields:
            named[short.get((block, key), f"{PREFIX}{block}_{key}".upper())] = (block, key)
    return named


def overlay(block: str, table: Table, environ: Mapping[str, str]) -> Table:
    """The table of a block with what the environment says in place of what the file says. Empty ones don't count."""
    merged = Table(table.place, dict(table.entries))
    for name, (of_block, key) in variables().items():
        value = environ.get(name)
        if of_block == block and value:
            place = place_of(name)
            merged.entries[key] = Entry(Scalar(place, key, key), Scalar(place, value, value))
    return merged


def place_of(variable: str) -> Place:
    """Where a value from the environment is written."""
    return Place(f"environment variable {variable}")


def warn_of_near_misses(environ: Mapping[str, str], used: Collection[str], problems: Problems) -> None:
    """Note variables that are nearly one of ours and that the file does not use either."""
    known = (*variables(), *OTHER_NAMES)
    for name in environ:
        if not name.startswith(PREFIX) or name in known or name in used:
            continue
        near = difflib.get_close_matches(name, known, n=1, cutoff=_NEAR)
        if near:
            problems.warning(place_of(name), "nothing reads this variable", hint=f"did you mean {near[0]}?")
