"""Forms: url-encoded or multipart bodies, told by what they look like and not by their Content-Type."""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from bridge.errors import Unparsable
from bridge.model.events import Delivery
from bridge.sources.body import Json, clean, read_json

MOST_FIELDS = 1_000
_BOM = b"\xef\xbb\xbf"
_JSON = (b"{", b"[")
_NO_FORM = (b"{", b"[", b'"', b"<", b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff")
"""How JSON, markup, gzip and UTF-16 begin: an equals sign in one of them makes no form."""


def form_fields(delivery: Delivery) -> dict[str, str] | None:
    """Names and values of a form; None when the body is none. Of a doubled name the last value counts.

    Raises:
        Unparsable: when a multipart body has no fields, or a form more than anybody sends.
    """
    body = delivery.body.removeprefix(_BOM).strip()
    is_multipart = delivery.content_type.strip().lower().startswith("multipart/form-data")
    if is_multipart and not body.startswith(_JSON):
        return _clean(_parts(delivery.content_type, delivery.body))
    if body.startswith(_NO_FORM) or b"=" not in body:
        return None
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Unparsable(f"The form holds more than {MOST_FIELDS} fields.") from None
    return _clean(dict(pairs)) or None


def read_json_in(delivery: Delivery, field: str) -> Json:
    """The JSON of a delivery: its body, or what a form has in this field.

    Raises:
        Unparsable: when there is no JSON, or the form has no such field.
    """
    values = form_fields(delivery)
    if values is None:
        return read_json(delivery.body)
    if not values.get(field):
        raise Unparsable(f"The form has no field “{field}”.")
    return read_json(values[field].encode("utf-8", "replace"))


def read_values(delivery: Delivery) -> Json:
    """Values that travel as they like: a JSON body or a form, and those of the query that the body does not name.

    Raises:
        Unparsable: when there are none, or the body is neither JSON nor a form.
    """
    query = clean(dict(delivery.query))
    if not delivery.body.removeprefix(_BOM).strip():
        if not query:
            raise Unparsable("The request holds no values: its body is empty and so is its query.")
        return Json(query)
    form = form_fields(delivery)
    body = read_json(delivery.body) if form is None else Json(form)
    return Json({**query, **body.data}, body.warnings) if isinstance(body.data, dict) else body


def _clean(values: dict[str, str]) -> dict[str, str]:
    cleaned: dict[str, str] = clean(values)
    return cleaned


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
