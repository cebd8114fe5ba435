"""Alerta: its alert object, as its forwarder and its webhooks post it.

Facts are from the Alerta source. ``id`` is that of the last message, so it is no key. ``correlate`` lists the names that
one matter takes ("down", "up"), so the first of them in the alphabet stands for all. Notes and history are internal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, fields

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes, SourceOptions
from bridge.sources.fields import Element, Key, Line, Moment, Text, Texts, Verbatim
from bridge.sources.labelled import NEVER_PUBLISHED
from bridge.sources.severity import WORDS

_STATES = {
    **dict.fromkeys(("open", "unknown"), Action.TRIGGER),
    **dict.fromkeys(("ack", "assign"), Action.UPDATE),
    **dict.fromkeys(("closed", "expired"), Action.RESOLVE),
    **dict.fromkeys(("shelved", "blackout"), Action.IGNORE),
}
_GRADES = {
    **WORDS,
    **dict.fromkeys(("indeterminate", "informational", "debug", "trace", "unknown"), AlertSeverity.INFO),
}
_HEARTBEAT = "heartbeat"


class AlertaOptions(SourceOptions):
    """``ignore``: names of events that are accepted and never published."""

    ignore = fields.List(fields.String(), load_default=lambda: list(NEVER_PUBLISHED))


class AlertaSchema(Element):
    """One alert, or a heartbeat."""

    environment = Line()
    resource = Line()
    event = Line()
    correlate = Texts()
    severity = Verbatim()
    status = Text()
    text = Text()
    value = Line()
    service = Texts()
    group = Line()
    tags = Texts()
    kind = Line(data_key="type")
    origin = Line()
    url = Text(data_key="href")
    created_at = Moment(data_key="createTime")
    updated_at = Moment(data_key="updateTime")
    received_at = Moment(data_key="receiveTime")
