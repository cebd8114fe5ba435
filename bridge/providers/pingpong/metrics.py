"""Metrics, and the points of those that are fed: for the client by sort, for a destination as one collection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from bridge.errors import Refused
from bridge.model.enums import Visibility
from bridge.providers.base.resource import JsonObject, Names
from bridge.providers.base.results import Record
from bridge.providers.pingpong.metric_translator import MEASURED_PREFIX
from bridge.providers.pingpong.records import CustomMetric, DataPoint, MeasuredMetric
from bridge.providers.pingpong.routed import PingPongResource, Routed

Row = Mapping[str, Any]


class CustomMetrics(PingPongResource[CustomMetric]):
    """Metrics that are fed from outside. ``component`` is an id, or a component that was read."""

    route = "custom_metrics"
    path = "/custom-metrics"
    fields = ("name", "description", "created_at", "component", "suffix", "rollup", "showcased")
    resets = ("name", "description", "component", "suffix", "rollup", "showcased")
    references = ("component",)


class MeasuredMetrics(PingPongResource[MeasuredMetric]):
    """Metrics that PingPong measures by itself, by asking an address. ``showcased`` is one of four phrases."""

    route = "metrics"
    path = "/metrics"
    fields = ("name", "description", "created_at", "component", "url", "frequency", "location", "showcased")
    resets = ("name", "description", "component", "url", "frequency", "location", "showcased")
    references = ("component",)

    def body(self, given: Mapping[str, Any] | None, keywords: Names) -> JsonObject:
        """The fields of a write; who may see the metric can be told canonically.

        Raises:
            ValueError: PingPong cannot show it to these only.
        """
        named = {name: self._shown(value) for name, value in {**(given or {}), **keywords}.items()}
        self.check(keywords, self.fields, "field")
        return super().body(named, {})

    def _shown(self, value: Any) -> Any:
        return self.words.showing(value) if self.words is not None and isinstance(value, Visibility) else value


class DataPoints(Routed[DataPoint]):
    """Points of custom metrics. They cannot be read back."""

    route = "metric_points"
    path = "/custom-metrics/data"
    serves: ClassVar[Mapping[str, tuple[str, str]]] = {"add": ("POST", "")}

    def add(self, points: Mapping[str, Iterable[Row]]) -> dict[str, list[DataPoint]]:
        """Write points. To write one again is harmless: the last one for a minute counts.

        Args:
            points: metric → its points, each with ``timestamp`` (a moment, or seconds since 1970) and ``value``.

        Returns:
            Metric → what was kept, at the beginning of its minute. What is older than 30 days is dropped in silence,
            so look whether all came back. Empty where the service does not say.

        Raises:
            Refused: one of the metrics is not there, or a point cannot be read; probably none was kept then.
        """
        path, _, _ = self.aim("", {})
        sent = {"data": {metric: self.value(list(rows)) for metric, rows in points.items()}}
        answer = self.http.write("POST", path, sent)
        return self.table(DataPoint, "POST", path, answer)

    def written(self, moment: datetime) -> int:
        """Seconds since 1970."""
        return int(moment.timestamp())


class Metrics:
    """Both sorts. The remote id of a measured one has a prefix, because the two count apart.

    Args:
        custom: those that are fed.
        measured: those that PingPong measures.
    """

    def __init__(self, custom: PingPongResource[Record], measured: PingPongResource[Record]) -> None:
        self._custom = custom
        self._measured = measured

    def create(self, body: Row) -> Row:
        """Make one; a frequency tells that it is to be measured."""
        if "frequency" in body:
            return _prefixed(self._measured.create(body))
        return self._custom.create(body)

    def update(self, remote_id: str, body: Row) -> Row:
        """Change one."""
        if remote_id.startswith(MEASURED_PREFIX):
            return _prefixed(self._measured.update(remote_id.removeprefix(MEASURED_PREFIX), body))
        return self._custom.update(remote_id, body)

    def get(self, remote_id: str) -> Row:
        """One of them."""
        if remote_id.startswith(MEASURED_PREFIX):
            return _prefixed(self._measured.get(remote_id.removeprefix(MEASURED_PREFIX)))
        return self._custom.get(remote_id)

    def list(self) -> Iterator[Row]:
        """All, those that are fed first."""
        yield from self._custom.list()
        yield from map(_prefixed, self._measured.list())


class Points:
    """Points of one metric, one by one or several at once.

    Args:
        points: of all custom metrics.
    """

    def __init__(self, points: DataPoints) -> None:
        self._points = points

    def create(self, body: Row) -> Row:
        """Write one, or those in ``points``. Writing them again is harmless.

        Raises:
            Refused: PingPong dropped one, because it is too old; the others are there.
        """
        metric = str(body["metric"])
        sent = body.get("points") or [{"timestamp": body["timestamp"], "value": body["value"]}]
        stored = self._points.add({metric: sent}).get(metric)
        kept = {row["timestamp"] for row in sent} if stored is None else {row.get("timestamp") for row in stored}
        missing = [row["timestamp"] for row in sent if row["timestamp"] not in kept]
        if missing:
            raise Refused(f"PingPong did not keep the point at {missing[0]}: points may be 30 days old")
        return {"id": f"{metric}/{sent[0]['timestamp']}"}


def _prefixed(row: Row) -> Row:
    return {**row, "id": f"{MEASURED_PREFIX}{row['id']}"}
