"""Both sorts of metrics as one collection, and the points of those that are fed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bridge.errors import Refused
from bridge.providers.base.actions import Value
from bridge.providers.base.resource import Resource
from bridge.providers.pingpong.metric_translator import MEASURED_PREFIX
from bridge.providers.pingpong.resources import PingPongResource

Row = Mapping[str, Any]


class CustomMetrics(PingPongResource):
    """Metrics that are fed from outside."""

    path = "/custom-metrics"


class MeasuredMetrics(PingPongResource):
    """Metrics that PingPong measures by itself."""

    path = "/metrics"


class DataPoints(Resource):
    """Points of custom metrics: the last one for a minute counts, what is older than 30 days is dropped in silence."""

    path = "/custom-metrics/data"

    add = Value("POST", wrap="data")


class Metrics:
    """Both sorts. The remote id of a measured one has a prefix, because the two count apart.

    Args:
        custom: those that are fed.
        measured: those that PingPong measures.
    """

    def __init__(self, custom: PingPongResource, measured: PingPongResource) -> None:
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
    """Points, one by one.

    Args:
        points: of all custom metrics.
    """

    def __init__(self, points: DataPoints) -> None:
        self._points = points

    def create(self, body: Row) -> Row:
        """Write one. Writing it again is harmless.

        Raises:
            Refused: PingPong dropped it, because it is too old.
        """
        metric, second = str(body["metric"]), body["timestamp"]
        answer = self._points.add({metric: [{"timestamp": second, "value": body["value"]}]})
        stored = answer.get(metric) if isinstance(answer, Mapping) else None
        if isinstance(stored, list) and second not in [row.get("timestamp") for row in stored]:
            raise Refused(f"PingPong did not keep the point at {second}: points may be 30 days old")
        return {"id": f"{metric}/{second}"}


def _prefixed(row: Row) -> Row:
    return {**row, "id": f"{MEASURED_PREFIX}{row['id']}"}
