"""Collections of a provider, declared: a path, the key around a body, and the verbs the collection has.

::

    class Incidents(Crud):
        path = "/pages/{page}/incidents"
        wrap = "incident"
        paging = Paging(size="limit")

    incidents = Incidents(http, page="abc123")          # what every path has in common
    incidents.update("8kbf7d35c070", {"name": "…"})     # PATCH /pages/abc123/incidents/8kbf7d35c070

    class Updates(Listing, Creating):
        path = "/incidents/{incident}/updates"

    Updates(http).create({"message": "…"}, incident="7")

Values in and out are plain mappings; what they mean is the translator's business. A quirk of one endpoint is an
overridden method whose docstring names it.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from bridge.providers.base.http import Http, Query
from bridge.providers.base.paging import Paging, Unpaged

JsonObject = dict[str, Any]


class Resource:
    """One collection (or one single thing) of a provider's API.

    Attributes:
        path: with ``{names}`` for what is filled in: constants of the destination at construction, ids at the call.
        wrap: key around the body of a write; None when it is sent as it is.
        unwrap: key around a single object in an answer; None when it comes bare.
        paging: how listings go on.
        update_method: ``PATCH`` or ``PUT``.
        actions: name → (method, path below the collection or the object), for what is no plain verb.

    Args:
        http: the destination.
        constants: values of those ``{names}`` that are the same for every call.
    """

    path: ClassVar[str]
    wrap: ClassVar[str | None] = None
    unwrap: ClassVar[str | None] = None
    paging: ClassVar[Paging] = Paging()
    update_method: ClassVar[str] = "PATCH"
    actions: ClassVar[Mapping[str, tuple[str, str]]] = {}
    verbs: ClassVar[tuple[tuple[str, str], ...]] = ()

    def __init__(self, http: Http, **constants: str) -> None:
        self.http = http
        self.constants = constants

    @classmethod
    def operations(cls) -> tuple[tuple[str, str], ...]:
        """Every (method, path template) the collection can call; for tests against the provider's specification."""
        found = [
            (method or cls.update_method, cls.path + below)
            for base in cls.__mro__
            for method, below in base.__dict__.get("verbs", ())
        ]
        found += [(method, cls.path + below) for method, below in cls.actions.values()]
        return tuple(dict.fromkeys(found))

    def act(self, action: str, body: Any = None, query: Query | None = None, **ids: str) -> Any:
        """Make one of the declared ``actions``; body and answer are passed as they are."""
        method, below = self.actions[action]
        path, about = self._fill(self.path + below, ids)
        if method == "GET":
            return self.http.read(path, query, about_object=about)
        return self.http.write(method, path, body, query, about_object=about)

    def identity(self, row: Mapping[str, Any]) -> str:
        """The remote id of a row, as text."""
        return str(row["id"])

    def shape(self, row: JsonObject, answer: Any) -> JsonObject:
        """A row as the translator wants it; by default as it came. ``answer`` is the whole answer around it."""
        return row

    def _fill(self, template: str, ids: Mapping[str, str]) -> tuple[str, bool]:
        """The path, and whether it names a remote object (anything beyond the destination's constants)."""
        names = [name for _, name, _, _ in string.Formatter().parse(template) if name]
        values = {name: _quoted(name, ids[name] if name in ids else self.constants[name]) for name in names}
        return template.format_map(values), any(name in ids for name in names)

    def _wrapped(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return body if self.wrap is None else {self.wrap: body}

    def _single(self, method: str, path: str, answer: Any) -> JsonObject:
        row = answer.get(self.unwrap) if self.unwrap and isinstance(answer, dict) else answer
        if not isinstance(row, dict):
            raise self.http.unusable(method, path, "one object was expected")
        return self._shaped(method, path, row, answer)

    def _shaped(self, method: str, path: str, row: JsonObject, answer: Any) -> JsonObject:
        try:
            return self.shape(row, answer)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise self.http.unusable(method, path, f"it lacks a part ({error})") from error


class Listing(Resource):
    """``list``."""

    verbs = (("GET", ""),)

    def list(self, query: Query | None = None, *, limit: int | None = None, **ids: str) -> Iterator[JsonObject]:
        """All rows, fetching pages as they are needed.

        Args:
            query: filters and order, beside the paging parameters.
            limit: rows per page, when the caller expects to need only a few.
            ids: values of the path's ``{names}``.

        Yields:
            Each row once, even when rows move between pages meanwhile.
        """
        path, about = self._fill(self.path, ids)
        seen: set[str] = set()
        try:
            for rows, answer in self.paging.pages(
                lambda page: self.http.read(path, {**(query or {}), **page}, about_object=about), limit
            ):
                for row in rows:
                    if not isinstance(row, dict):
                        raise Unpaged(f"rows must be objects, {type(row).__name__} came")
                    shaped = self._shaped("GET", path, row, answer)
                    key = str(shaped.get("id", ""))
                    if not key or key not in seen:
                        seen.add(key)
                        yield shaped
        except Unpaged as error:
            raise self.http.unusable("GET", path, str(error)) from error


class Reading(Resource):
    """``get``: one object by its id."""

    verbs = (("GET", "/{id}"),)

    def get(self, remote_id: str, query: Query | None = None, **ids: str) -> JsonObject:
        """One object.

        Raises:
            Gone: there is none.
        """
        path, about = self._fill(self.path + "/{id}", {**ids, "id": remote_id})
        return self._single("GET", path, self.http.read(path, query, about_object=about))


class Viewing(Resource):
    """``view``: a thing of which there is one, such as the page's own status."""

    verbs = (("GET", ""),)

    def view(self, query: Query | None = None, **ids: str) -> JsonObject:
        """The thing."""
        path, about = self._fill(self.path, ids)
        return self._single("GET", path, self.http.read(path, query, about_object=about))


class Creating(Resource):
    """``create``."""

    verbs = (("POST", ""),)

    def create(self, body: Mapping[str, Any], **ids: str) -> JsonObject:
        """Make one object (or one part of the object that the path names).

        Raises:
            Gone: the object that the path names is not there.
        """
        path, about = self._fill(self.path, ids)
        row = self._single("POST", path, self.http.write("POST", path, self._wrapped(body), about_object=about))
        if "id" not in row:
            raise self.http.unusable("POST", path, "it names no id")
        return row


class Updating(Resource):
    """``update``."""

    verbs = (("", "/{id}"),)

    def update(self, remote_id: str, body: Mapping[str, Any], **ids: str) -> JsonObject:
        """Change one object.

        Raises:
            Gone: there is none.
        """
        path, about = self._fill(self.path + "/{id}", {**ids, "id": remote_id})
        answer = self.http.write(self.update_method, path, self._wrapped(body), about_object=about)
        return self._single(self.update_method, path, answer)


class Removing(Resource):
    """``remove``."""

    verbs = (("DELETE", "/{id}"),)

    def remove(self, remote_id: str, **ids: str) -> None:
        """Delete one object.

        Raises:
            Gone: there is none.
        """
        path, about = self._fill(self.path + "/{id}", {**ids, "id": remote_id})
        self.http.write("DELETE", path, about_object=about)


class Crud(Listing, Reading, Creating, Updating, Removing):
    """All five."""


def _quoted(name: str, value: str) -> str:
    """An id as one path segment. Ids that would address something else (the collection, its parent) are refused."""
    text = str(value)
    if text in ("", ".", ".."):
        raise ValueError(f"{text!r} cannot be an id in a path ({name})")
    return quote(text, safe="")
