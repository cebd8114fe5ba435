"""Alerts asked for at the sender itself: what the API of an Alertmanager says, held against what is known here. Pure.

A webhook is silent about what its sender hides: an alert that resolves while it is silenced, inhibited or muted sends
nothing at all, and a delivery that is given up is lost. The API shows the alerts that are firing now, hidden or not.
Facts are from Alertmanager's OpenAPI description (version 2) and from Grafana's source, which serves the same below
another path. Grafana does not tell since when it runs, and its Alertmanager forgets everything when it is restarted;
the states of its rules are kept, and are asked before an alert is believed to be over.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validates_schema

from bridge.config.fields import Address, Choice, DurationField, Line, SecretField, wrong
from bridge.model.enums import Action
from bridge.model.events import Alert, Delivery, Event
from bridge.secret import Secret
from bridge.sources.base import SourceType
from bridge.sources.batch import MOST_ELEMENTS
from bridge.sources.fields import to_moment

SETTLED_AFTER = timedelta(minutes=5)
"""A sender that was started later than this ago may not have been told of everything that fires yet."""
STATE_REASON = "grafana_state_reason"
"""Annotation of an alert that Grafana changed for another reason than its value; a label here."""
_ACTIVE, _SUPPRESSED = "active", "suppressed"
_HIDERS = ("silencedBy", "inhibitedBy", "mutedBy")
_QUIET = ("normal", "pending")
"""Beginnings of the states in which a rule fires nothing; a reason may follow: ``Normal (MissingSeries)``."""


class Silenced(StrEnum):
    """What becomes of an alert that is firing and that its sender keeps to itself."""

    KEEP = "keep"
    MONITOR = "monitor"
    RESOLVE = "resolve"


@dataclass(frozen=True, slots=True)
class PullSettings:
    """``pull:`` of a source.

    Attributes:
        url: address of the sender, without the path of its API.
        receiver: name of the receiver (Grafana: contact point) that this source is.
        token: bearer token; None for no authentication, or with ``basic``.
        basic: user and password.
    """

    url: str
    receiver: str
    token: Secret | None = None
    basic: tuple[str, Secret] | None = None
    every: timedelta = timedelta(minutes=1)
    silenced: Silenced = Silenced.KEEP


class PullBasicSchema(Schema):
    """``basic:`` of ``pull:``."""

    username = Line(required=True)
    password = SecretField(required=True)


class PullSchema(Schema):
    """``pull:`` of a source."""

    url = Address(required=True)
    receiver = Line(required=True, metadata={"hint": "add 'receiver: …', the sender's own name of this webhook"})
    token = SecretField()
    basic = fields.Nested(PullBasicSchema)
    every = DurationField(least="10s", most="1d")
    silenced = Choice(tuple(Silenced))

    @validates_schema
    def _one_way_in(self, data: Mapping[str, Any], **_: Any) -> None:
        if "token" in data and "basic" in data:
            raise ValidationError({"basic": wrong("there is a token already", "remove one of the two").messages})

    @post_load
    def _settings(self, data: dict[str, Any], **_: Any) -> PullSettings:
        login = data.pop("basic", None)
        silenced = Silenced(data.pop("silenced", Silenced.KEEP))
        basic = (login["username"], login["password"]) if login else None
        return PullSettings(basic=basic, silenced=silenced, **data)


@dataclass(frozen=True, slots=True)
class AlertsApi:
    """Where one kind of sender answers.

    Attributes:
        alerts: everything that fires, also what is hidden.
        receivers: the names of all receivers.
        health: whether it is ready.
        states: the state of everything that its rules watch, where that outlives a restart.
    """

    alerts: str
    receivers: str
    health: str
    states: str | None = None


_SHOWN = "/alerts?active=true&silenced=true&inhibited=true&unprocessed=true"
APIS: Mapping[str, AlertsApi] = {
    "alertmanager": AlertsApi("/api/v2" + _SHOWN, "/api/v2/receivers", "/api/v2/status"),
    "grafana": AlertsApi(
        "/api/alertmanager/grafana/api/v2" + _SHOWN,
        "/api/alertmanager/grafana/config/api/v1/receivers",
        "/api/health",
        "/api/prometheus/grafana/api/v1/alerts",
    ),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One alert as the API shows it.

    Attributes:
        hidden: somebody silenced it, another one inhibits it, or it is muted at this time.
        active: it is sent to its receivers.
        receivers: their names.
        element: the whole of it.
    """

    key: str
    hidden: bool
    active: bool
    receivers: tuple[str, ...]
    element: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the last look saw for the first time; it is believed when the next one sees it as well.

    Attributes:
        missing: keys that fire here and not there.
        lost: keys that fire there and not here.
    """

    missing: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Compared:
    """What a look comes to.

    Attributes:
        gone: keys that were missing twice in a row; to be resolved if the sender can be trusted now.
        lost: what fires there, twice in a row, and not here.
        hide: keys that are firing and kept back by the sender now.
        tell: keys that are not kept back any more.
        alive: keys that fire here and there.
        waiting: for the next look.
    """

    gone: tuple[str, ...] = ()
    lost: tuple[Shown, ...] = ()
    hide: tuple[str, ...] = ()
    tell: tuple[str, ...] = ()
    alive: tuple[str, ...] = ()
    waiting: Waiting = field(default_factory=Waiting)


def read_alerts(payload: Any) -> dict[str, Shown]:
    """The alerts of an answer by key.

    Raises:
        ValueError: it is no list of alerts, or one of them has not the shape of an alert: then none is believed.
    """
    if not isinstance(payload, list):
        raise ValueError("it is no list of alerts")
    shown = [_read(element) for element in payload]
    return {alert.key: alert for alert in shown}


def _read(element: Any) -> Shown:
    status = element.get("status") if isinstance(element, Mapping) else None
    key = element.get("fingerprint") if isinstance(element, Mapping) else None
    if not isinstance(status, Mapping) or not isinstance(key, str) or not key.strip():
        raise ValueError("it holds something that is no alert with a fingerprint and a status")
    state = status.get("state")
    return Shown(
        key=key.strip(),
        hidden=state == _SUPPRESSED or any(status.get(name) for name in _HIDERS),
        active=state == _ACTIVE,
        receivers=names_in(element.get("receivers") or ()),
        element=element,
    )


def names_in(payload: Any) -> tuple[str, ...]:
    """The names of a list of receivers.

    Raises:
        ValueError: it is no list of objects.
    """
    if not isinstance(payload, list | tuple) or not all(isinstance(item, Mapping) for item in payload):
        raise ValueError("it is no list of receivers")
    return tuple(str(item.get("name")) for item in payload)


def is_settled(payload: Any, now: datetime) -> bool:
    """Whether a sender knows of everything that fires: it is ready, and was not started a moment ago.

    Alertmanager tells the state of its cluster and since when it runs; Grafana the state of its database.
    """
    if not isinstance(payload, Mapping):
        return False
    cluster = payload.get("cluster")
    if isinstance(cluster, Mapping):
        try:
            since = to_moment(payload.get("uptime"))
        except ValueError:
            return False
        return cluster.get("status") in ("ready", "disabled") and since is not None and now - since >= SETTLED_AFTER
    return payload.get("database") == "ok"


def still_alerting(payload: Any, keys: Collection[str], here: Mapping[str, Alert]) -> frozenset[str]:
    """Those alerts that the rules of the sender have not let go, although its Alertmanager does not show them.

    The states have no fingerprint; an alert is told by its labels, of which it has a few that are its sender's own.

    Args:
        payload: the answer with the states.
        keys: of the alerts that seem to be gone.
        here: by key, what is firing here.

    Raises:
        ValueError: it is no list of states.
    """
    data = payload.get("data") if isinstance(payload, Mapping) else None
    alerts = data.get("alerts") if isinstance(data, Mapping) else None
    if not isinstance(alerts, list) or not all(isinstance(item, Mapping) for item in alerts):
        raise ValueError("it is no list of states")
    loud = [item.get("labels") for item in alerts if not str(item.get("state")).casefold().startswith(_QUIET)]
    labels = [
        frozenset((name, str(text)) for name, text in found.items()) for found in loud if isinstance(found, Mapping)
    ]
    wanted = {key: _own_labels(here[key]) for key in keys}
    return frozenset(key for key, own in wanted.items() if own and any(own <= found for found in labels))


def _own_labels(alert: Alert) -> frozenset[tuple[str, str]]:
    return frozenset((name, text) for name, text in alert.labels.items() if name != STATE_REASON)


def compare(there: Mapping[str, Shown], here: Mapping[str, Alert], waiting: Waiting, receiver: str) -> Compared:
    """Hold what the sender shows against what fires here.

    Args:
        there: by key, everything that it shows, whatever the receiver.
        here: by key, what is firing here from this source.
        waiting: what the last look saw for the first time.
        receiver: whose alerts are ours; those of others are never taken over.
    """
    missing = frozenset(key for key in here if key not in there)
    ours = {key: alert for key, alert in there.items() if receiver in alert.receivers}
    lost = frozenset(key for key, shown in ours.items() if shown.active and not shown.hidden and key not in here)
    both = sorted(here.keys() & there.keys())
    return Compared(
        gone=tuple(sorted(missing & waiting.missing)),
        lost=tuple(ours[key] for key in sorted(lost & waiting.lost)),
        hide=tuple(key for key in both if there[key].hidden),
        tell=tuple(key for key in both if there[key].active and not there[key].hidden and here[key].muted),
        alive=tuple(both),
        waiting=Waiting(missing, lost),
    )


def events_of(
    compared: Compared,
    here: Mapping[str, Alert],
    silenced: Silenced,
    at: datetime,
    patience: timedelta | None = None,
) -> list[Event]:
    """The statements about alerts that are known here.

    Args:
        compared: the outcome of the look, with those under ``gone`` only that are believed.
        here: by key, what is firing here.
        silenced: what becomes of what the sender keeps back.
        at: when it was asked.
        patience: ``resolve_after`` of the source: what fires there must not go stale here.
    """
    over = (*compared.gone, *(compared.hide if silenced is Silenced.RESOLVE else ()))
    events = {key: Event(key, Action.RESOLVE, ended_at=at, happened_at=at) for key in over}
    muted = dict.fromkeys(compared.tell, False)
    if silenced is Silenced.MONITOR:
        muted |= {key: True for key in compared.hide if not here[key].muted}
    for key in compared.alive:
        heard_at = here[key].heard_at
        weary = patience is not None and heard_at is not None and at - heard_at >= patience / 2
        if key not in events and (weary or key in muted):
            started_at = here[key].started_at
            events[key] = Event(key, Action.UPDATE, started_at=started_at, happened_at=at, muted=muted.get(key))
    return list(events.values())


def triggers_of(lost: Sequence[Shown], source: SourceType, delivery: Delivery) -> list[Event]:
    """What the webhooks that were lost would have said, read by the very parser of the source.

    They speak of the moment of the look, so that one which re-uses its old start is no late delivery.

    Args:
        lost: what fires there and not here.
        source: reads it.
        delivery: which stands for the look; its body is not read.
    """
    events: list[Event] = []
    for start in range(0, len(lost), MOST_ELEMENTS):
        part = lost[start : start + MOST_ELEMENTS]
        body = json.dumps({"alerts": [{**shown.element, "status": "firing"} for shown in part]})
        parsed = source.parse(Delivery(delivery.id, delivery.source, delivery.received_at, body.encode()))
        firing = [event for event in parsed.events if event.action is Action.TRIGGER]
        events += [replace(event, happened_at=delivery.received_at) for event in firing]
    return events
