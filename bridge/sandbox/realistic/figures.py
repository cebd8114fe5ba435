"""Metrics, with four weeks of points that have days and nights in them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from bridge.sandbox.realistic.plan import PlannedComponent, PlannedMetric

DAYS = 27
EVERY = timedelta(hours=2)
_FED: tuple[tuple[str, str, str, int, float, str | None], ...] = (
    ("Response time of the API", "Median over five minutes.", "ms", 1, 84.0, "REST API"),
    ("Website load time", "Until the page can be used, seen from Frankfurt.", "s", 2, 1.4, "Website"),
    ("Webhooks delivered", "", "per minute", 0, 5200.0, "Outgoing webhooks"),
    ("Queue depth – pièces en attente", "How much waits to be done.", "items", 0, 140.0, "Email delivery"),
    ("Sign-ins", "Successful ones.", "per minute", 0, 310.0, "Sign-in"),
    ("Error rate", "Share of answers with a *5xx*.", "%", 3, 0.2, None),
)
"""Name, description, suffix, places, usual value, component."""
_PINGED = (
    ("Front page", "https://www.example.com/", "Website"),
    ("API health", "https://api.example.com/health", "REST API"),
    ("Help centre", "https://help.example.com/", "Help centre"),
)
_HIDDEN = "Queue depth – pièces en attente"


def draw_metrics(draw: Random, now: datetime, components: Sequence[PlannedComponent]) -> tuple[PlannedMetric, ...]:
    """Metrics that are fed, then those that a provider measures itself."""
    keys = {component.name: component.key for component in components}
    fed = [
        PlannedMetric(
            name=name,
            description=description,
            suffix=suffix,
            places=places,
            component=keys[component] if component else None,
            hidden=name == _HIDDEN,
            points=_points(draw, now, usual, places),
        )
        for name, description, suffix, places, usual, component in _FED
    ]
    pinged = [PlannedMetric(name, "", "ms", 0, keys[component], url) for name, url, component in _PINGED]
    return (*fed, *pinged)


def _points(draw: Random, now: datetime, usual: float, places: int) -> tuple[tuple[datetime, float], ...]:
    """Low at night, high at noon, with noise and a peak now and then."""
    found = []
    moment = now - timedelta(days=DAYS)
    while moment <= now:
        day = 0.75 + 0.35 * math.sin((moment.hour - 6) / 24 * 2 * math.pi)
        peak = draw.choice((3.0, 5.0)) if draw.random() < 0.02 else 1.0
        found.append((moment, round(usual * day * peak * draw.uniform(0.85, 1.15), places)))
        moment += EVERY
    return tuple(found)
