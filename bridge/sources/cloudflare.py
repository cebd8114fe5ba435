"""Cloudflare notifications through a generic webhook.

Facts are from Cloudflare's schema and public receivers. Traps that are handled here:

* Several types come without an event and a correlation id; then the data tells the state. Health checks do it under
  other names than the schema says.
* States have prefixes, and sometimes a remark behind them: ``TUNNEL_STATUS_TYPE_DOWN (status change)``.
* Certificates, mitigated attacks, usage, security findings and changes that somebody made are no outages.
* An incident of Cloudflare itself has a status of its own, and no event. Alerts of Workers Observability have one in
  ``status``: FIRING_FAILED, and NORMAL again.
* Saving the webhook sends a text and nothing else.
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema

from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Event
from bridge.sources.batch import Notes
from bridge.sources.fields import Element, Key, Line, Moment, Text
from bridge.sources.record import Record, Resolves
from bridge.sources.signatures.vendors import CLOUDFLARE
from bridge.sources.single import ObjectSource, facts, ignored, missing

_START, _END = "ALERT_STATE_EVENT_START", "ALERT_STATE_EVENT_END"
_PREFIX = "tunnel_status_type_"
_STATES: tuple[tuple[str, Action, AlertSeverity | None], ...] = (
    ("healthy", Action.RESOLVE, None),
    ("normal", Action.RESOLVE, None),
    ("firing", Action.TRIGGER, None),
    ("unhealthy", Action.TRIGGER, AlertSeverity.MAJOR),
    ("degraded", Action.TRIGGER, AlertSeverity.MINOR),
    ("down", Action.TRIGGER, AlertSeverity.CRITICAL),
)
_INCIDENT, _INCIDENT_PREFIX = "incident_alert", "incident_status_"
_INCIDENT_STATES = {
    "investigating": Action.TRIGGER,
    "identified": Action.UPDATE,
    "monitoring": Action.UPDATE,
    "resolved": Action.RESOLVE,
    "postmortem": Action.RESOLVE,
}
_IMPACT_PREFIX = "incident_impact_"
_IMPACTS = {
    "critical": AlertSeverity.CRITICAL,
    "major": AlertSeverity.MAJOR,
    "minor": AlertSeverity.MINOR,
    "none": AlertSeverity.INFO,
}
_NO_OUTAGE = (
    *("dos", "fbm_", "certificate", "ssl", "usage", "billing", "expir", "workers_alert", "weekly", "report"),
    *("maintenance", "brand", "logo_match", "scriptmonitor", "fw_anomaly", "fw_ent_anomaly", "security", "port_scan"),
    *("tunnel_update", "pages_event", "enablement", "toggle", "logpush", "radar", "image_", "abuse", "block_"),
    *("web_analytics", "successfully_updated"),
)
"""Parts of alert types, as Cloudflare lists them."""


class NotificationSchema(Element):
    """A notification; the data depends on its type."""

    name = Line()
    policy = Line(data_key="policy_name")
    policy_id = Key()
    text = Text()
    type = Text(data_key="alert_type")
    correlation = Key(data_key="alert_correlation_id")
    happening = Text(data_key="alert_event")
    account = Text(data_key="data.account_name")
    new_status = Text(data_key="data.new_status")
    new_health = Text(data_key="data.new_health")
    new_health_status = Text(data_key="data.new_health_status")
    status = Text(data_key="data.status")
    incident_id = Key(data_key="data.incident_id")
    incident_status = Text(data_key="data.incident_status")
    impact = Text(data_key="data.incident_impact")
    incident = Line(data_key="data.incident_name")
    message = Text(data_key="data.message")
    severity = Text(data_key="data.severity")
    tunnel_id = Key(data_key="data.tunnel_id")
    pool_id = Key(data_key="data.pool_id")
    health_check_id = Key(data_key="data.health_check_id")
    tunnel = Line(data_key="data.tunnel_name")
    pool = Line(data_key="data.pool_name")
    health_check = Line(data_key="data.health_check_name")
    name_inside = Line(data_key="data.name")
    zone = Text(data_key="data.zone_name")
    url = Text(data_key="data.dashboard_link")
    episode_id = Key(data_key="data.episode.id")
    rule_id = Key(data_key="data.config.id")
    rule = Line(data_key="data.config.name")
    episode_began = Moment(data_key="data.episode.first_failed")
    episode_ended = Moment(data_key="data.episode.resolved_at")
    changed_at = Moment(data_key="data.status_change_time")
    timestamp = Moment(data_key="data.timestamp")
    time = Moment(data_key="data.time")
    incident_began = Moment(data_key="data.incident_created_at")
    at = Moment(data_key="ts")


class Cloudflare(ObjectSource):
    """``type: cloudflare``."""

    name: ClassVar[str] = "cloudflare"
    sender: ClassVar[str] = "Cloudflare notification"
    element: ClassVar[type[Schema]] = NotificationSchema
    scheme = CLOUDFLARE
    record = Record(
        title="Cloudflare notifications",
        resolves=Resolves.MOSTLY,
        setup=(
            "Add a generic webhook as a destination with the address of this source and a secret, and put the"
            " secret under secrets.",
            "Choose notifications of origin health, tunnels and load balancing, and of incidents of Cloudflare itself.",
        ),
        used=(
            "alert_type, alert_event, alert_correlation_id, name, text, ts, data.new_status, data.new_health,"
            " data.status, data.tunnel_id, data.pool_id, data.incident_id"
        ),
        limits=(
            "The secret of a webhook cannot be changed, only the webhook replaced.",
            "Certificates, DDoS, usage, security, maintenance and changes of configuration are ignored.",
        ),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One notification."""
        kind, title = alert["type"], alert["name"] or alert["policy"]
        if alert["text"] and not (kind or alert["correlation"] or alert["happening"] or title):
            return ignored(None, "test message of the webhook", None)
        fallback = alert["correlation"] or alert["policy_id"] or kind
        if kind and any(word in kind.casefold() for word in _NO_OUTAGE):
            return ignored(fallback, f"{kind} is no outage", title)
        key = alert["correlation"] or _resource_key(alert)
        action, severity = _state(alert)
        if action is None:
            return ignored(key or fallback, "the notification tells no state that is known", title)
        if not key:
            raise missing("alert_correlation_id", "alert_type")
        name = alert["health_check"] or alert["tunnel"] or alert["pool"] or alert["rule"] or alert["name_inside"]
        changed_at = alert["changed_at"] or alert["timestamp"] or alert["time"]
        began_at = alert["incident_began"] or alert["episode_began"]
        return self.statement(
            notes,
            action,
            key,
            title=alert["incident"] or title,
            severity=severity,
            at=alert["at"],
            started_at=began_at or (changed_at if action is Action.TRIGGER else None),
            ended_at=changed_at or alert["episode_ended"],
            text=(alert["message"] if alert["incident"] else None) or alert["text"],
            labels=facts(
                alert_type=kind,
                policy=alert["policy"],
                name=name,
                zone=alert["zone"],
                account=alert["account"],
                status=_told(alert),
            ),
            component=name,
            url=alert["url"],
        )


def _told(alert: dict[str, Any]) -> str | None:
    """The new state, in the word of Cloudflare."""
    new: str | None = alert["new_status"] or alert["new_health"] or alert["new_health_status"]
    has_status = alert["health_check_id"] or alert["episode_id"]
    return new or alert["incident_status"] or (alert["status"] if has_status else None)


def _state(alert: dict[str, Any]) -> tuple[Action | None, AlertSeverity | None]:
    """What a notification says: by its event, else by the new state; how bad it is tells the state alone.

    An event that "started" to be healthy is over.
    """
    word = (_told(alert) or "").casefold().removeprefix(_PREFIX)
    if (alert["type"] or "").casefold() == _INCIDENT:
        impact = (alert["impact"] or "").casefold().removeprefix(_IMPACT_PREFIX)
        by_word, severity = _INCIDENT_STATES.get(word.removeprefix(_INCIDENT_PREFIX)), _IMPACTS.get(impact)
    else:
        states = ((action, bad) for start, action, bad in _STATES if word.startswith(start))
        by_word, severity = next(states, (None, None))
    happening = (alert["happening"] or "").upper()
    if happening == _END or by_word is Action.RESOLVE:
        return Action.RESOLVE, None
    if happening == _START and by_word is not Action.UPDATE:
        return Action.TRIGGER, severity
    return by_word, severity


def _resource_key(alert: dict[str, Any]) -> str | None:
    ids = ("tunnel_id", "pool_id", "health_check_id", "incident_id", "episode_id", "rule_id")
    resource = next((alert[name] for name in ids if alert[name]), None)
    return f"{alert['type']}:{resource}" if alert["type"] and resource else None
