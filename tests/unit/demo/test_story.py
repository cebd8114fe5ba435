from __future__ import annotations

import json
from datetime import UTC, datetime

from bridge.demo import story
from bridge.model.events import Delivery
from bridge.sources import registry

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_every_body_is_understood_whole_by_the_alertmanager_source() -> None:
    source = registry.make("alertmanager", {})
    actions = []
    for step in story.steps(NOW):
        parsed = source.parse(Delivery("d", "demo", NOW, json.dumps(step.body).encode(), "application/json", "POST"))
        assert not parsed.quarantined
        actions.append([str(event.action) for event in parsed.events])
    assert actions == [["trigger"] * 2, ["trigger"] * 2, ["resolve", "trigger"], ["resolve", "resolve"]]


def test_only_the_repeat_changes_nothing() -> None:
    first, repeat, *rest = story.steps(NOW)
    assert first.body == repeat.body
    assert first.expected == repeat.expected
    assert [step.changes for step in (first, repeat, *rest)] == [True, False, True, True]


def test_an_alert_keeps_its_fingerprint_through_the_story() -> None:
    prints = [[alert["fingerprint"] for alert in step.body["alerts"]] for step in story.steps(NOW)]
    assert len({tuple(found) for found in prints}) == 1
    assert len(set(prints[0])) == 2
