"""marshmallow schemas of everything that is stored or shown, made from the dataclasses themselves.

One schema per class, derived once from its type hints, so a new field needs no second declaration. Dumping
leaves out what equals the field's default: most objects are mostly defaults, and all of them live in memory.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load

from bridge.model.enums import IncidentStatus, MaintenanceStatus

MODEL_VERSION = 1
"""Version of the stored form; a store written by a newer one is refused."""

T = TypeVar("T")


def dump(obj: Any) -> dict[str, Any]:
    """The object as JSON-able data, without fields that hold their default."""
    cls: Any = type(obj)
    defaults = _defaults(cls)
    data: dict[str, Any] = {}
    # Field by field instead of Schema.dump: accepting a webhook dumps every event, and most fields are defaults.
    for name, field in schema_of(cls).dump_fields.items():
        value = getattr(obj, name)
        if name not in defaults or defaults[name] != value:
            data[name] = field.serialize(name, obj)
    return data


def load(cls: type[T], data: Mapping[str, Any]) -> T:
    """The inverse of :func:`dump`.

    Raises:
        marshmallow.ValidationError: when the data is not a dump of ``cls``.
    """
    return cast(T, schema_of(cast(Any, cls)).load(dict(data)))


@cache
def schema_of(cls: Any) -> Schema:
    """The marshmallow schema of a dataclass."""
    hints = get_type_hints(cls)
    members: dict[str, Any] = {}
    for item in dataclasses.fields(cls):
        required = item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
        members[item.name] = _field(hints[item.name], required=required)

    @post_load
    def build(self: Schema, data: dict[str, Any], **_: Any) -> Any:
        return cls(**data)

    members["build"] = build
    members["Meta"] = type("Meta", (), {"unknown": EXCLUDE})
    return cast(Schema, type(f"{cls.__name__}Schema", (Schema,), members)())


@cache
def _defaults(cls: Any) -> dict[str, Any]:
    values = {}
    for item in dataclasses.fields(cls):
        if item.default is not dataclasses.MISSING:
            values[item.name] = item.default
        elif item.default_factory is not dataclasses.MISSING:
            values[item.name] = item.default_factory()
    return values


class Moment(fields.Field[datetime]):
    """An aware datetime as ISO 8601 in UTC."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise ValidationError("Not an ISO 8601 time.") from error
        if moment.tzinfo is None:
            raise ValidationError("A time needs a zone.")
        return moment.astimezone(UTC)


class TupleOf(fields.List[Any]):
    """A list on the wire, a tuple in the object."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(value, attr, data, **kwargs))


class PhaseField(fields.Field[Any]):
    """Incident or maintenance status; the latter is written with its kind, because both know ``scheduled``."""

    _maintenance = "maintenance/"

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        return f"{self._maintenance}{value}" if isinstance(value, MaintenanceStatus) else str(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            if str(value).startswith(self._maintenance):
                return MaintenanceStatus(str(value).removeprefix(self._maintenance))
            return IncidentStatus(value)
        except ValueError as error:
            raise ValidationError("Not a status of an incident or a maintenance.") from error


class NestedObject(fields.Field[Any]):
    """Another dataclass, dumped without its defaults."""

    def __init__(self, cls: type[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cls = cls

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else dump(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValidationError("Not an object.")
        return load(self.cls, value)


_SIMPLE: dict[Any, type[fields.Field[Any]]] = {
    str: fields.String,
    int: fields.Integer,
    float: fields.Float,
    bool: fields.Boolean,
    datetime: Moment,
    Any: fields.Raw,
}


def _field(hint: Any, *, required: bool) -> fields.Field[Any]:
    options: dict[str, Any] = {"required": required}
    members = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    if type(None) in members:
        options["allow_none"] = True
        members = tuple(member for member in members if member is not type(None))
    if set(members) == {IncidentStatus, MaintenanceStatus}:
        return PhaseField(**options)
    (kind,) = members
    return _plain_field(kind, options)


def _plain_field(kind: Any, options: dict[str, Any]) -> fields.Field[Any]:
    if kind in _SIMPLE:
        return _SIMPLE[kind](**options) if kind is not Any else fields.Raw(allow_none=True, **options)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return fields.Enum(kind, by_value=True, **options)
    if dataclasses.is_dataclass(kind):
        return NestedObject(cast(type[Any], kind), **options)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        return TupleOf(_field(arguments[0], required=True), **options)
    if origin is not None and issubclass(origin, Mapping):
        return fields.Dict(
            keys=_field(arguments[0], required=True), values=_field(arguments[1], required=True), **options
        )
    raise TypeError(f"no schema field for {kind!r}")
