"""Subscribers: every route needs a token with the ability to manage them."""

from __future__ import annotations

from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet3.answers import ApiError
from bridge.sandbox.cachet3.call import Call, find
from bridge.sandbox.cachet3.checks import ARRAY, EMAIL, INTEGER, WIDTH, Field, check
from bridge.sandbox.cachet3.commit import commit
from bridge.sandbox.cachet3.components import FLAG, META, known_in, replace_meta
from bridge.sandbox.cachet3.documents import Builder
from bridge.sandbox.cachet3.listing import answer_list
from bridge.sandbox.laravel import save
from bridge.sandbox.table import Row


def _fields(call: Call, required: bool) -> dict[str, Field]:
    members = call.input.get("components")
    count = len(members) if isinstance(members, list) else 0
    item = Field((INTEGER, known_in(call.world.components)))
    fields = {"email": Field((EMAIL, WIDTH), required=required), "global": FLAG}
    if required:
        fields["verified"] = FLAG
    return {**fields, "components": Field((ARRAY,)), **{f"components.{i}": item for i in range(count)}, "meta": META}


def list_subscribers(call: Call) -> Any:
    """All."""
    call.need("subscribers.manage")
    return answer_list(call, "subscriber", call.world.subscribers)


def get_subscriber(call: Call, number: str) -> Any:
    """One subscriber."""
    row = find(call.world.subscribers, number, "Subscriber")
    call.need("subscribers.manage")
    return Builder(call, "subscriber").single(row)


def create_subscriber(call: Call) -> tuple[Any, int]:
    """A known address is answered with 200: its flags stay, the components are added."""
    check(call.input, _fields(call, required=True))
    call.need("subscribers.manage")
    wanted = [php.to_int(number) for number in call.input.get("components") or ()]
    known = next((s for s in call.world.subscribers if s["email"] == call.input["email"]), None)
    if known is not None:
        known["components"] = sorted({*known["components"], *wanted})
        commit(call, "subscriber", known, "updated")
        return Builder(call, "subscriber").single(known), 200
    row: Row = {
        "email": call.input["email"], "global": php.to_bool(call.input.get("global", True)), "components": wanted,
        "verified_at": call.now if php.to_bool(call.input.get("verified")) else None, "meta": {},
        "created_at": call.now, "updated_at": call.now,
    }  # fmt: skip
    row = call.world.subscribers.add(row)
    replace_meta(call, row)
    commit(call, "subscriber", row, "created")
    return Builder(call, "subscriber").single(row), 201


def update_subscriber(call: Call, number: str) -> Any:
    """A changed address is no longer verified; one that is taken is an error of the program."""
    row = find(call.world.subscribers, number, "Subscriber")
    check(call.input, _fields(call, required=False))
    call.need("subscribers.manage")
    changes = call.sent("email")
    if changes.get("email", row["email"]) != row["email"]:
        if any(s["email"] == changes["email"] for s in call.world.subscribers):
            raise ApiError(500)
        changes["verified_at"] = None
    changes.update({key: php.to_bool(value) for key, value in call.sent("global").items()})
    save(row, changes, call.now)
    if call.input.get("components") is not None:
        row["components"] = [php.to_int(component) for component in call.input["components"]]
    replace_meta(call, row)
    commit(call, "subscriber", row, "updated")
    return Builder(call, "subscriber").single(row)


def delete_subscriber(call: Call, number: str) -> None:
    """Hard; frees the address."""
    row = find(call.world.subscribers, number, "Subscriber")
    call.need("subscribers.delete")
    call.world.subscribers.remove(row["id"])
    commit(call, "subscriber", row, "deleted")
