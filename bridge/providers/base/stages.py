"""The course of a maintenance, step by step, for providers where a maintenance has updates."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.model.enums import MaintenanceStatus, TextFormat
from bridge.model.objects import Maintenance, Text
from bridge.providers.base.phrases import PHRASES
from bridge.providers.base.text import render


@dataclass(frozen=True, slots=True)
class Stage:
    """One update of a maintenance.

    Attributes:
        id: canonical id of the update.
        message: in the provider's language; never empty.
        source: the message as it was written, empty when nothing was.
    """

    id: str
    status: MaintenanceStatus
    message: str
    source: str


def stages(maintenance: Maintenance, language: TextFormat) -> tuple[Stage, ...]:
    """The message first (its id is the maintenance's own), then the updates, oldest first.

    An update without a status stays in the one before it. Where none of them tells the status that the maintenance
    has now, a last stage is added that says so.
    """
    begin = MaintenanceStatus.SCHEDULED
    found = [_stage(maintenance.id, begin, maintenance.message, language)]
    for update in maintenance.updates:
        status = update.status if isinstance(update.status, MaintenanceStatus) else found[-1].status
        found.append(_stage(update.id, status, update.message, language))
    if found[-1].status is not maintenance.status:
        found.append(_stage(f"{found[-1].id}.{maintenance.status}", maintenance.status, Text(""), language))
    return tuple(found)


def _stage(identity: str, status: MaintenanceStatus, message: Text, language: TextFormat) -> Stage:
    rendered = render(message, language) or render(Text(PHRASES[status], TextFormat.PLAIN), language)
    return Stage(identity, status, rendered, message.source.strip())
