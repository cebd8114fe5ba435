"""Hiding secrets: by name, in every form that a body may have, and nothing else is touched."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.config.schemes import FieldToken
from bridge.model.enums import Action
from bridge.model.events import Delivery, Event, Parsed, Quarantined
from bridge.sources import registry
from bridge.sources.base import traits_of
from bridge.sources.redaction import Hiding, kept, kept_unread
from bridge.sources.secretnames import SecretNames, names_of

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NAMES = SecretNames(("code", "NOTIFY_PARAMETER_*"))
HUSH = "hush-hush-hush"
MASK = "•••"


def body(raw: bytes | dict[str, Any] | list[Any], names: SecretNames = NAMES) -> bytes:
    return Hiding(names).body(raw if isinstance(raw, bytes) else json.dumps(raw).encode())


def delivery(raw: bytes, **more: Any) -> Delivery:
    return Delivery("dlv_1", "s", NOW, raw, **more)


@pytest.mark.parametrize(
    "name",
    ["password", "PASSWORD", "basic_auth_pass", "pushToken", "client-secret", "apiKey", "API_KEY", "Authorization",
     "Set-Cookie", "databaseConnectionString", "sentry.dsn", "headers", "routing_key", "radiusSecret", "code",
     "NOTIFY_PARAMETER_1", "notify_parameter_webhook_url", "\u0070assword"],
)  # fmt: skip
def test_what_is_named_like_a_secret_is_hidden(name: str) -> None:
    told = json.loads(body({"a": [{name: HUSH}], "title": "T"}))
    assert told == {"a": [{name: MASK}], "title": "T"}


@pytest.mark.parametrize(
    "name",
    [
        "dsn",
        "sentry.dsn",
        "db_pwd",
        "jwt",
        "bearer",
        "connection_string",
        "session-id",
        "sshKey",
        "license.key",
        "headers",
    ],
)
@pytest.mark.parametrize("shape", ['{{"{0}": "{1}", "key": "k"}}', '{{"key": {{"{0}": ["{1}"]}}}}', "key=k&{0}={1}"])
def test_a_type_that_declares_no_secrets_hides_them_all_the_same(name: str, shape: str) -> None:
    raw = shape.format(name, HUSH).encode()
    told, _ = kept(SecretNames(), delivery(raw), Parsed(()))
    assert HUSH.encode() not in told.body


@pytest.mark.parametrize(
    "name",
    ["key", "dedup_key", "groupKey", "status_code", "author", "service", "passed", "monitor", "fingerprint", "codes"],
)
def test_other_names_are_left_alone(name: str) -> None:
    raw = json.dumps({name: HUSH, "text": "the token expired, no password"}).encode()
    assert body(raw) is raw


@pytest.mark.parametrize("nothing", [None, "", False, True, [], {}])
def test_a_secret_that_is_not_set_is_no_secret(nothing: Any) -> None:
    raw = json.dumps({"password": nothing}).encode()
    assert body(raw) is raw


def test_a_body_without_secrets_stays_byte_for_byte() -> None:
    raw = b'\xef\xbb\xbf {"a" : 1.50 , "a": 2, "text": "\\u00e4 token"}\r\n'
    assert body(raw) is raw
    one = delivery(raw, query={"a": "b"}, headers={"ce-id": "1"})
    parsed = Parsed((Event("k", Action.IGNORE, reason="r"),))
    assert kept(NAMES, one, parsed) == (one, parsed)
    assert kept(NAMES, one, parsed)[0] is one


@pytest.mark.parametrize(
    "raw",
    [
        b'{"password": "hush-hush-hush", "password": 1, "a": {"token": "hush-hush-hush"}, "a": 2}',
        b'{"\\u0070assword": "hush-hush-hush"}',
        b'{"p\\u0061ssword": {"x": ["hush-hush-hush"]}}',
        json.dumps({"Message": json.dumps({"deep": json.dumps([{"token": HUSH}])})}).encode(),
        json.dumps([[[json.dumps({"token": HUSH})]]]).encode(),
        json.dumps({"headers": [{"name": "Authorization", "value": HUSH}]}).encode(),
        json.dumps({"list": [{"key": "Authorization", "value": HUSH}, {"tag": "api_key", "value": HUSH}]}).encode(),
        json.dumps({"tags": [["x", "y"], ["access_token", HUSH]]}).encode(),
        json.dumps({"data_base64": base64.b64encode(json.dumps({"secret": HUSH}).encode()).decode()}).encode(),
        json.dumps({"url": f"https://user:{HUSH}@db.example.com/x"}).encode(),
        b'{"url": "https:\\/\\/user:hush-hush-hush@db.example.com\\/x"}',
        json.dumps({"msg": f"connect postgres://{HUSH}@db failed"}).encode(),
        ("[" * 3000 + json.dumps({"token": HUSH})).encode() + b"]" * 3000,
        b'{"n": ' + b"1" * 5000 + b', "password": "hush-hush-hush"}',
    ],
)  # fmt: skip
def test_no_way_of_writing_hides_it(raw: bytes) -> None:
    told = body(raw)
    assert HUSH.encode() not in told
    assert base64.b64encode(HUSH.encode())[:8] not in told


def test_what_is_hidden_is_still_json_with_everything_else_in_it() -> None:
    data = {"a": [1, 2.5, None, True, "ä", {"b": "\u2028"}], "password": HUSH, "n": 10**30, "e": 1e300}
    assert json.loads(body(data)) == {**data, "password": MASK}


def test_a_form_is_written_anew() -> None:
    form = urlencode({"Token": HUSH, "Status": "Down & out", "data": json.dumps({"password": HUSH, "x": "ü"}), "e": ""})
    told = parse_qs(body(form.encode()).decode(), keep_blank_values=True)
    assert told == {"Token": [MASK], "Status": ["Down & out"], "data": ['{"password":"•••","x":"ü"}'], "e": [""]}
    assert HUSH not in body(f"url={urlencode({'u': f'https://u:{HUSH}@h/'})[2:]}".encode()).decode()


def test_bytes_of_a_form_that_are_no_text_stay() -> None:
    assert body(b"Token=hush-hush-hush&Name=%FFx") == b"Token=%E2%80%A2%E2%80%A2%E2%80%A2&Name=%FFx"


def test_a_form_with_a_blank_in_its_secret_is_hidden_once_and_for_all() -> None:
    broken = f'Token={HUSH} "NAME&Token={HUSH}'.encode()
    told = Hiding(NAMES).body(broken)
    assert HUSH.encode() not in told
    assert b"NAME" not in told
    assert Hiding(NAMES).body(told) == told


def test_the_parts_of_a_multipart_form_are_looked_into() -> None:
    part = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    raw = part.format("data", json.dumps({"pushToken": HUSH, "a": 1})) + part.format("token", HUSH) + "--x--\r\n"
    told = body(raw.encode()).decode()
    assert HUSH not in told
    assert '{"pushToken":"•••","a":1}' in told
    assert told.endswith("--x--\r\n")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"https://h/x?token={HUSH}", f"https://h/x?token={MASK}"),
        (f"https://h/x?a=1&api_key={HUSH}&b=2#f", f"https://h/x?a=1&api_key={MASK}&b=2#f"),
        (f"see https://h/?a=1&amp;client_secret={HUSH}, please", f"see https://h/?a=1&amp;client_secret={MASK} please"),
        (f"https://h/#access_token={HUSH}", f"https://h/#access_token={MASK}"),
        ("https://h/graph?g0.expr=up+%3D%3D+0&g0.tab=1", "https://h/graph?g0.expr=up+%3D%3D+0&g0.tab=1"),
        ("what is a token? nobody knows", "what is a token? nobody knows"),
    ],
)
def test_parameters_of_addresses_are_hidden_by_name(address: str, shown: str) -> None:
    assert json.loads(body({"monitor": {"url": address}, "links": [address]})) == {
        "monitor": {"url": shown},
        "links": [shown],
    }
    assert parse_qs(body(urlencode({"url": address, "a": "b"}).encode()).decode())["url"] == [shown]
    event = Event(f"k:{address}", Action.TRIGGER, title=address, url=address, labels={"url": address})
    told, parsed = kept(NAMES, delivery(json.dumps({"url": address}).encode()), Parsed((event,)))
    assert HUSH not in repr((told, parsed))
    (kept_event,) = parsed.events
    assert (kept_event.title, kept_event.url, kept_event.labels) == (shown, shown, {"url": shown})
    assert (kept_event.dedup_key == event.dedup_key) == (shown == address)


def test_queries_and_headers_are_looked_through() -> None:
    one = delivery(
        b"",
        query={"monitor": json.dumps({"id": 1, "pushToken": HUSH}), "k": "1"},
        headers={"x-api-key": HUSH, "x-hub-signature-256": HUSH, "ce-id": "1"},
    )
    told, _ = kept(NAMES, one, Parsed(()))
    assert told.query == {"monitor": '{"id":1,"pushToken":"•••"}', "k": "1"}
    assert told.headers == {"x-api-key": MASK, "x-hub-signature-256": MASK, "ce-id": "1"}


def test_what_was_understood_loses_the_secret_as_well() -> None:
    event = Event(
        dedup_key=f"k:{HUSH}",
        action=Action.IGNORE,
        title=f"Token is {HUSH}",
        text=json.dumps({"password": HUSH, "a": 1}),
        labels={"password": HUSH, "service": "api", "db": f"mysql://root:{HUSH}@db"},
        internal_note=f"Netdata asks for {HUSH}",
        component=HUSH,
        reason="a test",
    )
    bad = Quarantined(1, f'state: unknown word “{{"password": "{HUSH}”', {"x": {"password": HUSH}})
    parsed = Parsed((event,), (bad,), (f"severity: unknown word “{HUSH}”",))
    _, told = kept(NAMES, delivery(json.dumps({"password": HUSH}).encode()), parsed)
    assert HUSH not in repr(told)
    (shown,) = told.events
    assert shown.labels == {"password": MASK, "service": "api", "db": f"mysql://{MASK}@db"}
    assert shown.text == '{"password":"•••","a":1}'
    _, again = kept(NAMES, delivery(json.dumps({"password": HUSH}).encode()), parsed)
    assert again == told  # above all the key
    _, other = kept(
        NAMES,
        delivery(json.dumps({"password": "other-hush"}).encode()),
        Parsed((Event("k:other-hush", Action.IGNORE),)),
    )
    assert other.events[0].dedup_key != shown.dedup_key


@pytest.mark.parametrize(
    "raw",
    [
        '{"title": "it "broke", "password": "hush-hush-hush", "x": 1}',
        '{"password": "hush-hush-hush',
        '{"password": "a\\"hush-hush-hush", "x": ',
        '{"password": "a"hush-hush-hush", "x": "y"',
        "{'password': 'hush-hush-hush', ",
        '{"headers": {"a": ["hush-hush-hush", "}"], "b": {}}, "x": ',
        '{"headers": {"a": "hush-hush-hush"',
        '{"token":hush-hush-hush}',
        '{"a": "{\\"token\\": \\"hush-hush-hush\\", \\"b\\": 1}", ',
        "PASSWORD=hush-hush-hush\nHOST=db",
        "Authorization: Bearer hush-hush-hush\n",
        "<alert><password>hush-hush-hush</password></alert>",
        "NOTIFY_PARAMETER_2=hush-hush-hush\r\nNOTIFY_HOSTNAME=db",
        "at https://u:hush-hush-hush@h",
        '{"code":\t\n"hush-hush-hush\nand more hush-hush-hush", "t": 1',
    ],
)  # fmt: skip
def test_in_what_is_broken_more_is_hidden_rather_than_less(raw: str) -> None:
    told = kept_unread(NAMES, delivery(raw.encode())).body.decode()
    assert HUSH not in told
    assert MASK in told


def test_what_is_broken_can_still_be_read_around_the_secret() -> None:
    told = kept_unread(NAMES, delivery(b'{"title": "it "broke", "password": "hush", "state": "down"')).body.decode()
    assert told == '{"title": "it "broke", "password": "•••", "state": "down"'


def test_bytes_that_are_no_text_are_not_kept_where_the_type_has_secrets() -> None:
    for raw in ('{"password": "hush-hush-hush"}'.encode("utf-16"), b"\xff\xfe\x00hush", b"\x00" * 10):
        assert b"not kept" in kept_unread(NAMES, delivery(raw)).body
        assert str(len(raw)).encode() in kept_unread(NAMES, delivery(raw)).body
    latin = "Störung, password=hush-hush-hush".encode("latin-1")
    assert kept_unread(SecretNames(), delivery(latin)).body == b"St\xf6rung, password=" + MASK.encode()


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda below: (
            st.lists(below, max_size=4)
            | st.dictionaries(st.text() | st.sampled_from(["password", "a", "Token", "x_headers"]), below, max_size=4)
        ),
        max_leaves=15,
    )
)
def test_any_json_stays_json_and_hiding_twice_is_hiding_once(data: Any) -> None:
    once = body({"secret": "", "d": data})
    json.loads(once)
    assert body(once) == once


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b'"password": "', b"token=", b"--", b'{"dsn":', b"&", b"://", b"@"]))
def test_any_bytes_go_through(raw: bytes, more: bytes) -> None:
    for made in (raw + more + raw, more + raw):
        once = kept_unread(NAMES, delivery(made))
        assert kept_unread(NAMES, once).body == once.body


RUNS = ["{", "[", '"', "\\", '\\"', "password", 'password"', '"password":', "password=", "token:\n", "://", "://a", "@",
        "&", "=", "--", "\n", " ", "%40", "name=", "<", '{"token":', '[{"a":', 'x" ', "'", "\\u006"]  # fmt: skip


@pytest.mark.parametrize("run", RUNS)
def test_no_body_takes_long(run: str) -> None:
    size = 400_000
    for raw in (run * (size // len(run)), 'password": "' + run * (size // len(run)), run * (size // len(run)) + "x@"):
        started = time.process_time()
        kept_unread(NAMES, delivery(raw.encode()))
        assert time.process_time() - started < 2.0


@pytest.mark.parametrize(
    ("type_name", "secret"),
    [
        ("uptime-kuma", "basic_auth_user"), ("uptime-kuma", "kafkaProducerSaslOptions"), ("uptime-kuma", "tlsKey"),
        ("uptime-kuma", "databaseConnectionString"), ("uptime-kuma", "pushToken"), ("sentry", "code"),
        ("checkmk", "NOTIFY_PARAMETER_WEBHOOK_URL"), ("netdata", "token"), ("aws-sns", "Token"),
        ("aws-sns", "UnsubscribeURL"), ("aws-sns", "SubscribeURL"), ("aws-sns", "Signature"), ("statuscake", "Token"),
        ("statuspage-webhook", "unsubscribe"), ("instatus", "unsubscribe"), ("generic", "routing_key"),
        ("upptime", "secret"), ("alerta", "apiKey"),
    ],
)  # fmt: skip
def test_what_the_vendors_are_known_to_send_is_declared(type_name: str, secret: str) -> None:
    assert secret in names_of(registry.load(type_name))


def test_no_type_hides_what_it_reads() -> None:
    for name in registry.built_in():
        record, scheme = traits_of(registry.load(name)).record, traits_of(registry.load(name)).scheme
        assert record is not None
        proof = {scheme.field} if isinstance(scheme, FieldToken) else set()
        members = {member.strip().rpartition(".")[2] for member in record.used.split(",")}
        names = names_of(registry.load(name))
        assert [member for member in members if member in names and member not in proof] == [], name
