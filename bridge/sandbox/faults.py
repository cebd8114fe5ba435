"""Faults that are injected into the sandbox: what can go wrong between a client and a provider, on demand.

A fault waits for a matching call. ``nth`` picks one call by number, ``probability`` draws (from the seed), ``times``
says how often it strikes in all. ``when`` says whether the provider has done its work before things go wrong: ``after``
is the ugly case, in which the write is committed and the client does not learn of it.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from fnmatch import fnmatchcase
from typing import Any, Literal, cast, get_args

from bridge.sandbox.dump.broken import BrokenDump
from bridge.sandbox.dump.columns import WHOLE, Column, Many, read_columns
from bridge.sandbox.dump.draws import read_draws, write_draws

Kind = Literal[
    "latency",
    "reset",
    "timeout",
    "status",
    "html",
    "truncated",
    "short",
    "wrong_type",
    "duplicate_rows",
    "moving_rows",
]
"""latency: only ``seconds`` · reset: the TCP connection is torn down without an answer · timeout: there is no answer
until the client gives up, or until ``seconds`` (default 60) are over and the connection is torn down · status: the
provider's own error body with ``status`` · html: an HTML page (with ``status``, default 200) · truncated: half of the
JSON as a whole answer · short: half of the promised bytes, then the connection ends · wrong_type: the right body as
``text/plain`` · duplicate_rows: the last row of the page before appears again on top of a page · moving_rows: somebody
else writes while the pages of a list are read, so that rows move over the boundary.

The last two strike only when a page behind the first is read, and only such calls are counted for them. Rows that have
moved stay so on the later pages, until the first page of that list is read again."""

ROWS_KINDS = ("duplicate_rows", "moving_rows")
HELD_SECONDS = 60.0

METHODS = ("*", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")

When = Literal["before", "after"]
Move = Literal["inserted", "removed"]


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    Args:
        kind: what goes wrong.
        provider: name of a provider or ``*``.
        method: HTTP method or ``*``.
        path: glob over the whole path (``/cachet2/api/v1/incidents*``) or over that below the API (``/incidents*``);
            for a provider's public addresses over that below the provider (``/api/v2/*``, ``/widget/*``).
        when: before or after the provider has committed.
        status: for ``status`` and ``html``.
        seconds: latency, at the moment ``when`` says; goes with every kind (for ``timeout``: how long it is held).
        retry_after: value of a ``Retry-After`` header.
        nth: only the nth matching call (1 is the first), once.
        probability: chance of each matching call.
        times: how often the fault strikes before it is used up; None for always.
        rows: for ``moving_rows``: ``inserted``, a row came in front and one is read twice; ``removed``, a row that was
            read went away and another one is never read.
    """

    kind: Kind
    provider: str = "*"
    method: str = "*"
    path: str = "*"
    when: When = "before"
    status: int | None = None
    seconds: float = 0.0
    retry_after: float | str | None = None
    nth: int | None = None
    probability: float = 1.0
    times: int | None = 1
    rows: Move = "inserted"

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"kind is one of {', '.join(get_args(Kind))}, not {self.kind!r}")
        if self.when not in get_args(When):
            raise ValueError(f"when is {' or '.join(get_args(When))} the commit, not {self.when!r}")
        if self.kind == "status" and self.status is None:
            raise ValueError("a fault of kind 'status' needs a status")
        if self.rows not in get_args(Move):
            raise ValueError(f"rows are {' or '.join(get_args(Move))}, not {self.rows!r}")
        if mistakes := "; ".join(_mistakes(self)):
            raise ValueError(mistakes)

    def matches(self, provider: str, method: str, path: str, inner: str, later: bool = False) -> bool:
        """Whether this call is meant.

        Args:
            provider: name of the provider.
            method: HTTP method.
            path: the whole path.
            inner: the path below the provider's prefix.
            later: whether a page behind the first one of a list is read.
        """
        return (
            fnmatchcase(provider, self.provider)
            and (later or self.kind not in ROWS_KINDS)
            and self.method in ("*", method)
            and (fnmatchcase(path, self.path) or fnmatchcase(inner, self.path))
        )


def _number(value: Any, least: float, most: float = float("inf"), *, whole: bool = False) -> bool:
    fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    return fits and least <= value <= most


def _mistakes(fault: Fault) -> Iterator[str]:
    """What would make a fault that never strikes, or breaks where it does."""
    checks: tuple[tuple[str, bool, str], ...] = (
        ("provider", isinstance(fault.provider, str), "a name or a glob"),
        ("method", fault.method in METHODS, f"one of {', '.join(METHODS)}"),
        ("path", isinstance(fault.path, str), "a glob"),
        ("status", fault.status is None or _number(fault.status, 200, 599, whole=True), "between 200 and 599"),
        ("seconds", _number(fault.seconds, 0), "a number of seconds"),
        ("seconds", fault.kind != "latency" or fault.seconds != 0, "more than 0 for latency"),
        (
            "retry_after",
            isinstance(fault.retry_after, str | None) or _number(fault.retry_after, 0),
            "seconds or a date",
        ),
        ("nth", fault.nth is None or _number(fault.nth, 1, whole=True), "1 for the first call, 2 for the second"),
        ("probability", _number(fault.probability, 0, 1), "between 0 and 1"),
        ("times", fault.times is None or _number(fault.times, 1, whole=True), "1 or more, or null for always"),
    )
    for name, fits, expected in checks:
        if not fits:
            yield f"{name} must be {expected}, not {getattr(fault, name)!r:.60}"


def fault_from_json(data: Mapping[str, Any]) -> Fault:
    """Read a fault from the body of ``POST /_sandbox/faults``; raises ValueError when it makes no sense."""
    if not isinstance(data, Mapping):
        raise ValueError(f"it must be an object, not {data!r:.60}")
    known = {f.name for f in fields(Fault)}
    if unknown := sorted(set(data) - known):
        raise ValueError(f"unknown keys {unknown}; known are {sorted(known)}")
    if "kind" not in data:
        raise ValueError(f"kind is missing; one of {get_args(Kind)}")
    method = data.get("method", "*")
    return Fault(
        **{**cast("dict[str, Any]", dict(data)), "method": method.upper() if isinstance(method, str) else method}
    )


@dataclass
class _Armed:
    fault: Fault
    seen: int = 0
    struck: int = 0

    @property
    def used_up(self) -> bool:
        limit = 1 if self.fault.nth is not None else self.fault.times
        return limit is not None and self.struck >= limit


_SAVED = {"seed": WHOLE, "last_id": WHOLE, "draws": Column(), "armed": Many()}
_COUNTS = {"id": WHOLE, "seen": WHOLE, "struck": WHOLE}


def _read_armed(raw: Any, where: str) -> tuple[int, _Armed]:
    if not isinstance(raw, dict):
        raise BrokenDump(where, f"must be an object, not {raw!r:.60}")
    counts = read_columns(_COUNTS, {name: raw[name] for name in _COUNTS if name in raw}, where)
    try:
        fault = fault_from_json({name: value for name, value in raw.items() if name not in _COUNTS})
    except (ValueError, TypeError) as problem:
        raise BrokenDump(where, f"is no fault: {problem}") from problem
    return counts["id"], _Armed(fault, counts["seen"], counts["struck"])


class Faults:
    """The armed faults; the same seed and the same order of calls strike alike.

    Args:
        seed: of the draws for ``probability``.
        providers: which there are; none means that any name will do.
    """

    def __init__(self, seed: int, providers: Collection[str] = ()) -> None:
        self._seed = seed
        self._providers = tuple(providers)
        self._lock = threading.Lock()
        self._last = 0
        self._armed: dict[int, _Armed] = {}
        self._draws = random.Random(seed)

    def add(self, fault: Fault) -> int:
        """Arm a fault; gives its id. Raises ValueError when it is meant for a provider that is not there."""
        if self._providers and not any(fnmatchcase(name, fault.provider) for name in self._providers):
            raise ValueError(f"there is no provider {fault.provider!r}; known are {', '.join(self._providers)}")
        with self._lock:
            self._last += 1
            self._armed[self._last] = _Armed(fault)
            return self._last

    def remove(self, number: int) -> bool:
        """Disarm one fault; False when there is none with this id."""
        with self._lock:
            return self._armed.pop(number, None) is not None

    def clear(self, seed: int | None = None) -> None:
        """Disarm all and start the draws again.

        Args:
            seed: of the draws from now on; the one that they had, unless it is given.
        """
        with self._lock:
            self._armed.clear()
            self._seed = self._seed if seed is None else seed
            self._draws.seed(self._seed)

    def strike(self, provider: str, method: str, path: str, inner: str, later: bool = False) -> list[Fault]:
        """The faults that hit this call: at most one that spoils the answer, and any number of latencies."""
        if not self._armed:
            return []
        hit: list[Fault] = []
        spoiled = False
        with self._lock:
            for armed in self._armed.values():
                fault = armed.fault
                if armed.used_up or (spoiled and fault.kind != "latency"):
                    continue
                if fault.matches(provider, method, path, inner, later) and self._draw(armed):
                    armed.struck += 1
                    spoiled = spoiled or fault.kind != "latency"
                    hit.append(fault)
        return hit

    def _draw(self, armed: _Armed) -> bool:
        armed.seen += 1
        if armed.fault.nth is not None:
            return armed.seen == armed.fault.nth
        return armed.fault.probability >= 1 or self._draws.random() < armed.fault.probability

    def save(self) -> dict[str, Any]:
        """Everything as JSON, for a dump."""
        armed = self.to_json()
        with self._lock:
            return {"seed": self._seed, "last_id": self._last, "draws": write_draws(self._draws), "armed": armed}

    def prepare(self, saved: Any, where: str) -> Callable[[], None]:
        """Check what ``save`` wrote; what is given back puts it in place. Raises BrokenDump."""
        parts = read_columns(_SAVED, saved, where)
        draws = random.Random()
        read_draws(parts["draws"], f"{where}.draws", draws)
        armed = dict(_read_armed(raw, f"{where}.armed[{i}]") for i, raw in enumerate(parts["armed"]))

        def apply() -> None:
            with self._lock:
                self._seed, self._last, self._draws, self._armed = parts["seed"], parts["last_id"], draws, armed

        return apply

    def to_json(self) -> list[dict[str, Any]]:
        """All faults with how many calls they saw and struck."""
        with self._lock:
            return [
                {"id": number, **asdict(armed.fault), "seen": armed.seen, "struck": armed.struck}
                for number, armed in self._armed.items()
            ]
