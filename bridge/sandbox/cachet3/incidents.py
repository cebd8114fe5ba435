"""Incidents and incident templates."""

from __future__ import annotations

import re
import unicodedata
import uuid
from typing import Any

from bridge.sandbox import php, twig
from bridge.sandbox.cachet3 import attached, sight
from bridge.sandbox.cachet3.answers import ApiError, missing
from bridge.sandbox.cachet3.call import Call, find
from bridge.sandbox.cachet3.checks import ARRAY, INTEGER, STRING, Field, Rule, check, exists, one_of
from bridge.sandbox.cachet3.commit import commit
from bridge.sandbox.cachet3.components import FLAG, META, NAME, REQUIRED_NAME, STATUS, known_in, replace_meta
from bridge.sandbox.cachet3.documents import Builder
from bridge.sandbox.cachet3.listing import answer_list
from bridge.sandbox.cachet3.words import INCIDENT
from bridge.sandbox.laravel import save
from bridge.sandbox.table import Row

INCIDENT_STATUS = one_of(INCIDENT)
_NO_TEMPLATE = "The {name} field is required when template is not present."
_NO_MESSAGE = "The {name} field is required when message is not present."


def date_field(call: Call, required: bool = False) -> Field:
    """A date in any form; null is fine unless it is required."""
    rule = Rule(call.is_date, "The {name} field must be a valid date.")
    return Field((rule,), required=required, nullable=not required)


def _create_fields(call: Call) -> dict[str, Field]:
    known = exists(lambda slug: any(t["slug"] == slug for t in call.world.templates))
    return {
        "name": REQUIRED_NAME, "status": Field((INCIDENT_STATUS,), required=True),
        "message": Field((STRING,), required_if=lambda v: not v.get("template"), required_message=_NO_TEMPLATE),
        "template": Field((STRING, known), required_if=lambda v: not v.get("message"), required_message=_NO_MESSAGE),
        "template_vars": Field((ARRAY,)), "visible": FLAG, "stickied": FLAG, "notifications": FLAG,
        "occurred_at": date_field(call), "published_at": date_field(call), **attached.fields(call),
        "component_id": Field((INTEGER, known_in(call.world.components))),
        "component_status": Field(
            (STATUS,), required_if=lambda v: bool(v.get("component_id")),
            required_message="The component status field is required when component id is present.",
        ),
        "meta": META,
    }  # fmt: skip


def list_incidents(call: Call) -> Any:
    """Newest first."""
    return answer_list(call, "incident", [i for i in call.world.incidents if sight.incident(call, i)])


def get_incident(call: Call, number: str) -> Any:
    """One incident."""
    row = find(call.world.incidents, number, "Incident")
    if not sight.incident(call, row):
        raise missing("Incident", number)
    return Builder(call, "incident").single(row)


def create_incident(call: Call) -> Any:
    """Hidden from guests unless ``visible`` is sent; the impacts can never be changed afterwards (trap 3)."""
    check(call.input, _create_fields(call))
    call.need("incidents.manage")
    flags = {key: php.to_bool(call.input.get(key)) for key in ("visible", "stickied", "notifications")}
    impacts = attached.read(call)
    if call.input.get("component_id"):
        impacts[php.to_int(call.input["component_id"])] = php.to_int(call.input["component_status"])
    row: Row = {
        "guid": str(uuid.UUID(int=call.rng.getrandbits(128), version=4)), "name": call.input["name"],
        "message": _message(call, flags), "status": php.to_int(call.input["status"]),
        "visible": int(flags["visible"]), "stickied": flags["stickied"], "notifications": flags["notifications"],
        "occurred_at": call.date("occurred_at"), "published_at": call.date("published_at") or call.now,
        "components": impacts, "meta": {}, "created_at": call.now, "updated_at": call.now, "deleted_at": None,
    }  # fmt: skip
    row = call.world.incidents.add(row)
    replace_meta(call, row)
    commit(call, "incident", row, "created")
    return Builder(call, "incident").single(row, {"notifications": flags["notifications"]})


def _message(call: Call, flags: dict[str, bool]) -> str:
    """A template wins over the message; a fault in the template is an error of the program."""
    slug = call.input.get("template")
    template = next((t for t in call.world.templates if slug and t["slug"] == slug), None)
    if template is None:
        return str(call.input["message"])
    known = {
        "name": call.input["name"], "status": twig.Opaque(), "message": call.input.get("message"),
        "visible": flags["visible"], "notify": flags["notifications"], "stickied": flags["stickied"],
        "occurred_at": call.input.get("occurred_at"), "component": None, "component_status": None,
    }  # fmt: skip
    try:
        return twig.render(template["template"], {**(call.input.get("template_vars") or {}), "incident": known})
    except twig.TemplateError:
        raise ApiError(500) from None


def update_incident(call: Call, number: str) -> Any:
    """Partial; components are ignored in silence."""
    row = find(call.world.incidents, number, "Incident")
    fields = {
        "name": NAME, "message": Field((STRING,)), "status": Field((INCIDENT_STATUS,)), "visible": FLAG,
        "stickied": FLAG, "notifications": FLAG, "occurred_at": date_field(call), "published_at": date_field(call),
        "meta": META,
    }  # fmt: skip
    check(call.input, fields)
    call.need("incidents.manage")
    changes = call.sent("name", "message")
    changes.update({k: php.to_int(v) for k, v in call.sent("status", "visible").items()})
    changes.update({k: php.to_bool(v) for k, v in call.sent("stickied", "notifications").items()})
    changes.update({k: call.date(k) for k in call.sent("occurred_at", "published_at")})
    save(row, changes, call.now)
    replace_meta(call, row)
    commit(call, "incident", row, "updated")
    return Builder(call, "incident").single(row)


def delete_incident(call: Call, number: str) -> None:
    """Soft; its updates go for good."""
    row = find(call.world.incidents, number, "Incident")
    call.need("incidents.delete")
    row["deleted_at"] = call.now
    for update in call.world.updates.of("incident", row["id"]):
        call.world.updates.remove(update["id"])
    commit(call, "incident", row, "deleted")


def slug(name: str) -> str:
    """ASCII-folded, lower-case, words joined by a hyphen."""
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[\s-]+", "-", re.sub(r"[^a-z0-9\s-]", "", folded.replace("_", "-"))).strip("-")


def _template_fields(name: Field, template: Field) -> dict[str, Field]:
    """The engine "blade" is refused unless the server allows it."""
    return {"name": name, "slug": Field((STRING,)), "template": template, "engine": Field((one_of(("twig",)),))}


def list_templates(call: Call) -> Any:
    """Public."""
    return answer_list(call, "template", call.world.templates)


def get_template(call: Call, number: str) -> Any:
    """Public."""
    return Builder(call, "template").single(find(call.world.templates, number, "IncidentTemplate"))


def create_template(call: Call) -> Any:
    """The slug need not be unique; the first match is used."""
    check(call.input, _template_fields(REQUIRED_NAME, Field((STRING,), required=True)))
    call.need("incident-templates.manage")
    row = call.world.templates.add(
        {
            "name": call.input["name"], "slug": call.input.get("slug") or slug(call.input["name"]),
            "template": call.input["template"], "engine": call.input.get("engine") or "twig",
            "created_at": call.now, "updated_at": call.now,
        }
    )  # fmt: skip
    commit(call, "template", row, "created")
    return Builder(call, "template").single(row, {"engine": call.input.get("engine")})


def update_template(call: Call, number: str) -> Any:
    """The slug follows the name that was sent, and is empty when none was; a sent slug is ignored."""
    row = find(call.world.templates, number, "IncidentTemplate")
    check(call.input, _template_fields(NAME, Field((STRING,))))
    call.need("incident-templates.manage")
    changes = call.sent("name", "template", "engine")
    save(row, {**changes, "slug": slug(changes.get("name", ""))}, call.now)
    commit(call, "template", row, "updated")
    return Builder(call, "template").single(row)


def delete_template(call: Call, number: str) -> None:
    """Hard."""
    row = find(call.world.templates, number, "IncidentTemplate")
    call.need("incident-templates.delete")
    call.world.templates.remove(row["id"])
    commit(call, "template", row, "deleted")
