"""Checkmk: a notification script that posts what it finds in its environment.

Known are the names of Keep's public script, which are ours as well, and a raw dump of ``NOTIFY_…``. Facts are from that
script. Traps that are handled here:

* ``status`` is DOWN for everything but a recovery, and ``severity`` is OK for every host: the state is read from
  ``event`` ("OK -> CRIT").
* ``id`` is 0 after the recovery, so it is no key.
* ``micro_time`` is the only time with a zone; ``short_date_time`` is that of the site.
* The public script takes nothing but 200 for success.
* A raw dump holds the parameters of the script, that is secrets: only the members named here are used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from bridge.sources.fields import is_left_over, to_text
from bridge.sources.hoststate import HostStateSource, plain_names
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape

_PREFIX = "notify"
_SHAPE = Shape(
    notification_type="notificationtype type",
    host="host hostname",
    service="service servicedesc",
    host_display="hostalias alias",
    address="address hostaddress",
    event="event",
    state="servicestate servicehardstate serviceshortstate state",
    host_state="hoststate hosthardstate hostshortstate state",
    severity="severity",
    status="status",
    what="what",
    text="output serviceoutput text",
    host_text="output hostoutput text",
    author="notificationauthor author",
    comment="notificationcomment comment",
    micro="microtime",
    short="shortdatetime",
    long="longdatetime",
    site="site omdsite",
)
_RECOVERY = "recovery"
_OFFSET = re.compile(r"([+-]\d\d) (\d\d)$")


class Checkmk(HostStateSource):
    """``type: checkmk``."""

    name: ClassVar[str] = "checkmk"
    success_status: ClassVar[int] = 200
    record = Record(
        title="Checkmk",
        resolves=Resolves.YES,
        setup=("Install the notification script of this page, and add a notification rule that calls it.",),
        used=("notification_type, event, what, host, service, output, micro_time, short_date_time"),
        limits=(
            "Dumps of all NOTIFY_ variables contain the parameters of the script, and with them the token: do"
            " not send them.",
        ),
        secrets=("NOTIFY_PARAMETER_*", "PARAMETER_*"),
    )

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The script's names or the environment's, as a notification about a host or a service."""
        told = _SHAPE({name.removeprefix(_PREFIX): value for name, value in plain_names(element).items()})
        of_host = str(told["what"] or "").casefold() == "host"
        if of_host:
            told["service"] = None
        if of_host or is_left_over(to_text(told["service"])):  # "$SERVICEDESC$" in what some versions send for hosts
            told["state"], told["text"] = told["host_state"], told["host_text"]
        told["state"] = _state_after(told["event"]) or told["state"] or _state_told(told)
        told["datetime"] = told["micro"] or _with_offset(told["short"]) or told["long"]
        told["labels"] = {"site": told["site"]} if told["site"] else {}
        return told


def _with_offset(moment: Any) -> Any:
    """A script is known that writes the offset with a blank in it: ``+07 00``."""
    return _OFFSET.sub(r"\1:\2", moment) if isinstance(moment, str) else moment


def _state_after(event: Any) -> str | None:
    """The state behind the arrow."""
    return event.rpartition("->")[2].strip() or None if isinstance(event, str) and "->" in event else None


def _state_told(told: Mapping[str, Any]) -> Any:
    """What the script's own words are worth where it tells no event: ``severity`` is right for services only."""
    if str(told["notification_type"] or "").casefold() == _RECOVERY:
        return "ok" if told["service"] else "up"
    return told["severity"] if told["service"] else told["status"]
