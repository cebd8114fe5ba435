"""The postmortem of an incident: a draft that is published and can be taken back."""

from __future__ import annotations

from typing import Any

from bridge.sandbox.statuspage.fields import Field, flag, read_fields, text
from bridge.sandbox.statuspage.http import Call, Reply, Route, not_found
from bridge.sandbox.statuspage.notices import tell_subscribers
from bridge.sandbox.statuspage.objects import Incident, Postmortem
from bridge.sandbox.statuspage.times import seconds
from bridge.sandbox.statuspage.world import World

DRAFT = (Field("body_draft", text(), required=True),)
PUBLISH = (
    Field("notify_subscribers", flag, nullable=False),
    Field("notify_twitter", flag, nullable=False),
    Field("custom_tweet", text()),
)


def _show(postmortem: Postmortem) -> dict[str, Any]:
    return {
        "preview_key": postmortem.preview_key,
        "body": postmortem.body,
        "body_updated_at": seconds(postmortem.body_updated_at),
        "body_draft": postmortem.body_draft,
        "body_draft_updated_at": seconds(postmortem.body_draft_updated_at),
        "published_at": seconds(postmortem.published_at),
        "notify_subscribers": postmortem.notify_subscribers,
        "notify_twitter": postmortem.notify_twitter,
        "custom_tweet": postmortem.custom_tweet,
        "created_at": seconds(postmortem.created_at),
        "updated_at": seconds(postmortem.updated_at),
    }


def get_postmortem(world: World, call: Call) -> Reply:
    """The postmortem, draft or published."""
    return Reply(200, _show(_find(world, call)[1]))


def put_postmortem(world: World, call: Call) -> Reply:
    """Create or change the draft; 200 in both cases."""
    incident = world.incident(call.args["incident_id"])
    values = read_fields(DRAFT, call.wrapped("postmortem"), form=call.form, creating=True)
    now = world.now()
    if incident.postmortem is None:
        incident.postmortem = Postmortem(created_at=now, updated_at=now, preview_key=world.new_hex(32))
    incident.postmortem.body_draft = values["body_draft"]
    incident.postmortem.body_draft_updated_at = now
    return _done(world, incident, incident.postmortem)


def publish_postmortem(world: World, call: Call) -> Reply:
    """Publish the draft."""
    incident, postmortem = _find(world, call)
    raw = call.wrapped("postmortem") if call.body else {}
    values = read_fields(PUBLISH, raw, form=call.form, creating=True)
    now = world.now()
    for name, value in values.items():
        setattr(postmortem, name, value)
    postmortem.body = postmortem.body_draft
    postmortem.body_updated_at = postmortem.published_at = now
    reply = _done(world, incident, postmortem)
    if postmortem.notify_subscribers:
        tell_subscribers(world, incident, None, "postmortem")
    return reply


def revert_postmortem(world: World, call: Call) -> Reply:
    """Take the published text back; the draft stays."""
    incident, postmortem = _find(world, call)
    postmortem.body = postmortem.body_updated_at = postmortem.published_at = None
    return _done(world, incident, postmortem)


def delete_postmortem(world: World, call: Call) -> Reply:
    """Delete it; one of the few deletes that answer 204."""
    incident, _ = _find(world, call)
    incident.postmortem = None
    incident.updated_at = world.now()
    world.commit("postmortem", incident.id, "deleted", None)
    return Reply(204)


def _find(world: World, call: Call) -> tuple[Incident, Postmortem]:
    incident = world.incident(call.args["incident_id"])
    if incident.postmortem is None:
        raise not_found()
    return incident, incident.postmortem


def _done(world: World, incident: Incident, postmortem: Postmortem) -> Reply:
    incident.updated_at = postmortem.updated_at = world.now()
    world.commit("postmortem", incident.id, "updated", _show(postmortem))
    return Reply(200, _show(postmortem))


_ONE = "/pages/{page_id}/incidents/{incident_id}/postmortem"
ROUTES = (
    Route("GET", _ONE, get_postmortem),
    Route("PUT", _ONE, put_postmortem),
    Route("DELETE", _ONE, delete_postmortem),
    Route("PUT", _ONE + "/publish", publish_postmortem),
    Route("PUT", _ONE + "/revert", revert_postmortem),
)
