"""Foreign text as data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bridge.policy.literal import clean_block, clean_line, cut, escape_markdown


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("# not a heading", r"\# not a heading"),
        ("- not a list", r"\- not a list"),
        ("1. not a list", r"1\. not a list"),
        ("    not code", "not code"),
        ("a\n> not a quote", "a\n\\> not a quote"),
        ("C:\\temp and \\*", "C:\\temp and \\\\\\*"),
        ("snake_case_name and _emphasis_", r"snake_case_name and \_emphasis\_"),
        ("&lt;script&gt; & co", r"\&lt;script\&gt; & co"),
        ("[FIRING:1] disk", "[FIRING:1] disk"),
        ("5 > 3", "5 > 3"),
    ],
)
def test_only_what_markdown_would_understand_is_escaped(text: str, escaped: str) -> None:
    assert escape_markdown(text) == escaped


words = st.text(alphabet="ab _*`~[]()<>!#&;:/\\-+=.1\"'|", min_size=1, max_size=40)


@given(words)
def test_escaped_text_is_shown_as_it_was_written(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse("x " + escape_markdown(text.strip()))
    kinds = {child.type for token in tokens for child in token.children or ()}
    shown = "".join(child.content for token in tokens for child in token.children or ())
    assert kinds <= {"text", "text_special", "softbreak"}
    assert shown == ("x " + text.strip()).strip()


@given(st.lists(words, min_size=1, max_size=4).map("\n".join))
def test_escaped_lines_make_only_paragraphs(text: str) -> None:
    kinds = {token.type for token in MarkdownIt("commonmark").parse(escape_markdown(text))}
    assert kinds <= {"paragraph_open", "inline", "paragraph_close"}


@given(st.text(), st.integers(min_value=2, max_value=60))
def test_a_line_is_one_line_of_bounded_length(text: str, limit: int) -> None:
    line = clean_line(text, limit)
    assert len(line) <= limit
    assert line.splitlines() in ([], [line])
    line.encode("utf-8")


def test_a_block_keeps_its_lines() -> None:
    assert clean_block("a\r\nb\x0bc\td\x07", 100) == "a\nb\nc\td"


@pytest.mark.parametrize(
    ("text", "limit", "result"),
    [
        ("short", 5, "short"),
        ("a fine long sentence", 14, "a fine long…"),
        ("unbreakable", 5, "unbr…"),
        ("cafe\u0301 noir", 5, "caf…"),
        ("ab👩\u200d🚀cd", 5, "ab…"),
    ],
    ids=[
        "a short text is whole",
        "a cut is between words",
        "a long word is cut",
        "no accent is lost",
        "no emoji is torn",
    ],
)
def test_a_cut_does_not_tear(text: str, limit: int, result: str) -> None:
    assert cut(text, limit) == result
