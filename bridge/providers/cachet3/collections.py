"""Metrics, points, subscribers and templates of Cachet 3, which are found and written in ways of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bridge.errors import Down, Outcome, Refused
from bridge.model.addresses import same_form
from bridge.model.facts import FindBy
from bridge.providers.base.http import Http
from bridge.providers.base.moments import iso
from bridge.providers.base.results import Record
from bridge.providers.cachet3.documents import Documents, MetricPoints, Metrics
from bridge.providers.cachet3.features import Probe, included, started

Row = Mapping[str, Any]
Moment = Callable[[Row], datetime | None]


class Rows:
    """Objects of one kind that are found by their name.

    Args:
        documents: where they are.
        probe: tells what the server has.
        name: the field that names them.
        include: what their rows need to be whole; ``meta`` is left out where the server has none.
    """

    def __init__(
        self, documents: Documents[Record], probe: Probe, name: str = "name", include: tuple[str, ...] = ()
    ) -> None:
        self._documents = documents
        self._probe = probe
        self._name = name
        self._include = include

    def create(self, body: Row) -> str:
        """Make one; gives its remote id."""
        return self._documents.identity(self._documents.create(body))

    def update(self, remote_id: str, body: Row) -> None:
        """Change one."""
        self._documents.update(remote_id, body)

    def remove(self, remote_id: str) -> None:
        """Delete one."""
        self._documents.remove(remote_id)

    def get(self, remote_id: str) -> Row:
        """One of them; raises Gone."""
        if not self._include:
            return self._documents.get(remote_id)
        return self._probe.ask(lambda meta: self._documents.get(remote_id, included(self._include, meta)))

    def list(self, since: datetime | None = None) -> Iterator[Row]:
        """All of them, in the order in which they were made; nothing tells cheaply what changed."""
        if not self._include:
            return self._documents.list({"sort": "id"})
        return self._probe.ask(
            lambda meta: started(self._documents.list({**included(self._include, meta), "sort": "id"}))
        )

    def find(self, by: FindBy) -> Iterator[Row]:
        """Those of exactly that name. The server's own filter finds parts of names, and takes a comma for "or"."""
        return (row for row in self.list() if str(row[self._name]) == by.title)


class SubscriberRows(Rows):
    """Subscribers. Servers from before July 2026 have none: there a call about them is refused with the reason."""

    def create(self, body: Row) -> str:
        """Subscribe somebody."""
        try:
            return super().create(body)
        except Down as error:
            raise self._probe.explain(error) from error

    def get(self, remote_id: str) -> Row:
        """One of them; raises Gone."""
        try:
            return super().get(remote_id)
        except Down as error:
            raise self._probe.explain(error) from error

    def list(self, since: datetime | None = None) -> Iterator[Row]:
        """All of them."""
        try:
            return super().list(since)
        except Down as error:
            raise self._probe.explain(error) from error

    def find(self, by: FindBy) -> Iterator[Row]:
        """Whoever has exactly that address, in one call.

        The server's filter finds more than is asked for: parts of addresses, and what stands before or after a comma.
        """
        address = str(by.title)
        return (row for row in self._like(address) if same_form(str(row[self._name])) == same_form(address))

    def _like(self, address: str) -> Iterator[Row]:
        def ask(meta: bool) -> Iterator[Row]:
            query = {**included(self._include, meta), "sort": "id", f"filter[{self._name}]": address}
            return started(self._documents.list(query))

        try:
            return self._probe.ask(ask)
        except Down as error:
            raise self._probe.explain(error) from error


class PointRows:
    """Points of all metrics. The remote id of a point is that of its metric and its own.

    Args:
        http: the destination.
        moment: reads the time of a row.
    """

    def __init__(self, http: Http, moment: Moment) -> None:
        self._metrics = Metrics(http)
        self._points = MetricPoints(http)
        self._moment = moment

    def create(self, body: Row) -> str:
        """Send a point.

        Raises:
            Refused: it was too near to the newest one, which counts once more now; its own value is lost.
        """
        sent = {name: value for name, value in body.items() if name != "metric"}
        made = self._points.create(sent, metric=body["metric"])
        at = self._moment(made)
        if at is not None and int(at.timestamp()) != body["timestamp"]:
            wanted = iso(datetime.fromtimestamp(body["timestamp"], UTC))
            raise Refused(
                f"the point of {wanted} is nearer to the one of {iso(at)} than the metric's threshold allows; "
                "Cachet counted that one again: lower the threshold of the metric, or send fewer points",
                outcome=Outcome.NOT_DONE,
            )
        return f"{body['metric']}/{made['id']}"

    def update(self, remote_id: str, body: Row) -> None:
        """Not possible."""
        raise Refused("a metric point in Cachet 3 cannot be changed: remove it and send another one")

    def remove(self, remote_id: str) -> None:
        """Delete one."""
        metric, _, point = remote_id.partition("/")
        self._points.remove(point, metric=metric)

    def get(self, remote_id: str) -> Row:
        """One of them; raises Gone."""
        metric, _, point = remote_id.partition("/")
        return self._points.get(point, metric=metric)

    def list(self, since: datetime | None = None) -> Iterator[Row]:
        """The points of every metric, the newest first, back to a moment."""
        for metric in self._metrics.list({"sort": "id"}):
            yield from self.back_to(str(metric["id"]), since)

    def find(self, by: FindBy) -> Iterator[Row]:
        """Points of that metric at that time."""
        return (row for row in self.back_to(str(by.title), by.at) if self._moment(row) == by.at)

    def back_to(self, metric: str, since: datetime | None) -> Iterator[Row]:
        """The points of one metric, the newest first, back to a moment."""
        for row in self._points.list({"sort": "-created_at"}, metric=metric):
            at = self._moment(row)
            if since is not None and at is not None and at < since:
                return
            yield row
