"""Metrics and their points in PingPong's words, and what PingPong shows of them. Pure.

Facts behind the choices (PingPong documentation):

- Custom metrics are fed from outside; other metrics PingPong measures by itself, from an address. Only a metric that
  was read from PingPong can be of the second sort.
- A point stands for its minute, and a later one for the same minute takes its place. Points cannot be read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bridge.errors import Refused
from bridge.model.enums import Kind, Visibility
from bridge.model.facts import FindBy, Refs, Seen, Wanted
from bridge.model.objects import Metric, MetricPoint
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.base.moments import moment_of
from bridge.providers.base.notes import Notes
from bridge.providers.pingpong.reader import MEASURED

MEASURED_PREFIX = "ping/"
"""Before the remote id of a metric that PingPong measures: the two sorts have collections of their own."""

Answer = Mapping[str, Any]


def metric(obj: Metric, refs: Refs, notes: Notes, words: Words) -> Wanted:
    """A metric in PingPong's words."""
    own = notes.own(*MEASURED)
    body: dict[str, Any] = {
        "name": notes.name(obj.name, words.widths.metric_name),
        "description": notes.text("description", obj.description or "", words.widths.component_description),
        "component": _component(obj, refs, notes),
    }
    if "frequency" in own:
        body |= {**own, "showcased": _showcased(obj.visibility, own.get("showcased"), words, notes)}
    else:
        body |= {
            "suffix": notes.text("suffix", obj.suffix or "", words.widths.metric_suffix),
            "rollup": notes.word(obj.aggregation, "rollup"),
            "showcased": obj.visibility is Visibility.PUBLIC,
        }
        if obj.visibility is Visibility.AUTHENTICATED:
            notes.lose("visibility", obj.visibility, Visibility.HIDDEN, "Nobody logs in to the page.")
    _note_the_rest(obj, notes)
    # One of the other sort may have the same name, and lacks these.
    sort: dict[str, Any] = {field: body[field] for field in ("frequency", "rollup") if field in body}
    return Wanted(create=body, update=body, echo=body, creates=body, find=FindBy(title=body["name"], echo=sort))


def point(obj: MetricPoint, refs: Refs, notes: Notes, words: Words) -> Wanted:
    """A point, at the beginning of its minute. That it is there cannot be seen, so nothing is compared.

    Raises:
        Refused: its metric has no copy there that can be fed, or it is no number.
    """
    remote = refs.remote_id(Kind.METRIC, obj.metric)
    if remote is None:
        raise Refused(f"{obj.id}: the metric {obj.metric} has no copy on this destination")
    if remote.startswith(MEASURED_PREFIX):
        raise Refused(f"{obj.id}: PingPong measures {obj.metric} by itself and takes no points for it")
    if not math.isfinite(obj.value):
        raise Refused(f"{obj.id}: {obj.value} is no value that can be shown")
    second = math.floor(obj.at.timestamp())
    minute = second - second % words.metric_points.step
    if minute != obj.at.timestamp():
        notes.lose("at", obj.at.isoformat(), str(minute), "A point stands for its minute.")
    body = {"metric": remote, "timestamp": minute, "value": obj.value}
    return Wanted(create=body, update={}, echo={}, find=FindBy(title=remote))


def seen_metric(row: Answer) -> Seen:
    """A metric as PingPong shows it."""
    component = row.get("component")
    measured = "frequency" in row
    texts = {name: row.get(name) or "" for name in ("name", "description", "url" if measured else "suffix")}
    words = {name: row.get(name) for name in ("showcased", *(("frequency", "location") if measured else ("rollup",)))}
    echo = {**texts, **words, "component": str(component["id"]) if component else None}
    return Seen(str(row["id"]), echo, str(row["name"]), None, moment_of(row.get("created_at")), (), dict(row))


def _component(obj: Metric, refs: Refs, notes: Notes) -> str | None:
    if obj.component is None:
        return None
    remote = refs.remote_id(Kind.COMPONENT, obj.component)
    if remote is None:
        notes.lose("component", obj.component, "", "The component has no copy on this destination.")
    return remote


def _showcased(visibility: Visibility, came: object, words: Words, notes: Notes) -> object:
    """One of four phrases: the one that it came with, as long as that still says who sees the metric."""
    if visibility is Visibility.AUTHENTICATED:
        notes.lose("visibility", visibility, Visibility.HIDDEN, "Nobody logs in to the page.")
        visibility = Visibility.HIDDEN
    return came if words.shown_to(came) is visibility else words.showing(visibility)


def _note_the_rest(obj: Metric, notes: Notes) -> None:
    if obj.places is not None:
        notes.lose("places", str(obj.places), "", "Metrics have no number of decimal places here.")
    if obj.default_value is not None:
        notes.lose("default_value", str(obj.default_value), "", "Metrics have no default value here.")
    if obj.position is not None:
        notes.lose("position", str(obj.position), "", "Metrics have no order here.")
