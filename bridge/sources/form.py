"""Deliveries that need not be JSON: forms, multipart forms, and values in the query of a GET.

The Content-Type proves nothing: senders post JSON as text and forms as nothing in particular. A body is what it looks
like. Values of the query are added where the body does not name them.
"""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP
from typing import ClassVar
from urllib.parse import parse_qsl

from bridge.errors import Unparsable
from bridge.model.events import Delivery
from bridge.sources.body import Json, clean, read_json
from bridge.sources.single import ObjectSource

MOST_FIELDS = 1_000
_BOM = b"\xef\xbb\xbf"


class FormSource(ObjectSource):
    """Base of the senders that post JSON, a form, or put their values into the address; people type the names."""

    methods: ClassVar[tuple[str, ...]] = ("POST", "GET")
    loose_names: ClassVar[bool] = True

    def read(self, delivery: Delivery) -> Json:
        """The values of a delivery, wherever they are."""
        return read_values(delivery)


def read_values(delivery: Delivery) -> Json:
    """The values of a delivery: of its body, and of its query where the body does not name them.

    Raises:
        Unparsable: when there are none, or the body is neither JSON nor a form.
    """
    query = clean(dict(delivery.query))
    body = delivery.body.removeprefix(_BOM).strip()
    if not body:
        if not query:
            raise Unparsable("The request holds no values: its body is empty and so is its query.")
        return Json(query)
    read = _read_body(delivery, body)
    if isinstance(read.data, dict):
        return Json({**query, **read.data}, read.warnings)
    return read


def _read_body(delivery: Delivery, body: bytes) -> Json:
    if delivery.content_type.strip().lower().startswith("multipart/form-data"):
        return Json(clean(_parts(delivery.content_type, delivery.body)))
    if body[:1] in b'{["' or b"=" not in body:
        return read_json(delivery.body)
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Unparsable(f"The form holds more than {MOST_FIELDS} fields.") from None
    return Json(clean(dict(pairs)))


def _parts(content_type: str, body: bytes) -> dict[str, str]:
    """Names and values of a multipart form; files are left out."""
    head = content_type.replace("\r", "").replace("\n", "").encode("latin-1", "replace")
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + head + b"\r\n\r\n" + body)
    values: dict[str, str] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and part.get_filename() is None and isinstance(payload, bytes):
            values[name] = payload.decode("utf-8", "replace").removesuffix("\r\n")
    if not values:
        raise Unparsable("The body is no multipart form: no part of it has a name and a value.")
    return values
