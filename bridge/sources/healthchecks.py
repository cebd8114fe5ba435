"""Healthchecks (healthchecks.io or one's own): the user writes the body of the webhook out of placeholders.

Facts are from the Healthchecks source. Traps that are handled here:

* ``$STATUS`` decides. The status inside ``$JSON`` is that of the moment of sending and may have changed.
* ``$JSON`` of older versions holds no ``uuid``; then it stands at the end of the addresses in it.
* The test button sends a check named TEST with 42 pings under a random code.
* No Content-Type is sent unless the user adds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from marshmallow import Schema

from bridge.model.enums import Action
from bridge.model.events import Delivery, Event
from bridge.sources.batch import JsonSource, Notes
from bridge.sources.body import Json
from bridge.sources.fields import Element, Key, Line, Moment, Text, Verbatim, Word
from bridge.sources.form import read_values
from bridge.sources.record import Record, Resolves
from bridge.sources.shape import Shape, inner

_STATES = {
    "down": (Action.TRIGGER, None),
    "up": (Action.RESOLVE, None),
    **{
        word: (Action.IGNORE, f"the check is in the state {word}, which is neither up nor down")
        for word in ("new", "started", "grace", "paused")
    },
}
_TEST_NAME, _TEST_PINGS = "TEST", "42"
_ADDRESSES = ("ping_url", "update_url")


class HealthchecksSchema(Element):
    """The state of a check."""

    code = Key(required=True)
    status = Word(_STATES, required=True)
    name = Line()
    tags = Text()
    slug = Text()
    severity = Verbatim()
    pings = Text()
    note = Text()
    now = Moment()


class Healthchecks(JsonSource):
    """``type: healthchecks``."""

    name: ClassVar[str] = "healthchecks"
    methods: ClassVar[tuple[str, ...]] = ("POST", "GET", "PUT")
    element: ClassVar[type[Schema]] = HealthchecksSchema

    _shape = Shape(
        code="code check_code check.uuid uuid check.unique_key unique_key",
        status="status state check.status",
        name="name check_name check.name",
        tags="tags check.tags",
        slug="slug check.slug",
        severity="severity",
        pings="check.n_pings n_pings",
        note="check.desc desc",
        now="now current_time timestamp time date",
    )
    record = Record(
        title="Healthchecks",
        resolves=Resolves.MOSTLY,
        setup=(
            "Add a Webhook integration; write the body of this page for “down” and for “up”, with the header "
            "Content-Type and the token.",
        ),
        used=("code, status, now, name, tags, check"),
        limits=(
            "Each message is tried three times at once and then given up.",
            "A check that never pinged, is paused or is deleted says nothing.",
        ),
    )

    def read(self, delivery: Delivery) -> Json:
        """The body, or the query of a request without one."""
        return read_values(delivery)

    def renamed(self, element: Mapping[str, Any]) -> Mapping[str, Any]:
        """The recommended body, or one of the user's own with names like it, or nothing but ``$JSON``."""
        told = {name.casefold().replace(" ", "_"): value for name, value in element.items()}
        named = self._shape(told)
        if named["code"] is None:
            named["code"] = _code_in(inner(told, "check") or told)
        if named["name"] is None and isinstance(told.get("check"), str):
            named["name"] = told["check"]
        return named

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """The state of one check."""
        action, reason = alert["status"]
        if alert["name"] == _TEST_NAME and alert["pings"] in (None, _TEST_PINGS):
            reason = "test button of Healthchecks"
        told = {"name": alert["name"], "tags": alert["tags"], "slug": alert["slug"]}
        return self.statement(
            notes,
            action,
            alert["code"],
            title=alert["name"],
            word=alert["severity"],
            labels={name: value for name, value in told.items() if value},
            internal_note=alert["note"],
            at=alert["now"],
            reason=reason,
        )


def _code_in(check: Mapping[str, Any]) -> str | None:
    """The code of a check at the end of one of its addresses; a slug there is none."""
    for name in _ADDRESSES:
        try:
            return str(UUID(str(check.get(name)).rpartition("/")[2]))
        except ValueError:
            continue
    return None
