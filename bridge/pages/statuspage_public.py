"""Any page hosted by Statuspage, read through its public JSON: no token, no archive, everything at once.

What is read (public feeds, API version 2): ``summary.json`` says whether anything is new; only then are
``incidents.json`` and ``scheduled-maintenances.json`` asked, each of which gives the newest 50 and takes no paging.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema

from bridge.clock import Clock
from bridge.config.settings import DestinationSettings
from bridge.errors import ConfigError
from bridge.model.enums import Kind
from bridge.model.facts import Seen
from bridge.model.loss import Losses
from bridge.model.objects import CanonicalObject
from bridge.providers.base import mapping as mappings
from bridge.providers.base.http import Address, Http
from bridge.providers.base.provider import Budget, Observer, Unchanged
from bridge.providers.base.reading import Identify
from bridge.providers.statuspage.reader import Reader
from bridge.providers.statuspage.resources import FAILURES
from bridge.providers.statuspage.translator import Translator

LIMITS = mappings.Limits(calls=60, window=60.0, concurrency=1)
"""Ours: the feeds are cached for ten seconds, so asking more often tells nothing new (public feeds)."""

_API = "/api/v2"
_SUMMARY = "/summary.json"
_DOCUMENTS: Mapping[Kind, tuple[str, str]] = {
    Kind.INCIDENT: ("/incidents.json", "incidents"),
    Kind.MAINTENANCE: ("/scheduled-maintenances.json", "scheduled_maintenances"),
}


class Options(Schema):
    """There are none."""


class PublicPage:
    """See :class:`bridge.providers.base.provider.Page`.

    Attributes:
        etags: of the documents that are known, by path; kept by the caller from one look to the next.
    """

    def __init__(self, settings: DestinationSettings, budget: Budget, observe: Observer, clock: Clock) -> None:
        mapping = mappings.load("statuspage")
        self._http = Http(_address(settings), FAILURES, budget, observe, clock)
        self._translator = Translator(mapping)
        self._reader = Reader(mapping)
        self.etags: dict[str, str] = {}
        self._known: Mapping[str, Any] | None = None

    def scan(self, kind: Kind, since: datetime | None = None) -> Iterator[Seen]:
        """All components with every group, or the newest incidents or maintenances.

        Raises:
            Unchanged: the summary is the one of the last look; asked with the components, which come first.
        """
        if kind is Kind.COMPONENT:
            rows = [row for row in self._summary()["components"] if not row.get("group")]
        elif kind is Kind.COMPONENT_GROUP:
            # Groups stand among the components: what was read of those a moment ago is not asked for again.
            rows = [row for row in (self._known or self._summary())["components"] if row.get("group")]
        else:
            path, name = _DOCUMENTS[kind]
            rows = self._rows(path, name)
        for row in rows:
            seen = self._translator.seen(kind, row)
            if since is None or seen.at is None or seen.at >= since:
                yield seen

    def look(self, kind: Kind, remote_id: str) -> Seen | None:
        """One object. An incident that is not among the newest 50 any more is not there to be seen."""
        return next((seen for seen in self.scan(kind) if seen.remote_id == remote_id), None)

    def read(self, kind: Kind, seen: Seen, source: str, identify: Identify) -> tuple[CanonicalObject, Losses]:
        """See :class:`Reader`."""
        return self._reader.read(kind, seen, source, identify)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _rows(self, path: str, name: str) -> list[Mapping[str, Any]]:
        """The rows of a document; one without its list is not taken for a page on which nothing happened."""
        payload = self._http.read(path)
        rows = payload.get(name) if isinstance(payload, Mapping) else None
        if not isinstance(rows, list):
            raise self._http.unusable("GET", path, f"it holds no list {name!r}; is this a page hosted by Statuspage?")
        return [row for row in rows if isinstance(row, Mapping)]

    def _summary(self) -> Mapping[str, Any]:
        newer = self._http.read_newer(_SUMMARY, etag=self.etags.get(_SUMMARY))
        if not newer.changed:
            raise Unchanged
        if not isinstance(newer.payload, Mapping) or not isinstance(newer.payload.get("components"), list):
            raise self._http.unusable("GET", _SUMMARY, "it holds no components; is this a page hosted by Statuspage?")
        if newer.etag:
            self.etags[_SUMMARY] = newer.etag
        self._known = newer.payload
        return newer.payload


def make(settings: DestinationSettings, budget: Budget, observe: Observer, clock: Clock) -> PublicPage:
    """The public page that a source names.

    Raises:
        ConfigError: there is no usable address.
    """
    return PublicPage(settings, budget, observe, clock)


def _address(settings: DestinationSettings) -> Address:
    if not settings.url:
        raise ConfigError([f"sources.{settings.name}: url is missing: the address of the page"])
    base = settings.url.rstrip("/").removesuffix(_API)
    return Address(
        url=base + _API,
        token=None,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
    )
