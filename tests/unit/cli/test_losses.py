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
def test_nothing_is_lost_on_the_way_to_oneself(name: str) -> None:
    assert losses(name, name) == []


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
        assert (words.metric_aggregation.loss(member, "") is not None) == (("metric_aggregation", member.value) in told)


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
