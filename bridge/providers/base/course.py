"""The course of an incident, step by step, for providers that show one phase with every update."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bridge.model.enums import IncidentStatus, TextFormat
from bridge.model.objects import Incident, Origin, Text
from bridge.providers.base.phrases import PHRASES
from bridge.providers.base.text import render


@dataclass(frozen=True, slots=True)
class Step:
    """One incident update with the phase that it stands for.

    Attributes:
        id: canonical id of the update.
        message: in the provider's language; never empty.
        source: the message as it was written, empty when nothing was.
        origin: where the update was read, if it was.
    """

    id: str
    status: IncidentStatus
    message: str
    source: str = ""
    origin: Origin | None = None


def course(incident: Incident, language: TextFormat) -> tuple[Step, ...]:
    """The steps of an incident, one for each update, oldest first.

    An update without a phase of its own stays in the phase before it; the last one stands for the incident's own.
    Where the last update names another phase than the incident has now, a last step is added that says so.
    """
    steps = []
    status = IncidentStatus.INVESTIGATING
    for update in incident.updates:
        if isinstance(update.status, IncidentStatus):
            status = update.status
        elif update is incident.updates[-1]:
            status = incident.status
        steps.append(replace(_step(update.id, status, update.message, language), origin=update.origin))
    if steps and steps[-1].status is not incident.status:
        steps.append(_step(f"{steps[-1].id}.{incident.status}", incident.status, Text(""), language))
    return tuple(steps)


def _step(identity: str, status: IncidentStatus, message: Text, language: TextFormat) -> Step:
    rendered = render(message, language) or render(Text(PHRASES[status], TextFormat.PLAIN), language)
    return Step(identity, status, rendered, message.source.strip())
