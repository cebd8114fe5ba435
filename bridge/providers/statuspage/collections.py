"""Metrics, points, subscribers and templates of one page, which are found and written in ways of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any, Protocol

from bridge.errors import Gone, Refused
from bridge.model.facts import FindBy
from bridge.providers.base.http import Http
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.statuspage.audience import Subscribers
from bridge.providers.statuspage.metrics import Metrics, MetricsProviders, ProviderMetrics
from bridge.providers.statuspage.reader import CONFIRMED
from bridge.providers.statuspage.resources import IncidentTemplates
from bridge.providers.statuspage.subscriber_translator import address_of

Row = Mapping[str, Any]


class Collection(Protocol):
    """Objects of one kind."""

    def create(self, body: Row) -> str:
        """Make one; gives its remote id."""

    def update(self, remote_id: str, body: Row) -> None:
        """Change one."""

    def remove(self, remote_id: str) -> None:
        """Delete one."""

    def get(self, remote_id: str) -> Row:
        """One of them; raises Gone."""

    def list(self) -> Iterator[Row]:
        """All of them."""

    def find(self, by: FindBy) -> Iterator[Row]:
        """Those that a lost call may have made."""


class MetricRows:
    """Metrics; new ones are made with the page's own provider of metrics, which is made where there is none."""

    def __init__(self, http: Http, page_id: str, words: Words) -> None:
        self._metrics = Metrics(http, page_id=page_id)
        self._providers = MetricsProviders(http, page_id=page_id)
        self._made = ProviderMetrics(http, page_id=page_id)
        self._own = str(words.choice("metrics_provider", "own"))
        self._lock = Lock()

    def create(self, body: Row) -> str:
        """Make one. That a provider is made first changes nothing on the page, and it is found the next time."""
        return str(self._made.create(body, metrics_provider_id=self._provider())["id"])

    def update(self, remote_id: str, body: Row) -> None:
        """Change its name."""
        self._metrics.update(remote_id, body)

    def remove(self, remote_id: str) -> None:
        """Delete it with its points."""
        self._metrics.remove(remote_id)

    def get(self, remote_id: str) -> Row:
        """One metric."""
        return self._metrics.get(remote_id)

    def list(self) -> Iterator[Row]:
        """All metrics of the page."""
        return self._metrics.list()

    def find(self, by: FindBy) -> Iterator[Row]:
        """Metrics of that name."""
        return (row for row in self.list() if row["name"] == by.title)

    def _provider(self) -> str:
        with self._lock:
            for row in self._providers.list():
                if row.get("type") == self._own and not row.get("disabled"):
                    return str(row["id"])
            return str(self._providers.create({"type": self._own})["id"])


class PointRows:
    """Points, which are taken and never shown. The last one for a slot counts, so one may be sent again."""

    def __init__(self, http: Http, page_id: str) -> None:
        self._metrics = Metrics(http, page_id=page_id)

    def create(self, body: Row) -> str:
        """Send one, or those of one metric in ``points``; named by the metric and the time of the first."""
        if "points" in body:
            self._metrics.add_many({str(body["metric"]): body["points"]})
            return f"{body['metric']}/{body['points'][0]['timestamp']}"
        self._metrics.add(str(body["metric"]), {"timestamp": body["timestamp"], "value": body["value"]})
        return f"{body['metric']}/{body['timestamp']}"

    def update(self, remote_id: str, body: Row) -> None:
        """Never asked for: a point has nothing that is compared."""
        raise Refused("a metric point on Statuspage cannot be changed; send another one for the same time")

    def remove(self, remote_id: str) -> None:
        """Not possible for one alone."""
        raise Refused("Statuspage deletes all points of a metric or none")

    def get(self, remote_id: str) -> Row:
        """As little as is known of it."""
        return {"id": remote_id}

    def list(self) -> Iterator[Row]:
        """Not possible."""
        raise Refused("Statuspage takes metric points and never shows them")

    def find(self, by: FindBy) -> Iterator[Row]:
        """None is ever found, so it is sent again, which is harmless."""
        return iter(())


class SubscriberRows:
    """Subscribers of the page. A row does not tell whether the address was confirmed, the listing it came in does."""

    def __init__(self, http: Http, page_id: str, words: Words) -> None:
        self._subscribers = Subscribers(http, page_id=page_id)
        self._words = words

    def create(self, body: Row) -> str:
        """Subscribe somebody."""
        return str(self._subscribers.create(body)["id"])

    def update(self, remote_id: str, body: Row) -> None:
        """Change which components are followed."""
        self._subscribers.update(remote_id, body)

    def remove(self, remote_id: str) -> None:
        """Unsubscribe without a mail about it."""
        self._subscribers.remove(remote_id, skip_unsubscription_notification=True)

    def get(self, remote_id: str) -> Row:
        """One subscriber; with what the listing of its address tells, as its own row does not tell it."""
        row = self._subscribers.get(remote_id)
        asked = {"q": address_of(row), "state": self._state("confirmed")}
        confirmed = any(other["id"] == row["id"] for other in self._subscribers.list(asked))
        return {**row, CONFIRMED: confirmed}

    def list(self) -> Iterator[Row]:
        """All subscribers of the three states, in three listings."""
        for name in ("confirmed", "failing", "unconfirmed"):
            for row in self._subscribers.list({"state": self._state(name)}):
                yield {**row, CONFIRMED: name != "unconfirmed"}

    def find(self, by: FindBy) -> Iterator[Row]:
        """Whoever has the address."""
        wanted = str(by.title).casefold()
        rows = self._subscribers.list({"q": str(by.title), "state": self._state("any")})
        return (row for row in rows if address_of(row).casefold() == wanted)

    def unsubscribed(self) -> Iterator[str]:
        """The addresses of those who left."""
        return (address_of(row) for row in self._subscribers.unsubscribed())

    def _state(self, name: str) -> str:
        return str(self._words.choice("subscriber_state", name))


class TemplateRows:
    """Templates, which can only be listed and made."""

    def __init__(self, http: Http, page_id: str) -> None:
        self._templates = IncidentTemplates(http, page_id=page_id)

    def create(self, body: Row) -> str:
        """Make one."""
        return str(self._templates.create(body)["id"])

    def update(self, remote_id: str, body: Row) -> None:
        """Not possible."""
        raise Refused("Statuspage's API changes no templates: change it on the page")

    def remove(self, remote_id: str) -> None:
        """Not possible."""
        raise Refused("Statuspage's API deletes no templates: delete it on the page")

    def get(self, remote_id: str) -> Row:
        """The one in the listing.

        Raises:
            Gone: there is none.
        """
        for row in self.list():
            if str(row["id"]) == remote_id:
                return row
        raise Gone(f"there is no template {remote_id}")

    def list(self) -> Iterator[Row]:
        """All of them."""
        return self._templates.list()

    def find(self, by: FindBy) -> Iterator[Row]:
        """Templates of that name and with the same text."""
        return (row for row in self.list() if all(row.get(name) == value for name, value in by.echo.items()))
