"""``check``, ``status``, ``explain``, ``approve --all``, ``pause`` and ``resume`` where pages are mirrored."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result

from bridge.cli.main import main
from bridge.config.load import load
from bridge.sandbox.server import Server
from bridge.store import Store
from bridge.store.lanes import MIRROR, POLL, Lane
from bridge.sync.outbox.mirror import mirror
from bridge.sync.pages.poll import poll
from bridge.sync.runtime import Runtime

CONFIG = """\
sources:
  old: {type: cachet3, url: "%(url)s/cachet3/api", token: sandbox, every: 5s}
  hosted: {type: statuspage-public, url: "%(url)s/statuspage"}
destinations:
  pages: {type: cachet2, url: "%(url)s/cachet2/api/v1", token: sandbox}
components:
  api: {name: Public API, on: {pages: Public API}}
mirrors:
  - {from: old, to: pages}
  - {from: hosted, components: {"%(name)s": api}, to: [pages]}
"""


@pytest.fixture
def config(tmp_path: Path, valkey: str, sandbox_server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BRIDGE_REDIS_URL", valkey)
    return write(tmp_path, sandbox_server, "Public API")


def write(folder: Path, server: Server, name: str) -> Path:
    file = folder / "bridge.yaml"
    file.write_text(CONFIG % {"url": server.url, "name": name})
    return file


def run(config: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(config), *args])


def trouble(server: Server) -> None:
    """Somebody opens an incident on the page that is mirrored."""
    body = {
        "name": "Real trouble",
        "status": 1,
        "message": "We look.",
        "visible": True,
        "components": [{"id": 1, "status": 4}],
    }
    headers = {"Authorization": "Bearer sandbox", "Accept": "application/json"}
    requests.post(f"{server.url}/cachet3/api/incidents", json=body, headers=headers, timeout=5).raise_for_status()


def test_check_looks_at_the_pages(config: Path) -> None:
    result = run(config, "check")
    assert result.exit_code == 0, result.output
    assert "mirrors\told\tcachet3\t5s\tpages" in result.output
    assert "found\told\tok\tanswers; it shows 4 components, 1 of them are mirrored" in result.output
    assert "found\thosted\tok\t" in result.output


def test_check_tells_a_component_that_a_page_does_not_have(
    tmp_path: Path, config: Path, sandbox_server: Server
) -> None:
    result = run(write(tmp_path, sandbox_server, "Pubic API"), "check")
    assert result.exit_code == 1
    assert "found\thosted\twrong\tno component there has the id or the name 'Pubic API'" in result.output


def test_what_was_taken_over_is_shown_and_explained(config: Path, store: Store, sandbox_server: Server) -> None:
    trouble(sandbox_server)
    runtime = Runtime(load(config, {}), store, store.clock)
    poll(runtime, "old")
    mirror(runtime, "pages")
    told = run(config, "status").output
    assert "pages\told\tcachet3\tok" in told
    assert "Real trouble\tinvestigating\tin sync" in told
    (taken,) = store.pages.open()
    story = run(config, "explain", taken.id[:12]).output
    assert "was taken over from old" in story
    assert "POST /cachet2/api/v1/incidents" in story


@pytest.mark.parametrize(("name", "kind"), [("old", POLL), ("pages", MIRROR)])
def test_pages_and_destinations_are_paused_and_resumed_alike(config: Path, store: Store, name: str, kind: str) -> None:
    assert run(config, "pause", name, "--why", "moving house").exit_code == 0
    assert (store.lanes.state(Lane(kind, name)).state, store.lanes.state(Lane(kind, name)).why) == (
        "paused",
        "moving house",
    )
    assert run(config, "resume", name).exit_code == 0
    assert store.lanes.state(Lane(kind, name)).state == "ok"


def test_an_unknown_page_is_told_with_the_known_ones(config: Path) -> None:
    result = run(config, "resume", "new")
    assert result.exit_code == 2
    assert "pages, old, hosted" in result.output


def test_approving_takes_one_name_or_all(config: Path) -> None:
    assert run(config, "approve").exit_code == 2
    assert run(config, "approve", "inc_1", "--all").exit_code == 2
    assert "nothing is held" in run(config, "approve", "--all").output


TWO_WAY = """\
destinations:
  public: {type: cachet3, url: "%(url)s/cachet3/api", token: sandbox}
  intranet: {type: cachet2, url: "%(url)s/cachet2/api/v1", token: sandbox}
components:
  api: {name: Public API, on: {public: Public API, intranet: Public API}}
mirrors:
  - {from: public, to: intranet, two_way: true, conflicts: hold}
"""


@pytest.fixture
def two_way(config: Path, sandbox_server: Server) -> Path:
    config.write_text(TWO_WAY % {"url": sandbox_server.url})
    return config


def test_check_and_status_know_both_ends_of_a_two_way_mirror(two_way: Path) -> None:
    checked = run(two_way, "check")
    assert checked.exit_code == 0, checked.output
    lines = [line.split("\t") for line in checked.output.splitlines()]
    assert ["mirrors", "public", "cachet3", "30s", "intranet (both ways, conflicts: hold)"] in lines
    assert run(two_way, "status").exit_code == 0


def test_what_stands_on_a_page_is_taken_when_a_person_says_so(
    two_way: Path, store: Store, sandbox_server: Server
) -> None:
    runtime = Runtime(load(two_way, {}), store, store.clock)
    poll(runtime, "public")
    trouble(sandbox_server)
    store.look_at("public")
    poll(runtime, "public")
    mirror(runtime, "intranet")
    (key,) = (str(name) for name in store.links.all("intranet") if name.kind == "incident")
    result = run(two_way, "take", "intranet", key, "--json")
    assert result.output == f'{{"object": "{key}", "destination": "intranet"}}\n'
    assert store.pages.takes("intranet") == {key}
    assert "shows no mirrored object" in run(two_way, "take", "intranet", "inc_9").output
    assert "the configuration has: public, intranet" in run(two_way, "take", "elsewhere", key).output
