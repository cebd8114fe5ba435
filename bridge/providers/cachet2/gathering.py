"""Rows with what stands in other rows, and kinds that Cachet 2 does not show one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from bridge.clock import Clock
from bridge.errors import Gone, Refused
from bridge.model.actions import Create, Remove, WritingAction
from bridge.model.enums import Kind
from bridge.model.facts import Receipt
from bridge.providers.base.moments import iso, moment_of
from bridge.providers.cachet2.audience import Subscribers
from bridge.providers.cachet2.metrics import MetricPoints, Metrics
from bridge.providers.cachet2.paging import Backwards
from bridge.providers.cachet2.reader import LINKED, READ_AT, TO_ALL, subscribed
from bridge.providers.cachet2.records import MetricPoint
from bridge.providers.cachet2.resources import Components, IncidentTemplates
from bridge.providers.cachet2.template_translator import READ_ONLY

Row = Mapping[str, Any]


class Gathering:
    """Adds to rows what the reader needs and Cachet keeps elsewhere, with as few calls as possible.

    Args:
        components: of the page.
        clock: when a row was read.
    """

    def __init__(self, components: Components, clock: Clock) -> None:
        self._components = components
        self._clock = clock

    def one(self, kind: Kind, row: Row) -> Row:
        """A row that was asked for alone; one more call for an incident that is linked."""
        if kind is Kind.INCIDENT and row.get("component_id"):
            try:
                return {**row, LINKED: self._components.get(row["component_id"])}
            except Gone:
                return row
        return next(iter(self.all(kind, [row])))

    def all(self, kind: Kind, rows: Iterable[Row]) -> Iterator[Row]:
        """Rows of a listing; the components are listed once, and only if a row needs them."""
        by_id: dict[str, Row] | None = None
        for row in rows:
            if kind is Kind.MAINTENANCE:
                yield {**row, READ_AT: iso(self._clock.now())}
                continue
            if kind is Kind.SUBSCRIBER or (kind is Kind.INCIDENT and row.get("component_id")):
                by_id = self._by_id() if by_id is None else by_id
            if kind is Kind.SUBSCRIBER:
                # The code lets anybody change the subscription, so it goes no further.
                shown = {name: value for name, value in row.items() if name != "verify_code"}
                yield {**shown, TO_ALL: set(by_id or ()) <= set(subscribed(row))}
            elif by_id and str(row.get("component_id")) in by_id:
                yield {**row, LINKED: by_id[str(row["component_id"])]}
            else:
                yield row

    def _by_id(self) -> dict[str, Row]:
        return {str(row["id"]): row for row in self._components.list()}


class Points:
    """The points of all metrics as one collection; the remote id of a point begins with that of its metric.

    Args:
        metrics: of the page.
        points: of one metric each.
    """

    def __init__(self, metrics: Metrics, points: MetricPoints) -> None:
        self._metrics = metrics
        self._points = points

    def create(self, body: Row) -> Row:
        """Write one. It must not be near an equal one, or Cachet makes that one count more."""
        metric = str(body["metric"])
        sent = {"value": body["value"], "timestamp": body["timestamp"]}
        return _named(metric, self._points.create(sent, metric_id=metric))

    def get(self, remote_id: str) -> Row:
        """One of them, found among all of its metric.

        Raises:
            Gone: there is none.
        """
        metric = remote_id.partition("/")[0]
        for row in self._of(metric):
            if row["id"] == remote_id:
                return row
        raise Gone(f"there is no point {remote_id}")

    def list(self, metric: str | None = None) -> Iterator[Row]:
        """All, metric by metric, newest first; or those of one metric."""
        for name in [metric] if metric else [str(row["id"]) for row in self._metrics.list()]:
            yield from self._of(name)

    def back_to(self, metric: str, since: datetime | None) -> Iterator[Row]:
        """The points of one metric, the newest first, back to a moment; from a 2.3 those first that came last.

        There a point of long ago may have come last, so one that is too old ends nothing: a page full of them does.
        """
        points = self._points
        paging = Backwards(limit=points.paging.limit) if points.is_old else points.paging
        path, about, _ = points.aim("", {"metric_id": metric})
        older, patience = 0, paging.limit if points.is_old else 1
        for row in points.rows(MetricPoint, path, about, points.query, None, paging):
            at = moment_of(row.get("created_at"))
            if since is None or at is None or at >= since:
                older = 0
                yield _named(metric, row)
                continue
            older += 1
            if older >= patience:
                return

    def remove(self, remote_id: str) -> None:
        """Delete one."""
        metric, _, point = remote_id.partition("/")
        self._points.remove(point, metric_id=metric)

    def _of(self, metric: str) -> Iterator[Row]:
        return (_named(metric, row) for row in self._points.list(metric_id=metric))


class People:
    """Subscribers as a collection of which one can be read alone.

    Args:
        subscribers: of the page.
    """

    def __init__(self, subscribers: Subscribers) -> None:
        self._subscribers = subscribers

    def create(self, body: Row) -> Row:
        """Subscribe somebody. An address that is known comes back as it is, so doing it twice is harmless."""
        return self._subscribers.create(body)

    def get(self, remote_id: str) -> Row:
        """One of them.

        Raises:
            Gone: there is none.
        """
        for row in self._subscribers.list():
            if str(row["id"]) == remote_id:
                return row
        raise Gone(f"there is no subscriber {remote_id}")

    def list(self) -> Iterator[Row]:
        """All."""
        return iter(self._subscribers.list())

    def remove(self, remote_id: str) -> None:
        """Unsubscribe somebody."""
        self._subscribers.remove(remote_id)


class Templates:
    """Templates, which can only be read.

    Args:
        templates: of the page.
    """

    def __init__(self, templates: IncidentTemplates) -> None:
        self._templates = templates

    def create(self, body: Row) -> Row:
        """Never.

        Raises:
            Refused: always.
        """
        raise Refused(READ_ONLY)

    def get(self, remote_id: str) -> Row:
        """One of them."""
        return self._templates.get(remote_id)

    def list(self) -> Iterator[Row]:
        """All."""
        return iter(self._templates.list())

    def remove(self, remote_id: str) -> None:
        """Never.

        Raises:
            Refused: always.
        """
        raise Refused(READ_ONLY)


Apart = Points | People | Templates
"""Collections that are not like the others."""


def perform_apart(rows: Apart, action: WritingAction) -> Receipt:
    """Make one writing call. None of these can be changed, so nothing asks for it.

    Raises:
        Refused: it was asked for.
    """
    if isinstance(action, Create):
        return Receipt(str(rows.create(action.body)["id"]))
    if isinstance(action, Remove):
        rows.remove(action.remote_id)
        return Receipt(action.remote_id)
    raise Refused(f"Cachet 2 changes no {action.key.kind}: remove {action.key} and make it again")


def _named(metric: str, row: Row) -> Row:
    return {**row, "id": f"{metric}/{row['id']}"}
