"""Safety valves: what goes out by itself in quiet times waits for a person when too much happens at once.

A sender that was set up wrongly, or a rule that suddenly matches everything, must not fill a public page. The incident
is held, not lost; ``statusbridge approve`` lets it go, one by one or all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bridge.model.enums import ComponentStatus
from bridge.model.objects import Incident
from bridge.policy.gate import is_shown
from bridge.policy.rules import Rules

WINDOW = timedelta(minutes=1)
"""What counts as at once."""


def why_held(incident: Incident, others: Iterable[Incident], now: datetime, rules: Rules) -> str | None:
    """Why a new incident is to wait for a person, in one sentence; None when it may go out.

    Args:
        incident: about to be opened.
        others: all other open incidents, with those opened just now.
        now: the present moment.
        rules: the valves, and how many components there are.
    """
    valves = rules.valves
    recent = [other for other in others if is_shown(other) and now - other.updates[0].at < WINDOW]
    if len(recent) >= valves.incidents_a_minute:
        return (
            f"{len(recent)} incidents were published within a minute, as many as valves.incidents_a_minute allows: "
            "this one waits for a person."
        )
    touched = {name for other in (*recent, incident) for name in _troubled(other)}
    allowed = max(valves.components_at_once, valves.components_share * len(rules.components))
    if len(touched) > allowed:
        return (
            f"{len(touched)} of {len(rules.components)} components would change within a minute, more than the valves "
            "allow: this one waits for a person."
        )
    return None


def _troubled(incident: Incident) -> list[str]:
    return [name for name, status in incident.components.items() if status is not ComponentStatus.OPERATIONAL]
