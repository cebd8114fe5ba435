"""Kinds of values in a dump: how each is written as JSON, read back and checked, and what a comparison sees of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal

from bridge.sandbox.dump.broken import BrokenDump

Id = int | str
Ids = Literal["exact", "aligned"]
"""exact: ids count · aligned: objects are recognised by what they say, and ids are translated."""
Times = Literal["exact", "told", "ignored"]
"""exact: every time counts · told: times that the server stamps itself do not · ignored: no time does."""
LEFT_OUT = object()
"""What a value looks like when the comparison does not look at it."""


@dataclass(frozen=True)
class Sight:
    """How two dumps are looked at.

    Attributes:
        ids: whether ids count.
        times: which times count.
        partner: for a reference (kinds, id): the id of the same object in the other dump, the id itself where there
            is none, or ``LEFT_OUT`` while the objects of these kinds are not aligned yet.
    """

    ids: Ids = "exact"
    times: Times = "exact"
    partner: Callable[[tuple[str, ...], Id], Any] = lambda kinds, id: id


@dataclass(frozen=True)
class Column:
    """One value of a row; this one is any JSON value.

    Attributes:
        optional: whether null is a value.
    """

    optional: bool = False

    def write(self, value: Any) -> Any:
        """The value as JSON."""
        return None if value is None else self._write(value)

    def read(self, raw: Any, where: str) -> Any:
        """The value of what was written; raises BrokenDump."""
        if raw is None:
            if not self.optional:
                raise BrokenDump(where, "must not be null")
            return None
        return self._read(raw, where)

    def referred(self, raw: Any, where: str) -> Iterator[tuple[str, tuple[str, ...], Id]]:
        """References that must lead somewhere: where they stand, to which kinds, to which id."""
        return iter(())

    def look(self, raw: Any, sight: Sight) -> Any:
        """What is compared of a written value."""
        return raw

    def _write(self, value: Any) -> Any:
        return value

    def _read(self, raw: Any, where: str) -> Any:
        return raw


@dataclass(frozen=True)
class Checked(Column):
    """A JSON value of one type.

    Attributes:
        expected: the type in words.
        test: whether a value is of it.
    """

    expected: str = ""
    test: Callable[[Any], bool] = lambda value: True

    def _read(self, raw: Any, where: str) -> Any:
        if not self.test(raw):
            raise BrokenDump(where, f"must be {self.expected}, not {raw!r:.60}")
        return raw


@dataclass(frozen=True)
class Made(Checked):
    """A text that the sandbox made up itself, such as an address with a random part; it goes with the ids."""

    expected: str = "a text"
    test: Callable[[Any], bool] = lambda value: isinstance(value, str)

    def look(self, raw: Any, sight: Sight) -> Any:
        """Counts where ids count."""
        return raw if sight.ids == "exact" else LEFT_OUT


@dataclass(frozen=True)
class Moment(Column):
    """A time with its offset.

    Attributes:
        told: whether callers can say this time; otherwise the server stamps it.
    """

    told: bool = False

    def look(self, raw: Any, sight: Sight) -> Any:
        """Counts as the comparison says; whether there is a time at all counts always."""
        if sight.times == "exact" or (sight.times == "told" and self.told):
            return raw
        return (raw is not None) if self.optional else LEFT_OUT

    def _write(self, value: Any) -> Any:
        return value.astimezone(UTC).isoformat()

    def _read(self, raw: Any, where: str) -> Any:
        try:
            moment = datetime.fromisoformat(raw)
            if moment.tzinfo is None:
                raise ValueError
            return moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            raise BrokenDump(where, f"must be a time with its offset, not {raw!r:.60}") from None


@dataclass(frozen=True)
class Day(Column):
    """A calendar day; it counts as a time that is told."""

    def look(self, raw: Any, sight: Sight) -> Any:
        """Counts unless no time does."""
        return raw if sight.times != "ignored" else LEFT_OUT

    def _write(self, value: Any) -> Any:
        return value.isoformat()

    def _read(self, raw: Any, where: str) -> Any:
        try:
            return date.fromisoformat(raw)
        except (TypeError, ValueError):
            raise BrokenDump(where, f"must be a day (YYYY-MM-DD), not {raw!r:.60}") from None


@dataclass(frozen=True)
class Reference(Column):
    """The id of another object.

    Attributes:
        kinds: what it may be the id of.
        loose: whether it may lead nowhere, as the provider allows it.
    """

    kinds: tuple[str, ...] = ()
    loose: bool = False

    def referred(self, raw: Any, where: str) -> Iterator[tuple[str, tuple[str, ...], Id]]:
        """Itself."""
        if raw is not None and not self.loose:
            yield where, self.kinds, raw

    def look(self, raw: Any, sight: Sight) -> Any:
        """In the ids of the other dump."""
        return None if raw is None else sight.partner(self.kinds, raw)

    def _read(self, raw: Any, where: str) -> Any:
        if isinstance(raw, bool) or not isinstance(raw, int | str):
            raise BrokenDump(where, f"must be an id of {' or '.join(self.kinds)}, not {raw!r:.60}")
        return raw


@dataclass(frozen=True)
class Many(Column):
    """A list of values of one kind."""

    of: Column = field(default_factory=Column)

    def referred(self, raw: Any, where: str) -> Iterator[tuple[str, tuple[str, ...], Id]]:
        """Those of the items."""
        for number, item in enumerate(raw or ()):
            yield from self.of.referred(item, f"{where}[{number}]")

    def look(self, raw: Any, sight: Sight) -> Any:
        """Item by item."""
        return None if raw is None else _kept(self.of.look(item, sight) for item in raw)

    def _write(self, value: Any) -> Any:
        return [self.of.write(item) for item in value]

    def _read(self, raw: Any, where: str) -> Any:
        if not isinstance(raw, list):
            raise BrokenDump(where, f"must be a list, not {raw!r:.60}")
        return [self.of.read(item, f"{where}[{number}]") for number, item in enumerate(raw)]


@dataclass(frozen=True)
class Tuple(Column):
    """A tuple, each of whose places has its own kind."""

    of: tuple[Column, ...] = ()

    def referred(self, raw: Any, where: str) -> Iterator[tuple[str, tuple[str, ...], Id]]:
        """Those of the places."""
        for number, (column, item) in enumerate(zip(self.of, raw, strict=True)):
            yield from column.referred(item, f"{where}[{number}]")

    def look(self, raw: Any, sight: Sight) -> Any:
        """Place by place; without any place it is left out itself."""
        kept = _kept(column.look(item, sight) for column, item in zip(self.of, raw, strict=True))
        return kept or LEFT_OUT

    def _write(self, value: Any) -> Any:
        return [column.write(item) for column, item in zip(self.of, value, strict=True)]

    def _read(self, raw: Any, where: str) -> Any:
        if not isinstance(raw, list) or len(raw) != len(self.of):
            raise BrokenDump(where, f"must be a list of {len(self.of)} values, not {raw!r:.60}")
        items = zip(self.of, raw, strict=True)
        return tuple(column.read(item, f"{where}[{number}]") for number, (column, item) in enumerate(items))


@dataclass(frozen=True)
class Pairs(Column):
    """A mapping whose keys are not texts or whose keys are ids; written as a list of pairs, in its order."""

    key: Column = field(default_factory=Column)
    value: Column = field(default_factory=Column)

    def referred(self, raw: Any, where: str) -> Iterator[tuple[str, tuple[str, ...], Id]]:
        """Those of keys and values."""
        yield from self._list.referred(raw, where)

    def look(self, raw: Any, sight: Sight) -> Any:
        """Pair by pair."""
        return self._list.look(raw, sight)

    @property
    def _list(self) -> Many:
        return Many(of=Tuple(of=(self.key, self.value)))

    def _write(self, value: Any) -> Any:
        return self._list.write(value.items())

    def _read(self, raw: Any, where: str) -> Any:
        pairs = self._list.read(raw, where)
        if len({key for key, _ in pairs}) < len(pairs):
            raise BrokenDump(where, "names a key twice")
        return dict(pairs)


@dataclass(frozen=True)
class Record(Column):
    """An object of its own inside of a row.

    Attributes:
        columns: its values by name.
        make: makes it of its values by name.
    """

    columns: Mapping[str, Column] = field(default_factory=dict)
    make: Callable[..., Any] = dict

    def referred(self, raw: Any, where: str) -> Iterator[tuple[str, tuple[str, ...], Id]]:
        """Those of its values."""
        for name, column in self.columns.items():
            yield from column.referred(raw[name], f"{where}.{name}")

    def look(self, raw: Any, sight: Sight) -> Any:
        """Value by value."""
        looked = {name: column.look(raw[name], sight) for name, column in self.columns.items()}
        return {name: value for name, value in looked.items() if value is not LEFT_OUT}

    def _write(self, value: Any) -> Any:
        return {name: column.write(get(value, name)) for name, column in self.columns.items()}

    def _read(self, raw: Any, where: str) -> Any:
        return self.make(**read_columns(self.columns, raw, where))


def read_columns(columns: Mapping[str, Column], raw: Any, where: str) -> dict[str, Any]:
    """The values of a written object, which must have exactly these names; raises BrokenDump."""
    if not isinstance(raw, dict):
        raise BrokenDump(where, f"must be an object, not {raw!r:.60}")
    if missing := [name for name in columns if name not in raw]:
        raise BrokenDump(f"{where}.{missing[0]}", "is missing")
    if unknown := [name for name in raw if name not in columns]:
        raise BrokenDump(f"{where}.{unknown[0]}", "is not known")
    return {name: column.read(raw[name], f"{where}.{name}") for name, column in columns.items()}


def get(item: Any, name: str) -> Any:
    """A value of a row, be it a mapping or an object."""
    return item[name] if isinstance(item, dict) else getattr(item, name)


def _kept(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if value is not LEFT_OUT]


def choice(*values: Any, optional: bool = False) -> Checked:
    """One of some values."""
    return Checked(
        optional=optional,
        expected=f"one of {', '.join(map(repr, values))}",
        test=lambda value: any(value == known and type(value) is type(known) for known in values),
    )


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


ANY = Column(optional=True)
TEXT = Checked(expected="a text", test=lambda value: isinstance(value, str))
TEXT_OR_NONE = Checked(optional=True, expected="a text or null", test=lambda value: isinstance(value, str))
WHOLE = Checked(expected="a whole number", test=_is_whole)
WHOLE_OR_NONE = Checked(optional=True, expected="a whole number or null", test=_is_whole)
NUMBER = Checked(expected="a number", test=_is_number)
NUMBER_OR_NONE = Checked(optional=True, expected="a number or null", test=_is_number)
FLAG = Checked(expected="true or false", test=lambda value: isinstance(value, bool))
FLAG_OR_NONE = Checked(optional=True, expected="true, false or null", test=lambda value: isinstance(value, bool))
OBJECT = Checked(expected="an object", test=lambda value: isinstance(value, dict))
STAMP = Moment()
STAMP_OR_NONE = Moment(optional=True)
TOLD = Moment(told=True)
TOLD_OR_NONE = Moment(told=True, optional=True)
MADE = Made()
