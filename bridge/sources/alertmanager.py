"""Prometheus Alertmanager's webhook: payload version 4, version 3 (2016) tolerated.

Facts are from the Alertmanager source. Traps that are handled here:

* The envelope's ``status`` is the group's: "firing" while any member fires. Only ``alerts[].status`` counts.
* ``truncatedAlerts`` says that members were left out; nothing is inferred about them.
* An alert that has not ended carries the year 1 as its end.
* ``fingerprint`` is in the payload since 0.19; before, it is computed as Alertmanager does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import Schema, fields

from bridge.errors import Unparsable
from bridge.model.enums import Action
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes, SourceOptions
from bridge.sources.fields import Element, Key, Moment, Text, TextMap, Word, to_line
from bridge.sources.severity import meaning_of

NEVER_PUBLISHED = ("Watchdog", "InfoInhibitor", "DeadMansSwitch")
"""Alerts that always fire, or only steer others."""

_TITLES = ("summary", "title", "message")
_TEXTS = ("description", "details", "message")
_LINKS = ("dashboard_url", "runbook_url")
_SEVERITIES = ("severity", "priority", "level")
_FNV_OFFSET, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3


class AlertmanagerOptions(SourceOptions):
    """``ignore``: names of alerts that are accepted and never published."""

    ignore = fields.List(fields.String(), load_default=lambda: list(NEVER_PUBLISHED))


class AlertSchema(Element):
    """One member of ``alerts``."""

    status = Word({"firing": Action.TRIGGER, "resolved": Action.RESOLVE}, required=True)
    labels = TextMap(required=True)
    annotations = TextMap()
    started_at = Moment(data_key="startsAt")
    ended_at = Moment(data_key="endsAt")
    link = Text(data_key="generatorURL")
    fingerprint = Key()


class Alertmanager(JsonSource):
    """``type: alertmanager``."""

    name: ClassVar[str] = "alertmanager"
    options_schema: ClassVar[type[Schema]] = AlertmanagerOptions
    element: ClassVar[type[Schema]] = AlertSchema

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        self._ignored = frozenset(options.get("ignore", NEVER_PUBLISHED))

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The members of the group; an empty group is a valid no-op."""
        if not isinstance(data, dict) or "alerts" not in data:
            raise Unparsable("This is not an Alertmanager webhook: an object with a list “alerts” is expected.")
        alerts = data["alerts"]
        if alerts is None:
            return ()
        if not isinstance(alerts, list):
            raise Unparsable("This is not an Alertmanager webhook: “alerts” must be a list.")
        left_out = data.get("truncatedAlerts")
        if isinstance(left_out, int) and left_out > 0:
            notes.warn(f"{left_out} alerts of the group were left out: set max_alerts to 0 in Alertmanager.")
        return alerts

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One alert, by its own status and times."""
        labels = _public(alert["labels"])
        annotations = _public(alert["annotations"] or {})
        name = labels.get("alertname", "")
        key = alert["fingerprint"] or fingerprint(alert["labels"])
        titled, title = _first(annotations, _TITLES)
        _, text = _first(annotations, tuple(field for field in _TEXTS if field != titled))
        _, link = _first(annotations, _LINKS)
        _, word = _first(labels, _SEVERITIES)
        action, reason = self._judge(alert["status"], name, word)
        return Event(
            dedup_key=key,
            action=action,
            title=to_line(title) or to_line(name) or key,
            severity=None if action is Action.IGNORE else self.severity(word, notes),
            text=text or None,
            labels=labels,
            url=link or alert["link"],
            started_at=alert["started_at"],
            ended_at=alert["ended_at"] if action is Action.RESOLVE else None,
            reason=reason,
        )

    def _judge(self, action: Action, name: str, word: str) -> tuple[Action, str | None]:
        if name in self._ignored:
            return Action.IGNORE, f"{name} is on the ignore list"
        if meaning_of(word) is Action.IGNORE:
            return Action.IGNORE, f"severity is {word.strip()}"
        return action, None


def fingerprint(labels: Mapping[str, str]) -> str:
    """Alertmanager's identity of an alert: FNV-1a, 64 bit, over the labels sorted by name, 0xFF after each text."""
    digest = _FNV_OFFSET
    for name, value in sorted(labels.items(), key=lambda label: label[0].encode()):
        for byte in b"%b\xff%b\xff" % (name.encode(), value.encode()):
            digest = ((digest ^ byte) * _FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return f"{digest:016x}"


def _public(texts: dict[str, str]) -> dict[str, str]:
    """Without the names that begin with two underscores: they are the sender's own."""
    for name in texts:
        if name.startswith("__"):
            return {name: text for name, text in texts.items() if not name.startswith("__")}
    return texts


def _first(texts: Mapping[str, str], names: tuple[str, ...]) -> tuple[str | None, str]:
    for name in names:
        text = texts.get(name)
        if text and (text := text.strip()):
            return name, text
    return None, ""
