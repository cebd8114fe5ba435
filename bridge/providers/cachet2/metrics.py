"""Metrics and their points (Cachet 2.3 and 2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from bridge.providers.base.resource import Creating, JsonObject, Listing, Names, Removing, Updating
from bridge.providers.cachet2.records import Metric, MetricPoint
from bridge.providers.cachet2.resources import Cachet2Crud, Cachet2Resource


class Metrics(Cachet2Crud[Metric]):
    """Metrics. Lists show all of them, whatever ``visible`` says.

    ``threshold`` is the minutes within which equal points become one that counts more; it must divide 60.
    """

    path = "/metrics"
    fields = (
        "name", "suffix", "description", "default_value", "calc_type", "display_chart", "places", "default_view",
        "threshold", "order", "visible",
    )  # fmt: skip
    numbers = ("calc_type", "places", "default_view", "threshold", "order", "visible")
    newer = frozenset({"visible"})

    def create(self, body: Mapping[str, Any] | None = None, /, **names: Any) -> Metric:
        """Make a metric. Without description and default value the database would refuse it, without saying why."""
        return super().create({"description": "", "default_value": 0, **(body or {})}, **names)

    def body(self, given: Mapping[str, Any] | None, keywords: Names) -> JsonObject:
        """``display_chart`` must be a number: false is refused, 0 is taken."""
        made = super().body(given, keywords)
        if "display_chart" in made:
            made["display_chart"] = int(made["display_chart"])
        return made


class MetricPoints(
    Cachet2Resource[MetricPoint],
    Listing[MetricPoint],
    Creating[MetricPoint],
    Updating[MetricPoint],
    Removing[MetricPoint],
):
    """Points of a metric, newest first (2.3: as they came); none can be read alone.

    A point that equals one of the last ``threshold`` minutes is not made: that one counts more, and is the answer.
    2.4 keeps times to 30 seconds. An update through another metric moves the point there.
    """

    path = "/metrics/{metric_id}/points"
    fields = ("value", "timestamp")
    # There is no sort; the order is that of the times.
    query: ClassVar[Mapping[str, Any]] = {}

    def update(self, remote_id: str | int, body: Mapping[str, Any] | None = None, /, **names: Any) -> MetricPoint:
        """Change a point; ``value`` must be there.

        Raises:
            TypeError: there is no value, which Cachet would take to be 0.
        """
        if {**(body or {}), **names}.get("value") is None:
            raise TypeError("a point is changed with its value: Cachet takes a missing one to be 0")
        return super().update(remote_id, body, **names)

    def body(self, given: Mapping[str, Any] | None, keywords: Names) -> JsonObject:
        """The time as digits in a text, which is what both POST and PUT take."""
        made = super().body(given, keywords)
        if "timestamp" in made:
            made["timestamp"] = str(made["timestamp"])
        return made

    def written(self, moment: datetime) -> int:
        """Seconds since 1970."""
        return int(moment.timestamp())
