"""Zabbix: whatever the JavaScript of a media type makes of macros. We publish one; three others are known.

Facts are from Zabbix's own media types and documentation. Traps that are handled here:

* ``EVENT.ID`` stays the problem's id in updates and recoveries; ``EVENT.RECOVERY.ID`` is another number.
* The severity that an update sets stands in ``EVENT.UPDATE.NSEVERITY``, which is left as it is written otherwise.
* A manual close is an update and a recovery at once: value 0 wins. Update messages are internal.
* All values are texts. A macro that says nothing stays as it is written; so do all of them in the test of a media type.
* Date and time are those of the Zabbix server, without a zone.
* An escalation that is cancelled puts a note before the message once more; it is internal.

The layouts of Grafana OnCall's media type (``alert_uid``), of Keep's (``triggerId``) and of an old chat bot
(``trigger`` and ``link``) are taken as they are. Scripts of people's own are understood where they name their members
as the macros are, flat (``trigger_severity``) or nested (``{"trigger": {"severity": …}}``). ``{EVENT.TAGS}`` is a text
of names and values, ``{EVENT.TAGSJSON}`` a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from marshmallow import Schema, ValidationError

from bridge.errors import Unparsable
from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes, ZonedOptions
from bridge.sources.body import read_json
from bridge.sources.fields import (
    Element,
    Flag,
    Key,
    Line,
    Moment,
    Text,
    TextMap,
    Word,
    is_left_over,
    is_placeholder,
    to_text,
)
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape

_VALUES = {
    **dict.fromkeys(("1", "problem", "alerting", "firing", "triggered"), Action.TRIGGER),
    **dict.fromkeys(("0", "resolved", "ok", "recovered", "closed"), Action.RESOLVE),
    **dict.fromkeys(("acknowledged", "acknowledge"), Action.UPDATE),
}
_SEVERITIES = {
    **dict.fromkeys(("0", "1"), AlertSeverity.INFO),
    **dict.fromkeys(("2", "3"), AlertSeverity.MINOR),
    "4": AlertSeverity.MAJOR,
    "5": AlertSeverity.CRITICAL,
}
_UNCLASSIFIED = "not classified"
_SOURCES = {"1": "discovery", "2": "autoregistration", "3": "internal"}
_COMPONENT_TAGS = ("service", "component")
_TAGS = ("eventtags", "eventtagsjson", "triggertags", "tags", "tagsjson", "labels")
_NESTS = ("event", "trigger", "host", "item")
"""Objects that macros may be sorted into by the part of their name before the dot."""

_ESCALATION = "note: escalation cancel"
_LONGEST_HOUR = 10

_OURS = Shape(
    key="eventid alertuid id triggerid",
    value="eventvalue triggervalue value",
    status="eventstatus state status triggerstatus",
    update="eventupdatestatus updatestatus",
    update_action="eventupdateaction updateaction",
    note="eventupdatemessage updatemessage",
    source="eventsource",
    grade="eventupdatenseverity eventnseverity triggernseverity nseverity",
    severity="eventupdateseverity eventseverity triggerseverity severity",
    title="eventname name title triggername trigger alertsubject subject",
    text="alertmessage message eventopdata item",
    host="hosthost service hostname host",
    link="linktoupstreamdetails link",
    url="zabbixurl url",
    trigger="triggerid",
    timestamp="eventtimestamp",
    recovery_timestamp="eventrecoverytimestamp",
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
    began = Moment(data_key="event_date")
    ended = Moment()
    updated = Moment()
    sent = Moment()
    test = Flag()


class Zabbix(JsonSource):
    """``type: zabbix``."""

    name: ClassVar[str] = "zabbix"
    options_schema: ClassVar[type[Schema]] = ZonedOptions
    element: ClassVar[type[Schema]] = ZabbixSchema
    success_status: ClassVar[int] = 200
    record = Record(
        title="Zabbix",
        resolves=Resolves.BY_SET_UP,
        setup=(
            "Import the media type of this page and give it the address and the token of this source.",
            "Assign it to a user, and send problem, recovery and update operations to it in an action.",
        ),
        used=(
            "event_id, event_value, event_update_status, event_name, event_nseverity, event_severity, "
            "event_tags, event_date, event_time, event_recovery_date, event_recovery_time, host_name, "
            "trigger_id"
        ),
        limits=(
            "Zabbix sends what a script makes of its macros: one that names its members as the macros are is "
            "understood, others need the type generic or custom.",
            "Times are local to the Zabbix server: set timezone.",
        ),
    )

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """Any of the layouts, with its times put together."""
        element = _folded(element)
        told = _OURS(element)
        if told["key"] is None:
            told["key"] = _trigger_of(told["link"])
        told["value"], told["status"] = _verdict(told["value"], told["status"], "eventvalue" in element)
        told["test"] = is_placeholder(told["key"]) and not _says(told["value"]) and not _says(told["status"])
        if told["status"] is None and "alertuid" in element:  # OnCall's layout means a firing alert by that
            told["status"] = "alerting"
        if isinstance(told["text"], str) and told["text"].casefold().startswith(_ESCALATION):
            told["note"], _, told["text"] = told["text"].partition("\n")
        told["tags"] = _tags(next((element[name] for name in _TAGS if element.get(name)), None))
        told["event_date"] = told["timestamp"] or _moment(element, "event") or _moment(element, "")
        told["ended"] = told["recovery_timestamp"] or _moment(element, "eventrecovery")
        told["updated"] = _moment(element, "eventupdate")
        told["sent"] = _dated(element.get("lastreceived"))
        return told

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One message about one problem."""
        if alert["test"]:
            return self.statement(notes, Action.IGNORE, "test", reason="test of the media type in Zabbix")
        if alert["key"] is None:
            raise ValidationError({"event_id": ["is missing."]})
        origin = _SOURCES.get(alert["source"] or "")
        action = alert["value"] or alert["status"] or (Action.IGNORE if origin else None)
        if action is None:
            raise ValidationError({"event_value": ["is missing."]})
        told_update = alert["update"] == "1" or (alert["update"] is None and alert["update_action"] is not None)
        internal = told_update or action is Action.UPDATE
        if internal and action is Action.TRIGGER:
            action = Action.UPDATE
        tags, host = alert["tags"] or {}, alert["host"]
        told_at = {Action.UPDATE: alert["updated"], Action.RESOLVE: alert["ended"] or alert["updated"]}
        notes_of_update = (alert["update_action"] if internal else None, alert["note"])
        return self.statement(
            notes,
            action,
            alert["key"],
            title=alert["title"],
            severity=self._grade(alert, action, notes),
            text=None if internal else alert["text"],
            labels={**tags, **({"host": host} if host else {})},
            component=next((tags[tag] for tag in _COMPONENT_TAGS if tags.get(tag)), None),
            url=alert["link"] or _address(alert),
            internal_note=": ".join(filter(None, notes_of_update)) or None,
            at=told_at.get(action) or alert["sent"],
            started_at=alert["began"],
            reason=f"an event of {origin}, not of a trigger" if origin else None,
        )

    def _grade(self, alert: Mapping[str, Any], action: Action, notes: Notes) -> AlertSeverity | None:
        """By the number, because administrators rename the words."""
        word = alert["severity"]
        grade = _SEVERITIES.get(alert["grade"] or "") or _SEVERITIES.get(word or "")
        if grade or (word and word.casefold() == _UNCLASSIFIED):
            return grade or AlertSeverity.INFO
        return self.severity(word, notes) if word or action is Action.TRIGGER else None


def _verdict(value: Any, status: Any, is_macro: bool) -> tuple[Any, Any]:
    """Value and status, of which one is left where both speak.

    ``{EVENT.VALUE}`` decides by itself, and no word beside it can cost the alert. What is merely called ``value`` is
    that macro in Keep's layout and a measurement in others, so a status goes before it.
    """
    if to_text(value).strip() not in ("0", "1") or (_says(status) and not is_macro):
        return None, status
    return value, None


def _folded(element: Mapping[str, Any]) -> dict[str, Any]:
    """The members under one spelling: ``event_id``, ``eventId``, ``EVENT.ID`` and ``"event": {"id": …}`` are one."""
    folded = {_plain(name): value for name, value in element.items()}
    for nest in _NESTS:
        if isinstance(folded.get(nest), dict):
            nested = {nest + _plain(name): value for name, value in folded.pop(nest).items()}
            folded = {**nested, **folded}
    return folded


def _plain(name: str) -> str:
    return name.casefold().replace("_", "").replace(".", "")


def _says(value: Any) -> bool:
    return value is not None and not is_left_over(to_text(value))


def _tags(tags: Any) -> dict[str, str]:
    """``{EVENT.TAGSJSON}``, a list of tag and value as JSON text, or ``{EVENT.TAGS}``; a broken one has no tags."""
    if isinstance(tags, dict):
        return {name: to_text(value) for name, value in tags.items() if value is not None}
    if isinstance(tags, str) and tags.lstrip()[:1] not in ("[", "{"):
        pairs = (part.partition(":") for part in tags.split(",") if _says(part))
        return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}
    if isinstance(tags, str):
        try:
            tags = read_json(tags.encode("utf-8", "replace")).data
        except Unparsable:
            return {}
    named = (tag for tag in tags if isinstance(tag, dict)) if isinstance(tags, list) else ()
    return {to_text(tag["tag"]): to_text(tag.get("value") or "") for tag in named if tag.get("tag")}


def _moment(element: Mapping[str, Any], prefix: str) -> str | None:
    """Date and time of two macros, or of a member for both, as ISO 8601 without a zone; None where nothing is said."""
    day, hour = element.get(f"{prefix}date"), element.get(f"{prefix}time")
    if _says(day) and _says(hour):
        return _dated(f"{day} {hour}")
    whole = element.get(f"{prefix}datetime") or hour
    return _dated(whole) if isinstance(whole, str) and len(whole) > _LONGEST_HOUR and _says(whole) else None


def _dated(text: Any) -> str | None:
    """Zabbix writes ``2026.08.20 10:11:12``."""
    if not isinstance(text, str):
        return None
    return text[:10].replace(".", "-") + text[10:]


def _trigger_of(link: Any) -> str | None:
    """The trigger's id in a link; its event id is another one in the recovery."""
    address: str = link if isinstance(link, str) else ""
    try:
        found = parse_qs(urlsplit(address).query).get("triggerid")
    except ValueError:
        return None
    return found[0] if found else None


def _address(alert: Mapping[str, Any]) -> str | None:
    url: str | None = alert["url"]
    if not (url and alert["trigger"] and alert["key"]):
        return url
    address = f"{url.rstrip('/')}/tr_events.php?triggerid={alert['trigger']}"
    return address if alert["key"] == alert["trigger"] else f"{address}&eventid={alert['key']}"
