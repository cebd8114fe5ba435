"""Netdata Cloud's webhook: alerts, reachability of nodes, the test with its token, and the old challenge.

Facts are from Netdata's documentation, older member names included. The node of an alert stands nowhere but before the
first colon of the message; it joins the key so that the same alert on two nodes stays two. A newer body, undocumented
and seen in receivers only, has objects for ``alert``, ``node`` and ``space``. What people post from ``custom_sender()``
of an agent has ``host`` and ``status`` instead.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Delivery, Event, Parsed
from bridge.secret import Secret
from bridge.sources.base import Knock, Reply
from bridge.sources.batch import JsonSource, Notes
from bridge.sources.fields import Element, Flag, Line, Moment, Text, TextMap, Verbatim
from bridge.sources.record import Record, Resolves
from bridge.sources.severity import meaning_of
from bridge.sources.shape import Shape, inner

_CHALLENGE, _TEST_WORD = "crc_token", "test"
_PLAIN_TEST = "test notification of Netdata"
_TEST = f"{_PLAIN_TEST}; “statusbridge sources handover” shows its token"
_REMOVED = "removed"  # the alert or its chart is gone
_NOT_JUDGED = ("uninitialized", "undefined")
_REACHABLE_WORDS = {"reachable": True, "unreachable": False, "info": True, "clear": True, "critical": False}


class NetdataSchema(Element):
    """An alert, or the reachability of a node, or a test."""

    alert = Line()
    chart = Line()
    space = Line()
    host = Line()
    severity = Verbatim()
    reachable = Flag()
    reachability = Line()
    message = Line()
    text = Text()
    url = Text()
    at = Moment()
    token = Text()
    title = Line()
    known = TextMap()


class Netdata(JsonSource):
    """``type: netdata``."""

    name: ClassVar[str] = "netdata"
    methods: ClassVar[tuple[str, ...]] = ("POST",)
    handshake_methods: ClassVar[tuple[str, ...]] = ("GET",)
    element: ClassVar[type[Schema]] = NetdataSchema

    _shape = Shape(
        alert="alert alarm",
        chart="chart",
        space="space",
        host="host",
        severity="severity",
        reachable="status.reachable",
        reachability="status.text severity",
        message="message",
        text="info",
        url="alert_url alarm_url url",
        at="date",
        token="token",  # noqa: S106 - where it stands
        title="title",
    )
    _nested = Shape(
        alert="alert.name",
        chart="alert.chart.name alert.chart.id",
        context="alert.context",
        severity="severity alert.state.status",
        info="info alert.rendered.info",
        message="message alert.rendered.summary",
        alert_url="alert_url alert.url",
        host="node.hostname host",
        space="space.name space.slug",
    )
    record = Record(
        title="Netdata Cloud",
        resolves=Resolves.YES,
        setup=(
            "Add a Webhook integration with the address of this source, and choose Bearer token or basic "
            "authentication.",
            "Press Test. If Netdata asks for the token that it sent, statusbridge sources handover SOURCE shows it.",
        ),
        used=("alert, chart, context, space, info, message, severity, date, alert_url, host, status"),
        limits=("The node of an alert stands in its message only.",),
        secrets=("token", "crc_token"),
    )

    def handshake(self, knock: Knock, secrets: Sequence[Secret]) -> Reply | None:
        """The challenge that Netdata documented until October 2025: a token comes back with our signature."""
        token = knock.query.get(_CHALLENGE)
        if not token or not secrets:
            return None
        digest = hmac.new(secrets[0].reveal().encode(), token.encode("utf-8", "replace"), hashlib.sha256).digest()
        body = json.dumps({"response_token": "sha256=" + base64.b64encode(digest).decode()})
        return Reply(200, body, "application/json")

    def parse(self, delivery: Delivery) -> Parsed:
        """See ``bridge.sources.base.SourceType``; a challenge says nothing."""
        if not delivery.body.strip() and _CHALLENGE in delivery.query:
            return Parsed(())
        return super().parse(delivery)

    def handover(self, delivery: Delivery, parsed: Parsed) -> str | None:
        """The token of a test, which has to be copied into Netdata."""
        return next((event.internal_note for event in parsed.events if event.reason == _TEST), None)

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The message under one set of names; ``known`` becomes the labels."""
        if isinstance(element.get("alert"), dict):
            element = {**element, **self._nested(element)}
        known = {name: element.get(name) for name in ("space", "chart", "context", "family", "class", "host")}
        known["alert"] = element.get("alert") or element.get("alarm")
        known["rooms"] = ",".join(inner(element, "Rooms") or inner(element, "rooms")) or None
        told = self._shape(element)
        if told["severity"] is None and isinstance(element.get("status"), str):
            told["severity"] = element["status"]
        return {**told, "known": {name: text for name, text in known.items() if text}}

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One message of any kind."""
        if alert["alert"]:
            return self._alert(alert, notes)
        if alert["host"]:
            return self._reachability(alert, notes)
        if alert["token"] or _TEST_WORD in (alert["title"] or "").casefold():
            note = f"Netdata asks for this token: {alert['token']}" if alert["token"] else None
            reason = _TEST if note else _PLAIN_TEST
            return self.statement(notes, Action.IGNORE, "test", title=alert["title"], internal_note=note, reason=reason)
        raise ValidationError({"alert": ["is missing."]})

    def _alert(self, alert: Mapping[str, Any], notes: Notes) -> Event:
        if alert["severity"] is None:
            raise ValidationError({"severity": ["is missing."]})
        word = alert["severity"].casefold()
        over = meaning_of(word) is Action.RESOLVE or word == _REMOVED
        node = _node_in(alert["message"] or "") or alert["host"]
        parts = (alert["space"] or "", alert["alert"], alert["chart"] or "", *((node,) if node else ()))
        return self.statement(
            notes,
            Action.RESOLVE if over else Action.TRIGGER,
            ":".join(parts),
            title=alert["message"] or alert["alert"],
            word=None if over else word,
            text=alert["text"],
            labels={**(alert["known"] or {}), **({"node": node} if node else {})},
            url=alert["url"],
            at=alert["at"],
            reason=f"the alert is {word}: nothing was measured" if word in _NOT_JUDGED else None,
        )

    def _reachability(self, alert: Mapping[str, Any], notes: Notes) -> Event:
        reachable = alert["reachable"]
        if reachable is None:
            reachable = _REACHABLE_WORDS.get((alert["reachability"] or "").casefold())
        if reachable is None:
            raise ValidationError({"status.reachable": ["is missing."]})
        return self.statement(
            notes,
            Action.RESOLVE if reachable else Action.TRIGGER,
            alert["host"],
            title=alert["message"] or alert["host"],
            severity=None if reachable else AlertSeverity.CRITICAL,
            labels=alert["known"] or {},
            url=alert["url"],
            at=alert["at"],
        )


def _node_in(message: str) -> str | None:
    """The node before the first colon; a sentence with blanks in it is none."""
    node, colon, _ = message.partition(":")
    return node if colon and node and " " not in node else None
