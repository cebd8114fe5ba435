"""No secret is kept or told: every source type, every way to authenticate, a real server, a real store.

Bodies are posted to the server of ``statusbridge web`` with its access log turned on, applied as a worker would, and
looked at on the dashboard and in the metrics. After that no secret may stand in any key of the store, in any of its
files, in what the server printed, in an answer, or on a page.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import redis
from web_side import NOW, FixedClock

from bridge.config.schemes import FieldToken, HeaderToken, HmacScheme, Scheme, SnsScheme
from bridge.config.settings import AuthKind, AuthSettings, Settings, SourceSettings, StoreSettings, WebSettings
from bridge.model.events import Delivery
from bridge.policy.rules import Rules
from bridge.secret import Secret
from bridge.sources import registry
from bridge.sources.base import traits_of
from bridge.sources.envelope import delivery_of
from bridge.sources.redaction import NOTHING
from bridge.sources.samples import options_of, samples_of
from bridge.sources.signatures.factory import Verifiers
from bridge.sources.signatures.sign import CannotSign, Credentials, credentials_of
from bridge.store import Store, keys
from bridge.store.connection import connect
from bridge.store.embedded import ensure_server
from bridge.sync.inbox.ingest import ingest
from bridge.sync.runtime import Runtime
from bridge.web.app import create_app
from bridge.web.gunicorn import WebServer
from bridge.web.late import LateApp
from tests import amazon
from tests.amazon import Amazon

SAMPLES_OF_EACH = 2
IN_BODIES = "hush-member-of-a-body"
SECRETS = {
    "bearer": "hush-bearer-token",
    "basic": "hush-basic-password",
    "path": "hush-secret-in-the-path",
    "header": "hush-header-token",
    "field": "hush-token-in-a-field",
    "signed": "whsec_aHVzaC1zaWduaW5nLWtleQ==",
}
ALWAYS = {
    "Cookie": "session=hush-cookie",
    "X-Api-Key": "hush-api-key",
    "X-Webhook-Token": "hush-webhook-token",
    "Proxy-Authorization": "Bearer hush-proxy",
}
QUERY = {"access_token": "hush-query-token", "api_key": "hush-query-key", "sig": "hush-query-signature"}


@dataclass(frozen=True)
class Post:
    source: str
    delivery: Delivery
    credentials: Credentials


class Loud(WebServer):
    """The server with its access log on, which nobody has who does not ask for it."""

    def load_config(self) -> None:
        super().load_config()
        self.cfg.set("accesslog", "-")
        self.cfg.set("loglevel", "debug")


def scheme_of(name: str) -> Scheme:
    return traits_of(registry.load(name)).scheme or HmacScheme("x-test-signature")


def auth(way: str, name: str) -> AuthSettings:
    secrets = (Secret(SECRETS[way]),)
    match way:
        case "header":
            return AuthSettings(AuthKind.SIGNATURE, secrets, scheme=HeaderToken("x-shared-secret"))
        case "field":
            return AuthSettings(AuthKind.SIGNATURE, secrets, scheme=FieldToken("k"))
        case "signed":
            scheme = scheme_of(name)
            return AuthSettings(
                AuthKind.SIGNATURE, secrets, scheme=SnsScheme((amazon.TOPIC,)) if scheme == SnsScheme() else scheme
            )
        case "basic":
            return AuthSettings(AuthKind.BASIC, secrets, username="tool")
    return AuthSettings(AuthKind(way), secrets)


def all_sources() -> dict[str, SourceSettings]:
    made: dict[str, SourceSettings] = {}
    for name in sorted(registry.built_in()):
        options = registry.options_schema(name)().load(dict(options_of(name)))
        for way in SECRETS:
            made[f"{name}-{way}"] = SourceSettings(f"{name}-{way}", name, auth(way, name), options)
    return made


def with_secrets(body: bytes, name: str) -> bytes:
    """The same body with a secret under a few names, the type's own among them, where it is a JSON object."""
    try:
        data = json.loads(body)
    except ValueError:
        return body
    own = [one.replace("*", "X") for one in getattr(traits_of(registry.load(name)).record, "secrets", ())]
    for node in _objects(data):
        for secret in ("password", "api_token", *own):
            if node.get(secret) in NOTHING:
                node[secret] = IN_BODIES
    return json.dumps(data).encode()


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield from (below for value in list(node.values()) for below in _objects(value))
        yield node
    elif isinstance(node, list):
        yield from (below for value in node for below in _objects(value))


def posts() -> Iterator[Post]:
    for name in sorted(registry.built_in()):
        for content in list(samples_of(name).values())[:SAMPLES_OF_EACH]:
            sample = delivery_of(content, name, NOW)
            bodies = [with_secrets(sample.body, name)]
            if sample.body[:1] == b"{":
                bodies.append(sample.body[: len(sample.body) // 2] + b', "password": "' + IN_BODIES.encode())
            for delivery in (replace(sample, body=body) for body in bodies):
                for way in SECRETS:
                    yield from _post(f"{name}-{way}", delivery, auth(way, name))


def _post(source: str, delivery: Delivery, settings: AuthSettings) -> Iterator[Post]:
    if settings.scheme is not None and isinstance(settings.scheme, SnsScheme):
        return
    try:
        credentials = credentials_of(settings, delivery.body, NOW)
    except (CannotSign, UnicodeDecodeError):
        return
    yield Post(source, delivery, credentials)


def sns_post() -> Post:
    body = amazon.signed(amazon.message(at=NOW, password=IN_BODIES, UnsubscribeURL=f"https://x/?{IN_BODIES}"))
    return Post("aws-sns-signed", Delivery("d", "s", NOW, body), Credentials())


@contextmanager
def serving(settings: Settings, printed: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    ours = replace(settings, web=WebSettings(port=port, workers=1, threads=4))
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(ours, printed))
    process.start()
    try:
        _await(port)
        yield port
    finally:
        os.kill(process.pid or 0, signal.SIGTERM)
        process.join(15)


def _serve(settings: Settings, printed: Path) -> None:
    descriptor = os.open(printed, os.O_WRONLY | os.O_CREAT)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    sys.stdout = sys.stderr = os.fdopen(descriptor, "w", buffering=1)

    def make() -> Any:
        return create_app(settings, Store.open(settings.store), FixedClock(), Verifiers(Amazon()))

    Loud(settings.web, lambda: LateApp(make)).run()


def _await(port: int) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            if ask(port, "GET", "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server does not answer")


def ask(port: int, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] = {}) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body or None, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace") + str(answer.getheaders())
    finally:
        connection.close()


def send(port: int, post: Post) -> tuple[int, str]:
    given = {name.casefold() for name in post.credentials.query}
    own = {name: value for name, value in post.delivery.query.items() if name.casefold() not in given}
    query = {**own, **QUERY, **post.credentials.query}
    path = f"/hooks/{post.source}{post.credentials.path}?{urlencode(query)}"
    headers = {**ALWAYS, **dict(post.delivery.headers), **post.credentials.headers}
    headers = {name: value for name, value in headers.items() if name.lower() not in ("host", "content-length")}
    return ask(port, post.delivery.method, path, post.delivery.body, headers)


def secrets_sent(sent: list[Post]) -> set[bytes]:
    """Every text that may be nowhere: the secrets themselves, and what was signed or coded with them."""
    texts = {*SECRETS.values(), *ALWAYS.values(), *QUERY.values(), IN_BODIES, "hush-"}
    for post in sent:
        proofs = (value for name, value in post.credentials.headers.items() if not name.endswith(("-id", "-timestamp")))
        texts |= {value.removeprefix("Bearer ").removeprefix("Basic ") for value in proofs}
    return {text.encode() for text in texts if len(text) > 4 and not text.isdigit()}


def everything_in(client: redis.Redis) -> Iterator[tuple[str, bytes]]:
    """Every key of the store with all that it holds."""
    client = redis.Redis(connection_pool=client.connection_pool)
    for key in client.scan_iter(count=1000):
        match client.type(key):
            case b"string":
                held: Any = client.get(key)
            case b"hash":
                held = client.hgetall(key)
            case b"list":
                held = client.lrange(key, 0, -1)
            case b"set":
                held = client.smembers(key)
            case b"zset":
                held = client.zrange(key, 0, -1, withscores=True)
            case _:
                held = client.xrange(key)
        yield key.decode(), key + b" " + repr(held).encode()


@pytest.fixture(scope="module")
def told(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[set[bytes], dict[str, bytes], dict[int, set[str]]]]:
    """Everything that was kept and told after all posts, by place; what may not be in it; the answers."""
    state, printed = tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("printed") / "log"
    server = ensure_server(state)
    settings = Settings(all_sources(), {}, {}, Rules((), {}), StoreSettings(state))
    sent, places = [*posts(), sns_post()], {}
    statuses: dict[int, set[str]] = {}
    with serving(settings, printed) as port:
        for number, post in enumerate(sent):
            status, answer = send(port, post)
            statuses.setdefault(status, set()).add(post.source)
            places[f"answer {number} of {post.source}"] = answer.encode()
        wrong = Credentials({"Authorization": "Bearer hush-bearer-tokem"})
        places["refusal"] = send(port, replace(sent[0], credentials=wrong))[1].encode()
        store = Store.open(settings.store)
        runtime = Runtime(settings, store, FixedClock())
        for source in settings.sources:
            ingest(runtime, source)
        for path in ("/", "/board", "/metrics"):
            places[f"page {path}"] = ask(port, "GET", path)[1].encode()
        store.close()
    places["what was printed"] = printed.read_bytes()
    client = connect(server.url)
    places |= {f"key {key}": held for key, held in everything_in(client)}
    client.close()
    server.stop()
    places |= {f"file {file.name}": file.read_bytes() for file in state.rglob("*") if file.is_file()}
    yield secrets_sent(sent), places, statuses


def test_every_type_was_heard_in_every_way(told: tuple[set[bytes], dict[str, bytes], dict[int, set[str]]]) -> None:
    _, places, statuses = told
    kept = {place.removeprefix("key ") for place in places}
    assert [name for name in all_sources() if keys.inbox(name) not in kept] == []
    assert sum(place.startswith("answer") for place in places) > 500
    assert {status: names for status, names in statuses.items() if status not in (200, 202, 400)} == {}


def test_no_secret_is_anywhere(told: tuple[set[bytes], dict[str, bytes], dict[int, set[str]]]) -> None:
    secrets, places, _ = told
    found = {
        place: held[max(0, held.find(secret) - 80) : held.find(secret) + 60]
        for place, held in places.items()
        for secret in secrets
        if secret in held
    }
    assert found == {}


def test_the_secrets_were_there_to_be_found(told: tuple[set[bytes], dict[str, bytes], dict[int, set[str]]]) -> None:
    _, places, _ = told
    log = places["what was printed"].decode()
    assert "/hooks/generic-path/•••" in log
    assert "refused" in log
    assert any("•••".encode() in held for place, held in places.items() if place.startswith("file"))
