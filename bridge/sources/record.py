"""What a person must know about a sender, as data; ``statusbridge sources`` and ``docs/sources/`` are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Resolves(StrEnum):
    """Whether the sender tells when a problem is over."""

    YES = "yes"
    MOSTLY = "mostly"
    NO = "no"
    BY_SET_UP = "by set-up"
    """Only if whoever set it up saw to it, or because the sender is the user's own."""


@dataclass(frozen=True, slots=True)
class Record:
    """One source type, for people. What the code knows itself (authentication, settings, methods) is not repeated here.

    Attributes:
        title: the tool's own name.
        resolves: whether a resolve can be relied on.
        setup: what to do in the tool, step by step.
        used: members of the body that are looked at, separated by commas.
        limits: what cannot be known, and what to do about it; the exceptions to ``resolves`` too.
        secrets: names of members that hold secrets in bodies of this type and do not sound like it; ``*`` at the end
            stands for any rest. Those that do are known already, see ``bridge.sources.redaction``.
    """

    title: str
    resolves: Resolves
    setup: tuple[str, ...]
    used: str
    limits: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
