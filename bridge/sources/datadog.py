"""Datadog's webhook, with the template of ``docs/sources/datadog.md``.

Facts are from Datadog's list of webhook variables. Traps that are handled here:

* The body is whatever somebody typed; a few names that other tools' templates use are known as well. The tile's own
  payload names neither monitor nor state and is quarantined.
* ``alert_cycle_key`` is the same from trigger to recovery of one group of a monitor.
* Alert to Warn within one cycle is less bad, not over. Renotifications look like new alerts.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Key, Line, Moment, Text, Texts
from bridge.sources.record import Record, Resolves
from bridge.sources.severity import meaning_of
from bridge.sources.shape import Shape
from bridge.sources.single import facts, ignored, missing, tagged
from bridge.sources.values import ValueSource

_BEGINS = frozenset({"triggered", "warn", "no data"})
_MILD = frozenset({"warn", "no data"})
_WORDS = (
    _BEGINS | {"renotify"} | {f"re-{word}" for word in _BEGINS} | {"recovered", "warn recovered", "no data recovered"}
)
_RANKS = frozenset({"P1", "P2", "P3", "P4", "P5"})
_TYPES = {"error": AlertSeverity.MAJOR, "warning": AlertSeverity.MINOR, "info": AlertSeverity.INFO}
_TEST = "test"
_HINT = "Datadog's own payload does not tell the monitor and its state: use the template of docs/sources/datadog.md."


_told_by = Shape(
    alert_cycle_key="alertcyclekey cyclekey",
    alert_id="alertid monitorid",
    aggreg_key="aggregkey",
    alert_scope="alertscope scopes scope groups",
    alert_transition="alerttransition transition",
    alert_type="alerttype",
    alert_priority="alertpriority",
    other_priority="severity priority",
    alert_title="alerttitle monitorname",
    event_title="eventtitle title",
    event_msg="eventmsg textonlymsg textmsg eventmessage body alertbody message description",
    alert_status="alertstatus",
    alert_metric="alertmetric",
    hostname="hostname host",
    org_name="orgname",
    tags="tags",
    link="link url alerturl eventurl",
    date="date dateposix timestamp occurredat eventts",
    last_updated="lastupdated lastupdatedposix",
)
"""Names of the template → where else their values stand, as :func:`_folded` writes names."""


class AlertSchema(Element):
    """The values of the template."""

    cycle = Key(data_key="alert_cycle_key")
    monitor = Key(data_key="alert_id")
    together = Key(data_key="aggreg_key")
    scope = Text(data_key="alert_scope")
    transition = Text(data_key="alert_transition")
    type = Text(data_key="alert_type")
    priority = Text(data_key="alert_priority")
    other_priority = Text()
    title = Line(data_key="alert_title")
    event_title = Line()
    text = Text(data_key="event_msg")
    status = Text(data_key="alert_status")
    metric = Text(data_key="alert_metric")
    hostname = Text()
    org = Text(data_key="org_name")
    tags = Texts()
    link = Text()
    date = Moment()
    last_updated = Moment()


class Datadog(ValueSource):
    """``type: datadog``."""

    name: ClassVar[str] = "datadog"
    sender: ClassVar[str] = "Datadog webhook"
    element: ClassVar[type[Schema]] = AlertSchema
    record = Record(
        title="Datadog",
        resolves=Resolves.YES,
        setup=(
            "Add a webhook with the address of this source, the payload of this page, and the token under "
            "custom headers.",
            "Mention @webhook-<name> in the monitors, in the alert and in the recovery.",
        ),
        used=(
            "alert_cycle_key, alert_id, alert_scope, alert_transition, alert_type, alert_priority, "
            "alert_title, event_title, event_msg, date, last_updated, link, tags"
        ),
        limits=("The payload that the tile proposes holds neither monitor nor transition and cannot be followed.",),
    )

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The values under the names of the template, however they are written and wrapped.

        ``status`` is the transition in some templates, and the sentence about the state in others.
        """
        folded = _folded(element)
        values, status = _told_by(folded), folded.get("status")
        if not values["alert_transition"] and isinstance(status, str) and _word(status) in _WORDS:
            values["alert_transition"] = status
        return values

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One transition of one group of a monitor."""
        monitor = ":".join(part for part in (alert["monitor"], alert["scope"]) if part) if alert["monitor"] else None
        key = alert["cycle"] or monitor or alert["together"]
        title = alert["title"] or alert["event_title"] or ""
        if any(_TEST in _split(name or "")[0] for name in (title, alert["event_title"])):
            return ignored(key, "test notification", title)
        if not alert["transition"] or not key:
            raise missing("alert_transition" if not alert["transition"] else "alert_cycle_key", hint=_HINT)
        if not alert["priority"] and (rank := (alert["other_priority"] or "").upper()) in _RANKS:
            # The priority of the event, "normal" or "low", has the same name in other templates.
            alert["priority"] = rank
        word = _word(alert["transition"])
        action = Action.TRIGGER if word in _BEGINS else Action.UPDATE
        if word.endswith("recovered"):
            action = Action.RESOLVE
        return self.statement(
            notes,
            action,
            key,
            title=_headline(title),
            severity=None if action is Action.RESOLVE else _severity(word.removeprefix("re-"), alert),
            at=alert["date"] or alert["last_updated"],
            text=alert["text"] or alert["status"],
            labels={
                **tagged(",".join(alert["tags"] or ())),
                **facts(
                    monitor=alert["monitor"],
                    scope=alert["scope"],
                    transition=alert["transition"],
                    priority=alert["priority"],
                    metric=alert["metric"],
                    hostname=alert["hostname"],
                    org=alert["org"],
                ),
            },
            url=alert["link"],
        )


def _folded(element: Mapping[str, Any]) -> dict[str, Any]:
    """Name → value, names in small letters without anything else: ``alertCycleKey``, ``ALERT_CYCLE_KEY``.

    Templates of other tools put the variables one level down, as ``metadata: {…}`` or ``alert: {cycle_key: …}``.
    """
    folded: dict[str, Any] = {}
    inside: dict[str, Any] = {}
    for name, value in element.items():
        outer = _bare(name)
        folded[outer] = value
        for below, told in value.items() if isinstance(value, dict) else ():
            inside.setdefault(outer + _bare(below), told)
            inside.setdefault(_bare(below), told)
    return {**inside, **folded}


def _word(transition: str) -> str:
    return " ".join(transition.casefold().split())


def _bare(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def _severity(word: str, alert: dict[str, Any]) -> AlertSeverity | None:
    """Warn and No Data are minor; else the priority decides, and without one the type of the alert.

    A renotification does not tell what it repeats; only its type tells a warning from an alert.
    """
    kind = _TYPES.get((alert["type"] or "").casefold())
    if word in _MILD:
        return AlertSeverity.MINOR
    priority = alert["priority"] or ""
    rank = meaning_of(f"P{priority}" if priority.isdecimal() else priority)
    again = word == "renotify" and kind is not AlertSeverity.MINOR
    return rank if (word == "triggered" or again) and isinstance(rank, AlertSeverity) else kind


def _split(title: str) -> tuple[list[str], str]:
    """The groups in brackets before a title, in small letters, and the title: ``[Warn on {host:[a]}] [P1] CPU``."""
    groups: list[str] = []
    rest = title
    while rest.startswith("["):
        depths = accumulate((char == "[") - (char == "]") for char in rest)
        end = next((at for at, depth in enumerate(depths) if depth == 0), None)
        if end is None:
            return groups, title
        groups.append(rest[1:end].strip().casefold())
        rest = rest[end + 1 :].lstrip()
    return groups, rest or title


def _headline(title: str) -> str:
    """The title without the groups in brackets before it."""
    return _split(title)[1]
