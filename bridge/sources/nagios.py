"""Nagios (and Naemon, Shinken): a notification command that posts its macros. The names are those of Icinga's scripts.

Nagios leaves macros that say nothing blank or as they are written (``$SERVICEDESC$`` for a host), and writes line
breaks in the output as two characters. A public script puts those of the service, or of the host, into ``data``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bridge.sources.hoststate import HostStateSource, plain_names
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape, inner

_SHAPE = Shape(
    notification_type="notificationtype type",
    host="host hostname",
    service="service servicedesc servicedescription servicename",
    host_display="hostdisplay hostdisplayname hostalias",
    service_display="servicedisplay servicedisplayname",
    address="address hostaddress",
    state="state servicestate hoststate",
    text="message output pluginoutput serviceoutput hostoutput additionalinfo text",
    author="author notificationauthoralias notificationauthor acknowledgementauthor ackauthor",
    comment="comment notificationcomment acknowledgementcomment ackcomment",
    url="url notificationurl",
    datetime="timet timestamp datetime longdatetime shortdatetime checktime lastcheck",
)


class Nagios(HostStateSource):
    """``type: nagios``."""

    name: ClassVar[str] = "nagios"
    success_status: ClassVar[int] = 200
    record = Record(
        title="Nagios",
        resolves=Resolves.YES,
        setup=(
            "Install the notification commands of this page with the address and the token of this source, "
            "for hosts and services.",
        ),
        used=("notification_type, host, service, state, datetime, message, author, comment"),
        limits=("A script that builds JSON by hand breaks at quotes and line breaks: use the one of this page.",),
    )

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The macros under one set of names, with or without the prefix of an environment variable."""
        names = plain_names({**inner(element, "data"), **element})
        told = _SHAPE({name.removeprefix("nagios"): value for name, value in names.items()})
        if isinstance(told["text"], str):
            told["text"] = told["text"].replace("\\n", "\n")
        return told
