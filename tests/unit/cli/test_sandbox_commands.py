"""``statusbridge sandbox`` and the commands below it, against a running sandbox."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result

from bridge.cli.main import main
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import Server

TOKEN = {"X-Cachet-Token": "sandbox"}


def run(*args: str, **options: Any) -> Result:
    return CliRunner().invoke(main, ["sandbox", *args], **options)


def make_incident(url: str, name: str = "Slow") -> None:
    body = {"name": name, "message": "m", "status": 1}
    answer = requests.post(f"{url}/cachet2/api/v1/incidents", json=body, headers=TOKEN, timeout=5)
    assert answer.status_code == 200


def test_a_dump_is_a_file_that_is_loaded_again(sandbox: Sandbox, sandbox_server: Server, tmp_path: Path) -> None:
    url, file = sandbox_server.url, str(tmp_path / "state.json")
    make_incident(url)
    result = run("dump", file, "--url", url)
    assert result.exit_code == 0, result.output
    assert "objects\tcachet2\tincidents\t1\n" in result.stdout
    assert list(tmp_path.iterdir()) == [tmp_path / "state.json"]
    make_incident(url, "Later")
    loaded = run("load", file, "--url", url, "--json")
    assert json.loads(loaded.stdout)["cachet2"]["incidents"] == 1
    assert [row["name"] for row in sandbox.plugins["cachet2"].world.incidents] == ["Slow"]  # type: ignore[attr-defined]
    assert run("compare", file, "--url", url).exit_code == 0


def test_a_dump_goes_to_standard_output_and_can_be_of_one_provider(sandbox_server: Server) -> None:
    result = run("dump", "--provider", "pingpong", "--url", sandbox_server.url)
    assert list(json.loads(result.stdout)["providers"]) == ["pingpong"]
    assert "needs a FILE" in run("dump", "--json", "--url", sandbox_server.url).output


def test_differences_are_listed_for_people_and_programs(sandbox_server: Server, tmp_path: Path) -> None:
    url, before, after = sandbox_server.url, str(tmp_path / "before.json"), str(tmp_path / "after.json")
    run("dump", before, "--url", url)
    make_incident(url, "x" * 60)
    told = run("compare", before, "--url", url)
    assert told.exit_code == 1
    assert f"differences\tcachet2\tincidents\t1\t–\t–\t{'x' * 47}…\n" in told.stdout
    assert told.stderr.strip() == "2 differences"
    run("dump", after, "--url", url)
    exact = json.loads(run("compare", before, after, "--json").stdout)
    assert [(row["kind"], row["id"], row["field"]) for row in exact] == [
        ("incidents", 1, None),
        ("incidents", None, "last_id"),
    ]
    assert exact[0]["right"]["name"] == "x" * 60
    aligned = run("compare", before, after, "--ids", "aligned", "--times", "told", "--json")
    assert [row["field"] for row in json.loads(aligned.stdout)] == [None]
    others = run("compare", before, after, "--provider", "cachet3", "--provider", "pingpong")
    assert (others.exit_code, others.stderr.strip()) == (0, "no differences")
    assert run("compare", url, url).exit_code == 0, "addresses are fine, too"
    assert run("compare", "-", after, input=Path(after).read_bytes()).exit_code == 0


def test_many_differences_are_not_all_shown(sandbox_server: Server, tmp_path: Path) -> None:
    url, before = sandbox_server.url, str(tmp_path / "before.json")
    run("dump", before, "--url", url)
    assert run("seed", "page", "--url", url).exit_code == 0
    told = run("compare", before, "--url", url)
    assert len(told.stdout.splitlines()) == 200
    assert "--json has all of them" in told.stderr


def test_seed_and_reset_say_what_is_there_now(sandbox_server: Server) -> None:
    url = sandbox_server.url
    seeded = json.loads(run("seed", "--url", url, "--json").stdout)
    assert (seeded["statuspage"]["components"], seeded["cachet3"]["incidents"]) == (60, 400)
    make_incident(url)
    assert json.loads(run("reset", "--url", url, "--json").stdout) == seeded
    assert json.loads(run("seed", "empty", "--url", url, "--json").stdout)["cachet2"]["components"] == 0
    assert run("seed", "fairy-tales", "--url", url).exit_code == 2


def test_the_port_of_the_sandbox_says_where_it_is(sandbox_server: Server) -> None:
    port = sandbox_server.url.rsplit(":", 1)[1]
    assert run("--port", port, "reset", "--json").exit_code == 0


def test_a_sandbox_that_does_not_run_ends_with_words(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    result = run("--port", str(port), "dump", str(tmp_path / "state.json"))
    assert result.exit_code == 1
    assert f"no sandbox answers at http://127.0.0.1:{port}" in result.stderr
    assert "statusbridge sandbox --port" in result.stderr
    assert list(tmp_path.iterdir()) == []
    assert run("reset", "--url", "ftp://example.com").exit_code == 2


def test_a_dump_that_is_none_is_refused_with_the_place(sandbox_server: Server, tmp_path: Path) -> None:
    url, file = sandbox_server.url, tmp_path / "state.json"
    run("dump", str(file), "--url", url)
    state = json.loads(file.read_text())
    state["providers"]["pingpong"]["objects"]["components"]["rows"][0]["status"] = "Splendid"
    file.write_text(json.dumps(state))
    place = "providers.pingpong.objects.components.rows[0].status"
    loaded = run("load", str(file), "--url", url)
    assert (loaded.exit_code, place in loaded.stderr) == (1, True)
    compared = run("compare", str(file), "--url", url)
    assert (compared.exit_code, place in compared.stderr) == (2, True)
    begun = run("--state", str(file))
    assert (begun.exit_code, place in begun.stderr) == (1, True)
    file.write_text("{")
    assert "this is not JSON" in run("compare", str(file), "--url", url).stderr
    assert run("load", str(tmp_path / "none.json"), "--url", url).exit_code == 2


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--state", "x.json", "--seed", "page"], "leave --seed out"),
        (["--resume-clock"], "goes with --state"),
        (["--state", "nowhere.json"], "nowhere.json cannot be read"),
        (["--seed", "some"], "'demo', 'page', 'empty'"),
    ],
)
def test_what_a_sandbox_cannot_begin_with_is_a_usage_error(args: list[str], words: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert words in result.stderr


@pytest.mark.parametrize("name", ["dump", "load", "compare", "reset", "seed"])
def test_the_help_of_each_command_shows_an_example(name: str) -> None:
    said = run(name, "--help").output
    assert "Example" in said
    assert f"statusbridge sandbox {name}" in said


def test_a_sandbox_is_started_with_a_dump_and_goes_back_to_it(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    file.write_text(json.dumps(Sandbox(seed=7).dump()))
    command = [sys.executable, "-m", "bridge", "sandbox", "--port", str(port), "--state", str(file), "--resume-clock"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ})
    try:
        url = f"http://127.0.0.1:{port}"
        _await(url)
        assert run("compare", str(file), "--url", url).exit_code == 0
        make_incident(url)
        assert run("compare", str(file), "--url", url).exit_code == 1
        assert run("reset", "--url", url).exit_code == 0
        assert run("compare", str(file), "--url", url).exit_code == 0
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=10)
    assert f"cachet3\tAPI http://127.0.0.1:{port}/cachet3/api\t" in said


def _await(url: str) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            if requests.get(f"{url}/cachet2/api/v1/ping", timeout=1).ok:
                return
        except requests.ConnectionError:
            assert time.monotonic() < deadline, "the sandbox does not start"
            time.sleep(0.1)
