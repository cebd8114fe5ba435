"""Files for ``statusbridge normalize``: a body, or a whole HTTP request in an envelope, made into a delivery.

Two envelopes are known. ``_request`` holds method, query, headers, form, body or body_base64 and received_at, with the
JSON body beside it under ``body``. ``request`` holds method, query, headers and a body (``body`` or ``raw``).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from bridge.errors import Unparsable
from bridge.ids import derived_id
from bridge.model.events import Delivery, Event, Parsed, Quarantined
from bridge.sources.body import read_json
from bridge.sources.fields import to_moment

_BODILESS = ("GET", "HEAD", "OPTIONS")
_BODIES = ("body_base64", "body", "raw", "form", "json")


def delivery_of(content: bytes, source: str, now: datetime) -> Delivery:
    """The delivery that a file stands for.

    Args:
        content: the file as it is: an envelope or a plain body.
        source: name of the source it is to belong to.
        now: time of arrival, unless the envelope tells one.

    Raises:
        Unparsable: when an envelope holds a body that cannot be decoded.
    """
    identity = derived_id("dlv", hashlib.sha256(content).hexdigest())
    try:
        data = read_json(content).data
    except Unparsable:
        return Delivery(identity, source, now, content)
    request = _request_in(data)
    if request is None:
        return Delivery(identity, source, now, content)
    headers = {str(name).lower(): str(value) for name, value in _mapping(request.get("headers")).items()}
    return Delivery(
        id=identity,
        source=source,
        received_at=_received_at(request, now),
        body=_body_in(request, data),
        content_type=headers.get("content-type", ""),
        method=str(request.get("method") or "POST").upper(),
        query=_query_in(request.get("query")),
        headers=headers,
    )


def _request_in(data: Any) -> Mapping[str, Any] | None:
    if not isinstance(data, dict):
        return None
    if isinstance(data.get("_request"), dict):
        request: Mapping[str, Any] = data["_request"]
        return request
    request = _mapping(data.get("request"))
    # A body of its own may well have a member called "request"; only a method and a body make an envelope of it, or the
    # query of a request that has no body.
    if not isinstance(request.get("method"), str):
        return None
    bodiless = request["method"].upper() in _BODILESS and isinstance(request.get("query"), dict | str)
    return request if bodiless or any(name in request for name in _BODIES) else None


def _body_in(request: Mapping[str, Any], file: Mapping[str, Any]) -> bytes:
    coded = request.get("body_base64")
    if isinstance(coded, str):
        try:
            return base64.b64decode(coded, validate=True)
        except (binascii.Error, ValueError):
            raise Unparsable("The envelope's body_base64 is not base 64.") from None
    for holder, name in ((request, "body"), (request, "raw"), (request, "form"), (request, "json"), (file, "body")):
        if name in holder and holder[name] is not None:
            value = holder[name]
            if name == "form" and isinstance(value, dict):
                return urlencode(value, doseq=True).encode()
            return value.encode() if isinstance(value, str) else json.dumps(value, ensure_ascii=False).encode()
    return b""


def _query_in(query: Any) -> dict[str, str]:
    if isinstance(query, str):
        return dict(parse_qsl(query.removeprefix("?"), keep_blank_values=True))
    return {str(name): str(value) for name, value in _mapping(query).items()}


def _received_at(request: Mapping[str, Any], now: datetime) -> datetime:
    try:
        return to_moment(request.get("received_at")) or now
    except ValueError:
        return now


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def normalized(parsed: Parsed) -> dict[str, Any]:
    """What a delivery says, as JSON-able data; times are ISO 8601 in UTC with a Z."""
    result: dict[str, Any] = {
        "events": [_event(event) for event in parsed.events],
        "quarantined": [_quarantined(element) for element in parsed.quarantined],
    }
    if parsed.warnings:
        result["warnings"] = list(parsed.warnings)
    if parsed.answer:
        result["answer"] = dict(parsed.answer)
    return result


def _event(event: Event) -> dict[str, Any]:
    always: dict[str, Any] = {
        "dedup_key": event.dedup_key,
        "action": event.action.value,
        "severity": event.severity.value if event.severity else None,
        "title": event.title,
        "text": event.text,
        "labels": dict(event.labels),
        "started_at": _iso(event.started_at),
        "ended_at": _iso(event.ended_at),
    }
    told: dict[str, Any] = {
        "component": event.component,
        "status": event.status.value if event.status else None,
        "url": event.url,
        "internal_note": event.internal_note,
        "happened_at": _iso(event.happened_at),
        "reason": event.reason,
    }
    return always | {name: value for name, value in told.items() if value is not None}


def _quarantined(element: Quarantined) -> dict[str, Any]:
    return {"index": element.index, "reason": element.reason, "element": element.element}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None
