"""Tolerant marshmallow fields: what alert senders mean, whatever type they wrap it in.

All of them share three rules. An optional field that is absent, null, blank or a template's left-over is None in the
loaded data, so a source may always write ``alert["field"]``. A required one is then an error. Unknown fields are
dropped (:class:`Element`), because senders add fields in every release.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing

T = TypeVar("T")

_LEFT_OVERS = frozenset({"", "none", "null", "nil", "(null)", "undefined", "<no value>", "<nil>"})
# $NAME, ${name}, $HOSTNAME$ · *UNKNOWN* · {{ name }} · {EVENT.ID}, {ProblemID}, {$MACRO} · [ENDPOINT_NAME] · |URL|
_TEMPLATE = re.compile(
    r"\$!?\{?\{?[\w.]+\}?\}?\$?|\$TAGS\[[^\]]*\]|\*\w+\*|\{\{.*\}\}|\{\$?[A-Za-z][\w.]*\}|"
    r"\[[A-Z]+_[A-Z_]+\]|\|[A-Z]+\|",
    re.DOTALL,
)
_LONGEST_LEFT_OVER, _LONGEST_TEMPLATE, _LONGEST_TIME = 16, 1_000, 100
_LOOKED_AT = 20_000
"""Characters of a text of which a line is made."""
_TEMPLATE_STARTS = ("$", "*", "{", "[", "|")
# Go's 2026-08-20 10:11:12.5 +0200 CEST m=+0.1, and others; the name of a zone says nothing but where it is UTC
_NAMED_ZONE = re.compile(r"(\d{4}-[\d :.T+-]{1,60}) ([A-Z]{3,5}|(?<=[+-]\d{4} )[+-]\d{2,4})(?: m=[+-][\d.]{1,30})?")
_BLANK_OFFSET = re.compile(r" ([+-]\d\d:?\d\d)$")
_EPOCH = re.compile(r"-?\d{9,}(\.\d+)?")
_FIRST_YEAR = 1970
_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_UNITS, _NANOS = ((1e11, 1), (1e14, 1_000), (1e17, 1_000_000)), 1_000_000_000
"""Below which number an epoch counts seconds, milliseconds and microseconds, and how many of them a second has."""
_SHOWN = 40
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class Element(Schema):
    """Base of the schema of one alert: unknown fields are ignored."""

    class Meta:
        """Schema options."""

        unknown = EXCLUDE


def is_left_over(text: str) -> bool:
    """True for a blank text, a spelled-out null, or a template variable that was never filled in."""
    bare = text.strip()
    return (len(bare) <= _LONGEST_LEFT_OVER and bare.casefold() in _LEFT_OVERS) or is_placeholder(bare)


def is_placeholder(value: Any) -> bool:
    """True for a text that is nothing but a template variable that was never filled in."""
    bare = value.strip() if isinstance(value, str) else ""
    return bare[:1] in _TEMPLATE_STARTS and len(bare) <= _LONGEST_TEMPLATE and _TEMPLATE.fullmatch(bare) is not None


def to_text(value: Any) -> str:
    """A JSON value as text: scalars as written in JSON, lists and objects as compact JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:  # exact up to there
        return str(int(value))
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        raise ValidationError("is nested too deeply.") from None


def to_line(text: str, width: int = 300) -> str:
    """One line of plain text: white space collapsed, control characters dropped, cut at ``width`` characters."""
    text = text[:_LOOKED_AT]
    if not text.isprintable():  # line breaks, tabs, escape codes, direction marks
        text = "".join(char if char.isprintable() or char.isspace() else "" for char in text)
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def to_moment(value: Any, zone: tzinfo = UTC) -> datetime | None:
    """Any sender's time as an aware UTC datetime, to the microsecond; None when it says "no time".

    Understood are ISO 8601 with any number of fractional digits and any offset, RFC 1123, and Unix epochs in seconds,
    milliseconds, microseconds or nanoseconds, told apart by magnitude. A year before 1970 is a sender's zero value
    (Alertmanager writes ``0001-01-01T00:00:00Z`` for "has not ended") and is dropped before any arithmetic.

    Args:
        value: text, number or None.
        zone: zone of times that carry none.

    Raises:
        ValueError: when the value is not a time.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        raise ValueError("is not a time")
    if isinstance(value, int | float):
        return _from_epoch(value)
    if not isinstance(value, str):
        raise ValueError("is not a time")
    text = value.strip()
    if is_left_over(text) or text.startswith(("0000-", "0001-")):
        return None
    if len(text) <= _LONGEST_TIME and _EPOCH.fullmatch(text):
        return _from_epoch(float(text) if "." in text else int(text))
    return _in_utc(_from_text(text), zone)


def _from_epoch(number: int | float) -> datetime | None:
    """A Unix time; whole numbers exactly, because nanoseconds have more digits than a float."""
    if isinstance(number, float) and not math.isfinite(number):
        raise ValueError("is not a time")
    if number <= 0:
        return None
    divisor = next((divisor for limit, divisor in _EPOCH_UNITS if number < limit), _NANOS)
    try:
        if isinstance(number, int):
            return _EPOCH_START + timedelta(microseconds=number * 1_000_000 // divisor)
        moment = datetime.fromtimestamp(number / divisor, UTC)
        return moment if moment > _EPOCH_START else None  # less than a microsecond after it
    except (OverflowError, ValueError, OSError):
        raise ValueError("is not a time") from None


def _from_text(text: str) -> datetime:
    if len(text) > _LONGEST_TIME:
        raise ValueError("is not a time")
    if named := _NAMED_ZONE.fullmatch(text):
        moment = _from_text(named[1])
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None and named[2] in ("UTC", "GMT") else moment
    try:
        return datetime.fromisoformat(_BLANK_OFFSET.sub(r"\1", text))
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text.replace(" GMT+", " +").replace(" GMT-", " -"))
    except (ValueError, TypeError, IndexError, OverflowError):
        raise ValueError("is not a time") from None


def _in_utc(moment: datetime, zone: tzinfo) -> datetime | None:
    if moment.year < _FIRST_YEAR:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is not a time") from None
    return moment if moment > _EPOCH_START else None  # zero is a sender's "no time" in a text, too


class Tolerant(fields.Field[T], Generic[T]):
    """A field that takes "says nothing" for missing; subclasses say what their values mean in :meth:`_read`."""

    default_error_messages = {"required": "is missing."}  # noqa: RUF012 - marshmallow's own way to word errors

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """Load one value; None when the sender says nothing."""
        loaded = None if value is missing or value is None else self._read(value)
        if loaded is not None:
            return loaded
        if self.required:
            raise self.make_error("required")
        return None if self.load_default is missing else self.load_default

    def _read(self, value: Any) -> T | None:
        raise NotImplementedError


class Text(Tolerant[str]):
    """Any scalar as text, stripped; lists and objects as compact JSON."""

    def _read(self, value: Any) -> str | None:
        text = value if type(value) is str else to_text(value)
        return None if is_left_over(text) else text.strip()


class Verbatim(Tolerant[str]):
    """Any scalar as text, stripped; only a blank is missing. For fields where "none" is a word of its own."""

    def _read(self, value: Any) -> str | None:
        return (value if type(value) is str else to_text(value)).strip() or None


class Line(Text):
    """Any scalar as one line of plain text, cut at 300 characters."""

    def _read(self, value: Any) -> str | None:
        text = super()._read(value)
        return to_line(text) or None if text else None


class Key(Text):
    """The sender's key of an alert: a scalar, at most 512 characters. Numbers become text."""

    longest = 512

    def _read(self, value: Any) -> str | None:
        if isinstance(value, list | dict | bool):
            raise ValidationError("must be a text or a number.")
        text = super()._read(value)
        if text and len(text) > self.longest:
            raise ValidationError(f"is longer than {self.longest} characters.")
        return text


class Word(Tolerant[T]):
    """A word of a table, compared without regard to case.

    Args:
        table: casefolded word → meaning.
    """

    def __init__(self, table: Mapping[str, T], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.table = table

    def _read(self, value: Any) -> T | None:
        return look_up(self.table, value if type(value) is str else to_text(value))


class Moment(Tolerant[datetime]):
    """Any time as aware UTC; see :func:`to_moment`.

    A time that cannot be read is a fault, but never one that costs the alert: where the field is optional the batch
    reader takes it for missing and warns (``bridge.sources.batch``).
    """

    def __init__(self, zone: tzinfo = UTC, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.zone = zone

    def _read(self, value: Any) -> datetime | None:
        try:
            return to_moment(value, self.zone)
        except ValueError:
            raise ValidationError("is not a time.") from None


class Flag(Tolerant[bool]):
    """Yes or no, also as text or number; anything else says nothing."""

    def _read(self, value: Any) -> bool | None:
        if isinstance(value, bool):
            return value
        return _FLAGS.get(to_text(value).strip().casefold())


class Zone(Tolerant[tzinfo]):
    """A time zone by its IANA name, such as ``Europe/Vienna``."""

    def _read(self, value: Any) -> tzinfo | None:
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
            raise ValidationError("is not a time zone; write it like Europe/Vienna or UTC.") from None


class TextMap(Tolerant[dict[str, str]]):
    """An object of names and scalars, as texts; PHP senders write an empty one as ``[]``. Nulls are dropped."""

    def _read(self, value: Any) -> dict[str, str] | None:
        if type(value) is not dict:
            if value == []:
                return None
            raise ValidationError("must be an object of names and texts.")
        for item in value.values():
            if type(item) is not str:
                return {key: to_text(item) for key, item in value.items() if item is not None} or None
        return value or None


class Texts(Tolerant[tuple[str, ...]]):
    """A text or a list of texts, as a tuple without blanks."""

    def _read(self, value: Any) -> tuple[str, ...] | None:
        items = value if isinstance(value, list) else [value]
        texts = (to_text(item).strip() for item in items if item is not None)
        return tuple(text for text in texts if not is_left_over(text)) or None


def look_up(table: Mapping[str, T], text: str) -> T | None:
    """The meaning of a word, compared without regard to case; None for a blank.

    Raises:
        ValidationError: when the table does not know the word.
    """
    meaning = table.get(text)
    if meaning is None:
        meaning = table.get(text.strip().casefold())
    if meaning is None and not is_left_over(text):
        raise ValidationError(f"unknown word {shown(text)}; known are: {', '.join(sorted(table))}.")
    return meaning


def shown(text: str) -> str:
    """A word of the sender in quotes, short enough for a message."""
    line = to_line(text, _SHOWN)
    return f"“{line}”"
