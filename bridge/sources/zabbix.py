"""Zabbix: whatever the JavaScript of a media type makes of macros. We publish one; three others are known.

Facts are from Zabbix's own media types and documentation. Traps that are handled here:

* ``EVENT.ID`` stays the problem's id in updates and recoveries; ``EVENT.RECOVERY.ID`` is another number.
* A manual close is an update and a recovery at once: value 0 wins. Update messages are internal.
* All values are texts. A macro that says nothing stays as it is written; so do all of them in the test of a media type.
* Date and time are those of the Zabbix server, without a zone.

The layouts of Grafana OnCall's media type (``alert_uid``), of Keep's (``triggerId``) and of an old chat bot
(``trigger`` and ``link``) are taken as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from marshmallow import Schema, ValidationError

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes, ZonedOptions
from bridge.sources.body import read_json
from bridge.sources.fields import Element, Key, Line, Moment, Text, TextMap, Word, is_placeholder, to_text
from bridge.sources.shape import Shape

_VALUES = {
    **dict.fromkeys(("1", "problem", "alerting"), Action.TRIGGER),
    **dict.fromkeys(("0", "resolved", "ok"), Action.RESOLVE),
}
_SEVERITIES = dict(
    zip("012345", (*[AlertSeverity.INFO] * 2, *[AlertSeverity.MINOR] * 2, AlertSeverity.MAJOR, AlertSeverity.CRITICAL))
)
_UNCLASSIFIED = "not classified"
_SOURCES = {"1": "discovery", "2": "autoregistration", "3": "internal"}
_COMPONENT_TAGS = ("component", "service")

_OURS = Shape(
    key="event_id EVENT.ID alert_uid id trigger_id triggerId",
    value="event_value EVENT.VALUE value",
    status="event_status EVENT.STATUS state status trigger_status",
    update="event_update_status EVENT.UPDATE.STATUS",
    update_action="event_update_action EVENT.UPDATE.ACTION update_action",
    note="event_update_message EVENT.UPDATE.MESSAGE",
    source="event_source",
    grade="event_nseverity EVENT.NSEVERITY",
    severity="event_severity EVENT.SEVERITY severity",
    title="event_name name title trigger_name alert_subject",
    text="alert_message message event_opdata",
    host="host_host hostname service host_name HOST.NAME host",
    link="link_to_upstream_details link",
    url="zabbix_url url",
    trigger="trigger_id triggerId",
    timestamp="event_timestamp",
    recovery_timestamp="event_recovery_timestamp",
)


class ZabbixSchema(Element):
    """One message."""

    key = Key()
    value = Word({"1": Action.TRIGGER, "0": Action.RESOLVE})
    status = Word(_VALUES)
    update = Text()
    update_action = Text()
    note = Text()
    source = Text()
    grade = Text()
    severity = Text()
    title = Line()
    text = Text()
    host = Line()
    link = Text()
    url = Text()
    trigger = Text()
    tags = TextMap()
    began = Moment()
    ended = Moment()
    updated = Moment()


class Zabbix(JsonSource):
    """``type: zabbix``."""

    name: ClassVar[str] = "zabbix"
    options_schema: ClassVar[type[Schema]] = ZonedOptions
    element: ClassVar[type[Schema]] = ZabbixSchema
    success_status: ClassVar[int] = 200

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """Any of the layouts, with its times put together."""
        told = _OURS(element)
        if told["key"] is None:
            told["key"] = _trigger_of(told["link"])
        if to_text(told["value"]).strip() not in ("0", "1"):  # Keep's layout has {EVENT.VALUE}, others a measurement
            told["value"] = None
        told["tags"] = _tags(element.get("event_tags") or element.get("tags"))
        began = told["timestamp"] or _moment(element, "event")
        told["began"] = began or element.get("lastReceived") and _dated(element["lastReceived"])
        told["ended"] = told["recovery_timestamp"] or _moment(element, "event_recovery")
        told["updated"] = _moment(element, "event_update")
        return told
