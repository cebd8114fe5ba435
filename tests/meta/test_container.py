"""No container engine is at hand where the tests run, so the Dockerfile is kept to steps that ``.ci/run`` takes too."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def _instructions() -> list[tuple[str, str]]:
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE))
    lines = [line for line in joined.splitlines() if line.strip()]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def _all(word: str) -> list[str]:
    return [rest for found, rest in _instructions() if found == word]


def _without_places(command: str) -> str:
    """A command with its programs by name only and all paths alike: those differ between image and machine."""
    words = [word for word in shlex.split(command.replace('"', "")) if word]
    words[0] = words[0].rsplit("/", 1)[-1].replace("python3", "python")
    return " ".join("PATH" if ("/" in word or word == "requirements.lock") else word for word in words)


def test_every_instruction_is_one_that_docker_knows() -> None:
    known = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
    assert {word for word, _ in _instructions()} <= known
    assert _instructions()[0][0] == "FROM"


def test_the_images_are_slim_and_of_a_version() -> None:
    for image in (rest.split()[0] for rest in _all("FROM")):
        assert re.fullmatch(r"python:3\.\d+-slim-\w+", image), image


def test_what_is_copied_is_there_and_let_through_to_the_builder() -> None:
    let_through = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for rest in _all("COPY"):
        if rest.startswith("--from"):
            continue
        for name in rest.split()[:-1]:
            assert (ROOT / name).exists(), name
            assert f"!{name}" in let_through, name


def test_the_wheel_is_built_and_installed_by_the_steps_that_ci_takes() -> None:
    ours = {
        _without_places(line.strip())
        for line in CI.splitlines()
        if re.match(r"\s+\S*(python3?|pip|statusbridge)\"? ", line)
    }
    for command in " && ".join(_all("RUN")).split(" && "):
        step = _without_places(command.strip())
        if not step.startswith(("rm ", "useradd ")):
            assert step in ours, f"{step!r} is not among {sorted(ours)}"


def test_it_does_not_run_as_root_and_tells_whether_it_is_well() -> None:
    order = [word for word, _ in _instructions()]
    assert _all("USER") == ["statusbridge"]
    assert "useradd" in " ".join(_all("RUN"))
    assert order.index("USER") < order.index("ENTRYPOINT")
    assert "/readyz" in _all("HEALTHCHECK")[0]


def test_the_command_is_given_word_by_word() -> None:
    assert (_all("ENTRYPOINT"), _all("CMD")) == (['["statusbridge"]'], ['["up"]'])


@pytest.fixture
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


def test_the_store_syncs_every_write_and_forgets_nothing(compose: dict[str, Any]) -> None:
    command = " ".join(compose["services"]["valkey"]["command"])
    for words in ("--appendonly yes", "--appendfsync always", "--maxmemory-policy noeviction"):
        assert words in command
    assert compose["services"]["valkey"]["volumes"] == ["state:/data"]


@pytest.mark.parametrize("name", ["web", "worker", "scheduler"])
def test_a_service_runs_a_command_that_exists_with_the_store_s_address(compose: dict[str, Any], name: str) -> None:
    from click.testing import CliRunner

    from bridge.cli.main import main

    service = compose["services"][name]
    assert service["environment"]["BRIDGE_REDIS_URL"].startswith("redis://valkey:")
    assert service["read_only"] is True
    assert service["depends_on"]["valkey"]["condition"] == "service_healthy"
    command, *options = service["command"]
    told = CliRunner().invoke(main, [command, "--help"])
    assert told.exit_code == 0, told.output
    for option in options:
        assert not option.startswith("--") or option in told.output, f"{command} has no {option}"


def test_every_service_has_a_healthcheck(compose: dict[str, Any]) -> None:
    assert compose["services"]["web"]["build"] == "."  # web takes the image's own
    for name, service in compose["services"].items():
        assert name == "web" or "healthcheck" in service
