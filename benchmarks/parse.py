"""Reading bodies: how many a second and core for the ten most used sources, and one body of 10,000 alerts.

python -m benchmarks.parse [seconds for each source]

Each source reads its shipped samples in turn. ``parse`` is reading and validating; ``all`` is what a delivery costs
between the network and the store: its signature checked where the vendor signs, read, validated, its secrets hidden.
Processor time of one process is counted, so other work on the machine disturbs little, and the best of three rounds.
"""

from __future__ import annotations

import json
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from benchmarks.bodies import alert, body
from benchmarks.place import machine
from bridge.config.schemes import FieldToken, HeaderToken, HmacScheme, StandardWebhooksScheme
from bridge.errors import Unparsable
from bridge.model.events import Delivery
from bridge.secret import Secret
from bridge.sources import registry
from bridge.sources.base import SourceType, traits_of
from bridge.sources.envelope import delivery_of
from bridge.sources.redaction import kept
from bridge.sources.samples import options_of, samples_of
from bridge.sources.secretnames import names_of
from bridge.sources.signatures.factory import Verifiers
from bridge.sources.signatures.sign import sign
from bridge.sources.signatures.verifier import Request

SOURCES = (
    "alertmanager", "grafana", "zabbix", "uptime-kuma", "sentry",
    "pagerduty", "aws-sns", "datadog", "opsgenie", "betterstack",
)  # fmt: skip
"""The first of the two lists of tools that have samples, by how widely they are used."""
GOAL = 2_000
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MANY = 10_000
_SECRET = Secret("whsec_YmVuY2htYXJr")


def main(seconds: float = 1.0) -> None:
    """Measure and print."""
    print(f"bodies a second and core ({machine()}; goal {GOAL})")
    rates = {name: measure(name, seconds) for name in SOURCES}
    for name, (parse, whole, size) in rates.items():
        print(f"  {name}: parse {parse:.0f}, all {whole:.0f} (samples of {size:.0f} bytes on average)")
    slowest = min(rates, key=lambda name: rates[name][1])
    print(f"slowest: {slowest}, {rates[slowest][1]:.0f} a second with everything")
    for name in ("alertmanager", "prometheus-api", "generic"):
        print(f"10,000 alerts in one body, {name}: {large(name)}")


def measure(name: str, seconds: float) -> tuple[float, float, float]:
    """Bodies a second, read only and with everything, and their average size."""
    kind = _make(name)
    deliveries = [one for one in map(_delivery, samples_of(name).values()) if _is_understood(kind, one)]
    names, verify = names_of(type(kind)), _verifier(kind)
    requests = [(one, verify(one)) for one in deliveries]

    def whole() -> None:
        for one, check in requests:
            check()
            kept(names, one, kind.parse(one))

    def parse() -> None:
        for one in deliveries:
            kind.parse(one)

    size = sum(len(one.body) for one in deliveries) / len(deliveries)
    return _rate(parse, len(deliveries), seconds), _rate(whole, len(deliveries), seconds), size


def large(name: str) -> str:
    """One body of 10,000 alerts: size, processor time, memory at the peak beside the body itself."""
    kind, raw = _make(name), _many(name)
    names, delivery = names_of(type(kind)), Delivery("dlv_1", "benchmark", NOW, raw)
    started = time.process_time()
    parsed = kind.parse(delivery)
    spent = time.process_time() - started
    started = time.process_time()
    kept(names, delivery, parsed)
    hidden = time.process_time() - started
    events = len(parsed.events)
    del parsed
    tracemalloc.start()
    kind.parse(delivery)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (
        f"{len(raw) / 1e6:.1f} MB, {events} events, {spent:.2f} s to read, {hidden * 1000:.0f} ms to look for secrets, "
        f"peak {peak / 1e6:.0f} MB ({peak / len(raw):.1f} times the body)"
    )


def _many(name: str) -> bytes:
    alerts = [alert(number) for number in range(MANY)]
    if name == "alertmanager":
        return body(*alerts)
    if name == "prometheus-api":
        return json.dumps([{key: one[key] for key in ("labels", "annotations", "startsAt")} for one in alerts]).encode()
    return json.dumps(
        [{"dedup_key": str(number), "action": "trigger", "title": f"Alert {number}"} for number in range(MANY)]
    ).encode()


def _make(name: str) -> SourceType:
    return registry.make(name, registry.options_schema(name)().load(dict(options_of(name))))


def _delivery(content: bytes) -> Delivery:
    return delivery_of(content, "benchmark", NOW)


def _is_understood(kind: SourceType, delivery: Delivery) -> bool:
    """Whether it is one delivery as the tool posts it; lists are several in one file, for the tests."""
    if delivery.body.startswith(b"["):
        return False
    try:
        parsed = kind.parse(delivery)
    except Unparsable:
        return False
    return bool(parsed.events) and not parsed.quarantined


def _verifier(kind: SourceType) -> Callable[[Delivery], Callable[[], object]]:
    """Makes the check of a delivery's signature; nothing where the vendor does not sign, or only Amazon can."""
    scheme = traits_of(kind).scheme
    if not isinstance(scheme, HmacScheme | StandardWebhooksScheme | HeaderToken | FieldToken):
        return lambda delivery: lambda: None
    verifier = Verifiers().make(scheme, [_SECRET])

    def prepare(delivery: Delivery) -> Callable[[], object]:
        credentials = sign(scheme, _SECRET, delivery.body, NOW)
        headers = {name.lower(): value for name, value in credentials.headers.items()}
        return lambda: verifier.verify(Request(delivery.body, lambda name: headers.get(name.lower()), "", NOW))

    return prepare


def _rate(work: Callable[[], None], bodies: int, seconds: float) -> float:
    work()
    return max(_round(work, bodies, seconds / 3) for _ in range(3))


def _round(work: Callable[[], None], bodies: int, seconds: float) -> float:
    started, rounds = time.process_time(), 0
    while (spent := time.process_time() - started) < seconds or not rounds:
        work()
        rounds += 1
    return rounds * bodies / spent


def _arguments(words: Sequence[str]) -> list[float]:
    return [float(word) for word in words]


if __name__ == "__main__":
    main(*_arguments(sys.argv[1:]))
