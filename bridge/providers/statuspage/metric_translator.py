"""Metrics and their points in Statuspage's words, and what Statuspage shows of them. Pure.

Facts behind the choices (Statuspage specification and help pages):

- Only the name of a metric can be changed; everything else stays as it was made. So only the name is compared.
- A point stands for its 30 seconds, and a later one for the same 30 seconds takes its place. Points cannot be read,
  so a call whose outcome is not known is repeated: that is harmless.
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
from bridge.providers.statuspage.reader import METRIC_FIELDS

Row = Mapping[str, Any]


def metric(obj: Metric, notes: Notes, words: Words) -> Wanted:
    """A metric of our own in Statuspage's words."""
    name = notes.name(obj.name, words.widths.metric_name)
    own = notes.own(*METRIC_FIELDS)
    create: dict[str, Any] = {
        "name": name,
        **own,
        "suffix": notes.text("suffix", obj.suffix, words.widths.metric_suffix) if obj.suffix else None,
        "tooltip_description": obj.description,
        "decimal_places": obj.places,
    }
    create = {field: value for field, value in create.items() if value is not None}
    create["display"] = obj.visibility is Visibility.PUBLIC
    _note_losses(obj, notes)
    shown = {"name": name}
    return Wanted(create=create, update=shown, echo=shown, creates=shown, find=FindBy(title=name))


def point(obj: MetricPoint, refs: Refs, notes: Notes, words: Words) -> Wanted:
    """A point at the beginning of its 30 seconds. That it is there cannot be seen, so nothing is compared.

    Raises:
        Refused: its metric has no copy there, or it is no number.
    """
    remote = refs.remote_id(Kind.METRIC, obj.metric)
    if remote is None:
        raise Refused(f"{obj.id}: the metric {obj.metric} has no copy on this destination")
    if not math.isfinite(obj.value):
        raise Refused(f"{obj.id}: {obj.value} is no value that can be shown")
    second = math.floor(obj.at.timestamp())
    slot = second - second % words.metric_points.step
    if slot != obj.at.timestamp():
        notes.lose("at", obj.at.isoformat(), str(slot), f"A point stands for its {words.metric_points.step} seconds.")
    body = {"metric": remote, "timestamp": slot, "value": obj.value}
    return Wanted(create=body, update={}, echo={}, find=FindBy(title=remote))


def seen_metric(row: Row) -> Seen:
    """A metric as Statuspage shows it."""
    return Seen(
        str(row["id"]), {"name": row["name"]}, str(row["name"]), None, moment_of(row.get("created_at")), (), row
    )


def _note_losses(obj: Metric, notes: Notes) -> None:
    if obj.visibility is Visibility.AUTHENTICATED:
        notes.lose("visibility", obj.visibility, Visibility.HIDDEN, "Metrics are for everybody or for nobody there.")
    if not notes.is_own:
        notes.lose("aggregation", obj.aggregation, "", "How points are combined is not told there.")
    if obj.component is not None:
        notes.lose("component", obj.component, "", "Metrics belong to no component there.")
    if obj.default_value is not None:
        notes.lose("default_value", str(obj.default_value), "", "Metrics have no default value there.")
    if obj.position is not None:
        notes.lose("position", str(obj.position), "", "The order of metrics cannot be written there.")
