"""YAML: places, anchors, bombs, and whatever else a file may hold."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.config.fields import seconds
from bridge.config.interpolation import Interpolation, conceal, disclose
from bridge.config.load import parse_settings
from bridge.config.problems import Problems
from bridge.config.yaml import MAX_BYTES, Node, Scalar, Table, parse
from tests.unit.config.reading import ENVIRON, FILE, WHOLE, only, read_text


def plain(node: Node | None) -> Any:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Table):
        return {entry.key.text: plain(entry.value) for entry in node}
    return [plain(item) for item in node.items] if node else None


def parse_text(text: str, **environ: str) -> tuple[Any, list[str]]:
    problems = Problems()
    node = parse(text.encode(), "f", Interpolation(environ), problems)
    return plain(node), [str(problem) for problem in problems.all()]


def test_only_true_false_null_and_plain_numbers_are_more_than_text() -> None:
    text = "[on, yes, No, true, False, null, ~, 1, -2, 012, 1.5, 1e3, 0x1F, 1_000, 12:30, '1', 2026-01-01]"
    assert parse_text(text) == (
        [
            "on",
            "yes",
            "No",
            True,
            "False",
            None,
            None,
            1,
            -2,
            "012",
            1.5,
            "1e3",
            "0x1F",
            "1_000",
            "12:30",
            "1",
            "2026-01-01",
        ],
        [],
    )


def test_anchors_and_merge_keys_work_and_own_keys_win() -> None:
    text = "base: &base {a: 1, b: 2}\none: {<<: *base, b: 3}\ntwo: {<<: [*base, {a: 9, c: 4}]}\nthree: *base\n"
    assert parse_text(text) == (
        {"base": {"a": 1, "b": 2}, "one": {"b": 3, "a": 1}, "two": {"a": 1, "b": 2, "c": 4}, "three": {"a": 1, "b": 2}},
        [],
    )


def test_a_bomb_of_aliases_is_stopped_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    start = time.process_time()
    assert "once aliases are expanded" in only(read_text("\n".join(lines))).why
    assert time.process_time() - start < 1.0


def test_an_alias_within_itself_is_refused() -> None:
    assert "refers to no finished" in parse_text("a: &a [*a]")[1][0]


def test_deep_nesting_is_refused() -> None:
    assert "levels deep" in parse_text("[" * 50_000)[1][0]


def test_a_large_file_is_refused_unread() -> None:
    reading = parse_settings(b"#" * (MAX_BYTES + 1), FILE, {})
    assert "larger than" in only(reading).why


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"a: b\nc: \xff\n", (2, 4)),
        (b"a: b\nc: \x07x\n", (2, 4)),
        (b"a: [1,\nb: 2\n", (3, 1)),
        (b"a: b\n\tc: d\n", (2, 1)),
        (b"a: 'x\n", (2, 1)),
        (b"a: b\n---\nc: d\n", (2, 1)),
    ],
)
def test_a_file_that_is_not_yaml_is_told_with_its_place(raw: bytes, place: tuple[int, int]) -> None:
    problem = only(parse_settings(raw, FILE, {}))
    assert (problem.where.line, problem.where.column) == place, str(problem)


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    raw = b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode()
    assert parse_settings(raw, FILE, ENVIRON).problems == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a: ${X}}", "one"),
        ("a: ${X}", "one"),
        ("a: 'pre-${X}-post'", "pre-one-post"),
        ("{a: ${Y:-d, [e]}}", "d, [e]"),
        ("{a: ${X:-d}}", "one"),
        ("{a: ${EMPTY:-d}}", "d"),
        ("{a: ${Y:-}}", None),
        ("{a: ${N}}", 5),
        ("{a: '${N}'}", "5"),
        ("{a: $${X}}", "${X}"),
        ("a: $X", "$X"),
        ("a: ${NESTED}", "${X}"),
    ],
)
def test_variables_are_put_in(text: str, value: object) -> None:
    assert parse_text(text, X="one", EMPTY="", N="5", NESTED="${X}") == ({"a": value}, [])


@given(st.text())
def test_concealing_is_undone_and_keeps_columns(text: str) -> None:
    assert len(conceal(text)) == len(text)
    if not any(0xF0000 <= ord(char) < 0xFFFFE for char in text):
        assert disclose(conceal(text)) == text


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("2m", 120),
        ("1h30m", 5400),
        ("10s", 10),
        ("7d", 604_800),
        ("1.5s", 1.5),
        ("250ms", 0.25),
        ("0", 0),
        ("1m0s", 60),
    ],
)
def test_durations(text: str, length: float) -> None:
    assert seconds(text) == length


@pytest.mark.parametrize("text", ["", "m", "5", "2 m", "1m1h", "-5s", "1,5s", "s5", "٣s" * 2])
def test_what_is_not_a_duration(text: str) -> None:
    with pytest.raises(ValueError):
        seconds(text)


KEYS = st.sampled_from(
    [
        "sources",
        "destinations",
        "components",
        "routes",
        "store",
        "web",
        "worker",
        "type",
        "auth",
        "bearer",
        "basic",
        "path",
        "token",
        "url",
        "on",
        "match",
        "labels",
        "source",
        "severity",
        "title",
        "api",
        "public",
        "<<",
        "name",
        "statuses",
        "port",
        "redis_url",
        "state_dir",
        "retention",
        "options",
        "page_id",
        "rate",
        "fields",
        "items",
        "routes",
        "open_after",
    ]
)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(
        ["alertmanager", "generic", "cachet3", "pingpong", "statuspage", "none", "${HOOK}", "${NO}", "file:/", "2m"]
    ),
    st.sampled_from(
        ["{{ labels.x }}", "{% for", "critical|warning", "https://h", "redis://h", "file:\0", "public", "api"]
    ),
)
TREES = st.recursive(
    VALUES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=25,
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, TREES, max_size=7))
def test_no_tree_makes_anything_but_problems(tree: dict[str, Any]) -> None:
    reading = parse_settings(yaml.safe_dump(tree, allow_unicode=True).encode(), FILE, ENVIRON)
    assert reading.settings is not None or reading.problems
    assert all(str(problem) for problem in reading.problems)


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_make_anything_but_problems(raw: bytes) -> None:
    parse_settings(raw, FILE, ENVIRON)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_no_small_damage_to_a_right_file_makes_anything_but_problems(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(WHOLE)))
    until = data.draw(st.integers(at, min(len(WHOLE), at + 20)))
    patch = data.draw(st.text(st.sampled_from("{}[]:,-'\"&*!|>%@`#? \n\t~<ab1${}"), max_size=6))
    parse_settings((WHOLE[:at] + patch + WHOLE[until:]).encode(), FILE, ENVIRON)
