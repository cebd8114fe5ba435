"""``check`` warns about sources of which an alert may stay open for ever."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.cli.main import main


def said_about(source: str, tmp_path: Path, level: str = "warning") -> list[str]:
    config = tmp_path / "bridge.yaml"
    config.write_text(f"sources:\n  mine: {{{source}}}\n")
    result = CliRunner().invoke(main, ["--config", str(config), "check", "--offline"])
    assert result.exit_code == 0, result.output
    return [line for line in result.output.splitlines() if line.startswith(f"{level}: sources.mine")]


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("type: graylog, auth: none", "Graylog cannot be relied on to tell"),
        ("type: uptime_kuma, auth: none", "Uptime Kuma cannot be relied on to tell"),
        ("type: kibana, auth: none", "only where it was set up to"),
        ("type: generic, auth: none", "only where it was set up to"),
    ],
)
def test_a_sender_that_never_or_not_always_tells_the_end_is_worth_a_warning(
    source: str, word: str, tmp_path: Path
) -> None:
    (warning,) = said_about(source, tmp_path)
    assert word in warning
    assert "resolve_after" in warning


@pytest.mark.parametrize(
    "source",
    [
        "type: graylog, auth: none, resolve_after: 2h",
        "type: alertmanager, auth: none",
        "type: pagerduty, secrets: [abcdefghijklmnop]",
    ],
)
def test_there_is_no_warning_where_silence_ends_an_alert_or_the_sender_does(source: str, tmp_path: Path) -> None:
    assert said_about(source, tmp_path) == []


def test_a_sender_that_mostly_tells_the_end_is_worth_a_note_unless_it_is_asked(tmp_path: Path) -> None:
    assert "in most cases" in said_about("type: alertmanager, auth: none", tmp_path, "note")[0]
    asked = "type: alertmanager, auth: none, pull: {url: 'http://127.0.0.1:9093', receiver: pages}"
    assert said_about(asked, tmp_path, "note") == []
    assert said_about("type: healthchecks, auth: none, resolve_after: 1d", tmp_path, "note") == []


def test_the_warnings_are_counted_and_say_what_to_do(tmp_path: Path) -> None:
    config = tmp_path / "bridge.yaml"
    config.write_text("sources:\n  a: {type: graylog, auth: none}\n  b: {type: sentry, auth: none}\n")
    output = CliRunner().invoke(main, ["--config", str(config), "check", "--offline"]).output
    assert "set resolve_after under sources.a" in output
    assert "'statusbridge sources show sentry' tells more" in output
    assert f"0 mistakes, {sum('warning: ' in line for line in output.splitlines())} warnings" in output
