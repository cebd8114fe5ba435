"""What cannot be carried from one provider to another, found by translating representative objects.

Nothing here is a list kept by hand: the objects are rich, and hold what the first provider can express; what the
first provider itself cannot express is not there to be lost. A new width, reason or ability changes the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from bridge.errors import Refused
from bridge.model.enums import (
    ComponentStatus,
    IncidentStatus,
    Kind,
    MaintenanceStatus,
    MetricAggregation,
    Publication,
    Severity,
    Visibility,
)
from bridge.model.facts import ObjectKey, Refs, Wanted
from bridge.model.loss import Loss, Losses
from bridge.model.objects import (
    CanonicalObject,
    Component,
    ComponentGroup,
    Incident,
    IncidentUpdate,
    Maintenance,
    Text,
)
from bridge.providers.base.mapping import Mapping
from bridge.providers.base.text import render

Translate = Callable[[CanonicalObject, Refs], tuple[Wanted, Losses]]
E = TypeVar("E", bound=StrEnum)

_LONG = 255
"""Code points of a canonical name or title."""
_BEGIN = datetime(2026, 1, 5, 9, 30, 20, tzinfo=UTC)
_COMPONENTS = ("api", "website")
_RICH = "**Slow** answers, see [the notes](https://status.example.com/notes)."
_WORDS = "A name with many words that goes on and on "


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two providers: its words, and its way to translate."""

    mapping: Mapping
    translate: Translate


def lost(source: Side, target: Side) -> Losses:
    """Everything that is lost or changed on the way from one provider to another, each once for every kind.

    The object of a loss is its kind and which sort of it was translated first, such as ``incident:long``.
    """
    found: dict[tuple[Kind, str, str, str, str], Loss] = {}
    for obj in _representatives(source.mapping):
        before = _losses(source, obj)
        if before is None:
            continue
        absent = {(loss.field, loss.had) for loss in before}
        after = _losses(target, obj)
        for loss in _refusal(target, obj) if after is None else after:
            if (loss.field, loss.had) not in absent:
                found.setdefault((obj.kind, loss.field, loss.had, loss.became, loss.why), loss)
    return (
        *found.values(),
        *_aggregations(source.mapping, target.mapping),
        *_precision(source.mapping, target.mapping),
    )


def _losses(side: Side, obj: CanonicalObject) -> Losses | None:
    """What one provider loses of an object; None when it takes none of it."""
    if obj.kind not in side.mapping.capabilities.kinds:
        return None
    try:
        return side.translate(obj, _refs())[1]
    except Refused:
        return None


def _refusal(target: Side, obj: CanonicalObject) -> Iterator[Loss]:
    """The loss of a whole object, in the translator's own words."""
    try:
        target.translate(obj, _refs())
    except Refused as refused:
        visibility = getattr(obj, "visibility", Visibility.PUBLIC)
        yield Loss(str(ObjectKey(obj.kind, obj.id)), "visibility", visibility, "", str(refused))


def _aggregations(source: Mapping, target: Mapping) -> Iterator[Loss]:
    for member in MetricAggregation:
        loss = target.loss(member, str(ObjectKey(Kind.METRIC, member)))
        if loss is not None and member in source.metric_aggregation.values.values():
            yield loss


def _precision(source: Mapping, target: Mapping) -> Iterator[Loss]:
    had, became = source.capabilities.floor(_BEGIN), target.capabilities.floor(_BEGIN)
    if became < had:
        why = f"Times are kept to {target.capabilities.time_precision} seconds there."
        yield Loss(str(ObjectKey(Kind.INCIDENT, "times")), "started_at", had.isoformat(), became.isoformat(), why)


# --- the representatives -----------------------------------------------------------------------------------------


def _representatives(source: Mapping) -> Iterator[CanonicalObject]:
    """One object for every value that the source has, and for every width, text and visibility."""
    widths = source.widths
    for status in _ordered(ComponentStatus, source.component_status.values.values()):
        yield _component(status, status)
    rich = _component("rich", ComponentStatus.OPERATIONAL)
    yield replace(
        rich,
        description="What it does.",
        link="https://status.example.com/rich",
        position=3,
        showcased=False,
        group="core",
    )
    yield replace(rich, id="long", name=_long(widths.component_name))
    yield replace(rich, id="described", description=_long(widths.component_description, 1000))
    yield ComponentGroup("core", "Core", Visibility.PUBLIC, description="The heart of it.", position=1)
    yield ComponentGroup("long", _long(widths.group_name), Visibility.PUBLIC)
    yield from (ComponentGroup(seen, "Core", seen) for seen in Visibility)
    yield from _incidents(source)
    yield from _maintenances(source)


def _incidents(source: Mapping) -> Iterator[Incident]:
    plain = _incident("plain", IncidentStatus.INVESTIGATING, "Slow answers.")
    for status in _ordered(IncidentStatus, source.incident_status.values.values()):
        yield _incident(status, status, "Slow answers.")
    yield from (replace(plain, id=seen, visibility=seen) for seen in Visibility)
    yield replace(plain, id="long", title=_long(source.widths.incident_title))
    language = source.capabilities.text_format
    formatted = Text(render(Text(_RICH), language), language)
    update = IncidentUpdate("formatted.1", formatted, _BEGIN, plain.status)
    yield replace(plain, id="formatted", updates=(update,))
    yield replace(plain, id="several", components=dict.fromkeys(_COMPONENTS, ComponentStatus.DEGRADED))


def _maintenances(source: Mapping) -> Iterator[Maintenance]:
    plain = _maintenance("plain", MaintenanceStatus.SCHEDULED)
    for status in _ordered(MaintenanceStatus, source.maintenance_status.values.values()):
        yield _maintenance(status, status)
    yield from (replace(plain, id=seen, visibility=seen) for seen in Visibility)
    yield replace(plain, id="long", title=_long(source.widths.maintenance_title))
    yield replace(plain, id="endless", ends_at=None)


def _component(identity: str, status: ComponentStatus) -> Component:
    return Component(identity, "Public API", status)


def _incident(identity: str, status: IncidentStatus, message: str) -> Incident:
    return Incident(
        id=identity,
        title="Slow answers",
        status=status,
        impact=Severity.MINOR,
        components={_COMPONENTS[0]: ComponentStatus.DEGRADED},
        updates=(IncidentUpdate(f"{identity}.1", Text(message), _BEGIN, status),),
        started_at=_BEGIN,
        visibility=Visibility.PUBLIC,
        publication=Publication.PUBLISHED,
        notify=True,
    )


def _maintenance(identity: str, status: MaintenanceStatus) -> Maintenance:
    return Maintenance(
        id=identity,
        title="New disks",
        status=status,
        message=Text("We change disks."),
        components=_COMPONENTS[:1],
        starts_at=_BEGIN,
        visibility=Visibility.PUBLIC,
        notify=True,
        ends_at=_BEGIN + timedelta(hours=2),
    )


def _refs() -> Refs:
    """Every object that the representatives name has a copy; ids are numbers in a text, which all providers take."""
    keys = [ObjectKey(Kind.COMPONENT_GROUP, "core"), *(ObjectKey(Kind.COMPONENT, name) for name in _COMPONENTS)]
    return Refs(remote={str(key): str(number) for number, key in enumerate(keys, 1)})


def _long(width: int | None, most: int = _LONG) -> str:
    """A text as long as the source holds."""
    length = min(width or most, most)
    return (_WORDS * (length // len(_WORDS) + 1))[: length - 1] + "x"


def _ordered(enum: type[E], members: Iterable[E]) -> list[E]:
    present = set(members)
    return [member for member in enum if member in present]
