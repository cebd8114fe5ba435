"""``statusbridge losses`` tells what a mirror would lose."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from click.testing import CliRunner

from bridge.cli.main import main
from bridge.providers.base import mapping

PAIRS = list(itertools.permutations(mapping.names(), 2))


def losses(source: str, target: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(main, ["losses", source, target, "--json"])
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_every_loss_says_what_was_lost_and_why(source: str, target: str) -> None:
    for loss in losses(source, target):
        assert list(loss) == ["object", "field", "had", "became", "why"]
        assert loss["object"]
        assert loss["field"]
        assert loss["why"].strip()
        assert loss["had"] != loss["became"]


@pytest.mark.parametrize("name", mapping.names())
def test_nothing_but_times_and_clocks_is_lost_on_the_way_to_oneself(name: str) -> None:
    """What is mirrored live is dated when it is written, and moved along by its original alone."""
    assert {loss["field"] for loss in losses(name, name)} <= {"updates.at", "clockwork"}


@pytest.mark.parametrize(
    ("source", "target", "kind", "field"),
    [
        ("pingpong", "cachet2", "incident", "updates.at"),
        ("pingpong", "cachet2", "incident", "components"),
        ("pingpong", "cachet2", "incident", "started_at"),
        ("pingpong", "cachet2", "component", "component_status"),
        ("pingpong", "cachet2", "component_group", "description"),
        ("pingpong", "cachet2", "maintenance", "components"),
        ("pingpong", "cachet2", "metric", "metric_aggregation"),
        ("pingpong", "cachet2", "metric", "component"),
        ("pingpong", "cachet2", "metric", "frequency"),
        ("cachet2", "pingpong", "incident", "updates.at"),
        ("cachet2", "pingpong", "incident", "visibility"),
        ("cachet2", "pingpong", "incident", "title"),
        ("cachet2", "pingpong", "incident", "message"),
        ("cachet2", "pingpong", "incident", "stickied"),
        ("cachet2", "pingpong", "incident", "meta"),
        ("cachet2", "pingpong", "incident", "removal"),
        ("cachet2", "pingpong", "component", "name"),
        ("cachet2", "pingpong", "component", "position"),
        ("cachet2", "pingpong", "component", "link"),
        ("cachet2", "pingpong", "component", "labels"),
        ("cachet2", "pingpong", "component_group", "position"),
        ("cachet2", "pingpong", "component_group", "collapsed"),
        ("cachet2", "pingpong", "metric", "places"),
        ("cachet2", "pingpong", "metric", "threshold"),
        ("cachet2", "pingpong", "subscriber", "kind"),
        ("cachet2", "pingpong", "incident_template", "kind"),
        ("statuspage", "cachet2", "incident", "impact"),
        ("statuspage", "cachet2", "incident", "incident_status"),
        ("statuspage", "cachet2", "maintenance", "maintenance_status"),
        ("statuspage", "pingpong", "incident", "impact"),
    ],
)
def test_what_is_known_to_be_lost_is_in_the_table(source: str, target: str, kind: str, field: str) -> None:
    assert (kind, field) in {(loss["object"].partition(":")[0], loss["field"]) for loss in losses(source, target)}


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_nothing_is_told_twice(source: str, target: str) -> None:
    told = [(loss["object"].partition(":")[0], *list(loss.values())[1:]) for loss in losses(source, target)]
    assert len(told) == len(set(told))


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_every_value_of_the_source_that_the_target_has_no_word_for_is_told(source: str, target: str) -> None:
    had, words = mapping.load(source), mapping.load(target)
    told = {(loss["field"], loss["had"]) for loss in losses(source, target)}
    for status in had.component_status.values.values():
        loss = words.component_status.loss(status, "")
        # A target whose incidents lie over the component is given no base status.
        if loss is not None and words.capabilities.carries_component_status == "stored":
            assert ("component_status", status.value) in told
    for member in had.metric_aggregation.values.values():
        # A target that does not say at all how points are combined tells that in its own words.
        is_told = any((field, member.value) in told for field in ("metric_aggregation", "aggregation"))
        assert is_told or words.metric_aggregation.loss(member, "") is None


def test_hidden_incidents_stay_away_from_where_nothing_can_be_hidden() -> None:
    assert any(
        loss["object"].startswith("incident:") and loss["field"] == "visibility"
        for loss in losses("cachet3", "pingpong")
    )


def test_a_person_reads_a_table() -> None:
    result = CliRunner().invoke(main, ["losses", "statuspage", "cachet2"])
    assert result.exit_code == 0
    assert "no verifying phase" in result.output


def test_an_unknown_provider_is_told_with_those_that_are_known() -> None:
    result = CliRunner().invoke(main, ["losses", "cachet2", "cachet4"])
    assert result.exit_code == 2
    assert "cachet3" in result.output


@pytest.mark.parametrize(
    ("source", "target", "kind", "field"),
    [
        ("cachet2", "cachet3", "incident", "incident_status"),
        ("cachet2", "statuspage", "incident", "incident_status"),
        ("cachet2", "cachet3", "metric", "default_view"),
        ("cachet3", "cachet2", "incident", "published_at"),
        ("cachet3", "pingpong", "component_group", "order_column"),
        ("statuspage", "cachet2", "incident", "reminder_intervals"),
        ("statuspage", "cachet3", "maintenance", "scheduled_remind_prior"),
        ("statuspage", "cachet3", "component", "only_show_if_degraded"),
        ("cachet3", "statuspage", "maintenance", "components"),
        ("cachet3", "pingpong", "maintenance", "components"),
        ("statuspage", "cachet2", "subscriber", "kind"),
        ("statuspage", "cachet3", "subscriber", "kind"),
        ("statuspage", "cachet3", "incident", "impact"),
        ("pingpong", "cachet2", "incident", "message"),
        ("pingpong", "statuspage", "incident", "message"),
    ],
)
def test_what_only_one_provider_has_is_told_to_be_left_behind(source: str, target: str, kind: str, field: str) -> None:
    assert (kind, field) in {(loss["object"].partition(":")[0], loss["field"]) for loss in losses(source, target)}


@pytest.mark.parametrize("name", mapping.names())
def test_a_provider_keeps_what_is_its_own(name: str) -> None:
    assert not [
        loss for loss in losses(name, name) if loss["object"].endswith((":own", ":later")) and not is_clock(loss)
    ]


def is_clock(loss: dict[str, Any]) -> bool:
    return bool(loss["field"] == "clockwork")
