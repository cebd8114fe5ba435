"""Addresses of people: told apart, and shown without saying whose they are. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

MASK = "•••"
_WEB = ("http://", "https://")
_NOT_DIALLED = re.compile(r"[\s()./-]")


def is_web(address: str) -> bool:
    """Whether it is an address of the web, at which a program is told."""
    return address.casefold().startswith(_WEB)


def same_form(address: str) -> str:
    """One spelling for all that lead to the same mailbox, telephone or program.

    Providers take the same mailbox in any capitals for one; the path of a web address is told apart by them.
    """
    plain = address.strip()
    if is_web(plain):
        return plain
    return plain.casefold() if "@" in plain else _NOT_DIALLED.sub("", plain)


def masked(address: str) -> str:
    """Enough to recognise an address that one knows, and not enough to write to it."""
    plain = address.strip()
    if is_web(plain):
        parts = urlsplit(plain)
        return f"{parts.scheme}://{_begun(parts.hostname or '')}/{MASK}"
    name, at, host = plain.rpartition("@")
    if at:
        return f"{_begun(name)}@{_begun(host)}"
    return MASK + plain[-2:] if len(plain) > 4 else MASK


def without_addresses(text: str, addresses: tuple[str, ...]) -> str:
    """A text with dots in place of addresses, however they are capitalised there."""
    told = sorted({address.strip() for address in addresses if len(address.strip()) > 3}, key=len, reverse=True)
    if not told:
        return text
    return re.sub("|".join(map(re.escape, told)), MASK, text, flags=re.IGNORECASE)


def _begun(text: str) -> str:
    return text[:1] + MASK
