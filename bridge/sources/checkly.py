"""Checkly's webhook, with the template of ``docs/sources/checkly.md``.

Facts are from Checkly's documentation of alert states. Traps that are handled here:

* Thresholds can make a "remains" the first message of an outage; it says that the check still fails, so it is enough.
* Expiring certificates are alerts of their own and are never resolved by a passing check.
* Variables in double braces arrive with HTML entities.
"""

from __future__ import annotations

import html
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes, ProbeOptions
from bridge.sources.fields import Element, Key, Line, Moment, Text, Texts, Word
from bridge.sources.record import Record, Resolves
from bridge.sources.signatures.vendors import CHECKLY
from bridge.sources.single import facts
from bridge.sources.values import ValueSource

_MINOR = AlertSeverity.MINOR
_TYPES: dict[str, tuple[Action, AlertSeverity | None]] = {
    "alert_failure": (Action.TRIGGER, AlertSeverity.CRITICAL),
    "alert_fail": (Action.TRIGGER, AlertSeverity.CRITICAL),  # its name in older editions of the documentation
    "alert_degraded": (Action.TRIGGER, _MINOR),
    "alert_degraded_failure": (Action.UPDATE, AlertSeverity.CRITICAL),
    "alert_failure_degraded": (Action.UPDATE, _MINOR),
    "alert_failure_remain": (Action.UPDATE, AlertSeverity.CRITICAL),
    "alert_degraded_remain": (Action.UPDATE, _MINOR),
    "alert_recovery": (Action.RESOLVE, None),
    "alert_degraded_recovery": (Action.RESOLVE, None),
    "alert_ssl": (Action.TRIGGER, _MINOR),
    "no_alert": (Action.IGNORE, None),
}
_CERTIFICATE = "alert_ssl"


class CheckSchema(Element):
    """The values of the template."""

    key = Key(required=True, data_key="check_id")
    type = Word({word: word for word in _TYPES}, required=True, data_key="alert_type")
    title = Line(data_key="check_name")
    headline = Line(data_key="event")
    text = Text(data_key="check_error_message")
    check_type = Text()
    group = Line(data_key="group_name")
    location = Text(data_key="run_location")
    region = Text()
    status_code = Text(data_key="api_check_response_status_code")
    domain = Text(data_key="ssl_check_domain")
    days_left = Text(data_key="ssl_days_remaining")
    tags = Texts()
    link = Text()
    at = Moment(data_key="started_at")


class Checkly(ValueSource):
    """``type: checkly``."""

    name: ClassVar[str] = "checkly"
    sender: ClassVar[str] = "Checkly webhook"
    options_schema: ClassVar[type[Schema]] = ProbeOptions
    methods: ClassVar[tuple[str, ...]] = ("POST", "PUT", "PATCH", "GET", "DELETE")
    element: ClassVar[type[Schema]] = CheckSchema
    scheme = CHECKLY
    record = Record(
        title="Checkly",
        resolves=Resolves.YES,
        setup=("Add a webhook alert channel with the address of this source, the body of this page, and a secret.",),
        used=("alert_type, check_id, check_name, check_error_message, started_at, link, tags"),
        limits=(
            "The time that Checkly sends is not signed.",
            "A notice about a certificate is an alert of its own and never recovers.",
        ),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """A check changed its state, or keeps it."""
        kind: str = alert["type"]
        action, severity = _TYPES[kind]
        if severity is AlertSeverity.CRITICAL:
            severity = self.default_severity
        title = html.unescape(alert["title"] or alert["headline"] or "")
        return self.statement(
            notes,
            action,
            f"{alert['key']}:ssl" if kind == _CERTIFICATE else alert["key"],
            title=title,
            severity=severity,
            at=alert["at"],
            text=html.unescape(alert["text"] or alert["headline"] or "") or None,
            labels=facts(
                check=title,
                check_type=alert["check_type"],
                group=html.unescape(alert["group"] or ""),
                location=alert["location"] or alert["region"],
                status_code=alert["status_code"],
                domain=alert["domain"],
                days_left=alert["days_left"],
                tags=alert["tags"],
            ),
            component=title or None,
            url=html.unescape(alert["link"] or "") or None,
            reason="the check sends no alert" if action is Action.IGNORE else None,
        )
