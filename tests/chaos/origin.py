"""A page that is mirrored to the others, and a person who writes on it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bridge.config.settings import DestinationSettings
from bridge.model.enums import IncidentStatus, Publication, Severity, Visibility
from bridge.model.objects import Incident, IncidentUpdate, Text
from bridge.sandbox.app import Sandbox
from bridge.secret import Secret
from tests.engine.harness import Person

NAME = "origin"
PATH = "/cachet3/api"
_COURSE = (
    IncidentStatus.INVESTIGATING,
    IncidentStatus.IDENTIFIED,
    IncidentStatus.MONITORING,
    IncidentStatus.RESOLVED,
)


def configuration(url: str, to: list[str]) -> str:
    """What bridge.yaml needs for the page: two blocks, the second at the top level."""
    page = (
        f"  {NAME}: {{type: cachet3, url: '{url}{PATH}', token: sandbox, rate: 1000/1s, read_timeout: 1s, every: 1s}}"
    )
    return f"{page}\nmirrors:\n  - {{from: {NAME}, to: [{', '.join(to)}], everything: true, history: all}}\n"


@dataclass
class Origin:
    """The page.

    Attributes:
        told: the texts of each incident, by its title, in the order in which the person wrote them.
        wrote_at: when the person wrote last.
    """

    sandbox: Sandbox
    url: str
    told: dict[str, list[str]] = field(default_factory=dict)
    wrote_at: datetime | None = None

    def __post_init__(self) -> None:
        self._incidents: dict[str, Incident] = {}
        settings = DestinationSettings(NAME, "cachet3", Secret("sandbox"), url=self.url + PATH, rate=(1000, 1.0))
        self._person = Person(settings)

    def act(self, dice: random.Random) -> None:
        """The person opens an incident, or takes one a step further."""
        open_ones = [title for title, texts in self.told.items() if len(texts) < len(_COURSE)]
        title = dice.choice([*open_ones, f"Written by hand {len(self.told) + 1}"])
        texts = self.told.setdefault(title, [])
        texts.append(f"Step {len(texts) + 1} of {title.lower()}.")
        self._person.writes(self._incident(title))
        self.wrote_at = datetime.now(UTC)

    def _incident(self, title: str) -> Incident:
        began = datetime.now(UTC) - timedelta(minutes=30)
        before = self._incidents.get(title)
        updates = (*(before.updates if before else ()), self._step(title))
        status = updates[-1].status
        assert isinstance(status, IncidentStatus)
        self._incidents[title] = Incident(
            id=f"inc_{title.replace(' ', '')}",
            title=title,
            status=status,
            impact=Severity.MINOR,
            components={},
            updates=updates,
            started_at=before.started_at if before else began,
            visibility=Visibility.PUBLIC,
            publication=Publication.PUBLISHED,
            notify=False,
            resolved_at=datetime.now(UTC) if status.is_terminal else None,
            revision=len(updates),
        )
        return self._incidents[title]

    def _step(self, title: str) -> IncidentUpdate:
        number = len(self.told[title])
        words = Text(self.told[title][-1])
        return IncidentUpdate(f"upd_{title}_{number}", words, datetime.now(UTC), _COURSE[number - 1])
