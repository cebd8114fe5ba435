"""Icinga 2 by a notification script or a nested body, and Icinga Notifications by its webhook channel.

All of them are templates. Known are the names that we publish, those of the environment of the classic scripts (a
public one has those of the service, or of the host, in ``data``), a body nested into ``host``, ``service`` and
``check_result``, the whole request of Icinga Notifications (``object``, ``event``, ``incident``; from its source), and
the few members that were its default before that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bridge.sources.hoststate import HostStateSource, plain_names
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape, inner

_FLAT = Shape(
    notification_type="notificationtype type",
    host="host hostname hostobjectname",
    service="service servicename servicedesc servicedescription serviceobjectname",
    host_display="hostdisplay hostdisplayname hostalias",
    service_display="servicedisplay servicedisplayname",
    address="address hostaddress",
    state="state servicestate hoststate",
    text="message output serviceoutput hostoutput pluginoutput text",
    author="author notificationauthorname notificationauthor",
    comment="comment notificationcomment",
    url="url web2url notificationurl",
    datetime="datetime longdatetime timet timestamp shortdatetime date",
)
_NESTED = Shape(
    notification_type="notification_type notification.type type",
    host="host.name host.__name",
    service="service.name",
    host_display="host.display_name",
    service_display="service.display_name",
    address="host.address",
    state="check_result.state service.state host.state check_result.exit_status",
    text="check_result.output",
    author="notification.author author",
    comment="notification.comment comment",
    datetime="check_result.execution_end check_result.execution_start timestamp",
)
_REQUEST = Shape(
    host="object.tags.host",
    service="object.tags.service",
    display="object.name",
    text="event.message",
    author="event.username",
    url="object.url incident.url",
    datetime="event.time",
)
_MUTED = "muted"  # by an acknowledgement, a downtime or flapping: which of them is not told
_REQUEST_TYPES = {
    "state": None,
    "recovery": "recovery",
    _MUTED: "acknowledgement",
    "acknowledgement-set": "acknowledgement",
    "flapping-start": "flappingstart",
    "flapping-end": "flappingend",
    "downtime-start": "downtimestart",
    "downtime-end": "downtimeend",
    "downtime-removed": "downtimeremoved",
}
_REQUEST_STATES = {
    "ok": "ok",
    **dict.fromkeys(("crit", "alert", "emerg"), "critical"),
    "warning": "warning",
    **dict.fromkeys(("err", "notice", "info", "debug"), "unknown"),
}
"""Severities of Icinga Notifications. It hands CRITICAL and DOWN over as ``crit``, and UNKNOWN as ``err``."""


class Icinga(HostStateSource):
    """``type: icinga``."""

    name: ClassVar[str] = "icinga"
    success_status: ClassVar[int] = 200
    record = Record(
        title="Icinga 2 and Icinga Notifications",
        resolves=Resolves.YES,
        setup=(
            "Install the notification command or the channel template of this page with the address and the "
            "token of this source.",
            "Notify on problem, recovery and acknowledgement.",
        ),
        used=("notification_type, host, service, state, datetime, message, author, comment"),
        limits=(
            "Services are not notified while their host is down; a recovery after a downtime may be missing.",
            "Icinga Notifications takes nothing but 200 for success, which is what this type answers.",
        ),
    )

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """Any of the layouts."""
        if isinstance(element.get("object"), dict) and isinstance(element.get("event"), dict):
            return _of_request(element)
        if isinstance(element.get("host"), dict) or isinstance(element.get("check_result"), dict):
            return _NESTED(element)
        if "name" in element and "severity" in element and "host" not in element:
            return _of_request({"object": element, "event": element})
        names = plain_names({**inner(element, "data"), **element})
        return _FLAT({name.removeprefix("icinga").removeprefix("nagios"): value for name, value in names.items()})


def _of_request(element: Mapping[str, Any]) -> dict[str, Any]:
    """The request of Icinga Notifications; its severities are named like states, and any other type is talk."""
    told, event, incident = _REQUEST(element), inner(element, "event"), inner(element, "incident")
    kind = str(event.get("type") or _kind_of(incident)).casefold()
    told["notification_type"] = _REQUEST_TYPES.get(kind, "custom")
    severity = event.get("severity") or incident.get("severity")
    told["state"] = _REQUEST_STATES.get(str(severity or "").casefold())
    display = str(told.pop("display") or "").partition("!")
    if display[1] or not told["service"]:  # a source of one's own names it as it likes: then its tags say it better
        told["host_display"], told["service_display"] = display[0], display[2]
    if not told["host"]:
        told["host"], told["service"] = display[0], display[2]
    told["labels"] = {**inner(element, "object", "extra_tags"), **inner(element, "object", "tags")}
    if told["notification_type"] == "acknowledgement":
        told["comment"], told["text"] = told["text"], None
    return told


def _kind_of(incident: Mapping[str, Any]) -> str:
    """What newer versions, which name no type, tell about: only a change of state has an incident of its own."""
    if incident.get("recovered"):
        return "recovery"
    if incident.get("muted"):
        return _MUTED
    return "state" if incident else "talk"
