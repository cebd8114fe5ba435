"""Components, groups, incidents and what belongs to them (Cachet 2.3 and 2.4, ``/api/v1``).

Metrics are in ``metrics``, subscribers in ``audience``, the server itself in ``server``. Whatever only 2.4 has is
declared with the resource or in its ``newer`` fields, and refused for a 2.3 before anything is sent: 2.3 itself ignores
what it does not know, without a word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, ClassVar, TypeVar

from bridge.providers.base.failures import Failures, Reaction, Row, Trouble
from bridge.providers.base.http import Http, Query
from bridge.providers.base.moments import moment_of
from bridge.providers.base.paging import CountedPages, Paging
from bridge.providers.base.resource import Crud, JsonObject, Listing, Names, Reading, Resource
from bridge.providers.base.results import Record
from bridge.providers.cachet2.dialect import NotInDialect, Probe
from bridge.providers.cachet2.paging import Whole
from bridge.providers.cachet2.records import (
    Component,
    ComponentGroup,
    Incident,
    IncidentTemplate,
    IncidentUpdate,
    Schedule,
)
from bridge.providers.cachet2.settings import Dialect

R_co = TypeVar("R_co", bound=Record, covariant=True)
T = TypeVar("T", bound=Record)

NEWEST_FIRST: Mapping[str, str] = {"sort": "id"}
"""The only stable order: ``sort`` always goes down, and without it the database decides (2.4, measured)."""
_PAGE = 500
"""Rows of a page. There is no largest one (2.3 and 2.4, measured), but PHP has 30 seconds and 128 MB for an answer
unless it is told otherwise, and Cachet makes an object of each row and of each update in it."""
_WRITTEN = "%Y-%m-%d %H:%M"
_WRITTEN_2_3 = "%d/%m/%Y %H:%M"


def words(payload: Any) -> Any:
    """The telling part of ``{"errors": [{"id", "detail", "meta": {"details": []}}]}``."""
    first = _first_error(payload)
    meta = first.get("meta")
    return (meta.get("details") if isinstance(meta, Mapping) else None) or first.get("detail")


def error_id(payload: Any) -> Any:
    """What Cachet calls this one error (2.3 and 2.4, measured)."""
    return _first_error(payload).get("id")


def _first_error(payload: Any) -> Mapping[str, Any]:
    errors = payload.get("errors") if isinstance(payload, Mapping) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return first if isinstance(first, Mapping) else {}


def failures(probe: Probe) -> Failures:
    """The failure table of a server of which the probe knows what it is.

    2.4 tells a missing record with its model, and a missing route without; 2.3 tells both alike, so there a missing
    record can be told from a wrong address only because the probe has found a Cachet before.
    """

    def no_record(trouble: Trouble) -> bool:
        return not probe.is_old and "No query results" not in str(words(trouble.payload))

    return Failures([Row(404, Reaction.MISROUTED, no_record)], words=words, request_id=error_id)


FAILURES = failures(Probe(Dialect.CACHET_2_4))


class Cachet2Resource(Resource[R_co]):
    """All objects come inside ``data``; changes are PUT. What is None is not sent: some fields answer it with a 500.

    Attributes:
        moments: fields that hold a time; texts that can be read as one are written anew, as Cachet takes minutes only.
        numbers: fields of whole numbers, for which Cachet takes any word to mean 0.
        newer: fields and filters that only 2.4 has.
        newer_than_2_3: the whole collection is only in 2.4.
        filterable: filters next to which everything else in the query is taken for a column.
        thin: what the answer to a POST leaves out, and what it means there.
    """

    unwrap = "data"
    update_method = "PUT"
    paging = CountedPages(limit=_PAGE)
    query = NEWEST_FIRST
    moments: ClassVar[tuple[str, ...]] = ()
    numbers: ClassVar[tuple[str, ...]] = ()
    newer: ClassVar[frozenset[str]] = frozenset()
    newer_than_2_3: ClassVar[bool] = False
    filterable: ClassVar[frozenset[str]] = frozenset()
    thin: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, http: Http, probe: Probe | None = None, **constants: str) -> None:
        super().__init__(http, **constants)
        self.probe = probe or Probe()

    @property
    def is_old(self) -> bool:
        """Whether the server is a 2.3; asks it where that is not known."""
        return self.probe.dialect(self.http) is Dialect.CACHET_2_3

    def aim(self, below: str, names: Names) -> tuple[str, bool, JsonObject]:
        """As everywhere; a collection that the server lacks is told before it is asked for.

        Raises:
            NotInDialect: the server is a 2.3.
        """
        aimed = super().aim(below, names)
        if self.newer_than_2_3 and self.is_old:
            raise NotInDialect(_LACKS.format(f"no {self.path.rpartition('/')[2]}"), where=aimed[0])
        return aimed

    def body(self, given: Mapping[str, Any] | None, keywords: Names) -> JsonObject:
        """The fields of a write, in the server's dialect.

        Raises:
            NotInDialect: a field is one that a 2.3 would ignore.
            ValueError: a number is none, or a choice is not known.
        """
        named = {name: self._numbered(name, value) for name, value in {**(given or {}), **keywords}.items()}
        self.check(keywords, self.fields, "field")
        made = {name: value for name, value in super().body(named, {}).items() if value is not None}
        self._refuse_newer(made)
        for name in self.moments:
            if isinstance(made.get(name), str) and (moment := moment_of(made[name])):
                made[name] = self.written(moment)
        return made

    def asked(self, given: Query | None, keywords: Names) -> JsonObject:
        """The parameters of a call; true and false as 1 and 0, because databases differ on the words.

        Raises:
            TypeError: there is a filter where Cachet has none: it would give everything, without a word.
        """
        if keywords and not self.filters:
            raise TypeError(f"Cachet cannot filter {self.path}: look through the rows for {', '.join(keywords)}")
        whole = {name: self._numbered(name, value) for name, value in {**(given or {}), **keywords}.items()}
        self._refuse_newer(whole)
        return {name: int(value) if isinstance(value, bool) else self.value(value) for name, value in whole.items()}

    def written(self, moment: datetime) -> str | int:
        """To the minute, as seconds would be an error 500; without a zone, as the ``Time-Zone`` header says UTC."""
        return moment.astimezone(UTC).strftime(_WRITTEN_2_3 if self.is_old else _WRITTEN)

    def shape(self, row: JsonObject, answer: Any) -> JsonObject:
        """The row with what a POST leaves out."""
        return {**deepcopy(dict(self.thin)), **row}

    def rows(
        self, record: type[T], path: str, about: bool, query: Mapping[str, Any], per_page: int | None, paging: Paging
    ) -> Iterator[T]:
        """Page by page; in one answer where there is a filter."""
        chosen = Whole() if self.filterable & set(query) else paging
        return super().rows(record, path, about, query, per_page, chosen)

    def _refuse_newer(self, sent: Mapping[str, Any]) -> None:
        newer = sorted(self.newer & set(sent))
        if newer and self.is_old:
            raise NotInDialect(_LACKS.format(f"no {' and no '.join(newer)} in {self.path}"), where=self.path)

    def _numbered(self, name: str, value: Any) -> Any:
        """A name of a choice as its number. Any other word would silently become 0."""
        if name not in self.numbers or type(value) is not str or value.strip().lstrip("+-").isdigit():
            return value
        if self.words is not None and name in self.words.choices:
            return self.words.choice(name, value)
        raise ValueError(f"{name} is a number, not {value!r}; canonical values work too")


_LACKS = "this is a Cachet 2.3, which has {}: leave it out, or upgrade the server to 2.4"


class Cachet2Crud(Cachet2Resource[R_co], Crud[R_co]):
    """All five verbs."""

    def forgotten(self) -> tuple[str, ...]:
        """What a PUT must not leave out; a server that is known to be a 2.3 is not asked for what it cannot have."""
        return tuple(name for name in self.resets if not (self.probe.is_old and name in self.newer))


class Components(Cachet2Crud[Component]):
    """Components. ``tags`` is a list of names (an empty one takes all tags away); answers have them by slug.

    A PUT keeps what it leaves out in 2.4; in 2.3 it puts ``status`` to unknown and enables the component again.
    """

    path = "/components"
    fields = ("name", "description", "link", "status", "order", "group_id", "enabled", "meta", "tags", "silent")
    filters = ("id", "name", "status", "group_id", "enabled", "tags")
    filterable = frozenset({"id", "name", "status", "group_id", "enabled"})
    numbers = ("status", "order", "group_id")
    newer = frozenset({"meta", "silent"})
    thin: ClassVar[Mapping[str, Any]] = {"deleted_at": None}

    def list(
        self, query: Query | None = None, /, *, per_page: int | None = None, tags: Any = (), **names: Any
    ) -> Iterator[Component]:
        """All components; with ``tags`` (names or slugs) those that have any of them.

        2.3 ignores the filter and 2.4 breaks on it beside another one, so the rows themselves are looked at.
        """
        wanted = {str(tag).casefold() for tag in ([tags] if isinstance(tags, str) else tags)}
        rows = super().list(query, per_page=per_page, **names)
        return (row for row in rows if wanted & _spellings(row)) if wanted else rows

    def count(self, query: Query | None = None, /, **names: Any) -> int:
        """How many there are; one call, unless ``tags`` are asked for."""
        return sum(1 for _ in self.list(query, **names)) if "tags" in names else super().count(query, **names)

    def body(self, given: Mapping[str, Any] | None, keywords: Names) -> JsonObject:
        """Tags go as one text; Cachet takes a lone comma for "none" and an empty text for "as they are"."""
        made = super().body(given, keywords)
        if "tags" in made and not isinstance(made["tags"], str):
            made["tags"] = _joined(made["tags"])
        return made

    def shape(self, row: JsonObject, answer: Any) -> JsonObject:
        """No tags come as an empty list; here they are always a mapping of slugs to names."""
        return super().shape({**row, "tags": dict(row.get("tags") or {})}, answer)

    def forgotten(self) -> tuple[str, ...]:
        """What a PUT must not leave out."""
        return ("status", "enabled") if self.is_old else ()

    def set_tags(self, remote_id: str | int, *names: str) -> Component:
        """Let the component have exactly these tags."""
        return self.update(remote_id, tags=names)

    def add_tags(self, remote_id: str | int, *names: str) -> Component:
        """Let the component have these tags too; one that it has already stays as it is spelt."""
        row = self.get(remote_id)
        fresh = [name for name in names if not has_tag(row, name)]
        return self.set_tags(remote_id, *row["tags"].values(), *fresh) if fresh else row

    def remove_tags(self, remote_id: str | int, *names: str) -> Component:
        """Take tags away, by name or slug.

        Raises:
            KeyError: it has no such tag.
        """
        row = self.get(remote_id)
        for name in names:
            if not has_tag(row, name):
                raise KeyError(f"{name}; the component has {', '.join(row['tags'].values()) or 'no tags'}")
        gone = {name.casefold() for name in names}
        kept = [name for slug, name in row["tags"].items() if not {slug.casefold(), name.casefold()} & gone]
        return self.set_tags(remote_id, *kept)


def has_tag(component: Mapping[str, Any], name: str) -> bool:
    """Whether a component has a tag, by name or slug, in whatever case."""
    return name.casefold() in _spellings(component)


def _spellings(row: Mapping[str, Any]) -> set[str]:
    return {text.casefold() for pair in row["tags"].items() for text in pair}


def _joined(tags: Any) -> str:
    names = [str(name) for name in (tags.values() if isinstance(tags, Mapping) else tags)]
    broken = [name for name in names if "," in name]
    if broken:
        raise ValueError(f"a tag cannot hold a comma, because Cachet separates tags by commas: {broken[0]!r}")
    return ",".join(names) or ","


class ComponentGroups(Cachet2Crud[ComponentGroup]):
    """Groups. Unlike everywhere else ``sort`` goes up here; a PUT without ``visible`` hides the group.

    A group that is made without ``visible`` is for people who are signed in (2.4); 2.3 shows all groups to everybody.
    """

    path = "/components/groups"
    resets = ("order", "visible")
    fields = ("name", "order", "collapsed", "visible")
    filters = ("id", "name", "collapsed", "visible")
    filterable = frozenset(filters)
    numbers = ("order", "collapsed", "visible")
    newer = frozenset({"visible"})
    thin: ClassVar[Mapping[str, Any]] = {"enabled_components": [], "enabled_components_lowest": []}


class Incidents(Cachet2Crud[Incident]):
    """Incidents, with their updates inside (2.4).

    A PUT without ``visible`` publishes, one without ``stickied`` un-sticks. ``occurred_at`` is the start, also for a
    2.3, which calls it ``created_at``. ``component_id`` and ``component_status`` go together and set that component's
    status at once; nothing puts it back.
    """

    path = "/incidents"
    resets = ("visible", "stickied")
    fields = (
        "name", "status", "message", "visible", "component_id", "component_status", "notify", "stickied",
        "occurred_at", "template", "vars", "meta",
    )  # fmt: skip
    filters = ("id", "user_id", "component_id", "name", "status", "visible", "stickied")
    filterable = frozenset(filters)
    moments = ("occurred_at",)
    numbers = ("status", "component_id", "component_status")
    newer = frozenset({"stickied", "meta", "user_id"})
    thin: ClassVar[Mapping[str, Any]] = {"component_id": 0, "deleted_at": None}

    def body(self, given: Mapping[str, Any] | None, keywords: Names) -> JsonObject:
        """In 2.3 the start goes by another name."""
        made = super().body(given, keywords)
        if "occurred_at" in made and self.is_old:
            made["created_at"] = made.pop("occurred_at")
        return made

    def shape(self, row: JsonObject, answer: Any) -> JsonObject:
        """The start is in ``occurred_at`` whichever Cachet it is; free data is always a mapping, where there is any."""
        made = super().shape({"occurred_at": row.get("created_at"), **row}, answer)
        return {**made, "meta": made["meta"] or {}} if "meta" in made else made


class IncidentUpdates(Cachet2Crud[IncidentUpdate]):
    """Updates of an incident (2.4 only), newest first. They must be a second apart, or the oldest counts as the latest.

    An update sets the incident's status, and touches no component whatever it says about one. Cachet does not look
    whether an update belongs to the incident of the path.
    """

    path = "/incidents/{incident_id}/updates"
    fields = ("status", "message", "component_id", "component_status")
    numbers = ("status", "component_id", "component_status")
    newer_than_2_3 = True


class IncidentTemplates(Cachet2Resource[IncidentTemplate], Listing[IncidentTemplate], Reading[IncidentTemplate]):
    """Templates of incidents (2.4 only), which the API can only read."""

    path = "/incidents/templates"
    # Any ``sort`` is an error 500 here (2.4, measured); so all of them come at once.
    query: ClassVar[Mapping[str, Any]] = {}
    paging = Whole()
    newer_than_2_3 = True


class Schedules(Cachet2Crud[Schedule]):
    """Maintenances (2.4 only). The ``components`` of one are not kept; ``completed_at`` cannot be taken back.

    Where there is no end, ``completed_at`` is shown as the present moment.
    """

    path = "/schedules"
    fields = ("name", "message", "status", "scheduled_at", "completed_at", "components", "notify")
    moments = ("scheduled_at", "completed_at")
    numbers = ("status",)
    newer_than_2_3 = True
    thin: ClassVar[Mapping[str, Any]] = {"message": None, "components": [], "deleted_at": None}
