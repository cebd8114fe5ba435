"""The keys with which Microsoft Entra ID signs for a tenant: fetched from its address, kept, renewed when they turn."""

from __future__ import annotations

import base64
import binascii
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bridge.errors import NotAuthentic, Unparsable
from bridge.sources.body import read_json
from bridge.sources.signatures.fetch import Fetch
from bridge.sources.signatures.verifier import CannotCheck

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

LIFETIME = 24 * 3600.0
"""Seconds after which the keys are fetched again."""
PATIENCE = 300.0
"""Seconds between two fetches because of a key that is not known: its id is a stranger's choice."""
RETRY = 10.0
"""Seconds until an address that gave nothing is asked again."""
_SMALLEST_KEY, _LARGEST_KEY, _MOST_KEYS = 2048, 8192, 64


@dataclass(slots=True)
class _Kept:
    """What is known of one address."""

    keys: Mapping[str, RSAPublicKey] = field(default_factory=dict)
    stale_at: float = 0.0
    asked_at: float | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class TenantKeys:
    """A cache of keys by address, for all sources and threads of a process; addresses come from the configuration.

    Args:
        fetch: asks an address.
        monotonic: seconds that never go back; replaced in tests.
    """

    def __init__(self, fetch: Fetch, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def key(self, url: str, name: str) -> RSAPublicKey:
        """The key of this name.

        Raises:
            NotAuthentic: when the tenant has none.
            CannotCheck: when its keys cannot be had now.
        """
        with self._lock:
            kept = self._kept.setdefault(url, _Kept())
        with kept.lock:  # whoever comes while the keys are fetched waits for them
            if self._is_due(kept, name):
                self._renew(url, kept)
            key = kept.keys.get(name)
        if key is not None:
            return key
        if not kept.keys:
            raise CannotCheck("The keys of the tenant cannot be had from Microsoft Entra ID.")
        raise NotAuthentic("The token was signed with a key that is none of the tenant.")

    def _is_due(self, kept: _Kept, name: str) -> bool:
        if kept.asked_at is None:
            return True
        now = self._monotonic()
        if now > kept.stale_at:
            return now - kept.asked_at >= RETRY
        return name not in kept.keys and now - kept.asked_at >= PATIENCE

    def _renew(self, url: str, kept: _Kept) -> None:
        """Fetch the keys; when that fails, those that are known go on being used."""
        kept.asked_at = self._monotonic()
        try:
            answer = self._fetch(url)
        except CannotCheck:
            return
        if answer.status == 200 and (keys := read(answer.body)):
            kept.keys, kept.stale_at = keys, self._monotonic() + LIFETIME


def read(body: bytes) -> dict[str, RSAPublicKey]:
    """The RSA keys of a JSON Web Key Set, by their names; what is no such key is left out."""
    try:
        data = read_json(body).data
    except Unparsable:
        return {}
    told = data.get("keys") if isinstance(data, dict) else None
    found = ((one, _key(one)) for one in (told if isinstance(told, list) else ())[:_MOST_KEYS] if isinstance(one, dict))
    return {one["kid"]: key for one, key in found if key is not None}


def _key(told: Mapping[str, Any]) -> RSAPublicKey | None:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers  # noqa: PLC0415 - only for who uses it

    if told.get("kty") != "RSA" or told.get("use", "sig") != "sig" or not isinstance(told.get("kid"), str):
        return None
    try:
        modulus, exponent = _number(told.get("n")), _number(told.get("e"))
        key = RSAPublicNumbers(exponent, modulus).public_key()
    except (ValueError, TypeError, binascii.Error):
        return None
    return key if _SMALLEST_KEY <= key.key_size <= _LARGEST_KEY else None


def _number(coded: Any) -> int:
    return int.from_bytes(unsealed(coded), "big")


def unsealed(coded: Any) -> bytes:
    """The bytes of base 64 in the form for addresses, without its padding.

    Raises:
        ValueError: when it is none.
    """
    if not isinstance(coded, str) or not coded.isascii():
        raise ValueError("is no text of base 64")
    return base64.b64decode(coded + "=" * (-len(coded) % 4), altchars=b"-_", validate=True)
