"""Names that tell of secrets: the general list, and those that a source type declares in its record."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

_SEPARATORS = str.maketrans("", "", "_-. ")
_FOLD = bytes(range(256)).lower()
_INSIDE = (
    "password", "passwd", "passphrase", "token", "secret", "authoriz", "authoris", "cookie", "credential",
    "connectionstring", "sessionid", "apikey", "accesskey", "accountkey", "encryptionkey", "integrationkey",
    "licensekey", "masterkey", "privatekey", "routingkey", "servicekey", "sharedkey", "signingkey", "sshkey",
)  # fmt: skip
"""A name with one of these anywhere in it is that of a secret; upper case and ``_ - .`` do not matter."""
_ENDS = ("pass", "pwd", "auth", "header", "headers", "dsn", "jwt", "bearer")
"""A name that ends with one of these is that of a secret."""
_KEY = b"key"
"""How half of the list ends. It is looked for once, and what stands before it is compared with all of them, because
every delivery pays for the search."""
_SIGNS = (b"\\u006", b"\\u007", b"database64", b"%40")
"""Letters that are escaped in JSON, base 64 in CloudEvents, and an @ in a form: behind these a name may hide. They are
looked for where a type declares secrets, for then its bodies are known to hold some."""
_LONGEST = 100


class SecretNames:
    """Which members hold secrets in the bodies of one source type.

    Args:
        own: names beside the general list; a ``*`` at the end stands for any rest.
    """

    def __init__(self, own: Iterable[str] = ()) -> None:
        folded = [(name.removesuffix("*").casefold().translate(_SEPARATORS), name.endswith("*")) for name in own]
        self._own = frozenset(name for name, is_prefix in folded if not is_prefix)
        self._prefixes = tuple(name for name, is_prefix in folded if is_prefix)
        words = {*self._own, *self._prefixes, *_INSIDE, *_ENDS}
        shortest = sorted(word.encode() for word in words if not any(other in word for other in words - {word}))
        self._before_key = tuple(word.removesuffix(_KEY) for word in shortest if word.endswith(_KEY))
        self._needles = (*(word for word in shortest if not word.endswith(_KEY)), *(_SIGNS if folded else ()))
        self._recall = lru_cache(maxsize=2_048)(self._judge)

    @property
    def has_own(self) -> bool:
        """Whether the type declares any."""
        return bool(self._own or self._prefixes)

    def __contains__(self, name: str) -> bool:
        return self._recall(name) if len(name) <= _LONGEST else self._judge(name)

    def _judge(self, name: str) -> bool:
        folded = name.casefold().translate(_SEPARATORS)
        return (
            folded in self._own
            or folded.endswith(_ENDS)
            or folded.startswith(self._prefixes)
            or any(word in folded for word in _INSIDE)
        )

    def may_be_in(self, body: bytes) -> bool:
        """False when no secret is to be expected in a body; cheap, because every delivery is asked."""
        folded = body.translate(_FOLD, b"_-. ")
        for needle in self._needles:  # half the time of any()
            if needle in folded:
                return True
        at = folded.find(_KEY)
        while at >= 0:
            if folded.endswith(self._before_key, 0, at):
                return True
            at = folded.find(_KEY, at + len(_KEY))
        return False


def names_of(kind: type[Any], more: Iterable[str] = ()) -> SecretNames:
    """The names of a source type, by its record.

    Args:
        kind: the type; one without a record has the general list only.
        more: further names, such as that of a field with the token of the source.
    """
    return SecretNames((*getattr(getattr(kind, "record", None), "secrets", ()), *more))
