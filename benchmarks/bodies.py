"""Alertmanager bodies for the benchmarks."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SERVICES = tuple(f"svc-{number}" for number in range(10))


def alert(number: int, status: str = "firing", started: datetime = START) -> dict[str, object]:
    """One alert of a body; the same number is the same alert."""
    ended = started + timedelta(minutes=9)
    return {
        "status": status,
        "labels": {
            "alertname": "HighErrorRate",
            "instance": f"10.0.{number // 250}.{number % 250}:9090",
            "job": "api",
            "service": SERVICES[number % len(SERVICES)],
            "severity": "critical" if number % 3 else "warning",
        },
        "annotations": {"summary": f"Error rate of instance {number} is high", "description": "5xx ratio above 5 %"},
        "startsAt": started.isoformat().replace("+00:00", "Z"),
        "endsAt": ended.isoformat().replace("+00:00", "Z") if status == "resolved" else "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example/graph",
        "fingerprint": f"{number:016x}",
    }


def body(*alerts: dict[str, object]) -> bytes:
    """A whole delivery."""
    return json.dumps(
        {
            "version": "4",
            "groupKey": '{}:{alertname="HighErrorRate"}',
            "truncatedAlerts": 0,
            "status": "firing" if any(item["status"] == "firing" for item in alerts) else "resolved",
            "receiver": "statusbridge",
            "groupLabels": {"alertname": "HighErrorRate"},
            "commonLabels": {"alertname": "HighErrorRate", "job": "api"},
            "commonAnnotations": {},
            "externalURL": "http://alertmanager.example",
            "alerts": list(alerts),
        }
    ).encode()
