"""The server itself: whether it is there, what it is, and the state of the page (Cachet 2.3 and 2.4)."""

from __future__ import annotations

from typing import Any

from bridge.errors import Down
from bridge.providers.base.resource import JsonObject, Resource, Viewing
from bridge.providers.base.results import Record
from bridge.providers.cachet2.dialect import answers
from bridge.providers.cachet2.records import PageStatus, ServerVersion


class Ping(Resource[Record]):
    """Whether there is a Cachet. ``client.ping()`` and ``client.ping.get()`` are the same."""

    path = "/ping"
    serves = {"get": ("GET", "")}  # noqa: RUF012

    def get(self) -> bool:
        """True when a Cachet answers, False when nobody does or somebody else.

        Raises:
            ProviderError: the question was not asked, because of the rate, or it was refused.
        """
        try:
            return answers(self.http)
        except Down:
            return False

    __call__ = get


class Version(Resource[ServerVersion]):
    """What the server calls itself. ``client.version()`` and ``client.version.get()`` are the same.

    ``client.dialect`` is the better question: development versions called themselves 2.4 for years, and the answer
    is an error 500 where the server cannot reach its release service.
    """

    path = "/version"
    serves = {"get": ("GET", "")}  # noqa: RUF012

    def get(self) -> ServerVersion:
        """``value``, ``on_latest`` and ``latest`` (with ``tag_name``).

        Raises:
            Down: the server cannot tell; it may be well otherwise.
        """
        try:
            answer = self.http.read(self.path)
        except Down as error:
            if error.status != 500:
                raise
            hint = "Cachet cannot tell its version, probably because it cannot reach its release service: ask ping()"
            raise Down(hint, status=500, detail=error.detail, where=error.where) from error
        return self.single("GET", self.path, answer)

    __call__ = get

    def shape(self, row: JsonObject, answer: Any) -> JsonObject:
        """Flat, with the version under a name of its own."""
        return {"value": row["data"], **row["meta"]}


class Status(Viewing[PageStatus]):
    """The state of the whole page, over all components that the caller may see."""

    path = "/status"
    unwrap = "data"
