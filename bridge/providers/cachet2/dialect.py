"""Which Cachet 2 a server is. 2.3 and 2.4 share an API prefix and differ in routes, fields, dates and defaults."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from bridge.errors import Down, Refused
from bridge.providers.base.http import Http
from bridge.providers.cachet2.settings import Dialect


class NotInDialect(Refused):
    """The server's Cachet is too old for this."""


class Probe:
    """Finds out which Cachet 2 a server is, and remembers it. Safe for several threads.

    ``/version`` is not asked: it answers 500 where the server cannot reach its release service, and names versions
    that no release has (2.4, measured). Schedules are there in 2.4 and not in 2.3.

    Args:
        told: what the configuration says; then nothing is asked.
    """

    def __init__(self, told: Dialect = Dialect.AUTO) -> None:
        self._known: Dialect | None = None if told is Dialect.AUTO else told
        self._asking = threading.Lock()

    @property
    def known(self) -> Dialect | None:
        """The dialect, as far as it is known by now; asks nothing."""
        return self._known

    @property
    def is_old(self) -> bool:
        """Whether it is known to be a 2.3; asks nothing."""
        return self._known is Dialect.CACHET_2_3

    def dialect(self, http: Http) -> Dialect:
        """The dialect; asks the server when it is not known yet.

        Raises:
            ProviderError: the server cannot tell now.
        """
        with self._asking:
            if self._known is None:
                self._known = _asked(http)
            return self._known


def answers(http: Http) -> bool:
    """Whether there is a Cachet at the address at all: it says so in its own word.

    Raises:
        ProviderError: nobody answers, or somebody else.
    """
    answer = http.read("/ping")
    return isinstance(answer, Mapping) and answer.get("data") == "Pong!"


def _asked(http: Http) -> Dialect:
    try:
        http.read("/schedules", {"per_page": 1})
    except Down as error:
        if error.status == 404 and answers(http):
            return Dialect.CACHET_2_3
        raise
    return Dialect.CACHET_2_4
