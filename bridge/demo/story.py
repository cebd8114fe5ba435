"""The story of the demo: what Alertmanager sends, and what visitors must see after each step. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

COMPONENT = "Public API"
TITLE = "Problems with Public API"
OPENED = "Some requests to our API fail or are slow. We are looking into it."
LEFT = "Requests no longer fail, but some are still slow. We keep working on it."
RESOLVED = "The API answers normally again."

_NEVER = "0001-01-01T00:00:00Z"  # how Alertmanager writes an end that is not known


@dataclass(frozen=True, slots=True)
class Expected:
    """What every page must show: no more, and no less.

    Attributes:
        tone: how alarming the component's status is, in the four pages' common colours.
        updates: texts of the incident's updates, oldest first.
        is_open: False once the incident is resolved.
    """

    tone: str
    updates: tuple[str, ...]
    is_open: bool
    component: str = COMPONENT
    title: str = TITLE


@dataclass(frozen=True, slots=True)
class Step:
    """One webhook and what comes of it.

    Attributes:
        changes: False when the pages must stay exactly as they are.
    """

    title: str
    body: Mapping[str, Any]
    expected: Expected
    changes: bool = True


@dataclass(frozen=True, slots=True)
class _Rule:
    name: str
    severity: str
    summary: str
    description: str


_ERRORS = _Rule(
    "HighErrorRate",
    "critical",
    "More than 5 % of the requests to api fail",
    "The share of answers with status 5xx was 11.8 % over the last five minutes.",
)
_LATENCY = _Rule(
    "HighLatency",
    "warning",
    "The slowest 1 % of the requests to api take more than 2 s",
    "The 99th percentile was 3.4 s over the last ten minutes.",
)


def steps(now: datetime) -> tuple[Step, ...]:
    """The four steps, for alerts that began a little before ``now``."""
    began = {_ERRORS: now - timedelta(seconds=40), _LATENCY: now - timedelta(seconds=25)}
    firing = [_alert(rule, began[rule]) for rule in (_ERRORS, _LATENCY)]
    one_left = [_alert(_ERRORS, began[_ERRORS], now), _alert(_LATENCY, began[_LATENCY])]
    all_over = [_alert(rule, began[rule], now) for rule in (_ERRORS, _LATENCY)]
    opened = Expected("critical", (OPENED,), is_open=True)
    return (
        Step("two alerts fire", _body(firing), opened),
        Step("the same again", _body(firing), opened, changes=False),
        Step("the worse one is over", _body(one_left), Expected("minor", (OPENED, LEFT), is_open=True)),
        Step("all is over", _body(all_over), Expected("good", (OPENED, LEFT, RESOLVED), is_open=False)),
    )


def _alert(rule: _Rule, began: datetime, ended: datetime | None = None) -> dict[str, Any]:
    labels = {
        "alertname": rule.name,
        "cluster": "eu-1",
        "job": "api",
        "prometheus": "monitoring/k8s",
        "service": "api",
        "severity": rule.severity,
    }
    return {
        "status": "resolved" if ended else "firing",
        "labels": labels,
        "annotations": {"summary": rule.summary, "description": rule.description},
        "startsAt": _stamp(began),
        "endsAt": _stamp(ended) if ended else _NEVER,
        "generatorURL": f"http://prometheus.example:9090/graph?g0.expr={rule.name}&g0.tab=1",
        "fingerprint": hashlib.sha256(repr(sorted(labels.items())).encode()).hexdigest()[:16],
    }


def _body(alerts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Alertmanager's webhook body, version 4: a group fires as long as one of its alerts does."""
    firing = any(alert["status"] == "firing" for alert in alerts)
    return {
        "version": "4",
        "groupKey": '{}/{service="api"}:{service="api"}',
        "truncatedAlerts": 0,
        "status": "firing" if firing else "resolved",
        "receiver": "statusbridge",
        "groupLabels": {"service": "api"},
        "commonLabels": {"cluster": "eu-1", "job": "api", "prometheus": "monitoring/k8s", "service": "api"},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example:9093",
        "alerts": list(alerts),
    }


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
