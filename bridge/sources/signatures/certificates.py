"""Certificates of Amazon SNS: fetched once, kept for a while, and only so many of them."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bridge.errors import NotAuthentic
from bridge.sources.signatures.fetch import Fetch
from bridge.sources.signatures.verifier import CannotCheck

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

MOST_KEPT = 32
LIFETIME = 24 * 3600.0
"""Seconds after which a certificate is fetched again; AWS renews them under new addresses."""
BAD_LIFETIME = 300.0
"""Seconds for which an address that gave no certificate is not asked again."""
FETCHES, FETCH_WINDOW = 10, 60.0
"""Fetches in a number of seconds: addresses come from strangers, who must not make us ask without end."""
_SMALLEST_KEY = 2048


@dataclass(frozen=True, slots=True)
class Certificate:
    """A public key and the time in which it may be used."""

    key: RSAPublicKey
    begins: datetime
    ends: datetime


class Certificates:
    """A cache of certificates by address, for all sources and threads of a process.

    Args:
        fetch: asks an address that was found harmless.
        monotonic: seconds that never go back; replaced in tests.
    """

    def __init__(self, fetch: Fetch, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, Certificate | None]] = OrderedDict()
        self._fetched_at: deque[float] = deque(maxlen=FETCHES)

    def at(self, url: str, now: datetime) -> Certificate:
        """The certificate at an address.

        Raises:
            NotAuthentic: when there is none, or it is not valid now.
            CannotCheck: when nobody answers, or too many addresses were asked lately.
        """
        found = self._recall(url) or self._ask(url)
        certificate = found[1]
        if certificate is None:
            raise NotAuthentic("There is no usable certificate at the SigningCertURL.")
        if not certificate.begins <= now <= certificate.ends:
            raise NotAuthentic("The certificate at the SigningCertURL is not valid now.")
        return certificate

    def _recall(self, url: str) -> tuple[float, Certificate | None] | None:
        with self._lock:
            found = self._kept.get(url)
            if found is None or self._monotonic() > found[0]:
                return None
            self._kept.move_to_end(url)
            return found

    def _ask(self, url: str) -> tuple[float, Certificate | None]:
        with self._lock:
            now = self._monotonic()
            if len(self._fetched_at) == FETCHES and now - self._fetched_at[0] < FETCH_WINDOW:
                raise CannotCheck("Too many certificates were asked for; in a minute it goes on.")
            self._fetched_at.append(now)
        answer = self._fetch(url)
        if answer.status >= 500 or answer.status == 429:
            raise CannotCheck(f"Amazon SNS answers {answer.status} for its certificate.")
        certificate = read(answer.body) if answer.status == 200 else None
        found = (self._monotonic() + (LIFETIME if certificate else BAD_LIFETIME), certificate)
        with self._lock:
            self._kept[url] = found
            self._kept.move_to_end(url)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found


def read(pem: bytes) -> Certificate | None:
    """A certificate in PEM; None when it is none, or its key is not RSA of at least 2048 bits."""
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - only for who uses it
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415

    try:
        certificate = load_pem_x509_certificate(pem)
        key = certificate.public_key()
    except Exception:  # a parser of foreign bytes has many ways to say no
        return None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < _SMALLEST_KEY:
        return None
    return Certificate(key, certificate.not_valid_before_utc, certificate.not_valid_after_utc)
