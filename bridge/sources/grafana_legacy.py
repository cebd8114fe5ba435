"""Grafana's legacy alerting: up to Grafana 8, optional until 10. One state for a whole rule.

Facts are from payloads of Grafana 5 to 9. There are no times and no severity; a rule tag may name one. ``evalMatches``
may be empty, doubled or without tags, and never makes more than one event.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import Schema, fields

from bridge.errors import Unparsable
from bridge.model.enums import Action
from bridge.model.events import Event
from bridge.sources.batch import JsonSource, Notes, SourceOptions
from bridge.sources.fields import Element, Key, Line, Text, TextMap, Word
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape, inner

_STATES = {
    "alerting": (Action.TRIGGER, None),
    "ok": (Action.RESOLVE, None),
    "no_data": (Action.IGNORE, "missing data is not an outage"),
    "paused": (Action.IGNORE, "the rule was paused"),
    "pending": (Action.IGNORE, "the rule does not alert yet"),
    "unknown": (Action.IGNORE, "the rule was not evaluated yet"),
}
_TEST = "test notification"
_PREFIX = re.compile(r"\[[\w ]{1,20}\]\s*")


class GrafanaLegacyOptions(SourceOptions):
    """``by_org``: add the organisation to the key, for a source that several organisations post to."""

    by_org = fields.Boolean(load_default=False)


class GrafanaLegacySchema(Element):
    """The state of a rule."""

    rule = Key(required=True, data_key="ruleId")
    org = Key()
    state = Word(_STATES, required=True)
    name = Line()
    title = Line()
    text = Text()
    url = Text()
    tags = TextMap()


class GrafanaLegacy(JsonSource):
    """``type: grafana-legacy``."""

    name: ClassVar[str] = "grafana-legacy"
    options_schema: ClassVar[type[Schema]] = GrafanaLegacyOptions
    methods: ClassVar[tuple[str, ...]] = ("POST", "PUT")
    element: ClassVar[type[Schema]] = GrafanaLegacySchema

    _shape = Shape(
        ruleId="ruleId", org="orgId", state="state", name="ruleName", title="title", text="message", url="ruleUrl"
    )
    record = Record(
        title="Grafana alerting, up to version 10",
        resolves=Resolves.YES,
        setup=(
            "Add a notification channel of the type webhook with the address of this source; user name and "
            "password are basic authentication.",
        ),
        used=("ruleId, ruleName, state, title, message, evalMatches, ruleUrl, tags, orgId"),
        limits=(
            "One state for each rule, whatever series it concerns; no times and no severity, unless a rule "
            "tag names one.",
        ),
    )

    def elements(self, data: Any, notes: Notes) -> Sequence[Any]:
        """The rule; a group of alerts is from the alerting that came after."""
        if isinstance(data, dict) and isinstance(data.get("alerts"), list) and "ruleId" not in data:
            raise Unparsable("There is a list “alerts” and no “ruleId”: Grafana 8 and newer has the type grafana.")
        return super().elements(data, notes)

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """Rule tags are an object, or an empty text where there are none."""
        return {**self._shape(element), "tags": dict(inner(element, "tags"))}

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """The state of the rule."""
        action, reason = alert["state"]
        title = _PREFIX.sub("", alert["title"] or "", count=1)  # "[Alerting] Checkout is slow"
        name, tags = alert["name"] or title or None, alert["tags"] or {}
        test = alert["rule"] == "0" or _TEST in ((alert["name"] or "").casefold(), title.casefold())
        by_org = self.options.get("by_org") and alert["org"]
        return self.statement(
            notes,
            action,
            f"{alert['rule']}:{alert['org']}" if by_org else alert["rule"],
            title=name,
            word=tags.get("severity") or tags.get("priority"),
            text=alert["text"],
            labels={**tags, **({"ruleName": name} if name else {})},
            url=alert["url"],
            reason="test button of Grafana" if test else reason,
        )
