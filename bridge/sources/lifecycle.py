"""The words by which senders say that something began, goes on, or is over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import fields

from bridge.model.enums import Action, ComponentStatus
from bridge.sources.batch import SourceOptions
from bridge.sources.fields import Element, Line, Moment, Text, TextMap, Verbatim
from bridge.sources.shape import Shape

_ACTIONS = {
    Action.TRIGGER: "trigger triggered firing problem down alerting open",
    Action.UPDATE: "update acknowledge acknowledged",
    Action.RESOLVE: "resolve resolved ok up closed recovery",
}
ACTION_WORDS: Mapping[str, Action] = {word: action for action, words in _ACTIONS.items() for word in words.split()}
"""Casefolded word → action."""

STATUS_WORDS: Mapping[str, ComponentStatus] = {
    **{status.value: status for status in ComponentStatus},
    "degraded_performance": ComponentStatus.DEGRADED,
    "under_maintenance": ComponentStatus.MAINTENANCE,
}
"""Casefolded word → component status."""

_SUFFIXES = {
    Action.TRIGGER: "firing triggered opened down",
    Action.UPDATE: "acknowledged updated",
    Action.RESOLVE: "resolved closed recovered up",
}
TYPE_SUFFIXES: Mapping[str, Action] = {word: action for action, words in _SUFFIXES.items() for word in words.split()}
"""Last part of an event type such as ``com.example.alert.firing`` → action."""
_VERSION = re.compile(r"(?:\.v?\d{1,5}(?:(?:alpha|beta|rc)\d{0,3})?){1,4}\Z")
"""The version that many producers put at the end of a type, as the primer of CloudEvents proposes."""

told_by = Shape(
    action="action",
    status="status state",
    title="title summary name message",
    text="description message text",
    severity="severity level priority",
    component="component",
    url="url link",
    labels="labels",
    started_at="started_at",
    ended_at="ended_at",
)
"""What the ``data`` of an event envelope may say about an alert."""


class EnvelopeOptions(SourceOptions):
    """``types``: event types, or last parts of event types, of the user's own → action."""

    types = fields.Dict(keys=fields.String(), values=fields.Enum(Action, by_value=True), load_default=dict)


class EnvelopeSchema(Element):
    """Type and time of an event envelope, and what its data says."""

    type = Text(required=True)
    time = Moment()
    action = Text()
    status = Text()
    title = Line()
    text = Text()
    severity = Verbatim()
    component = Line()
    url = Text()
    labels = TextMap()
    started_at = Moment()
    ended_at = Moment()


def own_types(options: Mapping[str, Any]) -> Mapping[str, Action]:
    """The option ``types``, casefolded."""
    return {word.strip().casefold(): action for word, action in (options.get("types") or {}).items()}


def action_of_type(type_name: str, own: Mapping[str, Action]) -> Action | None:
    """What an event type says; None when it says nothing about an alert.

    Args:
        type_name: such as ``com.example.alert.firing``; a version at its end, as in ``….firing.v1``, says nothing.
        own: casefolded types, or last parts of types, of the user's own choice; they come first.
    """
    whole = type_name.strip().casefold()
    named = _VERSION.sub("", whole)
    last, very_last = named.rpartition(".")[2], whole.rpartition(".")[2]
    return own.get(whole) or own.get(named) or own.get(very_last) or own.get(last) or TYPE_SUFFIXES.get(last)


def action_of_word(word: str | None) -> Action | None:
    """What a word says; None when it is none of the words that all sources share."""
    return ACTION_WORDS.get(word.strip().casefold()) if word else None
