"""From raw bytes to JSON data, in the one place that knows what senders do to JSON.

Policy, where the JSON standard leaves room or senders break it:

* A UTF-8 byte order mark is accepted; any other encoding is refused.
* Of a doubled key the last one counts.
* ``NaN`` and ``Infinity`` become null: the alert is real although the number is not.
* Raw control characters inside strings (a template that pastes a line break without escaping it) are read in a
  second, lenient pass, with a warning.
* NUL and lone surrogates become U+FFFD, so that every text can be encoded as UTF-8 and stored anywhere.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from bridge.errors import Unparsable

_BOM = b"\xef\xbb\xbf"
_GZIP, _UTF16 = b"\x1f\x8b", (b"\xff\xfe", b"\xfe\xff")
_FORM = re.compile(r"\s{0,9}[A-Za-z_][\w.%\[\]-]{0,100}=")
_REPLACEMENT = "\ufffd"

_STRICT = json.JSONDecoder(parse_constant=lambda _: None)
_LENIENT = json.JSONDecoder(parse_constant=lambda _: None, strict=False)


class UnknownFormat(Unparsable):
    """The sender says itself that its body is in a format that is not read: 415."""


@dataclass(frozen=True, slots=True)
class Json:
    """What a body says.

    Attributes:
        data: plain JSON data; every text in it can be encoded as UTF-8 and holds no NUL.
        warnings: what had to be mended, for the operator.
    """

    data: Any
    warnings: tuple[str, ...] = ()


def read_json(raw: bytes) -> Json:
    """Read a body as JSON, whatever its Content-Type says.

    Raises:
        Unparsable: with the position; never with content of the body.
    """
    text = _decode(raw)
    try:
        return _read(text)
    except RecursionError:
        raise Unparsable("The body is not usable JSON: it is nested too deeply.") from None


def _decode(raw: bytes) -> str:
    if raw.startswith(_GZIP):
        raise Unparsable("The body is compressed with gzip: let the sender post it uncompressed.")
    if raw.startswith(_UTF16):
        raise Unparsable("The body is UTF-16 text: let the sender post UTF-8.")
    if raw.startswith(_BOM):
        raw = raw[len(_BOM) :]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unparsable(f"The body is not UTF-8 text: byte {error.start} cannot be decoded.") from None
    if not text or text.isspace():
        raise Unparsable("The body is empty.")
    return text


def _read(text: str) -> Json:
    try:
        data, end = _STRICT.raw_decode(text, _skip_blank(text, 0))
        warnings: tuple[str, ...] = ()
    except json.JSONDecodeError as strict:
        data, end, warnings = _read_leniently(text, strict)
    except ValueError:  # a whole number of more digits than Python converts
        raise Unparsable("The body is not usable JSON: it holds a number with thousands of digits.") from None
    end = _skip_blank(text, end)
    if end != len(text):
        raise _refusal(json.JSONDecodeError("Extra data", text, end))
    if "\\u" in text or "\x00" in text:
        data = clean(data)
    return Json(data, warnings)


def _read_leniently(text: str, strict: json.JSONDecodeError) -> tuple[Any, int, tuple[str, ...]]:
    if not strict.msg.startswith("Invalid control character"):
        raise _refusal(strict) from None
    try:
        data, end = _LENIENT.raw_decode(text, _skip_blank(text, 0))
    except json.JSONDecodeError as error:
        raise _refusal(error) from None
    except ValueError:
        raise Unparsable("The body is not usable JSON: it holds a number with thousands of digits.") from None
    where = f"line {strict.lineno}, column {strict.colno}"
    warning = f"The body holds line breaks or other control characters that its template does not escape ({where})."
    return data, end, (warning,)


def _skip_blank(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at


def _refusal(error: json.JSONDecodeError) -> Unparsable:
    if _FORM.match(error.doc):
        return Unparsable("The body is not JSON but looks like a form: let the sender post JSON as it is.")
    what = error.msg.split(":")[0].removesuffix(" at")  # the part behind the colon quotes the body
    return Unparsable(f"The body is not JSON: {what} at line {error.lineno}, column {error.colno}.")


def clean(data: Any) -> Any:
    """The same data with NUL and lone surrogates replaced in every text, keys included.

    Raises:
        Unparsable: when it is nested too deeply.
    """
    try:
        return _clean(data)
    except RecursionError:
        raise Unparsable("The body is not usable JSON: it is nested too deeply.") from None


def _clean(data: Any) -> Any:
    if isinstance(data, str):
        return clean_text(data)
    if isinstance(data, list):
        return [_clean(item) for item in data]
    if isinstance(data, dict):
        return {clean_text(key): _clean(value) for key, value in data.items()}
    return data


def clean_text(text: str) -> str:
    """The same text without NUL and lone surrogates."""
    if "\x00" in text:
        text = text.replace("\x00", _REPLACEMENT)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = "".join(_REPLACEMENT if "\ud800" <= char <= "\udfff" else char for char in text)
    return text
