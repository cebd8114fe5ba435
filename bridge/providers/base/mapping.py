"""A provider's words, limits and abilities: ``mappings/<provider>.yaml``, read and proved once per process.

What is proved when a file is loaded: every canonical value has exactly one line in ``write``; no two lines of
``read`` mean the same; every provider value survives provider → canonical → provider; every line that loses
something says why. Unknown keys are errors. There are no conditions and no expressions in these files.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar, cast

import yaml
from marshmallow import ValidationError

from bridge.errors import ConfigError
from bridge.model.enums import ComponentStatus, IncidentStatus, MaintenanceStatus, MetricAggregation, Visibility
from bridge.model.loss import Loss
from bridge.providers.base.capabilities import Capabilities, SecondPoint
from bridge.providers.base.mapping_schema import MappingSchema

Value = str | int
E = TypeVar("E", bound=StrEnum)

UNKNOWN_READS_AS: MappingABC[type[StrEnum], StrEnum] = MappingProxyType(
    {
        ComponentStatus: ComponentStatus.UNKNOWN,
        IncidentStatus: IncidentStatus.REPORTED,
        MaintenanceStatus: MaintenanceStatus.IN_PROGRESS,
        MetricAggregation: MetricAggregation.MEAN,
    }
)
"""What a value that no table knows is taken for: never for something that is fine or over."""


def _folded(value: Any) -> Any:
    """Words compare without case and outer blanks; numbers stay numbers, and ``True`` is not 1."""
    if isinstance(value, str):
        return value.strip().casefold()
    return value if isinstance(value, int) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True)
class EnumTable(Generic[E]):
    """One canonical enum in one provider's words, both ways.

    Attributes:
        field: canonical name of the enum, for losses.
        values: the provider's values, as it spells them, and what each means.
        aliases: further spellings that are understood and never written.
        write: canonical → provider value; None means: leave the field out.
        reasons: why a line that does not read back as it was is as it is.
    """

    enum: type[E]
    field: str
    values: MappingABC[Value, E]
    aliases: MappingABC[Value, E]
    write: MappingABC[E, Value | None]
    reasons: MappingABC[E, str]
    _read: MappingABC[Value, E]

    def to(self, member: E) -> Value | None:
        """The provider's value; None when the field is to be left out."""
        return self.write[member]

    def of(self, value: object) -> E:
        """The canonical value; one that is not known reads as the cautious one of :data:`UNKNOWN_READS_AS`."""
        found = self._read.get(_folded(value))
        return cast(E, UNKNOWN_READS_AS[self.enum]) if found is None else found

    def knows(self, value: object) -> bool:
        """Whether the tables hold a provider's value."""
        return _folded(value) in self._read

    def loss(self, member: E, key: str) -> Loss | None:
        """What writing a value loses, for the object with this key; None when it reads back unchanged."""
        reason = self.reasons.get(member)
        if reason is None:
            return None
        written = self.write[member]
        return Loss(key, self.field, member.value, "" if written is None else str(written), reason)

    def surprise(self, value: object, key: str) -> Loss | None:
        """The warning that a provider's value is not known; None when it is."""
        if self.knows(value):
            return None
        meaning = self.of(value).value
        why = f"The tables do not know this value; it is read as {meaning}."
        return Loss(key, self.field, str(value), meaning, why)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a provider takes.

    Attributes:
        calls: calls within ``window``.
        window: seconds.
        concurrency: calls side by side.
        home: host of the provider's own service; None where everybody runs their own.
        reads_by_address: reads have a budget of their own, shared by all tokens at one host (Cachet 3 counts them by
            the address that they come from, everything else by the token's user).
    """

    calls: int
    window: float
    concurrency: int
    home: str | None = None
    reads_by_address: bool = False


@dataclass(frozen=True, slots=True)
class Widths:
    """How many code points a field holds; None where no limit is known."""

    component_name: int | None
    component_description: int | None
    group_name: int | None
    incident_title: int | None
    incident_message: int | None
    maintenance_title: int | None
    metric_name: int | None
    metric_suffix: int | None


@dataclass(frozen=True, slots=True)
class MetricPoints:
    """How a provider takes metric points.

    Attributes:
        step: seconds to which it keeps their times.
        oldest: seconds that a point may be old; None where any age is taken.
        batch: many points go in one call.
        second: what becomes of a point at a time that has one already.
        spaced_by_threshold: points of one metric must be as many minutes apart as the metric's own ``threshold`` says.
    """

    step: int
    oldest: int | None
    batch: bool
    second: SecondPoint
    spaced_by_threshold: bool


@dataclass(frozen=True, slots=True)
class Marker:
    """Where our id lives in a provider's free data: ``{key: id}``, or ``{key: {member: id}}``."""

    key: str
    member: str | None = None

    def wrap(self, identity: str) -> dict[str, Any]:
        """Free data that carries the id."""
        return {self.key: {self.member: identity} if self.member else identity}

    def read(self, data: object) -> str | None:
        """The id that free data carries, if it does."""
        inner = data.get(self.key) if isinstance(data, MappingABC) else None
        if self.member and isinstance(inner, MappingABC):
            inner = inner.get(self.member)
        return inner if isinstance(inner, str) and inner else None


@dataclass(frozen=True, slots=True)
class Mapping:
    """One provider, as data. ``marker`` is None where there is no place for our id.

    ``metric_visibility`` has the provider's values for who may see a metric, where they are more than yes and no.
    ``choices`` has names for the values of fields that no canonical enum is about, field by field.
    """

    provider: str
    component_status: EnumTable[ComponentStatus]
    incident_status: EnumTable[IncidentStatus]
    maintenance_status: EnumTable[MaintenanceStatus]
    metric_aggregation: EnumTable[MetricAggregation]
    limits: Limits
    widths: Widths
    capabilities: Capabilities
    metric_points: MetricPoints
    marker: Marker | None
    choices: MappingABC[str, MappingABC[str, Value]] = field(default_factory=dict)
    metric_visibility: MappingABC[Value, Visibility] = field(default_factory=dict)

    def table(self, enum: type[E]) -> EnumTable[E]:
        """The table of one canonical enum."""
        return cast(EnumTable[E], getattr(self, _TABLES[enum]))

    def shown_to(self, value: object) -> Visibility:
        """Who sees a metric with this value of the provider; one that is not known is taken for hidden."""
        known = isinstance(value, str | int) and value in self.metric_visibility
        return self.metric_visibility[cast(Value, value)] if known else Visibility.HIDDEN

    def showing(self, visibility: Visibility) -> Value:
        """The provider's value with which a metric is seen by these.

        Raises:
            ValueError: there is none.
        """
        for value, meaning in self.metric_visibility.items():
            if meaning is visibility:
                return value
        raise ValueError(f"{self.provider} has no metrics that are {visibility}")

    def choice(self, about: str, name: str) -> Value:
        """The provider's value for a named choice, such as ``always`` about ``collapsed``.

        Raises:
            ValueError: there is no such choice.
        """
        known = self.choices.get(about, {})
        if name not in known:
            raise ValueError(f"{about} cannot be {name!r}; known: {', '.join(known) or 'nothing by name'}")
        return known[name]

    def speaks_of(self, enum: type[StrEnum]) -> bool:
        """Whether there is a table for this enum."""
        return enum in _TABLES

    def to(self, member: StrEnum) -> Value | None:
        """The provider's value of a canonical one; None when the field is to be left out."""
        return self.table(type(member)).to(member)

    def of(self, enum: type[E], value: object) -> E:
        """The canonical value of a provider's one."""
        return self.table(enum).of(value)

    def loss(self, member: StrEnum, key: str) -> Loss | None:
        """What writing a value loses, for the object with this key; None when nothing."""
        return self.table(type(member)).loss(member, key)


_TABLES: MappingABC[type[StrEnum], str] = MappingProxyType(
    {
        ComponentStatus: "component_status",
        IncidentStatus: "incident_status",
        MaintenanceStatus: "maintenance_status",
        MetricAggregation: "metric_aggregation",
    }
)


@cache
def load(provider: str) -> Mapping:
    """The mapping of a provider.

    Raises:
        ConfigError: there is no such file, it is not YAML, or something in it is wrong (all of it is told).
    """
    name = f"{provider}.yaml"
    folder = _folder()
    if not (folder / name).is_file():
        raise ConfigError([f"mappings/{name}: there is no such mapping; known: {', '.join(names())}"])
    return parse(provider, (folder / name).read_text(encoding="utf-8"))


def names() -> tuple[str, ...]:
    """The providers that have a mapping, by name."""
    return tuple(sorted(item.name[: -len(".yaml")] for item in _folder().iterdir() if item.name.endswith(".yaml")))


def parse(provider: str, text: str) -> Mapping:
    """The mapping that a file's text holds.

    Raises:
        ConfigError: with every problem of the file.
    """
    where = f"mappings/{provider}.yaml"
    try:
        data = MappingSchema().load(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise ConfigError([f"{where}: not YAML: {error}"]) from error
    except ValidationError as error:
        raise ConfigError([f"{where}: {line}" for line in _flat(error.messages)]) from error
    tables: dict[str, Any] = {name: _table(enum, name, data[name]) for enum, name in _TABLES.items()}
    problems = [f"{where}: {problem}" for table in tables.values() for problem in check(table)]
    if data["provider"] != provider:
        problems.append(f"{where}: provider: is {data['provider']}, must be the file's own name")
    if problems:
        raise ConfigError(problems)
    marker = data["marker"]
    abilities: dict[str, Any] = {
        name: frozenset(value) if isinstance(value, list) else value for name, value in data["capabilities"].items()
    }
    return Mapping(
        provider=provider,
        limits=Limits(**data["limits"]),
        widths=Widths(**data["widths"]),
        capabilities=Capabilities(
            provider=provider,
            carries_marker=marker is not None,
            **abilities,
        ),
        metric_points=MetricPoints(**data["metric_points"]),
        marker=Marker(**marker) if marker else None,
        choices=MappingProxyType(data["choices"]),
        metric_visibility=MappingProxyType(data["metric_visibility"]),
        **tables,
    )


def check(table: EnumTable[Any]) -> list[str]:
    """What is wrong with a table; empty when all its promises hold."""
    problems = [f"{table.field}.write: {member.value} is missing" for member in table.enum if member not in table.write]
    meanings = list(table.values.values())
    doubled = sorted({member.value for member in meanings if meanings.count(member) > 1})
    problems += [f"{table.field}.read: two values mean {member}" for member in doubled]
    folded = [_folded(value) for value in [*table.values, *table.aliases]]
    twice = sorted({str(value) for value in folded if folded.count(value) > 1})
    problems += [f"{table.field}.read: {value} is there twice" for value in twice]
    problems += [
        f"{table.field}: {value} reads as {member.value}, which is not written as {value}"
        for value, member in table.values.items()
        if table.write.get(member) != value
    ]
    return problems + [line for member, value in table.write.items() for line in _check_line(table, member, value)]


def _check_line(table: EnumTable[Any], member: StrEnum, value: Value | None) -> list[str]:
    here = f"{table.field}.write.{member.value}"
    if value is not None and value not in table.values:
        return [f"{here}: {value} is none of the provider's values"]
    lossy = value is None or table.values[value] is not member
    if lossy and member not in table.reasons:
        return [f"{here}: loses something, so it needs a reason"]
    if not lossy and member in table.reasons:
        return [f"{here}: loses nothing, so it needs no reason"]
    return []


def _table(enum: type[E], field: str, data: MappingABC[str, Any]) -> EnumTable[E]:
    lines = data["write"]
    known = {**data["aliases"], **data["read"]}
    return EnumTable(
        enum=enum,
        field=field,
        values=MappingProxyType(dict(data["read"])),
        aliases=MappingProxyType(dict(data["aliases"])),
        write=MappingProxyType({member: line.value for member, line in lines.items()}),
        reasons=MappingProxyType({member: line.reason for member, line in lines.items() if line.reason}),
        _read=MappingProxyType({_folded(value): member for value, member in known.items()}),
    )


def _folder() -> Traversable:
    """The installed package's data; in a checkout the folder beside the package."""
    installed = importlib.resources.files("bridge") / "_mappings"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "mappings"


def _flat(messages: Any, path: str = "") -> list[str]:
    if isinstance(messages, MappingABC):
        return [line for key, inner in messages.items() for line in _flat(inner, f"{path}.{key}" if path else str(key))]
    if isinstance(messages, list):
        return [line for inner in messages for line in _flat(inner, path)]
    return [f"{path}: {messages}"]
