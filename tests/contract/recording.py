"""What is really sent to Statuspage, PingPong and Cachet 3, held against the OpenAPI documents of their vendors.

``data/requests-<provider>.json`` has, for every operation, the schemas of its query and of its body, without prose.
They follow the documents, which are strict here (nothing that is not named may be sent), but for what those have wrong:

* Statuspage: the key around a body must be there; the description of a group stands inside of it; ``subscribers`` is a
  list or "all"; ``components`` of an incident maps any id to a status, none of them empty; ``metadata`` maps to
  mappings; ``group_id`` and ``reminder_intervals`` may be null; widths, dates, points and roles are as the prose says;
  a page access user is changed by the fields that it is made of (the document names none).
* PingPong and Cachet 3: nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

BASES = {
    "/statuspage/v1": "statuspage",
    "/pingpong/rest/v1": "pingpong",
    "/pingpong": "pingpong",
    "/cachet3/api": "cachet3",
}
"""Where each API is in the sandbox; PingPong's badges are beside its API."""
_WHOLE_NUMBER = re.compile(r"-?\d+")


@dataclass(frozen=True)
class Sent:
    """One request as it went over the wire.

    Attributes:
        path: below the base of the API.
        body: the JSON that was sent; None when nothing was.
    """

    provider: str
    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    content_type: str

    @property
    def operation(self) -> str | None:
        """The documented operation, such as ``GET /pages/{page_id}``; a literal path wins over one with an id."""
        fitting = [name for name in operations(self.provider) if _fits(name, self.method, self.path)]
        return min(fitting, key=lambda name: name.count("{"), default=None)


@dataclass
class Recording:
    """Every request that was sent while it ran."""

    sent: list[Sent] = field(default_factory=list)

    def used(self, provider: str) -> set[str]:
        """The documented operations that were used."""
        return {item.operation for item in self.sent if item.provider == provider and item.operation}

    def problems(self) -> list[str]:
        """What is not as documented."""
        return [f"{item.method} {item.path}: {problem}" for item in self.sent for problem in problems_of(item)]


@cache
def operations(provider: str) -> Mapping[str, Any]:
    """Operation → the schemas of its query and its body."""
    text = (Path(__file__).parent / "data" / f"requests-{provider}.json").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text)
    return found


@contextmanager
def recorded() -> Iterator[Recording]:
    """Record everything that is sent to the sandbox by ``requests``."""
    recording, send = Recording(), HTTPAdapter.send

    def note(adapter: HTTPAdapter, request: PreparedRequest, **how: Any) -> Response:
        item = _read(request)
        if item is not None:
            recording.sent.append(item)
        return send(adapter, request, **how)

    with mock.patch.object(HTTPAdapter, "send", note):
        yield recording


def problems_of(sent: Sent) -> Iterator[str]:
    """What of one request is not as documented."""
    if sent.operation is None:
        yield "there is no such operation"
        return
    known = operations(sent.provider)[sent.operation]
    for name, value in sent.query.items():
        schema = _parameter(known.get("query", {}), name)
        if schema is None:
            yield f"there is no parameter {name}"
        elif not Draft202012Validator(schema).is_valid(_value(schema, value)):
            yield f"{name}={value} is not what the parameter takes"
    if "body" not in known:
        if sent.body is not None:
            yield f"a body was sent where none is documented: {sent.body}"
        return
    if sent.body is not None and sent.content_type != "application/json":
        yield f"the body is said to be {sent.content_type}"
    # An operation that needs nothing of its body may be called without one.
    body = {} if sent.body is None else sent.body
    for error in Draft202012Validator(known["body"]).iter_errors(body):
        yield f"{error.json_path}: {error.message}"


def _read(request: PreparedRequest) -> Sent | None:
    parts = urlsplit(str(request.url))
    base = next((base for base in BASES if parts.path.startswith(base + "/")), None)
    if base is None:
        return None
    return Sent(
        provider=BASES[base],
        method=str(request.method),
        path=parts.path.removeprefix(base),
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
        body=json.loads(request.body) if request.body else None,
        content_type=str(request.headers.get("Content-Type")),
    )


def _fits(operation: str, method: str, path: str) -> bool:
    documented, template = operation.split(" ", 1)
    return documented == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None


def _parameter(known: Mapping[str, Any], name: str) -> Any:
    """The schema of a parameter; ``filter[meta][{key}]`` stands for any key."""
    fitting = (known[each] for each in known if re.fullmatch(re.escape(each).replace(r"\{key\}", r"[^\]]+"), name))
    return next(fitting, None)


def _value(schema: Mapping[str, Any], text: str) -> Any:
    """A parameter's text as what it stands for."""
    if schema.get("type") in ("integer", "number") and _WHOLE_NUMBER.fullmatch(text):
        return int(text)
    return {"true": True, "false": False}.get(text, text) if schema.get("type") == "boolean" else text
