"""Subscribers of the page and of single incidents. The default view shows only the active ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bridge.sandbox.statuspage.fields import Field, Wrong, choice, flag, ids, read_fields, text
from bridge.sandbox.statuspage.http import Call, Refusal, Reply, Route, not_found
from bridge.sandbox.statuspage.notices import address
from bridge.sandbox.statuspage.paging import PER_PAGE
from bridge.sandbox.statuspage.paging import SUBSCRIBERS as SUBSCRIBER_PAGING
from bridge.sandbox.statuspage.tables import (
    BULK_UNSUBSCRIBE_LIMIT,
    SORT_FIELDS,
    SUBSCRIBER_STATES,
    SUBSCRIBER_TYPES,
)
from bridge.sandbox.statuspage.views import show_subscriber
from bridge.sandbox.statuspage.world import INCIDENT_SUBSCRIBERS, SUBSCRIBERS, Row, World

REACTIVATED_TYPES = tuple(kind for kind in SUBSCRIBER_TYPES if kind != "teams")


def read_targets(value: Any, _form: bool) -> list[str] | str:
    """A list of ids, or the word ``all``."""
    return value if value == "all" else ids(value, _form)


def read_endpoint(value: Any, _form: bool) -> str:
    """An http or https address."""
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise Wrong("is not a valid URL")
    return value


def read_email(value: Any, _form: bool) -> str:
    """Something with an at sign."""
    if not isinstance(value, str) or not value.strip("@").count("@"):
        raise Wrong("is not a valid email address")
    return value


_CONTACT = (
    Field("email", read_email),
    Field("phone_country", text()),
    Field("phone_number", text()),
    Field("skip_confirmation_notification", flag),
)
PAGE_FIELDS = (
    *_CONTACT,
    Field("endpoint", read_endpoint),
    Field("page_access_user", text()),
    Field("component_ids", ids),
)
BULK_FIELDS = (
    Field("subscribers", read_targets, required=True),
    Field("type", choice(SUBSCRIBER_TYPES)),
    Field("state", choice(SUBSCRIBER_STATES)),
    Field("skip_unsubscription_notification", flag),
)


def list_subscribers(world: World, call: Call) -> Reply:
    """Subscribers of one state, active by default; the first page is 0."""
    rows = _select(world, call.query.get("state", "active"), call.query.get("type"))
    wanted = call.query.get("q", "").lower()
    rows = [row for row in rows if wanted in address(row).lower()]
    order = call.query.get("sort_field", "primary")
    if order not in SORT_FIELDS:
        raise Refusal(422, [("sort_field", "is not included in the list")])
    keys: dict[str, Callable[[Row], str]] = {
        "created_at": lambda row: str(row["created_at"]),
        "quarantined_at": lambda row: str(row["quarantined_at"] or ""),
    }
    rows.sort(key=keys.get(order, address), reverse=call.query.get("sort_direction", "asc") == "desc")
    return Reply(200, [show_subscriber(row) for row in SUBSCRIBER_PAGING.cut(call, rows)])


def count_subscribers(world: World, call: Call) -> Reply:
    """Numbers by type, of one state."""
    rows = _select(world, call.query.get("state", "active"), call.query.get("type"))
    kinds = [call.query["type"]] if call.query.get("type") else SUBSCRIBER_TYPES
    return Reply(200, {kind: sum(row["mode"] == kind for row in rows) for kind in kinds})


def count_by_state(world: World, _call: Call) -> Reply:
    """Numbers by type and state."""
    states = [state for state in SUBSCRIBER_STATES if state != "all"]
    rows = list(world.table(SUBSCRIBERS).values())
    answer: dict[str, dict[str, int]] = {}
    for kind in SUBSCRIBER_TYPES:
        of_kind = [row["state"] for row in rows if row["mode"] == kind]
        answer[kind] = {state: of_kind.count(state) for state in states} | {"total": len(of_kind)}
    return Reply(200, answer)


def list_unsubscribed(world: World, call: Call) -> Reply:
    """Those who left."""
    return Reply(200, [show_subscriber(row) for row in PER_PAGE.cut(call, world.removed_subscribers)])


def create_subscriber(world: World, call: Call) -> Reply:
    """A new subscriber. An email address has to be confirmed unless that is skipped."""
    values = read_fields(PAGE_FIELDS, call.wrapped("subscriber"), form=call.form, creating=True)
    if values.get("component_ids") == []:
        raise Refusal(422, [("component_ids", "must hold at least one component")])
    world.check_listed("component_ids", values.get("component_ids") or [])
    if values.get("page_access_user"):
        world.check_rows("page_access_user", "page_access_users", [values["page_access_user"]])
    return _add(world, SUBSCRIBERS, values, None)


def get_subscriber(world: World, call: Call) -> Reply:
    """One subscriber in any state."""
    return Reply(200, show_subscriber(world.row(SUBSCRIBERS, call.args["subscriber_id"])))


def patch_subscriber(world: World, call: Call) -> Reply:
    """Change which components are followed; the body has no wrapper."""
    row = world.row(SUBSCRIBERS, call.args["subscriber_id"])
    values = read_fields([Field("component_ids", ids)], call.bare(), form=call.form, creating=False)
    world.check_listed("component_ids", values.get("component_ids") or [])
    if "component_ids" in values:
        row["component_ids"] = values["component_ids"] or []
    world.commit("subscriber", row["id"], "updated", show_subscriber(row))
    return Reply(200, show_subscriber(row))


def delete_subscriber(world: World, call: Call) -> Reply:
    """Unsubscribe; answers 200 with what it was."""
    row = world.row(SUBSCRIBERS, call.args["subscriber_id"])
    unsubscribe(world, [row])
    return Reply(200, show_subscriber(row))


def resend(world: World, call: Call) -> Reply:
    """Send the confirmation mail again; nothing is answered."""
    world.row(SUBSCRIBERS, call.args["subscriber_id"])
    return Reply(201)


def resend_many(world: World, call: Call) -> Reply:
    """Send the confirmation mail again to several."""
    _targets(world, _bulk(call), "unconfirmed")
    return Reply(201)


def unsubscribe_many(world: World, call: Call) -> Reply:
    """Unsubscribe at most 100; ``all`` only while fewer than that match."""
    values = _bulk(call)
    rows = _targets(world, values, values.get("state") or "active")
    too_many = len(rows) >= BULK_UNSUBSCRIBE_LIMIT if values["subscribers"] == "all" else len(rows) > 100
    if too_many:
        raise Refusal(422, [("subscribers", "are too many for one call")])
    unsubscribe(world, rows)
    return Reply(201)


def reactivate_many(world: World, call: Call) -> Reply:
    """Take quarantined subscribers back."""
    values = _bulk(call)
    if values.get("type") and values["type"] not in REACTIVATED_TYPES:
        raise Refusal(422, [("type", "is not included in the list")])
    for row in _targets(world, values, "quarantined"):
        row.update(state="active", quarantined_at=None, purge_at=None)
        world.commit("subscriber", row["id"], "updated", show_subscriber(row))
    return Reply(201)


def list_followers(world: World, call: Call) -> Reply:
    """Subscribers of one incident."""
    world.incident(call.args["incident_id"])
    return Reply(200, [show_subscriber(row) for row in PER_PAGE.cut(call, _followers(world, call))])


def create_follower(world: World, call: Call) -> Reply:
    """Subscribe somebody to one incident."""
    incident = world.incident(call.args["incident_id"])
    values = read_fields(_CONTACT, call.wrapped("subscriber"), form=call.form, creating=True)
    return _add(world, INCIDENT_SUBSCRIBERS, values, incident.id)


def get_follower(world: World, call: Call) -> Reply:
    """One subscriber of an incident."""
    return Reply(200, show_subscriber(_follower(world, call)))


def delete_follower(world: World, call: Call) -> Reply:
    """Unsubscribe somebody from an incident."""
    row = _follower(world, call)
    del world.table(INCIDENT_SUBSCRIBERS)[row["id"]]
    world.commit("incident_subscriber", row["id"], "deleted", None)
    return Reply(200, show_subscriber(row))


def resend_follower(world: World, call: Call) -> Reply:
    """Send the confirmation mail again; nothing is answered."""
    _follower(world, call)
    return Reply(201)


def _select(world: World, state: str, kind: str | None) -> list[Row]:
    if state not in SUBSCRIBER_STATES or (kind and kind not in SUBSCRIBER_TYPES):
        raise Refusal(422, [("state" if state not in SUBSCRIBER_STATES else "type", "is not included in the list")])
    rows = world.table(SUBSCRIBERS).values()
    return [row for row in rows if state in ("all", row["state"]) and kind in (None, "", row["mode"])]


def _bulk(call: Call) -> dict[str, Any]:
    return read_fields(BULK_FIELDS, call.bare(), form=call.form, creating=True)


def _targets(world: World, values: dict[str, Any], state: str) -> list[Row]:
    matching = _select(world, state, values.get("type"))
    if values["subscribers"] == "all":
        return matching
    chosen = set(values["subscribers"])
    return [row for row in matching if row["id"] in chosen]


def _mode(world: World, values: dict[str, Any]) -> str:
    """The kind of a new subscriber; a webhook may carry an email as its contact."""
    if values.get("endpoint"):
        if not world.page["allow_webhook_subscribers"]:
            raise Refusal(422, [("endpoint", "can't be given, the page has no webhook subscribers")])
        return "webhook"
    if values.get("email"):
        return "email"
    if values.get("phone_number"):
        return "sms"
    raise Refusal(422, [("email", "can't be blank")])


def add_webhook(world: World, url: str) -> str:
    """A webhook subscriber of the whole page; gives its id. Raises Refusal."""
    return str(_add(world, SUBSCRIBERS, {"endpoint": url}, None).payload["id"])


def _add(world: World, table: str, values: dict[str, Any], incident_id: str | None) -> Reply:
    mode = _mode(world, values)
    skip = bool(values.get("skip_confirmation_notification"))
    row: Row = {
        "id": world.new_id(),
        "incident_id": incident_id,
        "mode": mode,
        "email": values.get("email"),
        "endpoint": values.get("endpoint"),
        "phone_number": values.get("phone_number"),
        "phone_country": values.get("phone_country"),
        "skip_confirmation_notification": skip,
        "component_ids": values.get("component_ids") or [],
        "page_access_user_id": values.get("page_access_user"),
        "state": "unconfirmed" if mode == "email" and not skip else "active",
        "quarantined_at": None,
        "purge_at": None,
        "created_at": world.now(),
    }
    if _is_taken(world.table(table).values(), row):
        raise Refusal(422, [("email" if mode == "email" else "endpoint", "has already been taken")])
    world.table(table)[row["id"]] = row
    kind = "subscriber" if incident_id is None else "incident_subscriber"
    world.commit(kind, row["id"], "created", show_subscriber(row))
    return Reply(201, show_subscriber(row))


def _is_taken(rows: Iterable[Row], new: Row) -> bool:
    same = ("mode", "incident_id", "page_access_user_id")
    return any(address(row) == address(new) and all(row[name] == new[name] for name in same) for row in rows)


def unsubscribe(world: World, rows: list[Row]) -> None:
    """Move rows to those who left."""
    for row in rows:
        world.removed_subscribers.append(world.table(SUBSCRIBERS).pop(row["id"]))
        world.commit("subscriber", row["id"], "deleted", None)


def _followers(world: World, call: Call) -> list[Row]:
    rows = world.table(INCIDENT_SUBSCRIBERS).values()
    return [row for row in rows if row["incident_id"] == call.args["incident_id"]]


def _follower(world: World, call: Call) -> Row:
    world.incident(call.args["incident_id"])
    row = world.row(INCIDENT_SUBSCRIBERS, call.args["subscriber_id"])
    if row["incident_id"] != call.args["incident_id"]:
        raise not_found()
    return row


_ALL = "/pages/{page_id}/subscribers"
_ONE = _ALL + "/{subscriber_id}"
_FOLLOWERS = "/pages/{page_id}/incidents/{incident_id}/subscribers"
ROUTES = (
    Route("POST", _ALL + "/resend_confirmation", resend_many),
    Route("POST", _ALL + "/unsubscribe", unsubscribe_many),
    Route("POST", _ALL + "/reactivate", reactivate_many),
    Route("GET", _ALL + "/histogram_by_state", count_by_state),
    Route("GET", _ALL + "/count", count_subscribers),
    Route("GET", _ALL + "/unsubscribed", list_unsubscribed),
    Route("GET", _ALL, list_subscribers),
    Route("POST", _ALL, create_subscriber),
    Route("POST", _ONE + "/resend_confirmation", resend),
    Route("GET", _ONE, get_subscriber),
    Route("PATCH", _ONE, patch_subscriber),
    Route("DELETE", _ONE, delete_subscriber),
    Route("GET", _FOLLOWERS, list_followers),
    Route("POST", _FOLLOWERS, create_follower),
    Route("GET", _FOLLOWERS + "/{subscriber_id}", get_follower),
    Route("DELETE", _FOLLOWERS + "/{subscriber_id}", delete_follower),
    Route("POST", _FOLLOWERS + "/{subscriber_id}/resend_confirmation", resend_follower),
)
