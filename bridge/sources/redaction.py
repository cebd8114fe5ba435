"""What of a delivery is not for keeping: secrets that senders put into bodies, forms and queries.

A secret is told by the name of its member (``bridge.sources.secretnames``), never by what it looks like. User and
password in front of the host of an address go too, wherever they stand, and its parameters of such a name. Where a
secret was found, the same text is hidden in what was understood of the delivery as well.

JSON is read and written anew, so no spelling of a name and no doubled member hides anything; so are JSON inside of
texts and of base 64, forms and queries. What is none of these, because it is broken, is gone through as text
(``bridge.sources.blots``), and in doubt more is hidden than needed. A body in which none of the names occurs is left as
it is, byte for byte, and finding that out is all that most deliveries pay for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from bridge.model.events import Delivery, Event, Parsed, Quarantined
from bridge.sources.blots import MASK, blotted, without_parameters, without_user, without_users
from bridge.sources.body import clean_text
from bridge.sources.secretnames import SecretNames

NOTHING: tuple[Any, ...] = (None, "", True, False, [], {})
"""Values that are no secret under any name; by the rules of Python 1 and 0 are among them."""
_NAME_MEMBERS = ("name", "key", "header", "tag", "field")
"""Members with a name whose value stands beside it in ``value``."""
_HINTS = frozenset("{[@?#")
"""A text without any of these holds neither JSON nor an address with a user or parameters."""
_CODED, _SIGNATURE = "data_base64", "signature"
_DEEPEST = 4
"""Levels of JSON inside of texts that are looked into; what is deeper is hidden."""
_MOST_FIELDS = 10_000
_SHORTEST, _MOST_SOUGHT = 8, 64
"""Characters of a secret that is looked for elsewhere, and how many are; shorter ones are words of everyday."""
_BOM = b"\xef\xbb\xbf"
_NO_TEXT = "(not kept: {} bytes that are no text, and bodies of this type may hold secrets)"


def kept(names: SecretNames, delivery: Delivery, parsed: Parsed) -> tuple[Delivery, Parsed]:
    """A delivery and what was understood of it, as they may be kept; the very same where nothing is to be hidden."""
    is_bare = not delivery.query and not delivery.headers and b"@" not in delivery.body
    if is_bare and not names.may_be_in(delivery.body):
        return delivery, parsed
    hiding = Hiding(names)
    told = hiding.delivery(delivery)
    return (delivery, parsed) if told is delivery else (told, hiding.parsed(parsed))


def kept_unread(names: SecretNames, delivery: Delivery) -> Delivery:
    """A delivery of which nothing was understood, as it may be kept.

    What looked like sound JSON or a form may still be something else, so it is gone through as text too. Bytes in which
    no name can be found, because they are no text, are not kept where the type declares secrets.
    """
    told = Hiding(names).delivery(delivery)
    if names.has_own and not _is_text(delivery.body):
        return replace(told, body=_NO_TEXT.format(len(delivery.body)).encode())
    return replace(told, body=blotted(told.body, names.__contains__))


class Hiding:
    """Hides the secrets of one delivery, and remembers them for the time.

    Args:
        names: what secrets are called.
    """

    def __init__(self, names: SecretNames) -> None:
        self._names = names
        self._found: dict[str, None] = {}

    def delivery(self, delivery: Delivery) -> Delivery:
        """The delivery with its secrets hidden; the very same when it has none."""
        body = self.body(delivery.body)
        query = self._values(delivery.query) if delivery.query else delivery.query
        headers = self._values(delivery.headers) if delivery.headers else delivery.headers
        if body is delivery.body and query is delivery.query and headers is delivery.headers:
            return delivery
        return replace(delivery, body=body, query=query, headers=headers)

    def body(self, body: bytes) -> bytes:
        """A body with its secrets hidden; the very same when it has none."""
        body = without_users(body)
        if not self._names.may_be_in(body):
            return body
        bare = body.removeprefix(_BOM).strip()
        if bare[:1] in (b"{", b"[", b'"'):
            told = self._json(bare.decode("utf-8", "replace"), _DEEPEST)
            if told is None:
                return blotted(body, self._names.__contains__)
            return told.encode("utf-8", "replace") if told else body
        if bare.startswith(b"--"):
            return self._multipart(body)
        if _is_form(bare):
            return self._form(bare)
        blots = blotted(body, self._names.__contains__)
        # The blank that made it no form may have stood in a secret.
        return self._form(blots.strip()) if blots != body and _is_form(blots.strip()) else blots

    def parsed(self, parsed: Parsed) -> Parsed:
        """What was understood, without the secrets that came along in labels, texts and keys."""
        return replace(
            parsed,
            events=tuple(map(self._event, parsed.events)),
            quarantined=tuple(map(self._quarantined, parsed.quarantined)),
            warnings=tuple(map(self._said, parsed.warnings)),
        )

    def text(self, text: str, depth: int = _DEEPEST) -> str:
        """A text: JSON in it is looked into, users and secret parameters in addresses are hidden."""
        if text[:80].lstrip()[:1] in ("{", "[") and self._names.may_be_in(text.encode("utf-8", "replace")):
            told = self._json(text, depth)
            text = self._blotted(text) if told is None else told or text
        return without_parameters(without_user(text), self._names.__contains__, self.found)

    def value(self, name: str, value: str) -> str:
        """A text under a name."""
        return self.found(value) if value and name in self._names else self.text(value)

    def found(self, value: Any) -> str:
        """Take note of a secret; gives what stands in its place."""
        for text in _texts_in(value):
            if len(text) >= _SHORTEST and text != MASK and len(self._found) < _MOST_SOUGHT:
                self._found[text] = None
        return MASK

    def _event(self, event: Event) -> Event:
        return replace(
            event,
            dedup_key=self._key(event.dedup_key),
            title=self._without_found(self.text(event.title)),
            text=event.text and self._without_found(self.text(event.text)),
            url=event.url and self._without_found(self.text(event.url)),
            component=event.component and self._without_found(self.text(event.component)),
            internal_note=event.internal_note and self._without_found(self.text(event.internal_note)),
            labels={name: self._without_found(self.value(name, text)) for name, text in event.labels.items()},
            reason=event.reason and self._said(event.reason),
        )

    def _key(self, key: str) -> str:
        """The key of an alert; where a secret made it another one, so does what stands in its place."""
        for secret in self._found:
            if secret in key:
                key = key.replace(secret, MASK + hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()[:8])
        return key

    def _quarantined(self, bad: Quarantined) -> Quarantined:
        told = self._json(json.dumps(bad.element), _DEEPEST)
        element = json.loads(told) if told else bad.element
        return replace(bad, reason=self._said(bad.reason), element=element)

    def _said(self, text: str) -> str:
        """A message of ours, which may quote the beginning of a value."""
        return self._without_found(self._blotted(text))

    def _without_found(self, text: str) -> str:
        for secret in self._found:
            if secret in text:
                text = text.replace(secret, MASK)
        return text

    def _blotted(self, text: str) -> str:
        return blotted(text.encode("utf-8", "replace"), self._names.__contains__).decode("utf-8", "replace")

    def _values(self, values: Mapping[str, str]) -> Mapping[str, str]:
        """Parameters or headers; the signature in a header is no secret of its own, and nobody needs it again."""
        told = {name: MASK if _SIGNATURE in name else self.value(name, value) for name, value in values.items()}
        return values if told == values else told

    def _json(self, text: str, depth: int) -> str | None:
        """The text with its secrets hidden; empty when it has none, None when it is no sound JSON."""
        return _Reading(self, self._names, depth).told(text)

    def _form(self, body: bytes) -> bytes:
        try:
            pairs = parse_qsl(body.decode("latin-1"), True, encoding="latin-1", max_num_fields=_MOST_FIELDS)
        except ValueError:
            return blotted(body, self._names.__contains__)
        told = [(name, self._latin(name, value)) for name, value in pairs]
        if told == pairs:
            return body
        return urlencode([(name.encode("latin-1"), value.encode("latin-1")) for name, value in told]).encode()

    def _latin(self, name: str, value: str) -> str:
        """A value of bytes that are read as Latin-1, so that any of them come back as they were."""
        text = value.encode("latin-1").decode("utf-8", "replace")
        told = self.value(name, text)
        return value if told == text else told.encode("utf-8", "replace").decode("latin-1")

    def _multipart(self, body: bytes) -> bytes:
        """A multipart form, part by part; its first line is what stands between them."""
        boundary = body.lstrip().split(b"\n", 1)[0].rstrip()
        return boundary.join(map(self._part, body.split(boundary)))

    def _part(self, part: bytes) -> bytes:
        head, blank, value = part.partition(b"\r\n\r\n" if b"\r\n\r\n" in part else b"\n\n")
        name = head.partition(b'name="')[2].partition(b'"')[0].decode("latin-1")
        if name in self._names and value.strip():
            return head + blank + self.found(value.strip().decode("utf-8", "replace")).encode() + b"\r\n"
        return head + blank + (self.body(value) if value.lstrip()[:1] in (b"{", b"[") else value)


class _Reading:
    """One pass over a text of JSON.

    Args:
        hiding: of the delivery that it belongs to.
        names: what secrets are called.
        depth: levels of JSON inside of texts that are looked into.
    """

    def __init__(self, hiding: Hiding, names: SecretNames, depth: int) -> None:
        self._hiding = hiding
        self._names = names
        self._depth = depth
        self._changed = False

    def told(self, text: str) -> str | None:
        """The text anew; empty when nothing is hidden, None when it is no sound JSON."""
        if self._depth == 0:
            return json.dumps(MASK, ensure_ascii=False)
        decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_float=_float, parse_constant=lambda _: None, strict=False
        )
        try:
            data = self._inside(decoder.decode(text))
            if not self._changed:
                return ""
            return clean_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
        except (ValueError, RecursionError):  # broken, too deep, or a number of thousands of digits
            return None

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """An object as it may be kept; called for every one, those that a doubled name hides as well."""
        told = {}
        for name, value in pairs:
            if name in self._names:
                told[name] = value if value in NOTHING else self._hidden(value)
            elif type(value) is str:
                told[name] = self._member(name, value)
            else:
                told[name] = self._inside(value) if type(value) is list else value
        if "value" in told and told["value"] not in NOTHING:
            named = (told.get(member) for member in _NAME_MEMBERS)
            if any(isinstance(name, str) and name in self._names for name in named):
                told["value"] = self._hidden(told["value"])
        return told

    def _member(self, name: str, value: str) -> str:
        if name == _CODED:
            return self._coded(value)
        return value if _HINTS.isdisjoint(value) else self._text(value)

    def _hidden(self, value: Any) -> Any:
        self._changed = self._changed or value != MASK
        return self._hiding.found(value)

    def _inside(self, value: Any) -> Any:
        """Texts, and those in lists; objects have been seen already."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            if len(value) == 2 and all(isinstance(item, str) for item in value) and value[0] in self._names:
                return [value[0], self._hidden(value[1])]
            return [self._inside(item) if isinstance(item, str | list) else item for item in value]
        return value

    def _text(self, value: str) -> str:
        told = self._hiding.text(value, self._depth - 1)
        self._changed = self._changed or told != value
        return told

    def _coded(self, value: str) -> str:
        try:
            raw = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            return value
        told = self._hiding.body(raw)
        if told == raw:
            return value
        self._changed = True
        return base64.b64encode(told).decode()


def _texts_in(value: Any) -> Iterator[str]:
    """Every text of a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for below in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(below)


def _float(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _is_form(bare: bytes) -> bool:
    return b"=" in bare and len(bare.split(None, 1)) == 1


def _is_text(body: bytes) -> bool:
    try:
        return "\x00" not in body.decode("utf-8")
    except UnicodeDecodeError:
        return False
