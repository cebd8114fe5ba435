"""marshmallow schemas of everything that is stored or shown, made from the dataclasses themselves.

One schema per class, derived once from its type hints, so a new field needs no second declaration. Dumping
leaves out what equals the field's default: most objects are mostly defaults, and all of them live in memory.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load

from bridge.model.enums import IncidentStatus, MaintenanceStatus

MAINTENANCE_PREFIX = "maintenance/"
MODEL_VERSION = 3
"""Version of the stored form; a store written by a newer one is refused."""

T = TypeVar("T")


def dump(obj: Any) -> dict[str, Any]:
    """The object as JSON-able data, without fields that hold their default.

    The same as the schema's own dump, less the defaults, at a fraction of the cost: every webhook and every commit
    passes here. A property test holds the two to each other.
    """
    data: dict[str, Any] = {}
    cls: Any = type(obj)
    for name, default, encode in _encoders(cls):
        value = getattr(obj, name)
        if value is not default and value != default:
            data[name] = value if encode is None or value is None else encode(value)
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


def prepare(cls: Any) -> None:
    """Derive now what the first dump and the first load of a class would otherwise derive."""
    schema_of(cls)
    _encoders(cls)


Encode = Callable[[Any], Any]
_NO_DEFAULT = object()


@cache
def _encoders(cls: Any) -> tuple[tuple[str, Any, Encode | None], ...]:
    """For each field: its name, its default, and how its value becomes JSON-able (None: it is already)."""
    hints = get_type_hints(cls)
    return tuple((item.name, _default(item), _encoder(hints[item.name])) for item in dataclasses.fields(cls))


def _default(item: dataclasses.Field[Any]) -> Any:
    if item.default_factory is not dataclasses.MISSING:
        return item.default_factory()
    return _NO_DEFAULT if item.default is dataclasses.MISSING else item.default


def _encoder(hint: Any) -> Encode | None:
    members = _members(hint)
    if set(members) == {IncidentStatus, MaintenanceStatus}:
        return encode_phase
    (kind,) = members
    if kind is datetime:
        return encode_moment
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda member: member.value
    if dataclasses.is_dataclass(kind):
        return dump
    if get_origin(kind) is tuple:
        return _sequence_encoder(_encoder(get_args(kind)[0]))
    if isinstance(get_origin(kind), type) and issubclass(get_origin(kind), Mapping):
        return _mapping_encoder(_encoder(get_args(kind)[1]))
    return None


def _sequence_encoder(encode: Encode | None) -> Encode:
    return list if encode is None else lambda values: [encode(value) for value in values]


def _mapping_encoder(encode: Encode | None) -> Encode:
    return dict if encode is None else lambda values: {str(key): encode(value) for key, value in values.items()}


def encode_moment(moment: datetime) -> str:
    """A time as ISO 8601 in UTC, ending in ``Z``."""
    return moment.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


def encode_phase(status: IncidentStatus | MaintenanceStatus) -> str:
    """A status; that of a maintenance is written with its kind, because both kinds know ``scheduled``."""
    return f"{MAINTENANCE_PREFIX}{status.value}" if isinstance(status, MaintenanceStatus) else status.value


def _members(hint: Any) -> tuple[Any, ...]:
    """The types of a hint, without None."""
    members = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    return tuple(member for member in members if member is not type(None))


class Moment(fields.Field[datetime]):
    """An aware datetime as ISO 8601 in UTC."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else encode_moment(value)

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
    """Incident or maintenance status; see :func:`encode_phase`."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else encode_phase(value)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            if str(value).startswith(MAINTENANCE_PREFIX):
                return MaintenanceStatus(str(value).removeprefix(MAINTENANCE_PREFIX))
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
    members = _members(hint)
    if len(members) < len(get_args(hint)) and get_origin(hint) in (Union, types.UnionType):
        options["allow_none"] = True
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
