"""``check`` warns about sources that let in more than was meant, or nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.cli.main import main

SNS = "type: aws-sns, auth: {sns: {topics: ['%s']}}"


def warnings(source: str, tmp_path: Path) -> list[str]:
    config = tmp_path / "bridge.yaml"
    config.write_text(f"sources:\n  mine: {{{source}}}\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["--config", str(config), "check", "--offline"])
    assert result.exit_code == 0, result.output
    return [line for line in result.output.splitlines() if line.startswith("warning: sources.mine: ")]


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (SNS % "*", "names no account"),
        (SNS % "arn:aws:sns:us-east-1:*:alarms", "names no account"),
        (SNS % "alarms", "is no ARN"),
        ("type: pingdom, auth: {path: a}", "can be guessed"),
        ("type: pingdom, auth: {path: [0123456789abcdef, short]}", "can be guessed"),
    ],
)
def test_what_lets_in_too_many_or_nobody_is_worth_a_warning(source: str, word: str, tmp_path: Path) -> None:
    assert [warning for warning in warnings(source, tmp_path) if word in warning]


@pytest.mark.parametrize(
    "source",
    [
        SNS % "arn:aws:sns:us-west-2:123456789012:status-bridge",
        SNS % "arn:aws-cn:sns:*:123456789012:*",
        "type: pingdom, auth: {path: 0123456789abcdef}",
    ],
)
def test_a_topic_of_an_account_and_a_long_secret_are_not(source: str, tmp_path: Path) -> None:
    told = " ".join(warnings(source, tmp_path))
    assert "account" not in told
    assert "guessed" not in told


def test_the_secret_itself_is_not_told(tmp_path: Path) -> None:
    assert "hush" not in " ".join(warnings("type: pingdom, auth: {path: hush}", tmp_path))
