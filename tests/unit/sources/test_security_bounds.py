"""No body takes long to read, no pattern backtracks without bound, and nobody is asked because of what a body says."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import re._constants as codes  # type: ignore[import-not-found]  # what the patterns are made of
import re._parser as patterns  # type: ignore[import-not-found]
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

import bridge.pages
import bridge.sources
from bridge.errors import Unparsable
from bridge.model.events import Delivery
from bridge.sources import registry
from bridge.sources.base import SourceType
from bridge.sources.batch import MOST_ELEMENTS
from bridge.sources.envelope import delivery_of
from bridge.sources.fields import to_line, to_moment
from bridge.sources.samples import options_of, samples_of
from tests.fuzz_sources.run import run_one

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
RUNS = ("{{", "$a", "*a", "[A_", "|A", " ", "1", "-", "a:", "a.", "://a@", "\\", "/", "->", "\x1b")
LONGEST = 1.5
"""Seconds of processor time; what is quadratic takes minutes."""


def make(name: str) -> SourceType:
    return registry.make(name, registry.options_schema(name)().load(dict(options_of(name))))


def parse(kind: SourceType, delivery: Delivery) -> Any:
    try:
        return kind.parse(delivery)
    except Unparsable as refusal:
        return refusal.reason


def seconds(work: Callable[[], Any]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def with_texts(node: Any, text: str) -> Any:
    """The same data with another text in the place of every text."""
    if isinstance(node, dict):
        return {name: with_texts(below, text) for name, below in node.items()}
    if isinstance(node, list):
        return [with_texts(below, text) for below in node]
    return text if isinstance(node, str) else node


def all_patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    for package in (bridge.sources, bridge.pages):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern):
                    yield f"{module.name}.{name}", value


PATTERNS = dict(all_patterns())
ONLY_WHOLE = {"bridge.sources.fields._TEMPLATE", "bridge.pages.events._LABEL"}
"""Patterns that are held against the beginning of texts of a bounded length only."""


@pytest.mark.parametrize("name", sorted(registry.built_in()))
def test_no_text_takes_long(name: str) -> None:
    kind = make(name)
    samples = [delivery_of(content, "s", NOW) for content in list(samples_of(name).values())[:1]]
    for delivery in samples:
        try:
            data = json.loads(delivery.body)
        except ValueError:
            continue
        for run in RUNS:
            texts = sum(1 for _ in re.finditer('"', json.dumps(data))) or 1
            text = run * (400_000 // len(run) // texts)
            body = json.dumps(with_texts(data, text + "!")).encode()
            hostile = replace(delivery, body=body)
            assert seconds(lambda hostile=hostile: parse(kind, hostile)) < LONGEST, run  # type: ignore[misc]


@pytest.mark.parametrize("name", sorted(registry.built_in()))
def test_nobody_is_asked_because_of_a_body(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("somebody was asked")

    kind = make(name)
    for function in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, function, refuse)
    for content in samples_of(name).values():
        delivery = delivery_of(content, "s", NOW)
        parse(kind, delivery)
        try:
            data = json.loads(delivery.body)
        except ValueError:
            continue
        body = json.dumps(with_texts(data, "http://169.254.169.254/latest/meta-data")).encode()
        parse(kind, replace(delivery, body=body))


def test_there_are_patterns_to_look_at() -> None:
    assert len(PATTERNS) > 10


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS.keys())
def test_no_pattern_repeats_a_repetition_without_bound(pattern: re.Pattern[Any]) -> None:
    assert not list(_repeated(patterns.parse(pattern.pattern, pattern.flags & ~re.UNICODE), within=False))


def _repeated(parsed: Any, within: bool) -> Iterator[Any]:
    """Repetitions without bound inside of others: those that can take exponential time."""
    for code, argument in parsed:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            _, most, below = argument
            endless = most is codes.MAXREPEAT
            if endless and within:
                yield argument
            yield from _repeated(below, within or endless)
        elif code is codes.SUBPATTERN:
            yield from _repeated(argument[-1], within)
        elif code is codes.BRANCH:
            for branch in argument[1]:
                yield from _repeated(branch, within)


@pytest.mark.parametrize("name", PATTERNS)
def test_no_pattern_takes_long(name: str) -> None:
    pattern = PATTERNS[name]
    for run in (*RUNS, "class a", "``a", "a=", '"a', "sns.", "p1", "sev"):
        text = run * (60_000 // len(run)) + "!"
        sought: Any = text.encode() if isinstance(pattern.pattern, bytes) else text
        for way in (pattern.fullmatch,) if name in ONLY_WHOLE else (pattern.search, pattern.fullmatch):
            assert seconds(lambda way=way, sought=sought: way(sought)) < LONGEST, run  # type: ignore[misc]


@pytest.mark.parametrize("run", RUNS)
def test_times_and_lines_of_any_length_are_quick(run: str) -> None:
    text = run * (1_000_000 // len(run))
    assert seconds(lambda: to_line(text)) < 0.2
    started = time.process_time()
    with pytest.raises(ValueError, match="not a time"):
        to_moment(text + "x")
    assert time.process_time() - started < 0.2


def test_a_number_of_hundreds_of_digits_is_no_time() -> None:
    with pytest.raises(ValueError, match="not a time"):
        to_moment(10**400)


def test_what_thousands_of_buckets_share_is_not_kept_for_each_of_them() -> None:
    shared = {"_id": "m", "name": "n", "x": ["y" * 100] * 2_000}
    context = {"monitor": shared, "trigger": shared, "message": "m" * 200_000, "error": None, "results": [shared]}
    many = {f"member {number}": "x" * 50 for number in range(2_000)}
    buckets: list[Any] = [{"bucket_keys": str(number)} for number in range(5_000)] + [1.5] * 4_000
    body = json.dumps({**context, **many, "newAlerts": buckets}).encode()
    kind = make("opensearch")
    delivery = Delivery("d", "s", NOW, body)
    assert seconds(lambda: parse(kind, delivery)) < 6
    parsed = kind.parse(delivery)
    assert len(parsed.events) == 5_000
    assert len(parsed.quarantined) == 4_000
    assert sum(len(event.text or "") for event in parsed.events) < 5_000_000
    assert len(json.dumps([bad.element for bad in parsed.quarantined])) < 5_000_000
    assert parsed.events[0].dedup_key.endswith(":0")


@pytest.mark.parametrize("name", ["alertmanager", "prometheus-api", "generic", "cloudevents", "opensearch"])
def test_ten_thousand_elements_are_read_and_no_more(name: str) -> None:
    one = {"labels": {"alertname": "A"}, "status": "firing"}
    element = {"alertmanager": one, "prometheus-api": one, "opensearch": 1}.get(
        name, {"dedup_key": "k", "action": "up"}
    )

    def body(number: int) -> bytes:
        lists: Any = [element] * number
        if name == "alertmanager":
            lists = {"alerts": lists}
        if name == "opensearch":
            lists = {"newAlerts": lists}
        return json.dumps(lists).encode()

    kind = make(name)
    parsed = kind.parse(Delivery("d", "s", NOW, body(MOST_ELEMENTS)))
    assert len(parsed.events) + len(parsed.quarantined) == MOST_ELEMENTS
    with pytest.raises(Unparsable, match="at most 10000"):
        kind.parse(Delivery("d", "s", NOW, body(MOST_ELEMENTS + 1)))


@pytest.mark.parametrize("name", sorted(registry.built_in()))
def test_the_fuzzer_finds_nothing_in_a_few_bodies(name: str) -> None:
    outcome = run_one(name, seconds=5, seed=99, most=30)
    assert outcome.found == {}
    assert outcome.bodies > 20
