from __future__ import annotations

import codecs
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import Unparsable
from bridge.sources.body import clean_text, read_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",))),
    lambda below: st.lists(below, max_size=4)
    | st.dictionaries(st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",))), below, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(JSON, st.booleans(), st.sampled_from([b"", b"\xef\xbb\xbf", b" \r\n\t"]))
def test_sound_json_is_read_as_it_is(data: object, ascii_only: bool, before: bytes) -> None:
    body = before + json.dumps(data, ensure_ascii=ascii_only).encode() + b"\n"
    assert read_json(body).data == data
    assert read_json(body).warnings == ()


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_and_never_anything_else(body: bytes) -> None:
    try:
        data = read_json(body).data
    except Unparsable as error:
        assert error.reason.startswith("The body ")
    else:
        json.dumps(data, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b'{"a": 1,}', "line 1, column 9"),
        (b'{"a":\n\n oops}', "line 3, column 2"),
        (b"{} trailing", "Extra data at line 1, column 4"),
        (b'{"name": "Jos\xe9"}', "byte 13 cannot be decoded"),
        (b"[" * 100_000, "nested too deeply"),
        (b"1" * 10_000, "thousands of digits"),
        (gzip.compress(b'{"a": 1}', mtime=0), "compressed with gzip"),
        ('{"a": 1}'.encode("utf-16"), "UTF-16"),
        (codecs.BOM_UTF16_BE + '{"a": 1}'.encode("utf-16-be"), "UTF-16"),
        (b'{"a": "line\nbreak", oops}', "not JSON"),
        (b"payload=%7B%22a%22%3A1%7D&x=1", "looks like a form"),
        (b'{"a": b=1}', "line 1, column 7"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_where(body: bytes, words: str) -> None:
    with pytest.raises(Unparsable, match=words):
        read_json(body)


def test_a_refusal_holds_nothing_of_the_body() -> None:
    with pytest.raises(Unparsable) as refusal:
        read_json(b'{"password": "hunter2\\q"}')
    assert "hunter2" not in str(refusal.value)
    assert str(refusal.value) == "The body is not JSON: Invalid \\escape at line 1, column 22."


def test_raw_line_breaks_inside_texts_are_read_with_a_warning() -> None:
    read = read_json(b'{"text": "first\nsecond\tthird"}')
    assert read.data == {"text": "first\nsecond\tthird"}
    assert "line 1, column 16" in read.warnings[0]


def test_numbers_that_json_does_not_have_become_null() -> None:
    assert read_json(b'{"a": NaN, "b": [Infinity, -Infinity]}').data == {"a": None, "b": [None, None]}


def test_of_a_doubled_key_the_last_one_counts() -> None:
    assert read_json(b'{"a": 1, "a": 2}').data == {"a": 2}


def test_nul_and_lone_surrogates_are_replaced_and_four_byte_characters_kept() -> None:
    read = read_json(rb'{"k\u0000": ["\ud83d\udd25", "\ud83d", {"x": "a\u0000b"}]}')
    assert read.data == {"k\ufffd": ["🔥", "\ufffd", {"x": "a\ufffdb"}]}


@given(st.text(st.characters()))
def test_a_cleaned_text_can_always_be_stored(text: str) -> None:
    cleaned = clean_text(text)
    assert "\x00" not in cleaned
    assert len(cleaned.encode("utf-8").decode("utf-8")) == len(text)
