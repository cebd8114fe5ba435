"""The switches by which Statuspage moves a maintenance along by itself. Pure."""

from __future__ import annotations

from bridge.model.objects import Maintenance
from bridge.providers.base.notes import Notes

REMINDER = "scheduled_remind_prior"
TURNING = ("scheduled_auto_in_progress", "scheduled_auto_completed")
"""What makes a maintenance begin and end by the clock, each with an update of its own."""
AUTOMATION = (
    REMINDER,
    *TURNING,
    "auto_transition_to_maintenance_state",
    "auto_transition_to_operational_state",
    "auto_transition_deliver_notifications_at_start",
    "auto_transition_deliver_notifications_at_end",
)
"""Statuspage's own clockwork for maintenances."""


def clockwork_of(maintenance: Maintenance, notes: Notes, *, unattended: bool) -> dict[str, bool]:
    """Whether Statuspage moves the maintenance along by itself, switch by switch.

    It does only where nobody else will: a mirrored maintenance that turned by the clock here as well as at its
    source would say every phase twice, and restore components that something else still holds down.

    Args:
        maintenance: what is translated.
        notes: of it.
        unattended: nobody will tell how it goes on.
    """
    nothing = dict.fromkeys(AUTOMATION, False)
    own = {name: bool(value) for name, value in notes.own(*AUTOMATION).items() if value is not None}
    if unattended:
        return {**nothing, **({} if notes.is_own else dict.fromkeys(TURNING, True)), **own}
    given_up = ", ".join(name for name in own if own[name] and name != REMINDER)
    if given_up:
        notes.lose("clockwork", given_up, "", "What its source says moves it along; the clock would say it again.")
    return {**nothing, REMINDER: own.get(REMINDER, False) and maintenance.notify}
