"""One document that is read again and again: fetched only when it changed, or when time itself changes what it says."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from bridge.clock import Clock
from bridge.config.settings import DestinationSettings
from bridge.errors import ConfigError
from bridge.providers.base.failures import Failures
from bridge.providers.base.http import Address, Http
from bridge.providers.base.moments import iso, moment_of
from bridge.providers.base.provider import Budget, Observer, Unchanged
from bridge.secret import Secret

MOST_BYTES = 1_048_576
_ETAG, _DUE = "etag", "due"


class WebDocument:
    """A document at an address; redirects are not followed, and nothing else is ever asked for.

    Args:
        settings: of the page.
        accept: the kinds of documents that are wanted.
        private: whether its path is a secret.
        budget: see :class:`Http`.
        observe: see :class:`Http`.
        clock: tells when what it says is due to change by itself.

    Attributes:
        etags: what the caller keeps from one look to the next.

    Raises:
        ConfigError: there is no usable address.
    """

    def __init__(
        self,
        settings: DestinationSettings,
        budget: Budget,
        observe: Observer,
        clock: Clock,
        *,
        accept: str,
        private: bool = False,
    ) -> None:
        if not settings.url:
            raise ConfigError([f"sources.{settings.name}: url is missing: the address of the document"])
        path = urlsplit(settings.url).path
        address = Address(
            url=settings.url.removesuffix(path) if path else settings.url,
            token=None,
            connect_timeout=settings.connect_timeout,
            read_timeout=settings.read_timeout,
            hidden=Secret(path) if private and path else None,
        )
        self._path = path
        self._accept = accept
        self._clock = clock
        self.http = Http(address, Failures(), budget, observe, clock)
        self.etags: dict[str, str] = {}

    def fetch(self) -> bytes:
        """The document.

        Raises:
            Unchanged: it is the one of the last look, and time has not changed what it says.
            ProviderError: it cannot be had.
        """
        due = moment_of(self.etags.get(_DUE))
        known = None if due is not None and due <= self._clock.now() else self.etags.get(_ETAG)
        newer = self.http.read_document(self._path, accept=self._accept, most=MOST_BYTES, etag=known)
        if not newer.changed:
            raise Unchanged
        self.etags[_ETAG] = newer.etag or ""
        return bytes(newer.payload)

    def due(self, moment: datetime | None) -> None:
        """Remember when what the document says changes by itself; None when it does not."""
        self.etags[_DUE] = iso(moment.astimezone(UTC)) if moment else ""

    def unusable(self, why: str) -> Exception:
        """The error for a document that came and cannot be used."""
        return self.http.unusable("GET", self._path, why)

    def close(self) -> None:
        """Close the connections."""
        self.http.close()
