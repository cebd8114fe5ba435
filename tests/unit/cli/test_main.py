"""The command line as a whole: help that teaches, nothing imported in vain, exit codes, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge import __version__
from bridge.cli.invocation import Invocation
from bridge.cli.main import COMMANDS, LazyGroup, main

ROOT = Path(__file__).parents[3]


def run_python(*args: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *args],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_help_names_every_command_without_importing_one() -> None:
    code = (
        "import sys; from bridge.cli.main import main; main(['--help'], standalone_mode=False); print([*sys.modules])"
    )
    said = run_python("-c", code).stdout
    assert all(f"  {entry.name}" in said for entry in COMMANDS)
    for heavy in ("marshmallow", "requests", "redis", "rq", "flask", "rich.console", "yaml", "structlog", "jinja2"):
        assert f"'{heavy}'" not in said, heavy


@pytest.mark.parametrize("entry", COMMANDS, ids=lambda entry: entry.name)
def test_a_command_says_of_itself_what_the_overview_says_of_it(entry: object) -> None:
    assert isinstance(main, LazyGroup)
    name, _, line = entry  # type: ignore[misc]
    command = main.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    assert (command.help or "").splitlines()[0] == line


@pytest.mark.parametrize("name", ["check", "status", "approve", "reject", "normalize", "web", "worker", "sandbox"])
def test_the_help_of_a_command_shows_an_example(name: str) -> None:
    said = CliRunner().invoke(main, [name, "--help"]).output
    assert "Example" in said
    assert "statusbridge" in said


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"statusbridge, version {__version__}\n"


def test_an_unknown_command_is_a_usage_error() -> None:
    result = CliRunner().invoke(main, ["statsu"])
    assert result.exit_code == 2
    assert "statsu" in result.output


@pytest.mark.parametrize("command", [["status"], ["web"], ["worker"], ["approve", "x"], ["up"], ["check"]])
def test_a_missing_configuration_ends_with_2_and_words(command: list[str], tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--config", str(tmp_path / "none.yaml"), *command])
    assert result.exit_code == 2
    assert "none.yaml: error: there is no such file" in result.output
    assert "Traceback" not in result.output


def test_a_store_that_does_not_run_ends_with_1_and_words(tmp_path: Path) -> None:
    config = tmp_path / "bridge.yaml"
    config.write_text("sources: {a: {type: generic, auth: none}}\n")
    result = CliRunner().invoke(main, ["--config", str(config), "--state-dir", str(tmp_path / "state"), "status"])
    assert result.exit_code == 1
    assert "the store does not answer" in result.output
    assert "statusbridge up" in result.output


def test_the_state_directory_of_the_command_line_goes_before_all(tmp_path: Path) -> None:
    config = tmp_path / "bridge.yaml"
    config.write_text("store: {state_dir: in-the-file}\n")
    result = CliRunner().invoke(
        main,
        ["--config", str(config), "--state-dir", str(tmp_path / "given"), "check", "--offline"],
        env={"BRIDGE_STATE_DIR": "in-the-environment"},
    )
    assert result.exit_code == 0, result.output
    assert f"embedded, {tmp_path / 'given'}" in result.output


def test_no_sweep_and_sweep_only_exclude_each_other() -> None:
    result = CliRunner().invoke(main, ["worker", "--no-sweep", "--sweep-only"])
    assert result.exit_code == 2
    assert "leave nothing to run" in result.output


@pytest.mark.parametrize(("args", "environ"), [(["-vv"], {}), ([], {"BRIDGE_VERBOSITY": "2"})])
def test_verbosity_reaches_child_processes(args: list[str], environ: dict[str, str]) -> None:
    import click

    seen: list[Invocation] = []
    group = LazyGroup("statusbridge", params=main.params, callback=main.callback)
    group.add_command(click.Command("probe", callback=click.pass_obj(seen.append)))
    assert CliRunner().invoke(group, [*args, "probe"], env=environ).exit_code == 0
    assert seen[0].environ()["BRIDGE_VERBOSITY"] == "2"
