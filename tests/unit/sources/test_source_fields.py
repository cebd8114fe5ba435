from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from bridge.model.enums import Action, AlertSeverity
from bridge.sources.fields import (
    Element,
    Key,
    Line,
    Moment,
    Text,
    TextMap,
    Texts,
    Verbatim,
    Word,
    is_left_over,
    to_line,
    to_moment,
    to_text,
)
from bridge.sources.severity import WORDS, meaning_of

NOON = datetime(2026, 8, 20, 10, 11, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-08-20T10:11:12Z",
        "2026-08-20T10:11:12.000000000Z",
        "2026-08-20T10:11:12.000+0000",
        "2026-08-20T12:11:12+02:00",
        "2026-08-20T05:11:12.0000000-05:00",
        "2026-08-20 10:11:12",
        "2026-08-20 10:11:12 UTC",
        "2026-08-20 10:11:12.000000001 +0000 UTC",
        "2026-08-20 12:11:12 +0200 CEST",
        "2026-08-20 10:11:12.00 +0000 UTC m=+8.200000001",
        "2026-08-20 07:11:12 -0300 -03",
        "2026-08-20 12:11:12.0 +02:00",
        "Thu Aug 20 2026 12:11:12 GMT+0200 (CEST)",
        "Thu, 20 Aug 2026 10:11:12 GMT",
        " 2026-08-20T10:11:12Z ",
        "1787220672",
        1787220672,
        1787220672.0,
        1787220672000,
        1787220672000000,
        1787220672000000000,
    ],
)
def test_one_moment_in_many_spellings(written: object) -> None:
    assert to_moment(written) == NOON


@pytest.mark.parametrize(
    "written",
    [None, "", "  ", "null", "None", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "0000-00-00 00:00:00", 0,
     1e-320, "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00+02:00", -62135596800,
     "{{ .EndsAt }}"],
)  # fmt: skip
def test_a_senders_zero_is_no_time(written: object) -> None:
    assert to_moment(written) is None


@pytest.mark.parametrize(
    "written",
    ["yesterday", "31.02.2026", "2026-02-31T00:00:00Z", True, [], {}, float("nan"), float("inf"), 1e300, "9" * 200,
     "9999-12-31T23:59:59-23:59", "12", "a, b"],
)  # fmt: skip
def test_what_is_no_time_says_so(written: object) -> None:
    with pytest.raises(ValueError, match="not a time"):
        to_moment(written)


@given(st.text() | st.floats() | st.integers() | st.binary().map(repr))
def test_anything_is_a_time_in_utc_or_none_or_a_value_error(written: object) -> None:
    try:
        moment = to_moment(written)
    except ValueError:
        return
    assert moment is None or (moment.utcoffset() == timedelta(0) and moment.year >= 1970)


@given(
    st.datetimes(datetime(1970, 1, 3), datetime(9999, 12, 29)),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["", "0", "00", "000"]),
)
def test_iso_times_survive_any_offset_and_nine_digits(naive: datetime, offset: int, more: str) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=offset)))
    text = moment.isoformat(timespec="microseconds")
    assert to_moment(text[:26] + more + text[26:]) == moment


@given(st.datetimes(datetime(1973, 3, 4), datetime(2100, 1, 1)), st.sampled_from([1, 10**3, 10**6, 10**9]))
def test_epochs_are_told_apart_by_magnitude(naive: datetime, scale: int) -> None:
    moment = naive.replace(tzinfo=UTC, microsecond=0)
    assert to_moment(int(moment.timestamp()) * scale) == moment


@given(st.integers(0, 10**9 - 1), st.booleans())
def test_nanoseconds_are_cut_to_microseconds_and_never_rounded(fraction: int, as_text: bool) -> None:
    written = int(NOON.timestamp()) * 10**9 + fraction
    assert to_moment(str(written) if as_text else written) == NOON + timedelta(microseconds=fraction // 1_000)


@pytest.mark.parametrize("written", [10**30, 10**400, "9" * 99])
def test_a_number_beyond_all_years_is_no_time(written: object) -> None:
    with pytest.raises(ValueError, match="not a time"):
        to_moment(written)


def test_a_time_without_zone_belongs_to_the_given_zone() -> None:
    assert to_moment("2026-08-20 12:11:12", ZoneInfo("Europe/Berlin")) == NOON


@pytest.mark.parametrize(
    "text",
    ["", " ", "None", "null", "<no value>", "$NAME", "${NAME}", "${{ALERT.x}}", "*alertName*", "{{ x }}", "{EVENT.ID}"],
)  # fmt: skip
def test_left_overs_of_templates_are_recognised(text: str) -> None:
    assert is_left_over(text)


@pytest.mark.parametrize("text", ["0", "no", "False", "$5 lost", "*", "a{b}", "{not json", "nonesuch"])
def test_real_words_are_no_left_overs(text: str) -> None:
    assert not is_left_over(text)


def test_a_line_has_no_breaks_no_escape_codes_and_an_end() -> None:
    assert to_line(" a\n\tb\x1b[31m\u202e c ") == "a b[31m c"
    assert to_line("x" * 400) == "x" * 299 + "…"


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (1, "1"), (1.0, "1"), (1.5, "1.5"), (True, "true"), ([1, "ü"], '[1,"ü"]'), (None, "null")],
)  # fmt: skip
def test_scalars_become_text(value: object, text: str) -> None:
    assert to_text(value) == text


class Thing(Element):
    key = Key(required=True)
    state = Word({"up": Action.RESOLVE, "down": Action.TRIGGER}, required=True)
    title = Line()
    text = Text(data_key="longText")
    raw = Verbatim()
    at = Moment()
    labels = TextMap()
    tags = Texts()


SOUND = {"key": 7, "state": " Down "}


def test_every_optional_field_is_there_as_none() -> None:
    nothing = dict.fromkeys(("title", "text", "raw", "at", "labels", "tags"))
    assert Thing().load({**SOUND, "surplus": 1}) == {"key": "7", "state": Action.TRIGGER, **nothing}


def test_values_are_taken_as_they_are_meant() -> None:
    loaded = Thing().load(
        {
            **SOUND,
            "title": "a\nb",
            "longText": "None",
            "raw": "none",
            "labels": {"n": 1, "x": None},
            "tags": ["a", "", 3],
        }
    )
    assert (loaded["title"], loaded["text"], loaded["raw"]) == ("a b", None, "none")
    assert (loaded["labels"], loaded["tags"]) == ({"n": "1"}, ("a", "3"))
    php = Thing().load({**SOUND, "labels": [], "tags": "one"})
    assert (php["labels"], php["tags"]) == (None, ("one",))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"key": None}, "key"),
        ({"key": " "}, "key"),
        ({"key": {}}, "key"),
        ({"key": True}, "key"),
        ({"key": "x" * 513}, "key"),
        ({"state": "sideways"}, "state"),
        ({"state": ""}, "state"),
        ({"at": "soon"}, "at"),
        ({"labels": "text"}, "labels"),
        ({"labels": ["a"]}, "labels"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Thing().load({**SOUND, **wrong})
    assert list(refusal.value.messages_dict) == [field]


def test_the_severity_table_knows_each_word_once_and_casefolded() -> None:
    assert all(word == word.strip().casefold() for word in WORDS)
    assert set(WORDS.values()) == {*AlertSeverity, Action.IGNORE, Action.RESOLVE}


@pytest.mark.parametrize(
    ("word", "meaning"),
    [("CRIT", AlertSeverity.CRITICAL), (" P2 ", AlertSeverity.MAJOR), ("warning", AlertSeverity.MINOR),
     ("Informational", AlertSeverity.INFO), ("none", Action.IGNORE), ("OK", Action.RESOLVE),
     ("spicy", None), (None, None)],
)  # fmt: skip
def test_severity_words(word: str | None, meaning: object) -> None:
    assert meaning_of(word) is meaning
