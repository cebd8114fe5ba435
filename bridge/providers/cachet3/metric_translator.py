"""Metrics and their points in Cachet 3's words, and what Cachet 3 shows of them. Pure.

Facts behind the choices (Cachet 3, measured):

- After creation only name, suffix, description, default value and threshold can be changed, so only these are compared.
- Who may see a metric cannot be said through the API: a new one is for everybody.
- A suffix is needed, and a default value must have one or two decimals.
- A point within ``threshold`` minutes of the newest one is not kept: that one counts once more. So new metrics get the
  smallest threshold. Times are rounded to 30 seconds, values (MariaDB) to three decimals.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bridge.errors import Refused
from bridge.model.enums import Kind, MetricAggregation, Visibility
from bridge.model.facts import FindBy, Refs, Seen, Wanted
from bridge.model.objects import Metric, MetricPoint
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.base.moments import iso
from bridge.providers.base.notes import Notes

_NO_SUFFIX = "units"
_SMALLEST_THRESHOLD = 1
_MOST_PLACES = 4
_DECIMALS = 3

Row = Mapping[str, Any]


def metric(obj: Metric, notes: Notes, words: Words) -> Wanted:
    """A metric in Cachet's words.

    Raises:
        Refused: not everybody may see it.
    """
    if obj.visibility is not Visibility.PUBLIC:
        raise Refused(f"{obj.id} is {obj.visibility}, and Cachet 3's API makes metrics that everybody sees")
    own = notes.own("threshold", "display_chart")
    echo: dict[str, Any] = {
        "name": notes.name(obj.name, words.widths.metric_name),
        "suffix": _suffix(obj, notes, words),
        "description": _description(obj, notes, words),
        "default_value": _default(obj, notes),
        "threshold": own.get("threshold") or _SMALLEST_THRESHOLD,
    }
    echo = {field: value for field, value in echo.items() if value is not None}
    frozen = {
        "calc_type": notes.word(obj.aggregation, "calc_type"),
        "places": _places(obj, notes),
        "display_chart": own.get("display_chart"),
    }
    if obj.component is not None:
        notes.lose("component", obj.component, "", "Metrics belong to no component there.")
    if obj.position is not None:
        notes.lose("position", str(obj.position), "", "The order of metrics cannot be written there.")
    create = {**echo, **{field: value for field, value in frozen.items() if value is not None}}
    return Wanted(create=create, update=echo, echo=echo, creates=echo, find=FindBy(title=echo["name"]))


def point(obj: MetricPoint, refs: Refs, notes: Notes) -> Wanted:
    """A point. One at the same time and with the same value is taken for it after a lost answer.

    Raises:
        Refused: its metric has no copy there, or it is no number.
    """
    remote = refs.remote_id(Kind.METRIC, obj.metric)
    if remote is None:
        raise Refused(f"{obj.id}: the metric {obj.metric} has no copy on this destination")
    if not math.isfinite(obj.value):
        raise Refused(f"{obj.id}: {obj.value} is no value that can be shown")
    value = round(obj.value, _DECIMALS)
    if value != obj.value:
        notes.lose("value", str(obj.value), str(value), f"Values are kept to {_DECIMALS} decimals there.")
    second = math.floor(obj.at.timestamp())
    slot = datetime.fromtimestamp((second + 15) // 30 * 30, UTC)
    if slot != obj.at:
        notes.lose("at", obj.at.isoformat(), iso(slot), "Times of points are kept to 30 seconds there.")
    echo = {"metric": remote, "value": value, "at": iso(slot)}
    create = {"metric": remote, "value": value, "timestamp": int(slot.timestamp())}
    return Wanted(create=create, update={}, echo=echo, creates=echo, find=FindBy(title=remote, at=slot, echo=echo))


def seen_metric(row: Row, at: datetime | None) -> Seen:
    """A metric as Cachet shows it; MariaDB writes decimals as text."""
    default = row.get("default_value")
    echo = {name: row.get(name) for name in ("name", "suffix", "description", "threshold")}
    echo["default_value"] = None if default is None else _two(float(default))
    return Seen(str(row["id"]), echo, str(row["name"]), None, at, (), row)


def seen_point(row: Row, at: datetime | None) -> Seen:
    """A point as Cachet shows it. Its id is that of its metric and its own."""
    metric_id = str(row["metric_id"])
    echo = {"metric": metric_id, "value": round(float(row["value"]), _DECIMALS), "at": iso(at) if at else None}
    identity = str(row["id"])
    return Seen(identity if "/" in identity else f"{metric_id}/{identity}", echo, metric_id, None, at, (), row)


def _suffix(obj: Metric, notes: Notes, words: Words) -> str:
    suffix = notes.text("suffix", obj.suffix or "", words.widths.metric_suffix)
    if not suffix:
        notes.lose("suffix", "", _NO_SUFFIX, "A metric there needs a suffix.")
    return suffix or _NO_SUFFIX


def _description(obj: Metric, notes: Notes, words: Words) -> str | None:
    width = words.widths.component_description
    return notes.text("description", obj.description, width) or None if obj.description else None


def _default(obj: Metric, notes: Notes) -> str | None:
    if obj.default_value is None:
        return None
    written = _two(obj.default_value)
    if float(written) != obj.default_value:
        notes.lose("default_value", str(obj.default_value), written, "A default value has two decimals there.")
    return written


def _two(value: float) -> str:
    """With two decimals; nothing is less than nothing."""
    return f"{round(value, 2) + 0.0:.2f}"


def _places(obj: Metric, notes: Notes) -> int | None:
    if obj.places is None:
        return 0 if obj.aggregation is MetricAggregation.MEAN_ROUNDED else None
    if obj.places > _MOST_PLACES:
        notes.lose("places", str(obj.places), str(_MOST_PLACES), "There are no more decimal places there.")
    return min(obj.places, _MOST_PLACES)
