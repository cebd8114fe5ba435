"""Metrics and their points in Cachet 2's words, and what Cachet 2 shows of them. Pure.

Facts behind the choices (Cachet 2.4 source and measurements):

- A metric needs a unit; its default value is a whole number, and it has at most four decimal places.
- Times of points are kept to half a minute, values to three decimals.
- A point that equals one of the last ``threshold`` minutes is not made; so the threshold is the smallest there is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from bridge.errors import Refused
from bridge.model.enums import Kind, MetricAggregation
from bridge.model.facts import FindBy, Refs, Seen, Wanted
from bridge.model.objects import Metric, MetricPoint
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.base.moments import iso, moment_of
from bridge.providers.base.notes import Notes
from bridge.providers.base.text import cleaned_form
from bridge.providers.cachet2.cleaner import safe_message
from bridge.providers.cachet2.naming import bracketless
from bridge.providers.cachet2.reader import OWN_METRIC_FIELDS, shown_value

_NO_UNIT = "-"
_MOST_PLACES = 4
_SHORTEST_THRESHOLD = 1
_DECIMALS = Decimal("0.001")
_TOO_LARGE = 10**12

Answer = Mapping[str, Any]


def metric(obj: Metric, notes: Notes, words: Words) -> Wanted:
    """A metric in Cachet's words."""
    own = notes.own(*OWN_METRIC_FIELDS)
    name = notes.name(bracketless("name", obj.name, notes), words.widths.metric_name)
    body: dict[str, Any] = {
        "name": name,
        "suffix": _unit(obj, notes, words),
        "description": safe_message(obj.description or ""),
        "default_value": _default(obj, notes),
        "calc_type": notes.word(obj.aggregation, "calc_type"),
        "visible": words.showing(obj.visibility),
        "threshold": own.get("threshold") or _SHORTEST_THRESHOLD,
        **{field: int(own[field]) for field in ("default_view", "display_chart") if own.get(field) is not None},
        **_places(obj, notes),
    }
    if obj.position is not None:
        body["order"] = obj.position
    if obj.component is not None:
        notes.lose("component", obj.component, "", "Metrics belong to no component here.")
    changed = {field: value for field, value in body.items() if field != "calc_type" or _is_taken(value, words)}
    echo = {**body, **{field: cleaned_form(body[field]) for field in ("name", "suffix", "description")}}
    return Wanted(create=body, update=changed, echo=echo, creates=echo, find=FindBy(title=echo["name"]))


def point(obj: MetricPoint, refs: Refs, notes: Notes) -> Wanted:
    """A point. It is written once: Cachet would fold what comes again into it.

    Raises:
        Refused: its metric has no copy there, or its value cannot be kept.
    """
    remote = refs.remote_id(Kind.METRIC, obj.metric)
    if remote is None:
        raise Refused(f"{obj.id}: the metric {obj.metric} has no copy on this destination")
    if not math.isfinite(obj.value) or abs(obj.value) >= _TOO_LARGE:
        raise Refused(f"{obj.id}: {obj.value} is no value that Cachet 2 can keep")
    value = float(Decimal(repr(obj.value)).quantize(_DECIMALS, ROUND_HALF_UP))
    at = half_minute(obj.at)
    if value != obj.value:
        notes.lose("value", repr(obj.value), repr(value), "Values are kept to three decimals.")
    if at != obj.at:
        notes.lose("at", obj.at.isoformat(), iso(at), "Times of points are kept to half a minute.")
    echo = {"metric": remote, "value": value, "at": iso(at)}
    body = {"metric": remote, "value": value, "timestamp": int(at.timestamp())}
    return Wanted(create=body, update={}, echo=echo, creates=echo, find=FindBy(title=remote, at=at, echo=echo))


def half_minute(moment: datetime) -> datetime:
    """The nearest half minute, later ones first among equals."""
    return datetime.fromtimestamp((math.floor(moment.timestamp()) + 15) // 30 * 30, UTC)


def seen_metric(row: Answer) -> Seen:
    """A metric as Cachet shows it."""
    echo: dict[str, Any] = {
        **{field: cleaned_form(str(row.get(field) or "")) for field in ("name", "suffix", "description")},
        **{field: row.get(field) for field in ("calc_type", "default_value", "threshold", "default_view", "places")},
        "display_chart": int(row.get("display_chart") or 0),
        "visible": row.get("visible"),
        "order": row.get("order"),
    }
    return Seen(str(row["id"]), echo, str(row["name"]), None, moment_of(row.get("created_at")), (), dict(row))


def seen_point(row: Answer) -> Seen:
    """A point as Cachet shows it."""
    at = moment_of(row.get("created_at"))
    echo = {"metric": str(row["metric_id"]), "value": shown_value(row), "at": iso(at) if at else None}
    return Seen(str(row["id"]), echo, str(row["metric_id"]), None, at, (), dict(row))


def _unit(obj: Metric, notes: Notes, words: Words) -> str:
    unit = notes.text("suffix", bracketless("suffix", obj.suffix or "", notes), words.widths.metric_suffix)
    if not unit:
        notes.lose("suffix", "", _NO_UNIT, "Cachet 2 wants a unit.")
    return unit or _NO_UNIT


def _default(obj: Metric, notes: Notes) -> int:
    wanted = obj.default_value or 0.0
    if wanted != int(wanted):
        notes.lose("default_value", repr(wanted), str(int(wanted)), "Default values are whole numbers here.")
    return int(wanted)


def _places(obj: Metric, notes: Notes) -> dict[str, int]:
    """A rounded mean is shown without decimal places, which is what it looks like."""
    if obj.places is None:
        return {"places": 0} if obj.aggregation is MetricAggregation.MEAN_ROUNDED else {}
    if obj.places > _MOST_PLACES:
        notes.lose("places", str(obj.places), str(_MOST_PLACES), "There are at most four decimal places.")
    return {"places": min(obj.places, _MOST_PLACES)}


def _is_taken(calc_type: object, words: Words) -> bool:
    """Whether a change may name the aggregation: unlike a new metric, a changed one must have a known one."""
    return words.metric_aggregation.knows(calc_type)
