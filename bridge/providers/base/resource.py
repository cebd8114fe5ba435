"""Collections of a provider, declared: a path, the key around a body, and the verbs the collection has.

::

    class Incidents(Crud[Incident]):
        path = "/pages/{page_id}/incidents"
        wrap = "incident"
        paging = Paging(size="limit")
        fields = ("name", "status", "body")
        unresolved = Rows(Incident, "/unresolved")       # GET …/incidents/unresolved, page by page

    incidents = Incidents(http, page_id="abc123")        # what every path has in common
    incidents.update("8kbf7d35c070", name="…")           # PATCH /pages/abc123/incidents/8kbf7d35c070

    class Updates(Listing[Update], Creating[Update]):
        path = "/incidents/{incident_id}/updates"

    Updates(http).create({"message": "…"}, incident_id="7")

A keyword that stands in the path is an id; any other one is a field of the body, or a filter where there is no body.
What a body or filter says can also be given as one mapping, which is sent unchecked. Answers are records of the class
in brackets (:class:`bridge.providers.base.results.Record`). A quirk of one endpoint is an overridden method or a
declared attribute whose docstring names it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar, get_args

from bridge.providers.base.http import Http, Query
from bridge.providers.base.mapping import Mapping as Words
from bridge.providers.base.moments import iso
from bridge.providers.base.paging import Paging, Unpaged
from bridge.providers.base.paths import placeholders, quoted
from bridge.providers.base.results import Record

R_co = TypeVar("R_co", bound=Record, covariant=True)
T = TypeVar("T", bound=Record)
JsonObject = dict[str, Any]
Names = Mapping[str, Any]
"""Keywords of a call: ids of the path together with fields or filters."""


class Resource(Generic[R_co]):
    """One collection (or one single thing) of a provider's API.

    Attributes:
        path: with ``{names}`` for what is filled in: constants of the destination at construction, ids at the call.
        wrap: key around the body of a write; None when it is sent as it is.
        unwrap: key around a single object in an answer; None when it comes bare.
        paging: how listings go on.
        update_method: ``PATCH`` or ``PUT``.
        fields: fields a body may have as keywords; empty when any keyword goes.
        filters: filters a listing may have as keywords; empty when any keyword goes.
        query: what every listing asks for, unless the call says otherwise.
        serves: what a verb class adds: method's name → (HTTP method, path below the collection).
        record: class of its objects, taken from the brackets behind its base classes.

    Args:
        http: the destination.
        constants: values of those ``{names}`` that are the same for every call.
    """

    path: ClassVar[str]
    wrap: ClassVar[str | None] = None
    unwrap: ClassVar[str | None] = None
    paging: ClassVar[Paging] = Paging()
    update_method: ClassVar[str] = "PATCH"
    fields: ClassVar[tuple[str, ...]] = ()
    filters: ClassVar[tuple[str, ...]] = ()
    query: ClassVar[Mapping[str, Any]] = {}
    serves: ClassVar[Mapping[str, tuple[str, str]]] = {}
    record: ClassVar[type[Any]] = Record

    words: Words | None = None
    """The provider's words. Where they are set, canonical values in bodies and filters are written in them."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for base in cls.__dict__.get("__orig_bases__", ()):
            for given in get_args(base):
                if isinstance(given, type) and issubclass(given, Record):
                    cls.record = given

    def __init__(self, http: Http, **constants: str) -> None:
        self.http = http
        self.constants = constants

    @classmethod
    def served(cls) -> dict[tuple[str, str], str]:
        """(HTTP method, path template) → name of the method that makes the call."""
        found: dict[tuple[str, str], str] = {}
        for base in cls.__mro__:
            for name, (method, below) in base.__dict__.get("serves", {}).items():
                found.setdefault((method or cls.update_method, cls.path + below), name)
            for name, part in vars(base).items():
                # An action tells its call as a pair; asked this way, this module need not know its class.
                call = getattr(part, "declared_call", None)
                if call is not None and getattr(cls, name, None) is part:
                    found.setdefault((call[0], cls.path + call[1]), name)
        return found

    @classmethod
    def operations(cls) -> tuple[tuple[str, str], ...]:
        """Every (HTTP method, path template) the collection can call; for tests against the specification."""
        return tuple(cls.served())

    def identity(self, row: Mapping[str, Any]) -> str:
        """The remote id of a row, as text."""
        return str(row["id"])

    def shape(self, row: JsonObject, answer: Any) -> JsonObject:
        """A row as it is handed out; by default as it came. ``answer`` is the whole answer around it."""
        return row

    def written(self, moment: datetime) -> str | int:
        """A moment in a body or filter, as the provider reads it."""
        return iso(moment)

    # --- for verbs and actions ------------------------------------------------------------------------------

    def aim(self, below: str, names: Names) -> tuple[str, bool, JsonObject]:
        """Take the ids out of a call's keywords.

        Returns:
            The path; whether it names a remote object (anything beyond the constants); the other keywords.

        Raises:
            TypeError: an id is missing.
        """
        template = self.path + below
        wanted = placeholders(template)
        values, about = {}, False
        for name in wanted:
            if name not in names and name not in self.constants:
                raise TypeError(f"{template} needs {name}: pass it to this call, or to the client when it is made")
            values[name] = quoted(name, names[name] if name in names else self.constants[name])
            about = about or name not in self.constants
        return template.format_map(values), about, {name: names[name] for name in names if name not in wanted}

    def body(self, given: Mapping[str, Any] | None, keywords: Names) -> JsonObject:
        """The fields of a write.

        Raises:
            TypeError: a keyword is no field.
        """
        self.check(keywords, self.fields, "field")
        return {name: self.value(value) for name, value in {**(given or {}), **keywords}.items()}

    def asked(self, given: Query | None, keywords: Names) -> JsonObject:
        """The parameters of a call; true and false in lower case."""
        whole = {name: self.value(value) for name, value in {**(given or {}), **keywords}.items()}
        return {name: str(value).lower() if isinstance(value, bool) else value for name, value in whole.items()}

    def value(self, value: Any) -> Any:
        """A value as JSON has it: moments as text, canonical words as the provider's.

        Raises:
            ValueError: the provider has no word for it.
        """
        if isinstance(value, StrEnum):
            return self._word(value)
        if isinstance(value, datetime):
            return self.written(value)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Mapping):
            return {key: self.value(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.value(inner) for inner in value]
        return value

    def single(self, method: str, path: str, answer: Any) -> R_co:
        """The one object of the collection that an answer holds."""
        found: R_co = self.one(self.record, method, path, answer)
        return found

    def one(self, record: type[T], method: str, path: str, answer: Any) -> T:
        """The one object of any kind that an answer holds."""
        row = answer.get(self.unwrap) if self.unwrap and isinstance(answer, dict) else answer
        if not isinstance(row, dict):
            raise self.http.unusable(method, path, "one object was expected")
        return self.shaped(record, method, path, row, answer)

    def table(self, record: type[T], method: str, path: str, answer: Any) -> dict[str, list[T]]:
        """Lists of objects by name; none where the answer does not say."""
        lists = answer.items() if isinstance(answer, dict) else ()
        return {
            name: [self.shaped(record, method, path, row, answer) for row in rows]
            for name, rows in lists
            if isinstance(rows, list)
        }

    def shaped(self, record: type[T], method: str, path: str, row: JsonObject, answer: Any) -> T:
        """A row as a record."""
        try:
            return record(self.shape(row, answer), row)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise self.http.unusable(method, path, f"it lacks a part ({error})") from error

    def rows(
        self, record: type[T], path: str, about: bool, query: Mapping[str, Any], per_page: int | None, paging: Paging
    ) -> Iterator[T]:
        """Each row of a listing once, even when rows move between pages meanwhile; pages as they are needed."""
        seen: set[str] = set()
        try:
            for rows, answer in paging.pages(
                lambda page: self.http.read(path, {**query, **page}, about_object=about), per_page
            ):
                for row in rows:
                    if not isinstance(row, dict):
                        raise Unpaged(f"rows must be objects, {type(row).__name__} came")
                    shaped = self.shaped(record, "GET", path, row, answer)
                    key = str(shaped.get("id", ""))
                    if not key or key not in seen:
                        seen.add(key)
                        yield shaped
        except Unpaged as error:
            raise self.http.unusable("GET", path, str(error)) from error

    def wrapped(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The body with the key around it."""
        return body if self.wrap is None else {self.wrap: body}

    def _word(self, value: StrEnum) -> Any:
        if self.words is None or not self.words.speaks_of(type(value)):
            return value.value
        word = self.words.to(value)
        if word is None:
            raise ValueError(f"{self.words.provider} has no word for {value.value}: {self.words.loss(value, '')}")
        return word

    @staticmethod
    def check(keywords: Iterable[str], known: tuple[str, ...], what: str) -> None:
        """Refuse a keyword that is not known, where it is known which are.

        Raises:
            TypeError: with the one that may have been meant.
        """
        for name in keywords if known else ():
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
                raise TypeError(f"there is no {what} {name!r}; {hint} (a mapping is sent unchecked)")


class Listing(Resource[R_co]):
    """``list`` and ``count``."""

    serves = {"list": ("GET", "")}  # noqa: RUF012

    def list(self, query: Query | None = None, /, *, per_page: int | None = None, **names: Any) -> Iterator[R_co]:
        """All rows, fetching pages as they are needed.

        Args:
            query: filters and order, sent unchecked.
            per_page: rows per page, when the caller expects to need only a few.
            names: ids of the path, and filters.

        Yields:
            Each row once, even when rows move between pages meanwhile.
        """
        path, about, keywords = self.aim("", names)
        self.check(keywords, self.filters, "filter")
        asked = {**self.query, **self.asked(query, keywords)}
        return self.rows(self.record, path, about, asked, per_page, self.paging)

    def count(self, query: Query | None = None, /, **names: Any) -> int:
        """How many rows :meth:`list` would give: one call where the provider tells a total, else all pages."""
        if self.paging.tells_total:
            path, about, keywords = self.aim("", names)
            self.check(keywords, self.filters, "filter")
            asked = {**self.query, **self.asked(query, keywords), self.paging.size: 1}
            total = self.paging.total(self.http.read(path, asked, about_object=about))
            if total is not None:
                return total
        return sum(1 for _ in self.list(query, **names))


class Reading(Resource[R_co]):
    """``get``: one object by its id."""

    serves = {"get": ("GET", "/{id}")}  # noqa: RUF012

    def get(self, remote_id: str | int, query: Query | None = None, /, **names: Any) -> R_co:
        """One object.

        Raises:
            Gone: there is none.
        """
        path, about, keywords = self.aim("/{id}", {**names, "id": remote_id})
        return self.single("GET", path, self.http.read(path, self.asked(query, keywords), about_object=about))


class Viewing(Resource[R_co]):
    """``view``: a thing of which there is one, such as the page's own status."""

    serves = {"view": ("GET", "")}  # noqa: RUF012

    def view(self, query: Query | None = None, /, **names: Any) -> R_co:
        """The thing."""
        path, about, keywords = self.aim("", names)
        return self.single("GET", path, self.http.read(path, self.asked(query, keywords), about_object=about))


class Creating(Resource[R_co]):
    """``create``."""

    serves = {"create": ("POST", "")}  # noqa: RUF012

    def create(self, body: Mapping[str, Any] | None = None, /, **names: Any) -> R_co:
        """Make one object (or one part of the object that the path names).

        Raises:
            Gone: the object that the path names is not there.
        """
        path, about, keywords = self.aim("", names)
        sent = self.wrapped(self.body(body, keywords))
        row = self.single("POST", path, self.http.write("POST", path, sent, about_object=about))
        if "id" not in row:
            raise self.http.unusable("POST", path, "it names no id")
        return row


class Updating(Resource[R_co]):
    """``update``: change what is given, keep the rest."""

    serves = {"update": ("", "/{id}")}  # noqa: RUF012
    resets: ClassVar[tuple[str, ...]] = ()
    """Fields that the provider puts back to their defaults when they are left out: read first and sent along."""

    def update(self, remote_id: str | int, body: Mapping[str, Any] | None = None, /, **names: Any) -> R_co:
        """Change one object.

        Raises:
            Gone: there is none.
        """
        path, about, keywords = self.aim("/{id}", {**names, "id": remote_id})
        sent = self.wrapped(self.completed(path, self.body(body, keywords)))
        return self.single(*self.send_update(path, sent, about))

    def completed(self, path: str, body: JsonObject) -> JsonObject:
        """The body, with what the provider would reset as it is now."""
        missing = [name for name in self.forgotten() if name not in body]
        present: Names = self.single("GET", path, self.http.read(path, about_object=True)) if missing else {}
        return {**{name: present[name] for name in missing if present.get(name) is not None}, **body}

    def forgotten(self) -> tuple[str, ...]:
        """:attr:`resets`, where they are not the same for every server."""
        return self.resets

    def send_update(self, path: str, sent: Mapping[str, Any], about: bool) -> tuple[str, str, Any]:
        """Make the call: its method, its path and its answer."""
        return self.update_method, path, self.http.write(self.update_method, path, sent, about_object=about)


class Replacing(Resource[R_co]):
    """``replace``: the same by PUT, where the provider has both methods."""

    serves = {"replace": ("PUT", "/{id}")}  # noqa: RUF012

    def replace(self, remote_id: str | int, body: Mapping[str, Any] | None = None, /, **names: Any) -> R_co:
        """Change one object by PUT.

        Raises:
            Gone: there is none.
        """
        path, about, keywords = self.aim("/{id}", {**names, "id": remote_id})
        sent = self.wrapped(self.body(body, keywords))
        return self.single("PUT", path, self.http.write("PUT", path, sent, about_object=about))


class Removing(Resource[R_co]):
    """``remove``."""

    serves = {"remove": ("DELETE", "/{id}")}  # noqa: RUF012

    def remove(self, remote_id: str | int, query: Query | None = None, /, **names: Any) -> None:
        """Delete one object.

        Raises:
            Gone: there is none.
        """
        path, about, keywords = self.aim("/{id}", {**names, "id": remote_id})
        self.http.write("DELETE", path, None, self.asked(query, keywords), about_object=about)


class Crud(Listing[R_co], Reading[R_co], Creating[R_co], Updating[R_co], Removing[R_co]):
    """All five."""
