"""Subscribers and their component subscriptions."""

from __future__ import annotations

import string
from datetime import timedelta
from random import Random
from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet2 import shapes
from bridge.sandbox.cachet2.answers import ApiError
from bridge.sandbox.cachet2.call import Call, find
from bridge.sandbox.cachet2.commit import commit
from bridge.sandbox.cachet2.listing import Listable, answer_list
from bridge.sandbox.table import Row

_CODE_LENGTH = 42


def list_subscribers(call: Call) -> Any:
    """All, with their verify codes; a token is needed."""
    return answer_list(call, call.world.subscribers, Listable(), shapes.subscriber)


def create_subscriber(call: Call) -> Any:
    """An address that is known already is answered with its old record, unchanged."""
    email = call.get("email")
    verify = call.flag("verify", call.settings.verify_subscribers and not call.old)
    wanted = call.get("components")
    call.check({"email": email}, {"email": ("required", "email")})
    known = next((s for s in call.world.subscribers if s["email"] == email), None)
    if known is not None:
        return shapes.subscriber(call, known)
    if wanted and not isinstance(wanted, list | dict):
        call.world.subscribers.burn_id()
        raise ApiError(500)
    row = call.world.subscribers.add(
        {
            "email": email, "verify_code": code_of(call.context.seed, email), "created_at": call.now,
            "updated_at": call.now, "verified_at": _verified_at(call) if verify else None,
        }
    )  # fmt: skip
    _subscribe(call, row, wanted)
    shape = shapes.subscriber(call, row)
    commit(call, "subscriber", row, "created", shape)
    return shapes.without(shape, "global", "phone_number", "slack_webhook_url")


def _verified_at(call: Call) -> Any:
    """2.4 stores midnight of the UTC day, 2.3 the moment."""
    day = timedelta(hours=call.now.hour, minutes=call.now.minute, seconds=call.now.second)
    return call.now if call.old else call.now - day


def code_of(seed: int, email: str) -> str:
    """The code that an address is verified with; same seed, same code."""
    draws = Random(f"{seed}:{email}")
    return "".join(draws.choices(string.ascii_letters + string.digits, k=_CODE_LENGTH))


def _subscribe(call: Call, row: Row, wanted: Any) -> None:
    """To the named components, unknown ones dropped; without names to every component there is."""
    every = [c["id"] for c in call.world.components]
    named = {php.to_int(item) for item in (wanted.values() if isinstance(wanted, dict) else wanted or ())}
    for number in (i for i in every if not wanted or i in named):
        call.world.subscriptions.add(
            {"subscriber_id": row["id"], "component_id": number, "created_at": call.now, "updated_at": call.now}
        )


def delete_subscriber(call: Call, number: str) -> None:
    """Hard, with its subscriptions."""
    row = find(call.world.subscribers, number, "Subscriber")
    call.world.subscribers.remove(row["id"])
    for subscription in [s for s in call.world.subscriptions if s["subscriber_id"] == row["id"]]:
        call.world.subscriptions.remove(subscription["id"])
    commit(call, "subscriber", row, "deleted", None)


def delete_subscription(call: Call, number: str) -> None:
    """One component of one subscriber."""
    row = find(call.world.subscriptions, number, "Subscription")
    call.world.subscriptions.remove(row["id"])
    commit(call, "subscription", row, "deleted", None)
