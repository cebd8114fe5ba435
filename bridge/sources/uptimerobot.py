"""UptimeRobot's webhook: as JSON, as a form, or in the query.

The names of the values are those of UptimeRobot's variables. Traps that are handled here:

* A variable without a value stays as ``*name*``.
* Expiring certificates and domains have no "up": they are alerts of their own and never close a monitor.
* Names and details may hold HTML entities (seen in a public receiver).
* ``alertType`` is a number, but a template may put the word for it there.
* ``alertDuration`` is known only when the monitor is up again; then it tells when it went down.
"""

from __future__ import annotations

import html
from datetime import datetime, timedelta
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes, ProbeOptions
from bridge.sources.fields import Element, Key, Line, Moment, Text, to_line
from bridge.sources.record import Record, Resolves
from bridge.sources.single import facts, missing
from bridge.sources.values import ValueSource

_DOWN, _UP = "1", "2"
_WORDS = {"down": _DOWN, "up": _UP}
_FIRST_YEAR = 1970
_LONGEST = 10 * 365 * 24 * 3600  # seconds; a longer outage is nonsense


class MonitorSchema(Element):
    """UptimeRobot's variables."""

    key = Key(required=True, data_key="monitorID")
    type = Text(data_key="alertType")
    word = Text(data_key="alertTypeFriendlyName")
    title = Line(data_key="monitorFriendlyName")
    monitor_url = Text(data_key="monitorURL")
    text = Text(data_key="alertDetails")
    duration = Text(data_key="alertDuration")
    at = Moment(data_key="alertDateTime")
    expires = Text(data_key="sslExpiryDate")
    days_left = Text(data_key="sslExpiryDaysLeft")


class UptimeRobot(ValueSource):
    """``type: uptimerobot``."""

    name: ClassVar[str] = "uptimerobot"
    sender: ClassVar[str] = "UptimeRobot webhook"
    options_schema: ClassVar[type[Schema]] = ProbeOptions
    methods: ClassVar[tuple[str, ...]] = ("POST", "PUT", "PATCH", "GET", "DELETE")
    element: ClassVar[type[Schema]] = MonitorSchema
    record = Record(
        title="UptimeRobot",
        resolves=Resolves.YES,
        setup=(
            "Add a Webhook alert contact with the address of this source, and choose JSON; with auth: {path: "
            "…} no header is needed.",
        ),
        used=("monitorID, monitorFriendlyName, monitorURL, alertType, alertDetails, alertDuration, alertDateTime"),
        limits=(
            "Headers can be set on paid plans only.",
            "A notice about a certificate or a domain is an alert of its own and never recovers.",
        ),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """A monitor went down or came back, or something of it expires."""
        kind = _WORDS.get((alert["type"] or alert["word"] or "").casefold()) or alert["type"]
        if not kind:
            raise missing("alertType")
        expiring = kind not in (_DOWN, _UP)
        title = to_line(html.unescape(alert["title"] or ""))
        return self.statement(
            notes,
            Action.RESOLVE if kind == _UP else Action.TRIGGER,
            f"{alert['key']}:ssl" if expiring else alert["key"],
            title=title or alert["monitor_url"],
            severity=AlertSeverity.MINOR if expiring else None,
            at=alert["at"],
            started_at=_went_down(alert["at"], alert["duration"]) if kind == _UP else None,
            text=html.unescape(alert["text"] or "") or None,
            labels=facts(
                monitor=title,
                url=alert["monitor_url"],
                alert_type=alert["word"],
                expires=alert["expires"],
                days_left=alert["days_left"],
            ),
            component=title or None,
        )


def _went_down(up_at: datetime | None, duration: str | None) -> datetime | None:
    """When the outage began, by its length in seconds."""
    if up_at is None or not duration or not duration.isdecimal() or len(duration) > len(str(_LONGEST)):
        return None
    seconds = min(int(duration), _LONGEST)
    began = up_at - timedelta(seconds=seconds)
    return began if began.year >= _FIRST_YEAR else None
