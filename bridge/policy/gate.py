"""What may be shown: a route that holds its incidents waits for a person's verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bridge.model.enums import Publication
from bridge.model.objects import Incident
from bridge.model.state import Why
from bridge.policy.rules import Publish, Route

_PUBLICATION = {Publish.AUTO: Publication.PUBLISHED, Publish.HOLD: Publication.HELD}


@dataclass(frozen=True, slots=True)
class Judged:
    """An incident after a verdict; the very object that went in when the verdict changes nothing."""

    incident: Incident
    why: Why
    text: str


def publication_of(route: Route) -> Publication:
    """Whether a new incident of a route is shown at once."""
    return _PUBLICATION[route.publish]


def is_shown(incident: Incident) -> bool:
    """Whether an incident is open and may be shown: only then it speaks about components."""
    return incident.is_open and incident.publication is Publication.PUBLISHED


def judge(incident: Incident, verdict: Publication) -> Judged:
    """Apply a person's verdict. Only a held incident can be judged: published is out, rejected stays in.

    Raises:
        ValueError: the verdict is neither ``published`` nor ``rejected``.
    """
    if verdict is Publication.HELD:
        raise ValueError("an incident can be approved or rejected, not held again")
    if not incident.is_open:
        return Judged(incident, Why.CLOSED, "It is resolved already: there is nothing left to publish or to reject.")
    match incident.publication, verdict:
        case Publication.HELD, Publication.PUBLISHED:
            text = "A person approved it: it is published with its course so far."
            return Judged(_with(incident, verdict), Why.APPROVED, text)
        case Publication.HELD, _:
            text = "A person rejected it: it stays internal until it is resolved."
            return Judged(_with(incident, verdict), Why.REJECTED, text)
        case before, _ if before is verdict:
            return Judged(incident, Why.REPEATED, f"It is {verdict} already.")
        case Publication.REJECTED, _:
            return Judged(incident, Why.REJECTED, "It was rejected and stays internal; a new incident can be approved.")
    return Judged(incident, Why.APPROVED, "It is published already, so it cannot be rejected any more.")


def _with(incident: Incident, verdict: Publication) -> Incident:
    return replace(incident, publication=verdict, revision=incident.revision + 1)
