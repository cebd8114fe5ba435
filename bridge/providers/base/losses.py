"""What cannot be carried from one provider to another, found by translating representative objects.

Nothing here is a list kept by hand: the objects are rich, and hold what the first provider can express; what the
first provider itself cannot express is not there to be lost. A new width, reason or ability changes the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from bridge.errors import Refused
from bridge.model.enums import (
    ComponentStatus,
    IncidentStatus,
    Kind,
    MaintenanceStatus,
    MetricAggregation,
    Publication,
    Severity,
    TextFormat,
    Visibility,
)
from bridge.model.facts import ObjectKey, Refs, Wanted
from bridge.model.loss import Loss, Losses
from bridge.model.objects import (
    CanonicalObject,
    Component,
    ComponentGroup,
    Incident,
    IncidentTemplate,
    IncidentUpdate,
    Maintenance,
    Metric,
    MetricPoint,
    Origin,
    Subscriber,
    Text,
)
from bridge.providers.base.mapping import Mapping
from bridge.providers.base.moments import iso
from bridge.providers.base.text import render

Translate = Callable[[CanonicalObject, Refs], tuple[Wanted, Losses]]
E = TypeVar("E", bound=StrEnum)

_LONG = 255
"""Code points of a canonical name or title."""
_BEGIN = datetime(2026, 1, 5, 9, 30, 20, tzinfo=UTC)
_COMPONENTS = ("api", "website")
_METRIC = "time"
_TOLD = frozenset({"updates.at"})
"""What every provider tells when it is read, also one to which it cannot be written."""
_RICH = "# Slow\n\n**Slow** answers, see [the notes](https://status.example.com/notes)."
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
    lacking: set[Kind] = set()
    for obj in (*_representatives(source.mapping), *_furnished(source)):
        if obj.kind not in source.mapping.capabilities.readable or obj.kind in lacking:
            continue
        before = _losses(source, obj, _AT_HOME)
        if before is None:
            continue
        if obj.kind not in target.mapping.capabilities.kinds:
            lacking.add(obj.kind)
        absent = {(loss.field, loss.had) for loss in before if loss.field not in _TOLD}
        after = _losses(target, obj, _refs())
        for loss in _refusal(target, obj) if after is None else after:
            if (loss.field, loss.had) not in absent:
                found.setdefault((obj.kind, loss.field, loss.had, loss.became, loss.why), loss)
    return (
        *found.values(),
        *_language(source.mapping, target.mapping, found.values()),
        *_precision(source.mapping, target.mapping),
        *_removal(source.mapping, target.mapping),
    )


def _losses(side: Side, obj: CanonicalObject, refs: Refs) -> Losses | None:
    """What one provider loses of an object; None when it has none of it."""
    capabilities = side.mapping.capabilities
    if obj.kind in capabilities.only_read:
        return ()
    if obj.kind not in capabilities.kinds:
        return None
    try:
        return side.translate(obj, refs)[1]
    except Refused:
        return None


def _refusal(target: Side, obj: CanonicalObject) -> Iterator[Loss]:
    """The loss of a whole object, in the translator's own words."""
    try:
        target.translate(obj, _refs())
    except Refused as refused:
        visibility = getattr(obj, "visibility", Visibility.PUBLIC)
        key = str(ObjectKey(obj.kind, obj.id))
        if visibility is not Visibility.PUBLIC and obj.kind in target.mapping.capabilities.kinds:
            yield Loss(key, "visibility", visibility, "", str(refused))
        else:
            yield Loss(key, "kind", obj.kind, "", str(refused))


def _language(source: Mapping, target: Mapping, found: Iterable[Loss]) -> Iterator[Loss]:
    """Texts that say the same in another language; told once, where no text tells it itself."""
    had, became = source.capabilities.text_format, target.capabilities.text_format
    if had is not became and had is not TextFormat.PLAIN and not any(loss.field == "message" for loss in found):
        yield Loss(str(ObjectKey(Kind.INCIDENT, "formatted")), "message", had, became, "Texts are written anew there.")


def _precision(source: Mapping, target: Mapping) -> Iterator[Loss]:
    had, became = source.capabilities.floor(_BEGIN), target.capabilities.floor(_BEGIN)
    if became < had:
        why = f"Times are kept to {target.capabilities.time_precision} seconds there."
        yield Loss(str(ObjectKey(Kind.INCIDENT, "times")), "started_at", had.isoformat(), became.isoformat(), why)


def _removal(source: Mapping, target: Mapping) -> Iterator[Loss]:
    if source.capabilities.can_delete_incidents and not target.capabilities.can_delete_incidents:
        why = "What is removed at the source stays there: the API removes nothing."
        yield Loss(str(ObjectKey(Kind.INCIDENT, "removed")), "removal", "removed", "", why)


# --- the representatives -----------------------------------------------------------------------------------------


def _representatives(source: Mapping) -> Iterator[CanonicalObject]:
    """One object for every value that the source has, and for every width, text and visibility."""
    widths = source.widths
    for status in _ordered(ComponentStatus, source.component_status.values.values()):
        yield _component(status, status)
    rich = _component("rich", ComponentStatus.OPERATIONAL)
    labels = {"team": "core"}
    yield replace(
        rich,
        labels=labels,
        # Labels are what a provider makes of tags, so one that has these does not lose them.
        origin=Origin("page", "1", {"tags": labels}, source.provider),
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
    yield from _metrics(source)
    yield from _points()
    yield Subscriber("reader", "reader@example.com", _COMPONENTS[:1], verified=True)
    yield Subscriber("new", "new@example.com", verified=False)
    country = Origin("page", "1", {"phone_country": "US"}, source.provider)
    yield Subscriber("called", "+12125550100", verified=True, origin=country)
    yield Subscriber("hooked", "https://hooks.example.com/status", verified=True)
    text = Text("{{ name }} is slow.")
    yield IncidentTemplate("slow", "Slow answers", text, title="Slow answers", status=IncidentStatus.INVESTIGATING)


def _furnished(source: Side) -> Iterator[CanonicalObject]:
    """Objects with something of the provider's own, which is known by the difference that it makes there."""
    for obj, raw in _own_fields():
        plain, furnished = (replace(obj, origin=Origin("page", "1", had, source.mapping.provider)) for had in ({}, raw))
        try:
            if source.translate(furnished, _AT_HOME)[0].create != source.translate(plain, _AT_HOME)[0].create:
                yield furnished
        except Refused:
            continue


def _own_fields() -> Iterator[tuple[CanonicalObject, dict[str, Any]]]:
    """Objects, and the fields that a provider may have kept of them."""
    incident = replace(_incident("own", IncidentStatus.INVESTIGATING, "Slow."), impact=Severity.NONE, components={})
    metric = Metric("own", "Response time", MetricAggregation.MEAN, Visibility.PUBLIC, suffix="ms")
    group = ComponentGroup("own", "Core", Visibility.PUBLIC)
    work = _maintenance("own", MaintenanceStatus.SCHEDULED)
    component = _component("own", ComponentStatus.OPERATIONAL)
    later = iso(_BEGIN + timedelta(days=1))
    yield incident, {"stickied": True}
    yield incident, {"meta": {"ticket": "A-1"}}
    yield incident, {"metadata": {"ticket": {"id": "A-1"}}}
    yield incident, {"reminder_intervals": "[1, 5, 7]"}
    yield replace(incident, id="later", visibility=Visibility.HIDDEN), {"published_at": later, "embargoed": True}
    yield group, {"collapsed": 1}
    yield group, {"order_column": "name", "order_direction": "asc"}
    yield component, {"only_show_if_degraded": True}
    yield metric, {"threshold": 60}
    yield metric, {"default_view": 2}
    yield metric, {"frequency": "often"}
    yield work, {"scheduled_auto_in_progress": True}
    yield work, {"scheduled_remind_prior": True}
    yield work, {"impacts": {_COMPONENTS[0]: 4}}


def _incidents(source: Mapping) -> Iterator[Incident]:
    plain = _incident("plain", IncidentStatus.INVESTIGATING, "Slow answers.")
    read = Origin("page", "1", {}, source.provider)
    for status in _ordered(IncidentStatus, source.incident_status.values.values()):
        shown = _incident(status, status, "Slow answers.")
        # A phase that can be read there and not be told, such as one that is left over, is not what the source lacks.
        yield replace(shown, updates=tuple(replace(update, origin=read) for update in shown.updates))
    yield from (replace(plain, id=seen, visibility=seen) for seen in Visibility)
    yield replace(plain, id="long", title=_long(source.widths.incident_title))
    language = source.capabilities.text_format
    formatted = Text(render(Text(_RICH), language), language)
    update = IncidentUpdate("formatted.1", formatted, _BEGIN, plain.status)
    yield replace(plain, id="formatted", updates=(update,))
    later = _told("told", IncidentStatus.IDENTIFIED)
    moving = replace(later, components={_COMPONENTS[0]: ComponentStatus.PARTIAL_OUTAGE})
    yield replace(plain, id="told", status=IncidentStatus.IDENTIFIED, updates=(*plain.updates, moving))
    yield replace(plain, id="silent", notify=False, updates=(*plain.updates, later), status=IncidentStatus.IDENTIFIED)
    yield replace(plain, id="several", components=dict.fromkeys(_COMPONENTS, ComponentStatus.DEGRADED))


def _told(identity: str, status: IncidentStatus | MaintenanceStatus) -> IncidentUpdate:
    """An update that came later."""
    return IncidentUpdate(f"{identity}.2", Text("We know why."), _BEGIN + timedelta(minutes=40), status)


def _maintenances(source: Mapping) -> Iterator[Maintenance]:
    plain = _maintenance("plain", MaintenanceStatus.SCHEDULED)
    for status in _ordered(MaintenanceStatus, source.maintenance_status.values.values()):
        yield _maintenance(status, status)
    yield from (replace(plain, id=seen, visibility=seen) for seen in Visibility)
    yield replace(plain, id="long", title=_long(source.widths.maintenance_title))
    yield replace(plain, id="endless", ends_at=None)
    begun = MaintenanceStatus.IN_PROGRESS
    yield replace(plain, id="told", status=begun, updates=(_told("told", begun),))


def _metrics(source: Mapping) -> Iterator[Metric]:
    plain = Metric("plain", "Response time", MetricAggregation.MEAN, Visibility.PUBLIC, suffix="ms")
    for member in _ordered(MetricAggregation, source.metric_aggregation.values.values()):
        yield replace(plain, id=member, aggregation=member)
    yield from (replace(plain, id=seen, visibility=seen) for seen in Visibility)
    yield replace(
        plain,
        id="rich",
        description="Until the first byte.",
        places=3,
        default_value=2.5,
        component=_COMPONENTS[0],
        position=4,
    )
    yield replace(plain, id="long", name=_long(source.widths.metric_name), suffix=_long(source.widths.metric_suffix))
    yield replace(plain, id="bare", suffix=None)


def _points() -> Iterator[MetricPoint]:
    yield MetricPoint("between", _METRIC, 2.0, _BEGIN)
    yield MetricPoint("fine", _METRIC, 1.23456, _BEGIN.replace(second=0))


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
    keys.append(ObjectKey(Kind.METRIC, _METRIC))
    remote = {str(key): str(number) for number, key in enumerate(keys, 1)}
    return Refs(remote, dict.fromkeys(_COMPONENTS, ComponentStatus.DEGRADED))


def _long(width: int | None, most: int = _LONG) -> str:
    """A text as long as the source holds."""
    length = min(width or most, most)
    return (_WORDS * (length // len(_WORDS) + 1))[: length - 1] + "x"


def _ordered(enum: type[E], members: Iterable[E]) -> list[E]:
    present = set(members)
    return [member for member in enum if member in present]


_AT_HOME = replace(_refs(), unattended=True)
"""At its source, an object follows its own clock."""
