"""Alerts made of labels and annotations, as Prometheus and everything that descends from it has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import fields

from bridge.errors import Unparsable
from bridge.sources.batch import Notes, SourceOptions
from bridge.sources.pulled import PullSchema

NEVER_PUBLISHED = ("Watchdog", "InfoInhibitor", "DeadMansSwitch")
"""Alerts that always fire, or only steer others."""

_TITLES = ("summary", "title", "message")
_TEXTS = ("description", "details", "message")
_LINKS = ("dashboard_url", "runbook_url")
_SEVERITIES = ("severity", "priority", "level")
_FNV_OFFSET, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3


class LabelledOptions(SourceOptions):
    """``ignore``: names of alerts that are accepted and never published."""

    ignore = fields.List(fields.String(), load_default=lambda: list(NEVER_PUBLISHED))


class PulledOptions(LabelledOptions):
    """``pull``: where the sender's own API is asked for what its webhook does not tell: ``{url: …, receiver: …}``."""

    pull = fields.Nested(PullSchema)


@dataclass(frozen=True, slots=True)
class Told:
    """What labels and annotations say.

    Attributes:
        name: the label ``alertname``, "" where it is missing.
        title: the best title there is, "" where there is none.
        text: the longer text, if it is not the title already.
        severity: the severity word.
        link: link to a dashboard or a runbook.
        labels: the labels that are not the sender's own.
    """

    name: str
    title: str
    text: str | None
    severity: str | None
    link: str | None
    labels: Mapping[str, str]


def members(data: Any, notes: Notes, sender: str) -> Sequence[Any]:
    """The members of a group of alerts; an empty group is a valid no-op.

    Raises:
        Unparsable: when this is no group.
    """
    if not isinstance(data, dict) or "alerts" not in data:
        raise Unparsable(f"This is not {_article(sender)} webhook: an object with a list “alerts” is expected.")
    alerts = data["alerts"]
    if alerts is None:
        return ()
    if not isinstance(alerts, list):
        raise Unparsable(f"This is not {_article(sender)} webhook: “alerts” must be a list.")
    left_out = data.get("truncatedAlerts")
    if isinstance(left_out, int) and left_out > 0:
        notes.warn(f"{left_out} alerts of the group were left out: set max_alerts to 0 in {sender}.")
    return alerts


def read_labels(labels: Mapping[str, str], annotations: Mapping[str, str] | None) -> Told:
    """Title, text, severity and link of an alert; names that begin with two underscores are the sender's own."""
    shown_labels, notes = _public(labels), _public(annotations or {})
    name = shown_labels.get("alertname", "")
    titled, title = _first(notes, _TITLES)
    _, text = _first(notes, tuple(field for field in _TEXTS if field != titled))
    _, link = _first(notes, _LINKS)
    _, severity = _first(shown_labels, _SEVERITIES)
    return Told(name, title or name, text or None, severity or None, link or None, shown_labels)


def fingerprint(labels: Mapping[str, str]) -> str:
    """Alertmanager's identity of an alert: FNV-1a, 64 bit, over the labels sorted by name, 0xFF after each text."""
    digest = _FNV_OFFSET
    for name, value in sorted(labels.items(), key=lambda label: label[0].encode()):
        for byte in b"%b\xff%b\xff" % (name.encode(), value.encode()):
            digest = ((digest ^ byte) * _FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return f"{digest:016x}"


def _article(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


def _public(texts: Mapping[str, str]) -> Mapping[str, str]:
    """Without the names that begin with two underscores."""
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
