"""StatusCake's webhook: a form, or values in the address.

It tells neither a time nor an incident, and repeats Down if so configured. Only the order of arrival places it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action
from bridge.model.events import Event
from bridge.sources.batch import Notes, ProbeOptions
from bridge.sources.fields import Element, Key, Line, Text, Word
from bridge.sources.record import Record, Resolves
from bridge.sources.signatures.vendors import STATUSCAKE
from bridge.sources.single import facts, missing
from bridge.sources.values import ValueSource

_TIMED_OUT = "0"


class StateSchema(Element):
    """The state of one test."""

    id = Key(data_key="TestID")
    title = Line(data_key="Name")
    url = Text(data_key="URL")
    state = Word({"down": Action.TRIGGER, "up": Action.RESOLVE}, required=True, data_key="Status")
    code = Text(data_key="StatusCode")
    short_code = Text(data_key="Code")
    ip = Text(data_key="IP")
    tags = Text(data_key="Tags")
    method = Text(data_key="Method")
    group = Text(data_key="ContactGroup")


class StatusCake(ValueSource):
    """``type: statuscake``."""

    name: ClassVar[str] = "statuscake"
    sender: ClassVar[str] = "StatusCake webhook"
    options_schema: ClassVar[type[Schema]] = ProbeOptions
    methods: ClassVar[tuple[str, ...]] = ("POST", "GET")
    element: ClassVar[type[Schema]] = StateSchema
    scheme = STATUSCAKE
    record = Record(
        title="StatusCake",
        resolves=Resolves.YES,
        setup=(
            "Add a contact group with the address of this source as ping URL.",
            "Put “user name:API key” under secrets: the token that StatusCake sends is made of them. Or write"
            " the token itself.",
        ),
        used=("Token, TestID, Name, URL, Status, StatusCode, Tags"),
        limits=("There is no time and no id of an outage; without TestID, renaming a test orphans its open alert.",),
        secrets=("Token",),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """A test went down or came back."""
        key = alert["id"] or ":".join(part for part in (alert["title"], alert["url"]) if part)
        if not key:
            raise missing("TestID", "Name", "URL")
        code = alert["code"] or alert["short_code"]
        answer = f"HTTP status {code}" if code else None
        return self.statement(
            notes,
            alert["state"],
            key,
            title=alert["title"] or alert["url"],
            text="The test timed out." if code == _TIMED_OUT and alert["state"] is Action.TRIGGER else answer,
            labels=facts(
                test=alert["title"],
                url=alert["url"],
                ip=alert["ip"],
                tags=alert["tags"],
                status_code=code,
                contact_group=alert["group"],
            ),
            component=alert["title"],
        )
