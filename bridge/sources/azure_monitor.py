"""Azure Monitor's common alert schema.

Facts are from Microsoft's samples of alert payloads. Traps that are handled here:

* Activity log, policy, security and autoscale alerts stay "Fired" for ever; budgets have five nulls and no end.
* Service Health has its own key and its own life cycle, in the properties of the event; so has Resource Health.
* Words in Service Health bodies are numbers elsewhere, and lists are JSON inside a text.
* The portal's test action sends invented ids, and nothing ever resolves it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema, fields

from bridge.model.enums import Action, AlertSeverity, ComponentStatus
from bridge.model.events import Event
from bridge.sources.batch import Notes, SourceOptions
from bridge.sources.fields import Element, Flag, Key, Line, Moment, Text, Texts, Word, shown
from bridge.sources.record import Record, Resolves
from bridge.sources.single import Facts, ObjectSource, facts, ignored, missing, past

_COMMON = "azuremonitorcommonalertschema"
_CONDITIONS = {"fired": Action.TRIGGER, "resolved": Action.RESOLVE}
_SEVERITIES = {
    "sev0": AlertSeverity.CRITICAL,
    "sev1": AlertSeverity.MAJOR,
    "sev2": AlertSeverity.MINOR,
    "sev3": AlertSeverity.INFO,
    "sev4": AlertSeverity.INFO,
}
_COSTS, _SERVICE, _RESOURCE = "costalerts", "servicehealth", "resourcehealth"
_STATELESS = ("activitylog", "policy", "security", "autoscale")
_OUTAGES = frozenset({"incident", "maintenance"})
_CALLED_OFF = frozenset({"canceled", "cancelled"})
_OVER = frozenset({"resolved", "complete", "completed", "rca", *_CALLED_OFF})
_HEALTH = {"available": Action.RESOLVE, "unavailable": Action.TRIGGER, "degraded": Action.TRIGGER}
_HINT = "Is the common alert schema enabled in the action group?"
_TEST_RULE, _TEST_GROUP, _TEST_TRACKING = "test-", "/resourcegroups/test-rg/", "TEST-TTT"
_TEST_ALERT = "/alerts/12345678-1234-1234-1234-1234567890ab"


class AzureOptions(SourceOptions):
    """``stateless``: what alerts are that never resolve: ignored, or alerts that somebody has to end."""

    stateless = fields.Enum(Action, by_value=True, load_default=Action.IGNORE)


class AlertSchema(Element):
    """The essentials, and what the context of health events adds."""

    schema_id = Text(data_key="schemaId")
    alert_id = Key(data_key="data.essentials.alertId")
    origin_id = Key(data_key="data.essentials.originAlertId")
    title = Line(data_key="data.essentials.alertRule")
    severity = Text(data_key="data.essentials.severity")
    signal = Text(data_key="data.essentials.signalType")
    condition = Word(_CONDITIONS, data_key="data.essentials.monitorCondition")
    service = Text(data_key="data.essentials.monitoringService")
    targets = Texts(data_key="data.essentials.alertTargetIDs")
    items = Texts(data_key="data.essentials.configurationItems")
    text = Text(data_key="data.essentials.description")
    url = Text(data_key="data.essentials.investigationLink")
    fired_at = Moment(data_key="data.essentials.firedDateTime")
    resolved_at = Moment(data_key="data.essentials.resolvedDateTime")
    custom = Facts(data_key="data.customProperties")
    labels = Facts(data_key="data.alertContext.labels")
    annotated = Text(data_key="data.alertContext.annotations.description")
    summary = Text(data_key="data.alertContext.annotations.summary")
    status = Text(data_key="data.alertContext.status")
    at = Moment(data_key="data.alertContext.eventTimestamp")
    tracking = Key(data_key="data.alertContext.properties.trackingId")
    headline = Line(data_key="data.alertContext.properties.title")
    kind = Text(data_key="data.alertContext.properties.incidentType")
    stage = Text(data_key="data.alertContext.properties.stage")
    synthetic = Flag(data_key="data.alertContext.properties.IsSynthetic")
    impacted = Line(data_key="data.alertContext.properties.service")
    region = Line(data_key="data.alertContext.properties.region")
    impact_from = Moment(data_key="data.alertContext.properties.impactStartTime")
    impact_to = Moment(data_key="data.alertContext.properties.impactMitigationTime")
    health = Text(data_key="data.alertContext.properties.currentHealthStatus")


class AzureMonitor(ObjectSource):
    """``type: azure-monitor``."""

    name: ClassVar[str] = "azure-monitor"
    sender: ClassVar[str] = "Azure Monitor webhook"
    options_schema: ClassVar[type[Schema]] = AzureOptions
    element: ClassVar[type[Schema]] = AlertSchema
    record = Record(
        title="Azure Monitor, common alert schema",
        resolves=Resolves.MOSTLY,
        setup=(
            "Add a Webhook action with the address of this source to the action group, and enable the common "
            "alert schema.",
            "The plain webhook sets no header: put the secret into the path with auth: {path: …}.",
            "A secure webhook sends a token of Entra ID: auth: {entra: {tenant: …, audience: …}}.",
        ),
        used=("schemaId, data.essentials, data.alertContext"),
        limits=(
            "Activity log, security and autoscale alerts never resolve, and are ignored by default.",
            "After failures Azure does not call for 15 minutes.",
        ),
    )

    def event(self, alert: dict[str, Any], notes: Notes) -> Event:
        """One statement about one alert instance or one health event."""
        key = alert["alert_id"] or alert["origin_id"]
        schema = alert["schema_id"]
        if schema and schema.casefold() != _COMMON:
            notes.warn("Enable the common alert schema in the action group: other schemas of Azure are not read.")
            return ignored(key, f"{shown(schema)} is not the common alert schema", alert["title"])
        service = (alert["service"] or "").replace(" ", "").casefold()
        if not key:
            raise missing("data.essentials.alertId", hint=_HINT)
        if reason := self._nothing(alert, service):
            return ignored(key, reason, alert["title"] or alert["headline"])
        if service == _SERVICE:
            return self._service(alert, notes)
        return self._instance(alert, key, service == _RESOURCE, notes)

    def _nothing(self, alert: dict[str, Any], service: str) -> str | None:
        """Why an alert says nothing about an outage, if it does not."""
        if service == _COSTS:
            return "a budget is no outage"
        if alert["synthetic"] or alert["tracking"] == _TEST_TRACKING or _is_test(alert):
            return "test action"
        if service.startswith(_STATELESS) and self.options.get("stateless", Action.IGNORE) is Action.IGNORE:
            return f"{alert['service']} alerts are never resolved"
        return None

    def _instance(self, alert: dict[str, Any], key: str, is_health: bool, notes: Notes) -> Event:
        """An alert instance, by its condition; Resource Health by the health that it reports."""
        action = alert["condition"]
        if is_health and alert["health"]:
            action = _HEALTH.get(alert["health"].casefold(), Action.IGNORE)
        if action is None:
            raise missing("data.essentials.monitorCondition")
        at = alert["at"] if is_health else None
        if action is Action.TRIGGER:
            at = alert["fired_at"] or at
        return self._told(
            alert,
            notes,
            action,
            key,
            title=alert["title"] or alert["headline"],
            at=alert["resolved_at"] or at if action is Action.RESOLVE else at,
            started_at=None if is_health and action is Action.RESOLVE else alert["fired_at"],
            reason=f"the health is {alert['health']}" if action is Action.IGNORE else None,
        )

    def _service(self, alert: dict[str, Any], notes: Notes) -> Event:
        """Service Health: something is wrong with Azure itself, or will be worked on."""
        if not alert["tracking"]:
            raise missing("data.alertContext.properties.trackingId")
        kind = (alert["kind"] or "incident").casefold()
        words = {(alert["status"] or "").casefold(), (alert["stage"] or "").casefold()}
        action = Action.RESOLVE if words & _OVER or alert["condition"] is Action.RESOLVE else Action.TRIGGER
        at = alert["at"] or alert["fired_at"]
        planned = kind == "maintenance" and action is Action.TRIGGER
        return self._told(
            alert,
            notes,
            action,
            alert["tracking"],
            title=alert["headline"] or alert["title"],
            at=at,
            started_at=alert["impact_from"],
            ended_at=past(alert["impact_to"], at) if words & _CALLED_OFF else alert["impact_to"],
            severity=AlertSeverity.INFO if planned else None,
            status=ComponentStatus.MAINTENANCE if planned else None,
            reason=None if kind in _OUTAGES else f"{alert['kind']} is no outage",
        )

    def _told(self, alert: dict[str, Any], notes: Notes, action: Action, key: str, **more: Any) -> Event:
        """The statement, with what all alerts tell."""
        severity = more.pop("severity", None) or _SEVERITIES.get((alert["severity"] or "").casefold())
        item = (alert["items"] or (None,))[0]
        return self.statement(
            notes,
            action,
            key,
            severity=severity,
            text=alert["text"] or alert["annotated"] or alert["summary"],
            labels={
                **(alert["labels"] or {}),
                **(alert["custom"] or {}),
                **facts(
                    rule=alert["title"],
                    monitoring_service=alert["service"],
                    signal=alert["signal"],
                    severity=alert["severity"],
                    resource=alert["items"],
                    target=alert["targets"],
                    service=alert["impacted"],
                    region=alert["region"],
                    incident_type=alert["kind"],
                    stage=alert["stage"],
                ),
            },
            component=item or alert["impacted"],
            url=alert["url"],
            **more,
        )


def _is_test(alert: dict[str, Any]) -> bool:
    """The portal's test action: its rule, its id and its resource group are invented, the same for everybody."""
    ids = (alert["alert_id"] or "", alert["origin_id"] or "", *(alert["targets"] or ()))
    named = (alert["title"] or "").casefold().startswith(_TEST_RULE) or ids[0].casefold().endswith(_TEST_ALERT)
    return named and any(_TEST_GROUP in identity.casefold() or "_test-rg_" in identity.casefold() for identity in ids)
