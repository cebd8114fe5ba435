"""HetrixTools uptime webhooks.

The sender is written in PHP: an empty object arrives as an empty list. Reports of blacklists, which are lists, and of
the use of resources may come to the same address; they tell no state.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action
from bridge.model.events import Event
from bridge.sources.batch import Notes, ProbeOptions
from bridge.sources.fields import Element, Key, Line, Moment, Text, shown
from bridge.sources.record import Record, Resolves
from bridge.sources.single import Facts, ObjectSource, Raw, facts, ignored, missing

_STATES = {"offline": Action.TRIGGER, "online": Action.RESOLVE}


class MonitorSchema(Element):
    """The state of one monitor."""

    key = Key(data_key="monitor_id")
    state = Text(data_key="monitor_status")
    title = Line(data_key="monitor_name")
    target = Text(data_key="monitor_target")
    type = Text(data_key="monitor_type")
    category = Line(data_key="monitor_category")
    errors = Facts(data_key="monitor_errors")
    at = Moment(data_key="timestamp")
    usage = Raw(data_key="resource_usage")
    listed = Key(data_key="monitor")
    blacklists = Raw(data_key="blacklisted_now")


class HetrixTools(ObjectSource):
    """``type: hetrixtools``."""

    name: ClassVar[str] = "hetrixtools"
    sender: ClassVar[str] = "HetrixTools webhook"
    options_schema: ClassVar[type[Schema]] = ProbeOptions
    element: ClassVar[type[Schema]] = MonitorSchema
    record = Record(
        title="HetrixTools",
        resolves=Resolves.YES,
        setup=(
            "Add a webhook to the contact list with the address of this source; the secret stands in the "
            "path, or in a bearer header.",
        ),
        used=("monitor_id, monitor_name, monitor_target, monitor_status, timestamp, monitor_errors"),
        limits=("Nothing is signed.", "Reports of blacklists and of the use of resources are ignored."),
    )

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The monitor; a report of blacklists is a list of them."""
        return data if isinstance(data, list) else super().elements(data, notes)

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """A monitor went down or came back."""
        if not alert["state"] and (alert["usage"] is not None or alert["blacklists"] is not None):
            what = "a use of resources" if alert["usage"] is not None else "a blacklist"
            return ignored(alert["key"] or alert["listed"], f"{what} is no outage", alert["title"])
        if not alert["key"] or not alert["state"]:
            raise missing("monitor_status" if alert["key"] else "monitor_id")
        action = _STATES.get(alert["state"].casefold())
        if action is None:
            return ignored(alert["key"], f"the state {shown(alert['state'])} is neither up nor down", alert["title"])
        return self.statement(
            notes,
            action,
            alert["key"],
            title=alert["title"] or alert["target"],
            at=alert["at"],
            text="\n".join(f"{place}: {error}" for place, error in (alert["errors"] or {}).items()) or None,
            labels=facts(
                monitor=alert["title"],
                target=alert["target"],
                monitor_type=alert["type"],
                category=alert["category"],
            ),
            component=alert["title"],
        )
