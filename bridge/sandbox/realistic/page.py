"""The plan of the whole page, drawn from a seed."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from bridge.sandbox.realistic.audience import TEMPLATES, draw_subscribers
from bridge.sandbox.realistic.estate import draw_components, draw_groups
from bridge.sandbox.realistic.figures import draw_metrics
from bridge.sandbox.realistic.incidents import DAYS, draw_incidents
from bridge.sandbox.realistic.plan import PlannedPage
from bridge.sandbox.realistic.upkeep import draw_maintenances


def plan_page(seed: int, now: datetime) -> PlannedPage:
    """A page with three years behind it: 60 components in 9 groups, 400 incidents with 1,500 updates, 20 maintenances.

    Args:
        seed: same seed, same page.
        now: the present; it counts to the hour, and everything that has happened was before that hour began.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    begins_at = hour - timedelta(days=DAYS)
    groups = draw_groups()
    components = draw_components(_generator(seed, "components"), begins_at)
    return PlannedPage(
        begins_at=begins_at,
        now=hour,
        groups=groups,
        components=components,
        incidents=draw_incidents(_generator(seed, "incidents"), hour, groups, components),
        maintenances=draw_maintenances(_generator(seed, "maintenances"), hour, components),
        metrics=draw_metrics(_generator(seed, "metrics"), hour, components),
        subscribers=draw_subscribers(_generator(seed, "subscribers"), begins_at, hour, components),
        templates=TEMPLATES,
    )


def _generator(seed: int, purpose: str) -> Random:
    """One generator for each kind, so that a change of one kind leaves the others as they are."""
    return Random(f"{seed}:realistic page:{purpose}")
