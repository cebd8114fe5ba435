from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from marshmallow import ValidationError

from bridge.errors import Unparsable
from bridge.model.enums import Action, AlertSeverity
from bridge.model.events import Delivery, Parsed
from bridge.sources.alertmanager import Alertmanager
from bridge.sources.labelled import LabelledOptions, fingerprint

DATA = Path(__file__).parents[2] / "data" / "sources" / "alertmanager"


def parse(body: Any, **options: Any) -> Parsed:
    source = Alertmanager(LabelledOptions().load(options))
    return source.parse(Delivery("dlv_1", "prometheus", datetime(2026, 11, 21, tzinfo=UTC), json.dumps(body).encode()))


def alert(**changes: Any) -> dict[str, Any]:
    return {
        "status": "firing",
        "labels": {"alertname": "Down", "severity": "critical"},
        "annotations": {"summary": "It is down"},
        "startsAt": "2026-08-20T10:11:12.123456789Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus/graph",
        "fingerprint": "f404ecabc8dd5cd7",
        **changes,
    }


@pytest.mark.parametrize("case", ["firing_batch", "firing_resend", "mixed_batch", "resolved_with_reason", "truncated"])
def test_computed_fingerprints_are_those_that_alertmanager_sends(case: str) -> None:
    for member in json.loads((DATA / f"{case}.json").read_bytes())["alerts"]:
        assert fingerprint(member["labels"]) == member["fingerprint"]


def test_without_a_fingerprint_the_labels_make_one() -> None:
    labels = {"alertname": "Down", "severity": "critical"}
    event = parse({"alerts": [alert(fingerprint=None)]}).events[0]
    assert event.dedup_key == fingerprint(labels)


def test_the_status_of_the_group_says_nothing_about_its_members() -> None:
    members = [alert(status="resolved", endsAt="2026-08-20T10:20:00Z"), alert(fingerprint="2")]
    resolved, firing = parse({"status": "firing", "alerts": members}).events
    assert (resolved.action, firing.action) == (Action.RESOLVE, Action.TRIGGER)
    assert resolved.ended_at == datetime(2026, 8, 20, 10, 20, tzinfo=UTC)
    assert firing.ended_at is None


def test_one_bad_alert_of_ten_is_quarantined_with_field_and_reason_and_nine_are_accepted() -> None:
    members = [alert(fingerprint=str(number)) for number in range(10)]
    members[3]["status"] = "exploded"
    parsed = parse({"alerts": members})
    assert [event.dedup_key for event in parsed.events] == list("012456789")
    assert [(bad.index, bad.reason) for bad in parsed.quarantined] == [
        (3, "status: unknown word “exploded”; known are: firing, resolved.")
    ]
    assert parsed.quarantined[0].element["fingerprint"] == "3"


def test_times_that_are_no_times_are_missing_with_a_warning() -> None:
    parsed = parse({"alerts": [alert(startsAt="tea time", endsAt=["x"], status="resolved")]})
    assert (parsed.events[0].started_at, parsed.events[0].ended_at) == (None, None)
    assert parsed.warnings == ("startsAt: is not a time, taken as missing.", "endsAt: is not a time, taken as missing.")


@pytest.mark.parametrize(
    ("annotations", "title", "text"),
    [
        ({"summary": "S", "title": "T", "message": "M", "description": "D", "details": "E"}, "S", "D"),
        ({"summary": " ", "title": "T", "message": "M"}, "T", "M"),
        ({"message": "M"}, "M", None),
        ({"message": "M", "details": "E"}, "M", "E"),
        ({"__summary__": "hidden", "description": "D"}, "Down", "D"),
        ({}, "Down", None),
        (None, "Down", None),
        ([], "Down", None),
    ],
)
def test_title_and_text_come_from_the_annotations_in_order(annotations: Any, title: str, text: str | None) -> None:
    event = parse({"alerts": [alert(annotations=annotations)]}).events[0]
    assert (event.title, event.text) == (title, text)


def test_labels_of_the_sender_itself_are_never_shown() -> None:
    event = parse({"alerts": [alert(labels={"alertname": "A", "__tenant__": "x", "n": 1})]}).events[0]
    assert event.labels == {"alertname": "A", "n": "1"}


@pytest.mark.parametrize(
    ("labels", "severity"),
    [
        ({"severity": "page"}, AlertSeverity.CRITICAL),
        ({"priority": "P3"}, AlertSeverity.MINOR),
        ({"level": "info"}, AlertSeverity.INFO),
        ({"severity": "", "priority": "p1"}, AlertSeverity.CRITICAL),
        ({}, AlertSeverity.MINOR),
        ({"severity": "spicy"}, AlertSeverity.MINOR),
    ],
)
def test_severity_comes_from_the_labels_else_from_the_source(labels: dict[str, str], severity: AlertSeverity) -> None:
    parsed = parse({"alerts": [alert(labels={"alertname": "A", **labels})]}, severity="minor")
    assert parsed.events[0].severity is severity
    assert bool(parsed.warnings) is (labels.get("severity") == "spicy")


def test_the_ignore_list_can_be_changed() -> None:
    members = [alert(labels={"alertname": "Watchdog"}), alert(labels={"alertname": "Mine"})]
    assert [event.action for event in parse({"alerts": members}).events] == [Action.IGNORE, Action.TRIGGER]
    changed = parse({"alerts": members}, ignore=["Mine"])
    assert [event.action for event in changed.events] == [Action.TRIGGER, Action.IGNORE]


@pytest.mark.parametrize("alerts", [[], None])
def test_an_empty_group_is_a_valid_nothing(alerts: Any) -> None:
    assert parse({"alerts": alerts}) == Parsed(())


@pytest.mark.parametrize("body", [[], [alert()], {}, {"alerts": {}}, {"alerts": "x"}, "text", 1, None])
def test_json_of_another_shape_is_refused(body: Any) -> None:
    with pytest.raises(Unparsable, match="not an Alertmanager webhook"):
        parse(body)


def test_an_absurd_number_of_members_is_refused() -> None:
    with pytest.raises(Unparsable, match="at most 10000"):
        parse({"alerts": [0] * 10_001})


def test_a_fault_of_our_own_costs_one_alert_only(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Alertmanager.event

    def faulty(self: Alertmanager, element: dict[str, Any], notes: Any) -> Any:
        if element["fingerprint"] == "1":
            raise ZeroDivisionError("with a secret in it")
        return real(self, element, notes)

    monkeypatch.setattr(Alertmanager, "event", faulty)
    parsed = parse({"alerts": [alert(fingerprint="0"), alert(fingerprint="1"), alert(fingerprint="2")]})
    assert [event.dedup_key for event in parsed.events] == ["0", "2"]
    assert (
        parsed.quarantined[0].reason
        == "statusbridge could not read it (ZeroDivisionError in the source type alertmanager)."
    )


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            ZeroDivisionError("a secret"),
            "statusbridge could not read it (ZeroDivisionError in the source type alertmanager).",
        ),
        (ValidationError("is nested too deeply."), "The body cannot be read: is nested too deeply."),
    ],
)
def test_what_fails_while_a_body_is_taken_apart_is_no_reason_to_send_it_again(
    error: Exception, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(self: Alertmanager, data: Any, notes: Any) -> Any:
        raise error

    monkeypatch.setattr(Alertmanager, "elements", faulty)
    with pytest.raises(Unparsable) as refusal:
        parse({"alerts": [alert(fingerprint="0")]})
    assert refusal.value.reason == reason
