"""What is wrong with a configuration: every mistake with its place, its value and the way out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bridge.errors import ConfigError

_MASK = "•••"
_USERINFO = re.compile(r"//[^/@\s]+@")  # user and password in an address
_LONGEST_VALUE = 60
_SHORTEST_SECRET = 4


class Level(StrEnum):
    """Whether a problem forbids to start."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written.

    Attributes:
        file: the file as the user named it, or ``environment``.
        line: counted from 1; 0 when the place is no line of a file.
        column: counted from 1; 0 when the place is no line of a file.
        path: dotted path of the key, such as ``routes[0].open_after``.
    """

    file: str
    line: int = 0
    column: int = 0
    path: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake.

    Attributes:
        value: the offending value as written; None when there is none or when it may be a secret.
        why: what is wrong, in one clause.
        hint: what would be right.
    """

    where: Place
    why: str
    value: str | None = None
    hint: str | None = None
    severity: Level = Level.ERROR

    def __str__(self) -> str:
        path = f"{self.where.path}: " if self.where.path else ""
        value = f" (it says {self.value!r})" if self.value is not None else ""
        hint = f"\n    → {self.hint}" if self.hint else ""
        return f"{self.where}: {self.severity}: {path}{self.why}{value}{hint}"


@dataclass(slots=True)
class Problems:
    """Collects problems while a configuration is read, and keeps secrets out of them."""

    _found: list[Problem] = field(default_factory=list)
    _secrets: set[str] = field(default_factory=set)

    def hide(self, secret: str) -> None:
        """From now on no problem shows this text, wherever it turns up."""
        if len(secret) >= _SHORTEST_SECRET:
            self._secrets.add(secret)

    def error(self, where: Place, why: str, *, value: str | None = None, hint: str | None = None) -> None:
        """Note a mistake that forbids to start."""
        self._found.append(Problem(where, why, value, hint))

    def warning(self, where: Place, why: str, *, value: str | None = None, hint: str | None = None) -> None:
        """Note something that is allowed and probably not meant."""
        self._found.append(Problem(where, why, value, hint, Level.WARNING))

    def all(self) -> tuple[Problem, ...]:
        """Every problem once, in the order of the file."""
        clean = dict.fromkeys(self._masked(problem) for problem in self._found)
        return tuple(sorted(clean, key=_order))

    def raise_errors(self) -> None:
        """Raise what was found, warnings too, when one of them is an error.

        Raises:
            ConfigError: with all problems.
        """
        found = self.all()
        if has_errors(found):
            raise ConfigError(found)

    def _masked(self, problem: Problem) -> Problem:
        return Problem(
            problem.where,
            self._mask(problem.why),
            _shorten(self._mask(problem.value)) if problem.value is not None else None,
            self._mask(problem.hint) if problem.hint is not None else None,
            problem.severity,
        )

    def _mask(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, _MASK)
        return _USERINFO.sub(f"//{_MASK}@", text)


def has_errors(problems: Iterable[Problem]) -> bool:
    """True when one of them forbids to start."""
    return any(problem.severity is Level.ERROR for problem in problems)


def suggest(word: str, known: Iterable[str], *, noun: str = "known") -> str:
    """A hint for a word that is none of the known ones: the nearest of them, or all."""
    names = sorted({str(name) for name in known})
    near = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"{noun}: {', '.join(names)}" if names else f"{noun}: none"


def one_of(words: Sequence[str]) -> str:
    """``a, b or c``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _order(problem: Problem) -> tuple[str, int, int, str]:
    return problem.where.file, problem.where.line, problem.where.column, problem.why
