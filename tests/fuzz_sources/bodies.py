"""Deliveries to fuzz with: what a sender might post by mistake, and what nobody would post by mistake."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from bridge.model.events import Delivery
from bridge.testing.source_suite import HOPELESS, JUNK, mutate

LARGEST = 1_048_576
"""Bytes of a body; larger ones never reach a parser (``web.max_body``)."""
_RUNS = (
    "{{",
    "{",
    "[",
    "$",
    "*",
    "|",
    ":",
    "/",
    "-> ",
    "\\",
    "&",
    "=",
    ";",
    "%",
    "1",
    "a",
    " ",
    "\t",
    "\u2028",
    "É",
    "[A_",
)
CANARY = "canary-of-the-fuzzer"
SECRET_NAMES = (
    "password", "pushToken", "basic_auth_pass", "API-Key", "client.secret", "Authorization", "Set-Cookie",
    "access_token",
)  # fmt: skip
"""Names that are those of secrets in a body of any type."""
RARER_SECRET_NAMES = ("DSN", "headers", "databaseConnectionString", "routing_key", "private-key", "jwt")
"""Names that are those of secrets where a type declares some, or beside one of the others."""
_TOKENS = (
    b"null", b"NaN", b"-Infinity", b"1e999", b"-0", b'"', b"\\", b"\\u0000", b"\\ud800", b"{", b"}", b"[", b"]", b",",
    b":", b"=", b"&", b"%00", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\r\n", b"9" * 400, b"true", b"{}", b"[]", b'""',
)  # fmt: skip
_MORE_JUNK: tuple[Any, ...] = (
    -(10**18), 1e-320, 253402300800, 99999999999999999999, "9" * 500, "-" * 500, "1e400", "2026-02-30T25:61:61Z",
    "9999-12-31T23:59:59-14:00", "0000-00-00", "2026-11-21T10:00:00.123456789+00:00", "Sat, 32 Nov 2026 99:99:99 +9999",
    "{{ name }}", "${x}", "*UNKNOWN*", "\u202e\x1b[31m", "\ufeff", "\U0010ffff", "%s%n", "://", "a->b->", "->", "/",
    "P0", "SEV-99999999999", "²", "٣", "1" * 10_000, {"id": {"id": {"id": 1}}}, [[[[[[]]]]]], [{}] * 40,
    {"summary": None}, {"name": [], "value": {}}, [["k"]], [["k", "v", "w"]], {"data": {"type": 1}}, True,
)  # fmt: skip


class Bodies:
    """An endless supply of deliveries for one type.

    Args:
        samples: deliveries that the type understands.
        dice: decides everything.
        secret_names: names under which a secret is put.
    """

    def __init__(
        self, samples: Sequence[Delivery], dice: random.Random, secret_names: Sequence[str] = SECRET_NAMES
    ) -> None:
        self._samples = samples
        self._secret_names = secret_names
        self._dice = dice
        self._documents = [document for document in map(_document, samples) if document is not None]
        self._names = sorted({name for document in self._documents for name in _names_in(document)}) or ["a"]
        self._values = [value for document in self._documents for value in _values_in(document)][:2_000] or [None]
        self._ways: tuple[tuple[int, Callable[[], Delivery]], ...] = (  # weight in a thousand, and what is done
            (400, self._mutant),
            (120, self._many_mutations),
            (120, self._made_up),
            (140, self._bent_bytes),
            (40, self._no_sense),
            (80, self._as_form),
            (60, self._other_head),
            (100, self._with_secret),
            (8, self._long_text),
            (2, self._large),
            (5, self._nested),
        )
        self._weights = [weight for weight, _ in self._ways]

    def __iter__(self) -> Iterator[Delivery]:
        for body in HOPELESS:
            yield replace(self._sample(), body=body)
        while True:
            (_, way), *_ = self._dice.choices(self._ways, self._weights)
            made = way()
            yield replace(made, body=made.body[:LARGEST])

    def _sample(self) -> Delivery:
        return self._dice.choice(self._samples)

    def _document(self) -> Any:
        return self._dice.choice(self._documents) if self._documents else {}

    def _with(self, document: Any) -> Delivery:
        return replace(self._sample(), body=_dumped(document, ascii_only=self._dice.random() < 0.5))

    def _mutant(self) -> Delivery:
        return self._with(mutate(self._document(), self._dice))

    def _many_mutations(self) -> Delivery:
        document = self._document()
        for _ in range(self._dice.randint(2, 8)):
            document = mutate(document, self._dice)
            _put_somewhere(document, self._value(), self._dice)
        return self._with(document)

    def _value(self) -> Any:
        return self._dice.choice(self._dice.choice((JUNK, _MORE_JUNK, self._values)))

    def _structure(self, depth: int) -> Any:
        match self._dice.randrange(3 if depth else 1):
            case 1:
                names = self._dice.sample(self._names, min(len(self._names), self._dice.randint(0, 8)))
                return {name: self._structure(depth - 1) for name in names}
            case 2:
                return [self._structure(depth - 1) for _ in range(self._dice.randint(0, 3))]
            case _:
                return self._value()

    def _made_up(self) -> Delivery:
        """Names of the type, and under them anything."""
        members = self._dice.sample(self._names, min(len(self._names), self._dice.randint(1, 15)))
        made = {name: self._structure(3) for name in members}
        return self._with([made] if self._dice.random() < 0.2 else made)

    def _with_secret(self) -> Delivery:
        """A mutant with the canary under the name of a secret, as JSON or as a form."""
        root = [mutate(self._document(), self._dice)]
        secret = self._dice.choice((CANARY, {"a": [CANARY]}, [CANARY, 1], f"Bearer {CANARY}"))
        holders = [node for node in _nodes(root) if isinstance(node, dict)] or [root]
        for holder in self._dice.sample(holders, min(len(holders), 2)):
            name = self._dice.choice(self._secret_names)
            if isinstance(holder, dict):
                holder[name] = secret
            else:
                holder.append({name: json.dumps(secret)})
        document = root[0] if len(root) == 1 else root
        if self._dice.random() < 0.3:
            document = {"message": json.dumps(document), "x": {"data": json.dumps([document])}}
        if self._dice.random() < 0.2:
            return replace(self._sample(), body=_form({"data": json.dumps(document), "Token": CANARY}))
        return self._with(document)

    def _bent_bytes(self) -> Delivery:
        sample = self._sample()
        body = bytearray(sample.body or b"{}")
        for _ in range(self._dice.randint(1, 12)):
            place = self._dice.randrange(len(body) + 1)
            match self._dice.randrange(5):
                case 0:
                    body[place:place] = self._dice.choice(_TOKENS)
                case 1:
                    del body[place : place + self._dice.randint(1, 20)]
                case 2:
                    body[place : place + 1] = bytes([self._dice.randrange(256)])
                case 3:
                    other = self._sample().body
                    cut = self._dice.randrange(len(other) + 1)
                    body[place:] = other[cut:]
                case _:
                    body[place:place] = body[place : place + self._dice.randint(1, 200)]
        if self._dice.random() < 0.15:
            del body[self._dice.randrange(len(body) + 1) :]
        return replace(sample, body=bytes(body))

    def _no_sense(self) -> Delivery:
        size = self._dice.choice((0, 1, 3, 20, 300, 5_000))
        return replace(self._sample(), body=self._dice.randbytes(size))

    def _as_form(self) -> Delivery:
        """The members of a mutant as a form, as a multipart form, or in the query of a GET."""
        document = mutate(self._document(), self._dice)
        members = document if isinstance(document, dict) else {"data": document, "payload": document}
        values = {name: value if isinstance(value, str) else _dumped(value).decode() for name, value in members.items()}
        match self._dice.randrange(4):
            case 0:
                return replace(self._sample(), body=_form(values))
            case 1:
                form = {self._dice.choice(("data", "payload", "body")): _dumped(document).decode()}
                return replace(self._sample(), body=_form(form))
            case 2:
                kind = "multipart/form-data; boundary=" + self._dice.choice(("x", "x y", '"x"', "", "é" * 80))
                parts = [
                    f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                    for name, value in {"data": _dumped(document).decode(), **values}.items()
                ]
                body = ("".join(parts) + "--x--\r\n").encode("utf-8", "replace")
                return replace(self._sample(), body=body, content_type=kind)
            case _:
                return replace(self._sample(), body=b"", query=values, method="GET")

    def _other_head(self) -> Delivery:
        sample = self._mutant()
        junk = ("", "%", "%ff%00", "1.0", "\x00", "é", "a" * 3_000, "application/cloudevents+avro", "text/plain; =;;")
        heads = {name: self._dice.choice(junk) for name in (*sample.headers, "ce-specversion", "ce-id", "ce-type")}
        query = {self._dice.choice(self._names): to_str(self._value()) for _ in range(3)}
        return replace(sample, headers=heads, query=query, content_type=self._dice.choice((*junk, sample.content_type)))

    def _long_text(self) -> Delivery:
        """A long run of something in the place of a value: what a pattern that backtracks cannot stand."""
        run = self._dice.choice(_RUNS) * self._dice.choice((2_000, 30_000, 200_000))
        document = json.loads(_dumped(self._document()))
        for _ in range(self._dice.randint(1, 3)):
            _put_somewhere(document, run[: LARGEST // 4] + self._dice.choice(("", "}", "x", "]", '"')), self._dice)
        return self._with(document)

    def _large(self) -> Delivery:
        """As many elements as fit, mutants among them."""
        document = json.loads(_dumped(self._document()))
        lists = [value for value in _nodes(document) if isinstance(value, list) and value]
        if not lists:
            document = [document]
            lists = [document]
        target = self._dice.choice(lists)
        element = target[0]
        size = max(1, len(_dumped(element)) + 1)
        mutants = [mutate(element, self._dice) for _ in range(8)]
        count = min(self._dice.choice((2_000, 10_000, 20_000)), LARGEST // size)
        target[:] = [self._dice.choice(mutants) if self._dice.random() < 0.3 else element for _ in range(count)]
        return self._with(document)

    def _nested(self) -> Delivery:
        depth = self._dice.choice((50, 500, 900, 5_000, 100_000))
        name = json.dumps(self._dice.choice(self._names)).encode()
        opening = self._dice.choice((b"[", b"{" + name + b":", b"[{" + name + b":"))
        closing = {b"[": b"]", b"{": b"}"}
        ends = b"".join(
            closing[opening[place : place + 1]] for place in (1, 0) if opening[place : place + 1] in closing
        )
        return replace(self._sample(), body=opening * depth + b"1" + ends * depth)


def to_str(value: Any) -> str:
    """A value as a query would hold it."""
    text = value if isinstance(value, str) else _dumped(value).decode()
    return text.encode("utf-8", "replace").decode()


def _document(delivery: Delivery) -> Any:
    try:
        return json.loads(delivery.body)
    except ValueError:
        return dict(delivery.query) or None


def _dumped(value: Any, *, ascii_only: bool = True) -> bytes:
    return json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "replace")


def _form(values: Mapping[str, str]) -> bytes:
    return urlencode({name.encode("utf-8", "replace"): to_str(value) for name, value in values.items()}).encode()


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for below in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _nodes(below)


def _names_in(document: Any) -> Iterator[str]:
    for node in _nodes(document):
        if isinstance(node, dict):
            yield from node


def _values_in(document: Any) -> Iterator[Any]:
    for node in _nodes(document):
        if isinstance(node, dict):
            yield from node.values()


def _put_somewhere(document: Any, value: Any, dice: random.Random) -> None:
    holders = [node for node in _nodes(document) if isinstance(node, dict | list) and node]
    if not holders:
        return
    holder = dice.choice(holders)
    place = dice.choice(list(holder)) if isinstance(holder, dict) else dice.randrange(len(holder))
    holder[place] = value
