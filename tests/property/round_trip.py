"""Canonical objects of all kinds, ids that lead back, and what two of them differ in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

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
from bridge.model.facts import Refs
from bridge.model.loss import Losses
from bridge.model.objects import (
    CanonicalObject,
    Component,
    ComponentGroup,
    Incident,
    IncidentUpdate,
    Maintenance,
    Metric,
    MetricPoint,
    Subscriber,
    Text,
)
from bridge.providers.base.text import cleaned_form, html_form, render
from bridge.testing.stage import Stage

BEGIN = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
SAMPLES = (
    "We are looking into it.",
    "**Bold**, _leaning_ and `code`, see [status](https://example.com/s?a=1&b=2).",
    "- one\n- two\n\n1. first\n2. second",
    "# A heading\n\nand a paragraph",
    "a & b < c > d \"e\" 'f' 100% %41 \\ alert(1)",
    "<b>bold</b> <script>alert(1)</script> <a href='https://example.com'>there</a><br>next",
    "🔥 down 👩‍👩‍👧‍👦 🇩🇪",
    "תקלה בשירות — خلل في الخدمة",
    "Wörter und mehr " * 1000,
    "More than any page takes. " * 1100,
    "",
)
NAMES = (
    "Public API",
    "CPU < 80% AND mem > 90%",
    "Störung 🔥",
    "خدمة",
    "alert(1)",
    "100%25 sure",
    "A name in many words " * 20,
)
MOMENTS = st.integers(0, 500_000).map(lambda seconds: BEGIN + timedelta(seconds=seconds))
"""Every one with its seconds, which some providers do not keep."""


def lines() -> st.SearchStrategy[str]:
    """Names and titles of one line."""
    signs = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"))
    drawn = st.text(signs, min_size=1, max_size=60)
    return st.sampled_from(NAMES) | drawn.map(lambda text: " ".join(text.split())).filter(bool)


def texts() -> st.SearchStrategy[Text]:
    """Messages in every language."""
    drawn = st.sampled_from(SAMPLES) | st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=80)
    return st.builds(Text, drawn, st.sampled_from(TextFormat))


def _optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def components(group: str = "core") -> st.SearchStrategy[Component]:
    """Components; all but the name may be missing."""
    return st.builds(
        Component,
        id=st.just("cmp_1"),
        name=lines(),
        status=st.sampled_from(ComponentStatus),
        description=_optional(lines()),
        link=_optional(st.just("https://status.example.com/part")),
        group=_optional(st.just(group)),
        position=_optional(st.integers(1, 100)),
        showcased=st.booleans(),
        labels=st.dictionaries(st.sampled_from(["team", "tier"]), st.sampled_from(["core", "edge"])),
    )


def groups() -> st.SearchStrategy[ComponentGroup]:
    """Groups of every visibility."""
    return st.builds(
        ComponentGroup,
        id=st.just("grp_1"),
        name=lines(),
        visibility=st.sampled_from(Visibility),
        description=_optional(lines()),
        position=_optional(st.integers(1, 100)),
    )


@st.composite
def incidents(draw: st.DrawFn, affected: Iterable[str] = ("api", "web")) -> Incident:
    """Incidents with one to three updates; the status is that of the last."""
    started = draw(MOMENTS)
    phases = draw(st.lists(st.sampled_from(IncidentStatus), min_size=1, max_size=3))
    told = tuple(
        IncidentUpdate(f"upd_{number}", draw(texts()), started + timedelta(minutes=7 * number), phase)
        for number, phase in enumerate(phases)
    )
    shown = st.dictionaries(st.sampled_from(sorted(affected)), st.sampled_from(ComponentStatus))
    return Incident(
        id="inc_1",
        title=draw(lines()),
        status=phases[-1],
        impact=draw(st.sampled_from(Severity)),
        components=draw(shown),
        updates=told,
        started_at=started,
        visibility=draw(st.sampled_from(Visibility)),
        publication=Publication.PUBLISHED,
        notify=False,
    )


@st.composite
def maintenances(draw: st.DrawFn, affected: Iterable[str] = ("api", "web")) -> Maintenance:
    """Maintenances with and without an end, components and updates."""
    starts = draw(MOMENTS)
    return Maintenance(
        id="mnt_1",
        title=draw(lines()),
        status=draw(st.sampled_from(MaintenanceStatus)),
        message=draw(texts()),
        components=tuple(sorted(draw(st.sets(st.sampled_from(sorted(affected)))))),
        starts_at=starts,
        visibility=Visibility.PUBLIC,
        notify=False,
        ends_at=draw(_optional(st.integers(0, 90).map(lambda minutes: starts + timedelta(minutes=minutes)))),
        updates=tuple(
            IncidentUpdate(f"upd_{number}", draw(texts()), starts, MaintenanceStatus.IN_PROGRESS)
            for number in range(draw(st.integers(0, 1)))
        ),
    )


def metrics() -> st.SearchStrategy[Metric]:
    """Metrics of every aggregation and visibility."""
    return st.builds(
        Metric,
        id=st.just("met_1"),
        name=lines(),
        aggregation=st.sampled_from(MetricAggregation),
        visibility=st.sampled_from(Visibility),
        suffix=_optional(st.sampled_from(["ms", "%", "Antworten je Minute " * 12])),
        description=_optional(lines()),
        places=_optional(st.integers(0, 6)),
        default_value=_optional(st.sampled_from([0.0, 3.0, 2.5])),
        component=_optional(st.just("api")),
        position=_optional(st.integers(1, 100)),
    )


def points() -> st.SearchStrategy[MetricPoint]:
    """Points of one metric."""
    values = st.integers(-1000, 1000).map(float) | st.floats(-1e6, 1e6)
    return st.builds(MetricPoint, id=st.just("mpt_1"), metric=st.just("met_1"), value=values, at=MOMENTS)


def subscribers() -> st.SearchStrategy[Subscriber]:
    """Subscribers, verified or not, to all or to some."""
    names = st.integers(1, 10**9).map(lambda number: f"reader{number}@example.com")
    some = st.sampled_from([(), ("api",), ("api", "web")])
    return st.builds(Subscriber, id=st.just("sub_1"), address=names, components=some, verified=st.booleans())


# --- ids that lead back -----------------------------------------------------------------------------------------


def identify(kind: Kind, remote_id: str, at: datetime | None) -> str:
    """A canonical id from which :class:`Everything` tells the remote id."""
    return f"{kind}-{remote_id}"


class Quiet(Stage):
    """A stage that is shown in one word, where a failing example is told."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("stage")


class Everything(Mapping[str, str]):
    """Links of every object that was named by :func:`identify`."""

    def __getitem__(self, key: str) -> str:
        kind, _, identity = key.partition(":")
        return identity.removeprefix(f"{kind}-")

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


EVERYTHING = Refs(remote=Everything())
"""Every object has a copy."""


# --- what two objects differ in ---------------------------------------------------------------------------------

_NOT_COMPARED = {"id", "origin", "revision", "notify", "route", "effective_status", "resolved_at"}
_NOT_SAID = {"position", "places", "default_value", "ends_at"}
"""Where nothing was said, a provider's own default takes nothing away."""
_TOLD_AS = {
    "status": {"component_status", "incident_status", "maintenance_status"},
    "aggregation": {"metric_aggregation"},
    "starts_at": {"started_at"},
    "components": {"component_status"},
    # A title that is cut is told in full in the message.
    "updates": {"message", "updates", "title"},
    "message": {"message", "updates", "title"},
}


def said(text: Text) -> str:
    """What a text says, without its markup."""
    return cleaned_form(html_form(render(text, TextFormat.HTML)).replace("\n", " "))


def differing(before: CanonicalObject, after: CanonicalObject) -> dict[str, tuple[Any, Any]]:
    """Field → what it was and what it is, wherever that is not the same."""
    found = {}
    for item in fields(before):
        was, now = getattr(before, item.name), getattr(after, item.name)
        if item.name in _NOT_COMPARED or (was is None and item.name in _NOT_SAID):
            continue
        shown_was, shown_now = _shown(was), _shown(now)
        if item.name == "updates" and _follow(shown_was, shown_now):
            continue
        if shown_was != shown_now and not (item.name == "message" and not shown_was):
            found[item.name] = (shown_was, shown_now)
    return found


def told(field: str, losses: Losses) -> bool:
    """Whether a difference in a field was announced."""
    names = {field, *_TOLD_AS.get(field, ())}
    return any(loss.field in names for loss in losses)


def _follow(few: list[str], many: list[str]) -> bool:
    """Whether every text of the first is in the second, in the same order; a phase may have been put in between."""
    rest = iter(many)
    return all(text in rest for text in few if text)


def _shown(value: Any) -> Any:
    if isinstance(value, Text):
        return said(value)
    if isinstance(value, str):
        return cleaned_form(value)
    if value is None:
        return ""
    if isinstance(value, tuple) and value and isinstance(value[0], IncidentUpdate):
        return [said(update.message) for update in value]
    if isinstance(value, tuple):
        return sorted(value)
    return value
