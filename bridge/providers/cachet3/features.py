"""What a server has. Cachet 3 has no releases, so servers differ, and what they call themselves tells nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, TypeVar

from bridge.errors import Down, NotAllowed, ProviderError, Refused
from bridge.providers.base.http import Http

T = TypeVar("T")
_META = "meta"
_NOT_FOUND = 404
_NOT_ALLOWED = 400
"""The answer to an include or a filter that the server does not know (Cachet 3, measured)."""


@dataclass(frozen=True, slots=True)
class Features:
    """What a server was found to have. Version strings are not asked: they say nothing reliable (Cachet 3, measured).

    Attributes:
        meta: free data on most objects, and filters for it; from July 13, 2026 on.
        waiting: what has a time of publication certainly waits for it; from July 24, 2026 on. It is told by components,
            which have ``latest_status`` from two days later on, so that a page without any is not certain.
        subscribers: people can be subscribed through the API; from July 8, 2026 on.
    """

    meta: bool
    waiting: bool
    subscribers: bool


class Probe:
    """Finds out what a server has, and remembers it. Safe for several threads.

    A server that has everything is found out without a call of its own: the first read that asks for free data tells.
    Only where that is refused is the server asked outright, as there may be another reason.

    Args:
        http: the server.
        meta: what is known before; None asks.
    """

    def __init__(self, http: Http, meta: bool | None = None) -> None:
        self._http = http
        self._meta = meta
        self._features: Features | None = None
        self._asking = threading.Lock()

    @property
    def lacks_meta(self) -> bool:
        """Whether the server is known to have no free data; asks nothing."""
        return self._meta is False

    def features(self) -> Features:
        """What the server has; asked once, with one call where it has everything.

        Raises:
            ProviderError: the server cannot tell now.
        """
        with self._asking:
            if self._features is None:
                self._features = _asked(self._http)
                self._meta = self._features.meta
            return self._features

    def waits(self) -> bool:
        """Whether what is to be published later certainly is not shown before; otherwise asked again the next time.

        Raises:
            ProviderError: the server cannot tell now.
        """
        if self.lacks_meta:
            return False
        if self._features is not None and not self._features.waiting:
            self._features = None
        return self.features().waiting

    def explain(self, error: Down) -> ProviderError:
        """The error for a call about subscribers: a server that has none is not down.

        Raises:
            ProviderError: the server cannot tell now.
        """
        if error.status != _NOT_FOUND or self.features().subscribers:
            return error
        return Refused(
            "this server is too old to take subscribers through its API: upgrade it, or leave them out",
            status=error.status,
            where=error.where,
        )

    def ask(self, question: Callable[[bool], T]) -> T:
        """Make a read that asks for free data, where there is any.

        Args:
            question: makes the read and has its first answer when it returns; told whether to ask for free data.

        Raises:
            ProviderError: whatever the read raises for another reason.
        """
        if self._meta is None:
            with self._asking:
                if self._meta is None:
                    return self._first(question)
        return question(self._meta)

    def _first(self, question: Callable[[bool], T]) -> T:
        try:
            answer = question(True)
        except Refused as refused:
            if refused.status != _NOT_ALLOWED:
                raise
            self._meta = _component(self._http) is not None
            if self._meta:
                raise
            return question(False)
        self._meta = True
        return answer


def included(names: Iterable[str], meta: bool) -> dict[str, str]:
    """The parameter that asks for parts of rows; without free data where there is none."""
    asked = [name for name in names if meta or name != _META]
    return {"include": ",".join(asked)} if asked else {}


def started(rows: Iterator[T]) -> Iterator[T]:
    """A listing whose first page was read already."""
    return chain(list(islice(rows, 1)), rows)


def _asked(http: Http) -> Features:
    attributes = _component(http)
    if attributes is None:
        return Features(meta=False, waiting=False, subscribers=_has_subscribers(http))
    return Features(meta=True, waiting="latest_status" in attributes, subscribers=True)


def _component(http: Http) -> Mapping[str, Any] | None:
    """The attributes of one component, empty where there is none; None when the server has no free data.

    An unknown include is answered with 400 (Cachet 3, measured).
    """
    try:
        answer = http.read("/components", {"filter[enabled]": "0,1", "include": _META, "per_page": 1})
    except Refused as refused:
        if refused.status != _NOT_ALLOWED:
            raise
        return None
    rows: Any = answer.get("data") if isinstance(answer, Mapping) else None
    return next((row.get("attributes") or {} for row in rows or ()), {})


def _has_subscribers(http: Http) -> bool:
    """A route that is not there is a 404, one that is asks for a token (Cachet 3 source)."""
    try:
        http.read("/subscribers", {"per_page": 1})
    except NotAllowed:
        return True
    except Down as error:
        if error.status != _NOT_FOUND:
            raise
        return False
    return True
