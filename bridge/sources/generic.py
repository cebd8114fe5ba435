"""Our own documented JSON, for every sender whose body the administrator writes; see ``docs/sources/generic.md``.

One object or an array of them. Beside our own names three foreign shapes are taken as they are: Grafana OnCall's
formatted webhook (told by ``alert_uid``), PagerDuty's Events API v2 (told by ``event_action``; the answer is the one
that its clients expect), and anything at all through the ``fields`` option, which says where each field is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validate

from bridge.errors import Unparsable
from bridge.ids import derived_id
from bridge.model.enums import Action, ComponentStatus
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes, SourceOptions
from bridge.sources.fields import Element, Key, Line, Moment, Text, TextMap, Verbatim, look_up, shown, to_line, to_text
from bridge.sources.lifecycle import ACTION_WORDS, STATUS_WORDS
from bridge.sources.record import Record, Resolves
from bridge.sources.severity import WORDS, meaning_of

_ALIASES: Mapping[str, tuple[str, ...]] = {
    "dedup_key": ("dedup_key",),
    "action": ("action", "state"),
    "title": ("title", "summary"),
    "text": ("description", "message", "text"),
    "severity": ("severity",),
    "status": ("status",),
    "component": ("component",),
    "url": ("url", "link"),
    "labels": ("labels",),
    "note": ("note",),
    "started_at": ("started_at",),
    "ended_at": ("ended_at",),
    "happened_at": ("happened_at", "timestamp"),
}
_MAPPABLE = tuple(_ALIASES)
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


class GenericOptions(SourceOptions):
    """Settings: where things are in a foreign body, and what its words mean.

    ``items`` is the path of the list of alerts, ``fields`` gives the path of each field inside an alert, ``actions``
    and ``severities`` are tables of the sender's own words.

    A path is written ``alert.labels.host`` or ``alerts[0].id``; a leading ``$.`` is allowed.
    """

    items = fields.String(validate=validate.Length(min=1))
    fields_ = fields.Dict(
        keys=fields.String(validate=validate.OneOf(_MAPPABLE)),
        values=fields.String(validate=validate.Length(min=1)),
        data_key="fields",
        attribute="fields",
        load_default=dict,
    )
    actions = fields.Dict(keys=fields.String(), values=fields.Enum(Action, by_value=True), load_default=dict)
    severities = fields.Dict(
        keys=fields.String(), values=fields.String(validate=validate.OneOf(sorted(WORDS))), load_default=dict
    )


class GenericSchema(Element):
    """One alert, under our own names."""

    dedup_key = Key(required=True)
    action = Verbatim(required=True)
    title = Line()
    text = Text()
    severity = Verbatim()
    status = Text()
    component = Line()
    url = Text()
    labels = TextMap()
    note = Text()
    started_at = Moment()
    ended_at = Moment()
    happened_at = Moment()


class Generic(JsonSource):
    """``type: generic``."""

    name: ClassVar[str] = "generic"
    options_schema: ClassVar[type[Schema]] = GenericOptions
    element: ClassVar[type[Schema]] = GenericSchema
    record = Record(
        title="Generic JSON",
        resolves=Resolves.BY_SET_UP,
        setup=("Let the sender post the members of this page, or say with fields where they are in its own body.",),
        used=(
            "dedup_key, action, title, description, severity, status, component, labels, url, started_at, "
            "ended_at, happened_at"
        ),
        limits=("Grafana OnCall's formatted webhook and PagerDuty's Events API v2 are understood as they are.",),
        secrets=("routing_key", "service_key"),
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self._items = _steps(options["items"]) if options.get("items") else ()
        self._fields = {field: _steps(path) for field, path in (options.get("fields") or {}).items()}
        own = {word.strip().casefold(): action for word, action in (options.get("actions") or {}).items()}
        self._actions = {**ACTION_WORDS, **own}
        self._severities = {
            word.strip().casefold(): meaning for word, meaning in (options.get("severities") or {}).items()
        }

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The objects of the body; a single object is a batch of one."""
        found = _walk(data, self._items) if self._items else data
        if isinstance(found, list):
            return found
        if isinstance(found, dict):
            return [found]
        if self._items:
            raise Unparsable(f"The body has no list or object at “{self.options['items']}”.")
        raise Unparsable("The body must be a JSON object or an array of objects.")

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The element under our own names: by its shape, then by the ``fields`` option."""
        shape = next(shape for told_by, shape in _SHAPES if told_by is None or told_by in element)
        renamed = shape(element)
        for field, path in self._fields.items():
            renamed[field] = _walk(element, path)
        return renamed

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One statement about one alert."""
        action = self._action(alert["action"])
        key, happened_at, word = alert["dedup_key"], alert["happened_at"], alert["severity"]
        if word:
            word = self._severities.get(word.casefold(), word)
        reason = None
        if meaning_of(word) is Action.IGNORE:
            action, reason = Action.IGNORE, f"severity is {word}"
        told = word or action is Action.TRIGGER  # only a firing alert needs a severity at all costs
        return Event(
            dedup_key=key,
            action=action,
            title=alert["title"] or (to_line(key) or "alert" if action is Action.TRIGGER else ""),
            severity=self.severity(word, notes) if told and action is not Action.IGNORE else None,
            text=alert["text"],
            labels=alert["labels"] or {},
            component=alert["component"],
            status=_status(alert["status"], notes),
            url=alert["url"],
            internal_note=alert["note"],
            started_at=alert["started_at"] or (happened_at if action is Action.TRIGGER else None),
            ended_at=(alert["ended_at"] or happened_at) if action is Action.RESOLVE else None,
            happened_at=happened_at,
            reason=reason,
        )

    def answer(self, data: Any, events: Sequence[Event]) -> Mapping[str, Any]:
        """What PagerDuty's Events API v2 answers, for clients that can only talk to PagerDuty."""
        if isinstance(data, dict) and "event_action" in data and events:
            return {"status": "success", "message": "Event processed", "dedup_key": events[0].dedup_key}
        return {}

    def _action(self, word: str) -> Action:
        try:
            action: Action | None = look_up(self._actions, word)
        except ValidationError as error:
            raise ValidationError({"action": error.messages}) from None
        if action is None:
            raise ValidationError({"action": ["says nothing."]})
        return action


def _status(word: str | None, notes: Notes) -> ComponentStatus | None:
    """The status that a component is to get; a word that nobody knows costs no alert."""
    status = STATUS_WORDS.get(word.casefold()) if word else None
    if word and status is None:
        notes.warn(f"status: unknown word {shown(word)}, taken as missing.")
    return status


def _own(element: Mapping[str, Any]) -> dict[str, Any]:
    """Our own names and their aliases; a ``status`` such as "down" stands in for a missing action."""
    renamed = {
        field: next((element[name] for name in names if element.get(name) is not None), None)
        for field, names in _ALIASES.items()
    }
    if renamed["action"] is None and isinstance(status := renamed["status"], str):
        word = status.strip().casefold()
        if word not in STATUS_WORDS:
            renamed["action"], renamed["status"] = status, None
    return renamed


def _oncall(element: Mapping[str, Any]) -> dict[str, Any]:
    """Grafana OnCall's formatted webhook; a missing state means alerting."""
    return {
        "dedup_key": element.get("alert_uid"),
        "action": element.get("state") or "alerting",
        "title": element.get("title"),
        "text": element.get("message"),
        "severity": element.get("severity"),
        "url": element.get("link_to_upstream_details"),
    }


def _pagerduty(element: Mapping[str, Any]) -> dict[str, Any]:
    """PagerDuty's Events API v2. Its clients may leave ``dedup_key`` out of a trigger; then it is derived."""
    payload = element.get("payload")
    payload = payload if isinstance(payload, dict) else {}
    details = payload.get("custom_details")
    labels = {name: payload.get(name) for name in ("source", "component", "group", "class")}
    labels["client"] = element.get("client")
    links = element.get("links")
    first = links[0] if isinstance(links, list) and links else None
    return {
        "dedup_key": element.get("dedup_key") or _derived_key(element, payload),
        "action": element.get("event_action"),
        "title": payload.get("summary"),
        "severity": payload.get("severity"),
        "component": payload.get("component"),
        "url": first.get("href") if isinstance(first, dict) else element.get("client_url"),
        "labels": {**_scalars(details), **_scalars(labels)},
        "happened_at": payload.get("timestamp"),
    }


def _derived_key(element: Mapping[str, Any], payload: Mapping[str, Any]) -> str | None:
    if element.get("event_action") != "trigger" or not payload.get("summary"):
        return None
    parts = (to_text(payload.get(name)) for name in ("summary", "source", "component", "group", "class"))
    return derived_id("key", *parts)


def _scalars(values: Any) -> dict[str, Any]:
    if not isinstance(values, dict):
        return {}
    return {name: value for name, value in values.items() if isinstance(value, str | int | float)}


_SHAPES: tuple[tuple[str | None, Callable[[Mapping[str, Any]], dict[str, Any]]], ...] = (
    ("event_action", _pagerduty),
    ("alert_uid", _oncall),
    (None, _own),
)


def _steps(path: str) -> tuple[str | int, ...]:
    bare = path.removeprefix("$").removeprefix(".")
    return tuple(int(index) if index else name for index, name in _STEP.findall(bare))


def _walk(data: Any, steps: Sequence[str | int]) -> Any:
    """What is at the end of a path, None when there is nothing."""
    for step in steps:
        if isinstance(step, str) and isinstance(data, dict):
            data = data.get(step)
        elif isinstance(step, int) and isinstance(data, list) and step < len(data):
            data = data[step]
        else:
            return None
    return data
