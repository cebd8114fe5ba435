"""What is published, in words: a route's templates over the fields that may become public.

Fields of a template (nothing else can be reached; links, notes and raw bodies never):

==================== ==================================================================================
``component``        the first component: ``id``, ``name``, ``group``
``components``       all of them; ``component_names`` is "A, B and C"
``labels``           labels of the alert, one by one: ``labels.service``, ``labels["k8s.io/name"]``
``severity``         of the alert: info, minor, major, critical
``title``, ``text``  of the alert, as its source wrote them
``source``           name of the source in the configuration
``status``           of the incident: investigating, monitoring, resolved
``alerts_firing``    how many alerts of the incident are firing
``started_at``       when the incident began; ``{{ started_at|time }}`` gives "14:05 UTC"
==================== ==================================================================================

The alert is the worst of those that the text is about: those that fire when the incident opens, those that joined,
those that left, those that were resolved last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bridge.model.enums import AlertSeverity, IncidentStatus
from bridge.model.events import Alert
from bridge.policy.literal import clean_block, clean_line
from bridge.policy.rules import ComponentInfo, Route, Wording
from bridge.policy.templates import (
    VALUE_LIMIT,
    ComponentView,
    LabelsView,
    TemplateFailed,
    Templates,
    compile_template,
    name_all,
    prepare,
)

__all__ = ["Context", "Part", "Words", "Written", "compile_template", "leading"]

TITLE_LIMIT = 255
MESSAGE_LIMIT = 25_000
_TEXT_LIMIT = 10_000

_SEVERITY_ORDER = tuple(AlertSeverity)


class Part(StrEnum):
    """The texts of a route, by the names of :class:`bridge.policy.rules.Wording`."""

    TITLE = "title"
    MESSAGE = "message"
    JOINED = "joined"
    LEFT = "left"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    STALE = "stale"
    WITHDRAWN = "withdrawn"


_WITHOUT_COMPONENT: Mapping[Part, str] = {
    Part.TITLE: "Problems",
    Part.MESSAGE: "We are looking into a problem.",
    Part.JOINED: "We are seeing further problems and continue to investigate.",
    Part.LEFT: "Part of the problem is over. We continue to work on the rest.",
    Part.MONITORING: "The problem is known and being dealt with. We keep watching.",
    Part.RESOLVED: "The problem is over.",
    Part.STALE: "We have heard of no further problems and take this one to be over.",
    Part.WITHDRAWN: "This report is closed. Where there is more to say, another one says it.",
}
"""Said when a template failed and the incident concerns no component."""


@dataclass(frozen=True, slots=True)
class Context:
    """What one text may speak about.

    Attributes:
        alert: the alert whose fields are used; None when it is not at hand any more.
        components: in the order of the route.
    """

    alert: Alert | None
    components: tuple[ComponentInfo, ...]
    status: IncidentStatus
    alerts_firing: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """A text ready to be published.

    Attributes:
        problem: why the route's template could not be used and the default text stands here, if so.
    """

    text: str
    problem: str | None = None


def prepare_words(route: Route) -> None:
    """Compile the templates of a route before they are needed."""
    for source in route.components:
        prepare(source, markdown=False)
    for part in Part:
        prepare(getattr(route.wording, part.value), markdown=part is not Part.TITLE)


@dataclass(slots=True)
class Words:
    """Renders templates."""

    templates: Templates = field(default_factory=Templates)

    def write(self, route: Route, part: Part, context: Context) -> Written:
        """One text of a route. Never fails: a template that does gives way to the default."""
        fields = _fields(context)
        try:
            return Written(self._render(getattr(route.wording, part.value), part, fields))
        except TemplateFailed as failure:
            problem = f"The template {part.value!r} of route {route.name!r} could not be used: {failure}."
        if not context.components:
            return Written(_WITHOUT_COMPONENT[part], problem)
        return Written(self._render(getattr(Wording(), part.value), part, fields), problem)

    def name_component(self, source: str, alert: Alert) -> str:
        """The component id that a route's template gives for an alert.

        Raises:
            TemplateFailed: the template has a mistake, or the alert lacks a field it needs.
        """
        if "{" not in source:
            return source
        return self.templates.render(source, _alert_fields(alert), markdown=False).strip()

    def _render(self, source: str, part: Part, fields: Mapping[str, object]) -> str:
        if part is Part.TITLE:
            text = clean_line(self.templates.render(source, fields, markdown=False), TITLE_LIMIT)
        else:
            text = clean_block(self.templates.render(source, fields, markdown=True), MESSAGE_LIMIT)
        if not text:
            raise TemplateFailed("it gives an empty text")
        return text


def leading(alerts: Sequence[Alert]) -> Alert | None:
    """The alert that a text about several speaks of: the worst, then the oldest."""
    return min(
        alerts,
        key=lambda alert: (-_SEVERITY_ORDER.index(alert.severity), alert.started_at, alert.id),
        default=None,
    )


def _fields(context: Context) -> dict[str, object]:
    views = tuple(
        ComponentView(
            clean_line(info.id, VALUE_LIMIT),
            clean_line(info.name, VALUE_LIMIT),
            None if info.group is None else clean_line(info.group, VALUE_LIMIT),
        )
        for info in context.components
    )
    fields: dict[str, object] = {
        "components": views,
        "component_names": name_all([view.name for view in views]),
        "alerts_firing": context.alerts_firing,
        "started_at": context.started_at,
    }
    if views:
        fields["component"] = views[0]
    if context.alert is not None:
        fields |= _alert_fields(context.alert)
    return fields | {"status": context.status.value}


def _alert_fields(alert: Alert) -> dict[str, object]:
    return {
        "labels": LabelsView(alert.labels),
        "severity": alert.severity.value,
        "title": clean_line(alert.title, VALUE_LIMIT),
        "text": None if alert.text is None else clean_block(alert.text, _TEXT_LIMIT),
        "source": alert.source,
    }
