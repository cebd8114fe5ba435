"""CloudEvents 1.0 events, however they travel: structured, in a batch, or binary with attributes in headers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from marshmallow import ValidationError

from bridge.errors import Unparsable
from bridge.model.events import Delivery
from bridge.sources.body import Json, UnknownFormat, clean, read_json

HEADERS = ("ce-id", "ce-source", "ce-specversion", "ce-type", "ce-subject", "ce-time")
"""Headers of the binary mode that are looked at; their values are percent-encoded UTF-8."""
_STRUCTURED = "application/cloudevents"
_BOM = b"\xef\xbb\xbf"


def read_events(delivery: Delivery) -> Json:
    """The event or the events of a delivery, in the structured form.

    Raises:
        UnknownFormat: when the events are in another format than JSON, such as Avro.
        Unparsable: when nothing can be read.
    """
    kind = delivery.content_type.partition(";")[0].strip().casefold()
    if kind.startswith(_STRUCTURED) and "+" in kind and not kind.endswith("+json"):
        raise UnknownFormat(f"Events are read as JSON only: {_STRUCTURED}+json or {_STRUCTURED}-batch+json.")
    if "ce-specversion" not in delivery.headers or kind.startswith(_STRUCTURED):
        return _structured(delivery.body, kind)
    event: dict[str, Any] = {
        name.removeprefix("ce-"): unquote(delivery.headers[name]) for name in HEADERS if name in delivery.headers
    }
    warnings: tuple[str, ...] = ()
    if _looks_like_json(delivery.body) or kind.endswith("json"):
        body = read_json(delivery.body) if delivery.body.strip() else Json(None)
        event["data"], warnings = body.data, body.warnings
    elif delivery.body:
        event["data"] = delivery.body.decode("utf-8", "replace")
    return Json(clean(event), warnings)


def _structured(body: bytes, kind: str) -> Json:
    try:
        return read_json(body)
    except Unparsable as error:
        if kind and not kind.endswith("json") and kind != _STRUCTURED:
            raise UnknownFormat(
                f"{error.reason} Its media type says as much; JSON is read, and ce-* headers."
            ) from None
        raise


def data_of(event: Mapping[str, Any]) -> Any:
    """The data of an event: as it is, decoded from base 64, and read as JSON where it is JSON inside a text.

    Raises:
        ValidationError: when it is not base 64.
    """
    data, coded = event.get("data"), event.get("data_base64")
    if data is None and isinstance(coded, str):
        try:
            data = base64.b64decode(coded, validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise ValidationError({"data_base64": ["is not base 64."]}) from None
    if isinstance(data, str) and _looks_like_json(data.encode("utf-8", "replace")):
        try:
            return read_json(data.encode("utf-8", "replace")).data
        except Unparsable:
            return data
    return data


def _looks_like_json(body: bytes) -> bool:
    return body.removeprefix(_BOM).lstrip()[:1] in (b"{", b"[")
