"""marshmallow fields of the configuration. Sources and providers use them in their own options schemas."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields

from bridge.config.problems import suggest
from bridge.secret import Secret

NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}\Z")
NAME_HINT = "begin with a small letter; then small letters, digits, '-' and '_', at most 63 characters"
DURATION_HINT = "write 10s, 2m, 5m, 1h30m or 7d"

_DURATION = re.compile(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6}(?:\.\d{1,3})?)s)?(?:(\d{1,6})ms)?\Z")
_SIZE = re.compile(r"(\d{1,12})\s*([KM])i?B?\Z", re.IGNORECASE)
_SIZE_UNITS = {"K": 1024, "M": 1_048_576}
_RATE = re.compile(r"(\d{1,6})\s*(?:/|per)\s*(\S+)\Z")
_HEADER = re.compile(r"[a-z0-9][a-z0-9-]{0,99}\Z")
_UNIQUE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,17})\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d+)?\Z")


class Said(str):
    """A message that knows what would be right.

    Attributes:
        hint: one line for the user.
    """

    __slots__ = ("hint",)
    hint: str | None

    def __new__(cls, why: str, hint: str | None = None) -> Said:
        """Make a message that carries a hint."""
        said = super().__new__(cls, why)
        said.hint = hint
        return said


def wrong(why: str, hint: str | None = None) -> ValidationError:
    """An error with a hint."""
    return ValidationError([Said(why, hint)])


def seconds(text: str) -> float:
    """Seconds that a duration such as ``1h30m`` lasts.

    Raises:
        ValueError: it is no duration.
    """
    match = _DURATION.match(text)
    if text == "0":
        return 0.0
    if not text or not match:
        raise ValueError(text)
    days, hours, minutes, secs, millis = (float(part or 0) for part in match.groups())
    return days * 86_400 + hours * 3600 + minutes * 60 + secs + millis / 1000


class Line(fields.String):
    """Text that is not empty."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = str(super()._deserialize(value, attr, data, **kwargs))
        if not text.strip():
            raise wrong("this is empty", "write a value or remove the key")
        return text


class HeaderName(Line):
    """Name of an HTTP header, in small letters."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        name = super()._deserialize(value, attr, data, **kwargs).strip().lower()
        if not _HEADER.match(name):
            raise wrong("this is not the name of a header", "letters, digits and '-', such as X-Signature")
        return name


class UniqueId(Line):
    """An id as Microsoft writes it: five groups of hexadecimal digits, in small letters."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs).strip().lower()
        if not _UNIQUE.match(text):
            raise wrong("this is no id", "it reads like 11111111-2222-3333-4444-555555555555")
        return text


class SecretField(fields.Field[Secret]):
    """A secret, as a value, ``${NAME}`` or ``file:/path``. Its value is never shown in a problem."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Secret:
        if isinstance(value, Secret):
            return value
        if not isinstance(value, str):
            raise wrong("a secret is text", "write ${NAME} or file:/path")
        if not value.strip():
            raise wrong("the secret is empty", "set the variable or the file it comes from")
        if value != value.strip():
            raise wrong("the secret begins or ends with a blank", "remove the blank")
        return Secret(value)


class AllOrNamed(fields.Dict):
    """``true`` for all, ``false`` for none, or a mapping of names."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(keys=fields.String(), values=Line(), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, bool):
            return value
        if not isinstance(value, Mapping):
            raise wrong("this is neither true or false nor a mapping of names")
        return super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]


class DurationField(fields.Field[timedelta]):
    """A span of time with its unit: ``2m``, ``1h30m``, ``10s``."""

    def __init__(self, *, least: str = "0", most: str = "3650d", **kwargs: Any) -> None:
        self._least, self._most = least, most
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> timedelta:
        text = str(value).strip()
        if re.fullmatch(r"[1-9]\d*(?:\.\d+)?", text):
            raise wrong("this duration has no unit", f"write {text}s for seconds or {text}m for minutes")
        try:
            length = seconds(text)
        except ValueError:
            raise wrong("this is not a duration", DURATION_HINT) from None
        if not seconds(self._least) <= length <= seconds(self._most):
            raise wrong(f"this duration is not between {self._least} and {self._most}", DURATION_HINT)
        return timedelta(seconds=length)


class Whole(fields.Field[int]):
    """A whole number in a range, in plain decimal digits."""

    def __init__(self, *, least: int = 0, most: int = 1_000_000, **kwargs: Any) -> None:
        self._least, self._most = least, most
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        return self._within(self._number(str(value).strip()))

    def _number(self, text: str) -> int:
        if not _WHOLE.match(text):
            raise wrong("this is not a whole number", f"a number from {self._least} to {self._most}, in decimal digits")
        return int(text)

    def _within(self, number: int) -> int:
        if not self._least <= number <= self._most:
            raise wrong("this number is out of range", f"from {self._least} to {self._most}")
        return number


class Size(Whole):
    """Bytes: ``1048576``, ``512KiB`` or ``1MiB``."""

    def _number(self, text: str) -> int:
        match = _SIZE.match(text)
        return int(match[1]) * _SIZE_UNITS[match[2].upper()] if match else super()._number(text)


class Share(fields.Field[float]):
    """A part of a whole: ``0.7`` or ``70%``."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:
        text = str(value).strip()
        number = text.removesuffix("%").strip()
        share = float(number) / (100 if text.endswith("%") else 1) if _NUMBER.match(number) else math.nan
        if not 0 < share <= 1:
            raise wrong("this is not a share", "more than 0 and at most 1, or in percent: 0.7 or 70%")
        return share


class Rate(fields.Field[tuple[int, float]]):
    """Calls in a time: ``60/1m`` gives ``(60, 60.0)``."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[int, float]:
        match = _RATE.match(str(value).strip())
        try:
            window = seconds(match[2] if match[2][0].isdigit() else f"1{match[2]}") if match else 0.0
        except ValueError:
            window = 0.0
        if match is None or not window or not int(match[1]):
            raise wrong("this is not a rate", "write calls and time: 60/1m")
        return int(match[1]), window


class Flag(fields.Field[bool]):
    """``true`` or ``false``, and no other words."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return bool(value == "true")
        raise wrong("this is neither true nor false", "write true or false")


class Choice(fields.Field[str]):
    """One of a few words."""

    def __init__(self, words: tuple[str, ...], **kwargs: Any) -> None:
        self.words = words
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        word = str(value)
        if word not in self.words:
            raise wrong("this word is not known here", choose(word, self.words))
        return word


def choose(word: str, words: tuple[str, ...]) -> str:
    """A hint for a word that is not among a few."""
    near = suggest(word, words)
    known = f"one of {', '.join(words)}"
    return f"{near} ({known})" if near.startswith("did you mean") else known


class Address(fields.Field[str]):
    """An absolute URL without user, query and fragment; a slash at its end is dropped."""

    def __init__(self, *, schemes: tuple[str, ...] = ("https", "http"), **kwargs: Any) -> None:
        self._schemes = schemes
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = str(value).strip()
        try:
            parts = urlsplit(text)
            port_is_right = parts.port is None or parts.port > 0
        except ValueError:
            raise wrong("this is not an address", "write https://status.example.com") from None
        if parts.scheme not in self._schemes or not parts.hostname or not port_is_right or re.search(r"\s", text):
            raise wrong("this is not an address", "write https://status.example.com")
        if parts.username is not None or parts.password is not None:
            raise wrong("a user or a password stands in this address", "put the secret under 'token'")
        if parts.query or parts.fragment:
            raise wrong("this address has a query or a fragment", "end it before '?' and '#'")
        return text.rstrip("/")


class OneOrMore(fields.List[Any]):
    """A list, or its only item without the brackets."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        items = value if isinstance(value, list) else [value]
        if not items:
            raise wrong("this list is empty", "write at least one value or remove the key")
        return list(super()._deserialize(items, attr, data, **kwargs))


class Words(fields.Field[tuple[str, ...]]):
    """``critical|warning``, or the same as a list."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[str, ...]:
        parts = value if isinstance(value, list) else [value]
        if any(isinstance(part, list | dict) or part is None for part in parts):
            raise wrong("this is not a word or a list of words", "write critical|warning or [critical, warning]")
        words = tuple(word.strip() for part in parts for word in str(part).split("|"))
        if not words or not all(words):
            raise wrong("a word is missing here", "write critical|warning; '*' stands for any value")
        return words
