"""Replays recorded exchanges of the real programs against the sandbox and compares the answers.

One line of a data file is one exchange: ``n`` number, ``m`` method, ``p`` path, ``auth`` who asked, ``h`` headers
beyond the usual ones, ``json`` / ``form`` / ``raw`` the body, ``s``, ``ct`` and ``body`` the status, content type and
JSON of the answer, ``at`` the server's time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bridge.sandbox.app import Sandbox

DATA = Path(__file__).parent / "data"
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
_RELATIVE = re.compile(r"(\d+) (\w+?)s? (ago|from now)")
_DAY = 86_400
_SECONDS = {
    "second": 1, "minute": 60, "hour": 3600, "day": _DAY, "week": 7 * _DAY, "month": 31 * _DAY, "year": 366 * _DAY,
}  # fmt: skip
_CLOSE = timedelta(seconds=2)


@dataclass
class SetClock:
    """A clock that is put to the time of each recorded answer."""

    moment: datetime = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


@dataclass
class Outcome:
    """How the exchanges went."""

    agreed: list[str] = field(default_factory=list)
    differed: dict[str, str] = field(default_factory=dict)
    excepted: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Agreeing exchanges among those without a named exception."""
        return len(self.agreed) / max(1, len(self.agreed) + len(self.differed))

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(self.agreed + other.agreed, {**self.differed, **other.differed}, self.excepted + other.excepted)

    def summary(self, provider: str) -> str:
        return (
            f"{provider}: {len(self.agreed)} of {len(self.agreed) + len(self.differed)} recorded exchanges agree"
            f" ({self.share:.1%}), {len(self.excepted)} named exceptions"
        )


@dataclass
class Dialect:
    """What differs between the recorded servers.

    Attributes:
        prefix: recorded path prefix → the sandbox's.
        headers: request headers for the kind of caller.
        ignored: keys whose values are never compared (random or relative).
        sites: recorded text → the sandbox's, for addresses in answers.
        prepare: called before each exchange (switches, clock).
    """

    prefix: tuple[str, str]
    headers: Callable[[str | None], Mapping[str, str]]
    ignored: frozenset[str]
    sites: tuple[tuple[str, str], ...] = ()
    prepare: Callable[[Sandbox, Mapping[str, Any]], None] = lambda sandbox, exchange: None


def read(name: str) -> list[dict[str, Any]]:
    """The exchanges of a data file, in order."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def replay(
    sandbox: Sandbox, exchanges: Iterable[Mapping[str, Any]], dialect: Dialect, exceptions: Mapping[str, str]
) -> Outcome:
    """Send every request and compare; exchanges with a named exception are neither sent nor counted."""
    outcome = Outcome()
    client = sandbox.app.test_client()
    for exchange in exchanges:
        if exchange["n"] in exceptions:
            outcome.excepted.append(exchange["n"])
            continue
        dialect.prepare(sandbox, exchange)
        difference = _one(client, exchange, dialect)
        if difference is None:
            outcome.agreed.append(exchange["n"])
        else:
            outcome.differed[exchange["n"]] = difference
    return outcome


def _one(client: Any, exchange: Mapping[str, Any], dialect: Dialect) -> str | None:
    old, new = dialect.prefix
    headers = dict(dialect.headers(exchange.get("auth")))
    if not exchange.get("noaccept"):
        headers["Accept"] = "application/json"
    headers.update(exchange.get("h", {}))
    body: Any = exchange.get("form", exchange.get("raw"))
    if "form" not in exchange:
        headers.setdefault("Content-Type", "application/json")
    if "json" in exchange:
        body = json.dumps(exchange["json"])
    path = new + exchange["p"].removeprefix(old)
    answer = client.open(path, method=exchange["m"], headers=headers, data=body)
    if answer.status_code != exchange["s"]:
        return f"status {answer.status_code} instead of {exchange['s']}: {answer.get_data(as_text=True)[:200]}"
    kinds = [kind.split(";")[0].lower() for kind in (answer.content_type or "", exchange.get("ct", ""))]
    if "ct" in exchange and answer.status_code != 204 and kinds[0] != kinds[1]:
        return f"content type {kinds[0]} instead of {kinds[1]}"
    if exchange["m"] == "HEAD" or exchange["body"] is None:
        return None
    got = answer.get_json(silent=True)
    text = json.dumps(exchange["body"])
    for recorded, ours in dialect.sites:
        text = text.replace(recorded, ours)
    wanted = json.loads(text)
    return compare(wanted, got, dialect.ignored, ordered="sort=" in exchange["p"])


def compare(wanted: Any, got: Any, ignored: frozenset[str], where: str = "", ordered: bool = False) -> str | None:
    """The first difference, or None; times may be two seconds apart, unsorted lists are compared by id."""
    if ordered and (found := _compare_order(wanted, got)):
        return found
    if isinstance(wanted, dict) and isinstance(got, dict):
        return _compare_objects(wanted, got, ignored, where)
    if isinstance(wanted, list) and isinstance(got, list):
        return _compare_lists(wanted, got, ignored, where)
    if isinstance(wanted, str) and isinstance(got, str) and _alike(wanted, got):
        return None
    if wanted != got or isinstance(wanted, bool) is not isinstance(got, bool):
        return f"{where}: {got!r} instead of {wanted!r}"
    return None


def _compare_lists(wanted: list[Any], got: list[Any], ignored: frozenset[str], where: str) -> str | None:
    if len(wanted) != len(got):
        return f"{where}: {len(got)} items instead of {len(wanted)}"
    pairs = zip(_ordered(wanted), _ordered(got), strict=True)
    found = (compare(w, g, ignored, f"{where}[{i}]") for i, (w, g) in enumerate(pairs))
    return next((difference for difference in found if difference), None)


def _compare_order(wanted: Any, got: Any) -> str | None:
    """Of a list that was asked for sorted."""
    if not isinstance(wanted.get("data"), list) or not isinstance(got.get("data"), list):
        return None
    ids = [[item["id"] for item in body["data"]] for body in (wanted, got)]
    return None if ids[0] == ids[1] else f"order {ids[1]} instead of {ids[0]}"


def _compare_objects(wanted: dict[str, Any], got: dict[str, Any], ignored: frozenset[str], where: str) -> str | None:
    if wanted.keys() != got.keys():
        lacking, surplus = sorted(wanted.keys() - got.keys()), sorted(got.keys() - wanted.keys())
        return f"{where}: keys missing {lacking}, too many {surplus}"
    for key, value in wanted.items():
        if key in ignored or f"{where}.{key}" in ignored:
            continue
        if difference := compare(value, got[key], ignored, f"{where}.{key}"):
            return difference
    return None


def _ordered(items: list[Any]) -> list[Any]:
    if items and all(isinstance(item, dict) and "id" in item for item in items):
        return sorted(items, key=lambda item: (str(item.get("type", "")), str(item["id"])))
    return items


def _alike(wanted: str, got: str) -> bool:
    """Random ids, times that are close, and words that tell how close they are."""
    relative = [_RELATIVE.fullmatch(text) for text in (wanted, got)]
    if all(relative):
        return _close(*(match.groups() for match in relative if match))
    if _UUID.match(wanted) and _UUID.match(got):
        return True
    if not (_TIME.match(wanted) and _TIME.match(got)):
        return False
    try:
        return abs(datetime.fromisoformat(wanted) - datetime.fromisoformat(got)) <= _CLOSE
    except (ValueError, TypeError):
        return False


def _close(wanted: tuple[str, ...], got: tuple[str, ...]) -> bool:
    """The same direction, and the same distance but for one unit of it: the recorded clock is known to the second."""
    units = [_SECONDS[unit] for _, unit, _ in (wanted, got)]
    far = [int(number) * unit for (number, _, _), unit in zip((wanted, got), units, strict=True)]
    return wanted[2] == got[2] and abs(far[0] - far[1]) <= max(units)
