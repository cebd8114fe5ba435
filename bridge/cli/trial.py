"""Sending the shipped samples of a source through a running bridge, as its sender would."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import click

from bridge.clock import SystemClock
from bridge.config.settings import SourceSettings
from bridge.errors import Unparsable
from bridge.model.events import Delivery
from bridge.sources.envelope import delivery_of
from bridge.sources.signatures.sign import CannotSign, credentials_of

_TIMEOUT = 15.0
_DRY_RUN = "Statusbridge-Dry-Run"
_DROPPED = ("host", "content-length", "connection", "authorization")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one sample did.

    Attributes:
        status: of the answer; 0 when there was none.
        words: what the bridge says about it.
        is_good: whether it was understood as far as it is meant to be.
    """

    sample: str
    status: int
    words: str
    is_good: bool


def send_samples(
    source: SourceSettings, samples: Mapping[str, bytes], address: str, real: bool, quarantined: Mapping[str, int]
) -> Iterator[Outcome]:
    """Send samples one after the other.

    Args:
        source: whose credentials are used.
        samples: name → content, as shipped.
        address: of the bridge, such as ``http://127.0.0.1:8080``.
        real: whether they are to be kept.
        quarantined: name of a sample → how many of its elements are meant to end in the quarantine.

    Raises:
        click.UsageError: when only the vendor can sign for this source, or the address is none.
    """
    place = urlsplit(address)
    if place.scheme not in ("http", "https") or not place.hostname:
        raise click.UsageError(f"{address} is not the address of a bridge")
    for name, content in samples.items():
        try:
            delivery = delivery_of(content, source.name, SystemClock().now())
            status, answer = _send(source, delivery, address, real)
        except CannotSign as error:
            raise click.UsageError(f"{error} Try it with a source of the same type and auth: none.") from None
        except Unparsable as error:
            yield Outcome(name, 0, f"the sample cannot be read: {error.reason}", is_good=False)
        except (OSError, http.client.HTTPException) as error:
            yield Outcome(name, 0, f"the bridge does not answer: {type(error).__name__}", is_good=False)
        else:
            as_meant = answer.get("quarantined", 0) == quarantined.get(name, 0)
            yield Outcome(name, status, in_words(status, answer, as_meant=as_meant), 200 <= status < 300 and as_meant)


def _send(source: SourceSettings, delivery: Delivery, address: str, real: bool) -> tuple[int, Mapping[str, Any]]:
    credentials = credentials_of(source.auth, delivery.body, SystemClock().now())
    headers = {name: value for name, value in delivery.headers.items() if name not in _DROPPED}
    headers = {name: value for name, value in headers.items() if name not in map(str.lower, credentials.headers)}
    headers |= credentials.headers
    if not real:
        headers[_DRY_RUN] = "1"
    query = urlencode({**delivery.query, **credentials.query})
    place = urlsplit(address)
    opened = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    connection = opened(place.hostname or "", place.port, timeout=_TIMEOUT)
    try:
        path = f"{place.path.rstrip('/')}/hooks/{quote(source.name)}{credentials.path}"
        connection.request(delivery.method, f"{path}?{query}" if query else path, delivery.body, headers)
        answer = connection.getresponse()
        return answer.status, _json_of(answer.read())
    finally:
        connection.close()


def _json_of(body: bytes) -> Mapping[str, Any]:
    try:
        data = json.loads(body)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def in_words(status: int, answer: Mapping[str, Any], *, as_meant: bool = False) -> str:
    """What the bridge says that a sample did, or would have done.

    Args:
        status: of the answer.
        answer: its body.
        as_meant: whether as much of the sample ended in the quarantine as is meant to.
    """
    if status >= 400:
        return str(answer.get("message") or "refused")
    parts = [f"{told['action']} {told['key']}" for told in answer.get("statements", []) if told["action"] != "ignore"]
    if not parts and answer.get("events"):
        parts = [f"{answer['events']} events"]
    ignored, because = answer.get("ignored"), answer.get("ignored_because", [])
    if ignored:
        parts.append(f"{ignored} ignored{f' ({because[0]})' if because else ''}")
    if answer.get("quarantined"):
        meant = ", as meant" if as_meant else ""
        parts.append(f"{answer['quarantined']} quarantined{meant}: {'; '.join(answer.get('reasons', []))}")
    return ", ".join(parts) or "nothing to say"
