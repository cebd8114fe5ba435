"""Gatus's custom alerting provider: the administrator writes the body out of placeholders.

Facts are from the Gatus source. Traps that are handled here:

* The payload has no id. Gatus's own key of an endpoint is made of its group and name, and so is ours.
* The two words of ``[ALERT_TRIGGERED_OR_RESOLVED]`` may be set by the administrator. Those of a status page, as in
  Gatus's own example, are known; for others see the option ``actions``.
* An unknown placeholder stays as it is written. The default is a GET without a body; then the query is read.
* The providers of Gatus for n8n, Squadcast and Zapier have bodies of their own and may be pointed anywhere, so they are
  read too. That for Zapier writes the group before the name, and a severity as status.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields

from bridge.model.enums import Action
from bridge.model.events import Delivery, Event
from bridge.sources.batch import JsonSource, Notes, ProbeOptions
from bridge.sources.body import Json
from bridge.sources.fields import Element, Line, Moment, Text, Verbatim, look_up, to_text
from bridge.sources.form import read_values
from bridge.sources.lifecycle import ACTION_WORDS
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape

_STATUS_WORDS = {
    **dict.fromkeys(("partial_outage", "major_outage", "degraded", "degraded_performance"), Action.TRIGGER),
    "operational": Action.RESOLVE,
}
"""What Gatus's own example has instead of TRIGGERED and RESOLVED, and its kin."""
_FLAGS = {"true": "resolved", "false": "triggered"}
"""What a member ``resolved`` means, where it is no word of its own."""
_SANITISED = str.maketrans(dict.fromkeys("/_., #+&", "-"))


class GatusOptions(ProbeOptions):
    """``actions``: the administrator's own words for TRIGGERED and RESOLVED → ``trigger`` or ``resolve``."""

    actions = fields.Dict(keys=fields.String(), values=fields.Enum(Action, by_value=True), load_default=dict)


class GatusSchema(Element):
    """The state of an endpoint."""

    name = Line(required=True)
    group = Line()
    status = Verbatim(required=True)
    severity = Verbatim()
    description = Text()
    errors = Text()
    conditions = Text()
    url = Text()
    at = Moment(data_key="timestamp")


class Gatus(JsonSource):
    """``type: gatus``."""

    name: ClassVar[str] = "gatus"
    options_schema: ClassVar[type[Schema]] = GatusOptions
    methods: ClassVar[tuple[str, ...]] = ("POST", "GET", "PUT", "PATCH")
    element: ClassVar[type[Schema]] = GatusSchema

    _shape = Shape(
        name="name endpoint_name endpoint service_name service tags.endpoint",
        group="group endpoint_group service_group tags.group",
        status="status state action alert_triggered_or_resolved resolved event",
        severity="severity",
        description="description alert_description message",
        errors="errors result_errors",
        conditions="conditions result_conditions",
        url="url endpoint_url service_url",
        timestamp="timestamp",
    )
    record = Record(
        title="Gatus",
        resolves=Resolves.BY_SET_UP,
        setup=(
            "Configure alerting.custom with method POST, the body of this page, and the token in headers.",
            "Set send-on-resolved: true, which is off by default.",
        ),
        used=("status, group, name, url, description, errors, conditions"),
        limits=(
            "A RESOLVED that could not be delivered is not sent again.",
            "Gatus escapes double quotes only: line breaks in an error are forgiven, other damage is not.",
        ),
    )

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(options)
        own = {word.strip().casefold(): action for word, action in (options.get("actions") or {}).items()}
        self._actions = {**ACTION_WORDS, **_STATUS_WORDS, **own}

    def read(self, delivery: Delivery) -> Json:
        """The body, or the query of a request without one."""
        return read_values(delivery)

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The element under one set of names, which people may have typed as the placeholders are."""
        told = {name.casefold(): value for name, value in element.items()}
        flag = to_text(told.get("resolved")).strip().casefold()
        named = self._shape({**told, "resolved": _FLAGS.get(flag, told.get("resolved"))})
        if to_text(told.get("alert_type")).strip().casefold() in ("triggered", "resolved"):
            named = _of_zapier(told, named)
        for part in ("name", "group"):  # the key is made of both, in small letters, in which no secret is found again
            if isinstance(named[part], dict | list):
                raise ValidationError({part: ["must be a text."]})
        return named

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """The state of one endpoint."""
        try:
            action = look_up(self._actions, alert["status"])
        except ValidationError as error:
            raise ValidationError({"status": error.messages}) from None
        if action is None:
            raise ValidationError({"status": ["is missing."]})
        told = {"name": alert["name"], "group": alert["group"], "url": alert["url"]}
        return self.statement(
            notes,
            action,
            endpoint_key(alert["group"] or "", alert["name"]),
            title=alert["name"],
            word=alert["severity"],
            text=alert["description"] or alert["errors"] or alert["conditions"],
            labels={name: value for name, value in told.items() if value},
            url=alert["url"],
            at=alert["at"],
        )


def _of_zapier(told: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """What the provider for Zapier says: ``critical`` and ``ok`` are no words for a state, the name has its group."""
    name, group = named["name"], named["group"]
    if isinstance(name, str) and isinstance(group, str):
        name = name.removeprefix(f"{group}/") or name
    severity = None if named["status"] == "ok" else named["status"]
    return {**named, "name": name, "status": told["alert_type"], "severity": severity}


def endpoint_key(group: str, name: str) -> str:
    """Gatus's own key of an endpoint: ``core_back-end``."""
    return "_".join(part.strip().lower().translate(_SANITISED) for part in (group, name))
