"""The mapping files: what loading them proves, and what it refuses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import bridge
from bridge.errors import ConfigError
from bridge.model.enums import ComponentStatus, IncidentStatus, MaintenanceStatus, MetricAggregation
from bridge.providers import registry
from bridge.providers.base import mapping

ROOT = Path(bridge.__file__).parents[1]
TEXT = (ROOT / "mappings" / "pingpong.yaml").read_text(encoding="utf-8")


def problems_of(change: str, instead: str) -> str:
    assert change in TEXT
    with pytest.raises(ConfigError) as caught:
        mapping.parse("pingpong", TEXT.replace(change, instead, 1))
    return str(caught.value)


def test_every_built_in_provider_has_a_mapping_and_no_mapping_lacks_a_provider() -> None:
    assert set(mapping.names()) <= set(registry.names())
    assert mapping.names() == ("cachet2", "cachet3", "pingpong", "statuspage")


def test_a_mapping_is_read_once() -> None:
    assert mapping.load("cachet2") is mapping.load("cachet2")


def test_a_missing_line_is_told_with_its_place() -> None:
    assert "mappings/pingpong.yaml: component_status.write: unavailable is missing" in problems_of(
        "    unavailable: Unavailable\n", ""
    )


def test_two_provider_values_with_one_meaning_are_refused() -> None:
    assert "two values mean degraded" in problems_of("Major issues: partial_outage", "Major issues: degraded")


def test_a_value_that_the_provider_does_not_have_is_refused() -> None:
    assert "Verifyed is none of the provider's values" in problems_of(
        "monitoring: Verifying\n", "monitoring: Verifyed\n"
    )


def test_a_lossy_line_without_a_reason_is_refused() -> None:
    found = problems_of(
        "{value: Resolved, reason: There is no postmortem phase; its text becomes the last update.}", "Resolved"
    )
    assert "incident_status.write.postmortem: loses something, so it needs a reason" in found


def test_a_reason_without_a_loss_is_refused() -> None:
    found = problems_of("    resolved: Resolved\n", "    resolved: {value: Resolved, reason: none}\n")
    assert "loses nothing, so it needs no reason" in found


def test_the_same_word_in_another_case_is_refused() -> None:
    assert "is there twice" in problems_of("aliases: {Max: max}", "aliases: {maximum VALUE: max}")


def test_unknown_keys_wrong_types_and_missing_parts_are_told_together() -> None:
    data = yaml.safe_load(TEXT)
    data["capabilities"]["can_fly"] = True
    data["limits"]["calls"] = 0
    del data["widths"]["group_name"]
    with pytest.raises(ConfigError) as caught:
        mapping.parse("pingpong", yaml.safe_dump(data))
    places = {str(problem).split(":")[1].strip() for problem in caught.value.problems}
    assert places == {"capabilities.can_fly", "limits.calls", "widths.group_name"}


def test_true_is_not_a_provider_value() -> None:
    assert "component_status.read" in problems_of("    Unknown: unknown\n", "    true: unknown\n")


def test_what_is_not_yaml_is_told_as_such() -> None:
    with pytest.raises(ConfigError, match="not YAML"):
        mapping.parse("pingpong", "provider: [")


def test_a_file_must_name_its_own_provider() -> None:
    assert "must be the file's own name" in problems_of("provider: pingpong", "provider: pongping")


def test_a_provider_without_a_mapping_is_told_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="known: cachet2, cachet3, pingpong, statuspage"):
        mapping.load("nagios")


@pytest.mark.parametrize("provider", mapping.names())
@pytest.mark.parametrize("strange", ["on fire", 99, None, True, [], {"a": 1}, ""])
def test_an_unknown_value_never_becomes_fine(provider: str, strange: object) -> None:
    words = mapping.load(provider)
    assert words.of(ComponentStatus, strange) is ComponentStatus.UNKNOWN
    assert words.of(IncidentStatus, strange) is IncidentStatus.REPORTED
    assert words.of(MaintenanceStatus, strange) is MaintenanceStatus.IN_PROGRESS
    assert words.of(MetricAggregation, strange) is MetricAggregation.MEAN
    surprise = words.component_status.surprise(strange, "component:api")
    assert surprise is not None
    assert (surprise.object, surprise.had, surprise.became) == ("component:api", str(strange), "unknown")


def test_words_are_read_without_regard_to_case_and_written_as_documented() -> None:
    words = mapping.load("pingpong")
    assert words.of(ComponentStatus, " minor ISSUES ") is ComponentStatus.DEGRADED
    assert words.of(MetricAggregation, "Max") is MetricAggregation.MAX
    assert words.to(ComponentStatus.DEGRADED) == "Minor issues"


def test_a_number_of_one_cachet_does_not_mean_the_same_on_the_other() -> None:
    assert mapping.load("cachet2").of(IncidentStatus, 0) is IncidentStatus.SCHEDULED
    assert mapping.load("cachet3").of(IncidentStatus, 0) is IncidentStatus.REPORTED


def test_a_status_that_cannot_be_said_is_left_out_with_a_loss() -> None:
    words = mapping.load("statuspage")
    loss = words.loss(ComponentStatus.UNKNOWN, "component:api")
    assert words.to(ComponentStatus.UNKNOWN) is None
    assert loss is not None
    assert (loss.field, loss.had, loss.became) == ("component_status", "unknown", "")


def test_markers_come_back_from_the_free_data_they_were_put_into() -> None:
    for provider in ("cachet2", "cachet3", "statuspage"):
        marker = mapping.load(provider).marker
        assert marker is not None
        assert marker.read({**marker.wrap("inc_1"), "other": {"id": "x"}}) == "inc_1"
        for strange in (None, [], {}, {marker.key: None}, {marker.key: []}, {marker.key: ""}, "text"):
            assert marker.read(strange) is None
    assert mapping.load("pingpong").marker is None


def test_statuspage_wants_objects_in_its_metadata() -> None:
    marker = mapping.load("statuspage").marker
    assert marker is not None
    assert all(isinstance(value, dict) for value in marker.wrap("inc_1").values())


def test_an_installed_package_finds_its_mappings_inside_itself(tmp_path: Path) -> None:
    """As in a wheel: no ``mappings/`` beside the package, ``_mappings/`` inside it."""
    code = ROOT / "bridge"
    shutil.copytree(code, tmp_path / "bridge", ignore=shutil.ignore_patterns("__pycache__", "_mappings", "sandbox"))
    shutil.copytree(ROOT / "mappings", tmp_path / "bridge" / "_mappings")
    program = (
        "import bridge, sys; from bridge.providers.base import mapping;"
        "print(bridge.__file__, *mapping.names(), mapping.load('cachet3').limits.calls)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == [str(tmp_path / "bridge" / "__init__.py"), *mapping.names(), "300"]


def test_a_choice_goes_by_name_and_an_unknown_one_says_which_there_are() -> None:
    words = mapping.load("cachet2")
    assert words.choice("collapsed", "always") == 1
    with pytest.raises(ValueError, match="collapsed cannot be 'maybe'; known: never, always, unless_operational"):
        words.choice("collapsed", "maybe")
    with pytest.raises(ValueError, match="known: nothing by name"):
        words.choice("colour", "red")
