"""The shape of a mapping file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from bridge.model.enums import (
    ComponentStatus,
    IncidentStatus,
    Kind,
    MaintenanceStatus,
    MetricAggregation,
    TextFormat,
    Visibility,
)
from bridge.providers.base.capabilities import KnownAddress, SecondPoint, StatusKeeping, UpdateNotice


class StrictSchema(Schema):
    """A schema to which an unknown key is an error."""

    class Meta:
        """Refuse what is not declared."""

        unknown = RAISE


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a ``write`` table."""

    value: str | int | None
    reason: str | None = None


class ValueField(fields.Field[str | int]):
    """A provider's value: a word or a whole number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | int:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.make_error("validator_failed")
        return value


class _LineSchema(StrictSchema):
    value = ValueField(required=True, allow_none=True)
    reason = fields.String(required=True, validate=validate.Length(min=1))


class LineField(fields.Field[Line]):
    """Either the bare value, or ``{value, reason}`` where the line loses something."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Line:
        if isinstance(value, dict):
            return Line(**_LineSchema().load(value))
        return Line(ValueField().deserialize(value))


def _table(enum: type[StrEnum]) -> fields.Field[Any]:
    def member() -> fields.Field[Any]:
        return fields.Enum(enum, by_value=True)

    schema = StrictSchema.from_dict(
        {
            "read": fields.Dict(keys=ValueField(), values=member(), required=True),
            "aliases": fields.Dict(keys=ValueField(), values=member(), load_default=dict),
            "write": fields.Dict(keys=member(), values=LineField(), required=True),
        },
        name=f"{enum.__name__}Table",
    )
    return fields.Nested(schema(), required=True)


class _LimitsSchema(StrictSchema):
    calls = fields.Integer(strict=True, required=True, validate=validate.Range(min=1))
    window = fields.Float(required=True, validate=validate.Range(min=0, min_inclusive=False))
    concurrency = fields.Integer(strict=True, required=True, validate=validate.Range(min=1))
    home = fields.String(load_default=None, validate=validate.Length(min=1))
    reads_by_address = fields.Boolean()


def _width() -> fields.Integer:
    return fields.Integer(strict=True, required=True, allow_none=True, validate=validate.Range(min=10))


class _WidthsSchema(StrictSchema):
    component_name = _width()
    component_description = _width()
    group_name = _width()
    incident_title = _width()
    incident_message = _width()
    maintenance_title = _width()
    metric_name = _width()
    metric_suffix = _width()


class _CapabilitiesSchema(StrictSchema):
    kinds = fields.List(fields.Enum(Kind, by_value=True), required=True, validate=validate.Length(min=1))
    only_read = fields.List(fields.Enum(Kind, by_value=True), load_default=list)
    only_written = fields.List(fields.Enum(Kind, by_value=True), load_default=list)
    can_hide_incidents = fields.Boolean(required=True)
    can_delete_incidents = fields.Boolean(required=True)
    carries_component_status = fields.Enum(StatusKeeping, by_value=True, required=True)
    append_spacing = fields.Float(required=True, validate=validate.Range(min=0))
    time_precision = fields.Integer(strict=True, required=True, validate=validate.OneOf([1, 60]))
    text_format = fields.Enum(TextFormat, by_value=True, required=True)
    update_notice = fields.Enum(UpdateNotice, by_value=True, required=True)
    can_hide_components = fields.Boolean(load_default=False)
    groups_begin_with_component = fields.Boolean(load_default=False)
    follows_clock = fields.Boolean(load_default=False)
    needs_end = fields.Boolean(load_default=False)
    known_address = fields.Enum(KnownAddress, by_value=True, load_default=KnownAddress.CHANGED)
    asks_anyway = fields.String(load_default=None, validate=validate.Length(min=1))


class _MetricPointsSchema(StrictSchema):
    step = fields.Integer(strict=True, required=True, validate=validate.Range(min=1))
    oldest = fields.Integer(strict=True, required=True, allow_none=True, validate=validate.Range(min=1))
    batch = fields.Boolean(required=True)
    second = fields.Enum(SecondPoint, by_value=True, required=True)
    spaced_by_threshold = fields.Boolean(required=True)


class _MarkerSchema(StrictSchema):
    key = fields.String(required=True)
    member = fields.String(load_default=None)


class MappingSchema(StrictSchema):
    """One file of ``mappings/``."""

    provider = fields.String(required=True)
    component_status = _table(ComponentStatus)
    incident_status = _table(IncidentStatus)
    maintenance_status = _table(MaintenanceStatus)
    metric_aggregation = _table(MetricAggregation)
    limits = fields.Nested(_LimitsSchema, required=True)
    widths = fields.Nested(_WidthsSchema, required=True)
    capabilities = fields.Nested(_CapabilitiesSchema, required=True)
    metric_visibility = fields.Dict(keys=ValueField(), values=fields.Enum(Visibility, by_value=True), load_default=dict)
    metric_points = fields.Nested(_MetricPointsSchema, required=True)
    marker = fields.Nested(_MarkerSchema, required=True, allow_none=True)
    choices = fields.Dict(
        keys=fields.String(), values=fields.Dict(keys=fields.String(), values=ValueField()), load_default=dict
    )
