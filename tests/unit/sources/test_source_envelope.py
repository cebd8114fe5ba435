from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bridge.errors import Unparsable
from bridge.sources.envelope import delivery_of

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def envelope(**parts: Any) -> bytes:
    return json.dumps(parts).encode()


@pytest.mark.parametrize(
    "body", [b'{"a": 1}', b"[1]", b"not json", b"", b"\xff", b'{"request": {"url": "/x"}}', b'{"request": 1}']
)
def test_a_plain_body_is_taken_as_it_is(body: bytes) -> None:
    delivery = delivery_of(body, "s", NOW)
    assert (delivery.body, delivery.method, delivery.received_at) == (body, "POST", NOW)


def test_a_request_with_its_json_beside_it() -> None:
    request = {
        "method": "put",
        "query": {"a": 1},
        "headers": {"Content-Type": "x/y"},
        "received_at": "2026-08-20T08:21:30Z",
    }
    delivery = delivery_of(envelope(_request=request, body=[{"ü": 1}]), "s", NOW)
    assert json.loads(delivery.body) == [{"ü": 1}]
    assert (delivery.method, delivery.query, delivery.content_type) == ("PUT", {"a": "1"}, "x/y")
    assert delivery.headers == {"content-type": "x/y"}
    assert delivery.received_at == datetime(2026, 8, 20, 8, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("file", "body"),
    [
        ({"request": {"method": "POST", "query": "x=1&y=", "body": "a=b&c=d"}}, b"a=b&c=d"),
        ({"request": {"method": "POST", "raw": '{"a": "b"}', "json": {"no": 1}}}, b'{"a": "b"}'),
        ({"_request": {"form": {"a": "b c", "d": ["1", "2"]}}}, b"a=b+c&d=1&d=2"),
        ({"_request": {"body_base64": base64.b64encode(b"\xff\x00").decode()}, "body": {"x": 1}}, b"\xff\x00"),
        ({"_request": {"method": "GET", "received_at": "soon"}}, b""),
    ],
)
def test_a_request_that_holds_its_body(file: dict[str, Any], body: bytes) -> None:
    delivery = delivery_of(envelope(**file), "s", NOW)
    assert delivery.body == body
    assert delivery.received_at == NOW


def test_a_query_may_be_one_text() -> None:
    file = envelope(request={"method": "GET", "query": "?token=x&empty=", "body": ""})
    assert delivery_of(file, "s", NOW).query == {"token": "x", "empty": ""}


def test_a_body_that_cannot_be_decoded_is_refused() -> None:
    with pytest.raises(Unparsable, match="body_base64"):
        delivery_of(envelope(_request={"body_base64": "%%%"}), "s", NOW)


def test_the_same_file_is_the_same_delivery() -> None:
    assert delivery_of(b"{}", "s", NOW).id == delivery_of(b"{}", "t", NOW).id != delivery_of(b"[]", "s", NOW).id
