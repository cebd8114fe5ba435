"""What a person can do about the engine: pause, resume, dead letters, explain, backup and restore."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import main
from bridge.errors import StoreError
from bridge.model.enums import ComponentStatus, Kind
from bridge.model.facts import ObjectKey
from bridge.sandbox.faults import Fault
from bridge.sandbox.server import Server
from bridge.store import Store, ensure_server
from bridge.store.connection import connect
from bridge.store.lanes import MIRROR, Lane
from bridge.sync.decisions import dead_letters
from tests.engine.harness import Bridge, incident, update

MAJOR = ComponentStatus.MAJOR_OUTAGE
LANE = Lane(MIRROR, "statuspage")


@pytest.fixture
def provider() -> str:
    return "statuspage"


@pytest.fixture
def command(sandbox_and_server: tuple[object, Server], valkey: str, tmp_path: Path) -> object:
    """Runs the command line on the test's store."""
    configuration = tmp_path / "bridge.yaml"
    url = sandbox_and_server[1].url
    configuration.write_text(
        "sources: {prom: {type: alertmanager, auth: none}}\n"
        "destinations:\n"
        f"  statuspage: {{type: statuspage, url: '{url}/statuspage/v1', page_id: sandboxpage1, token: x}}\n"
        "components: {api: {name: Public API, on: {statuspage: Public API}}}\n"
        "routes: [{match: {source: prom}, components: [api]}]\n"
    )

    def run(*words: str) -> Result:
        environ = {"BRIDGE_CONFIG": str(configuration), "BRIDGE_REDIS_URL": valkey}
        return CliRunner().invoke(main, list(words), env=environ, catch_exceptions=False)

    return run


def refuse(bridge: Bridge) -> None:
    bridge.sandbox.faults.add(Fault("status", "statuspage", "POST", status=422, times=1))
    bridge.commit(incident(), api=MAJOR)
    bridge.run(2)


def test_a_paused_destination_gets_nothing_and_everything_after_it_is_resumed(bridge: Bridge, command) -> None:  # type: ignore[no-untyped-def]
    assert "paused: moving house" in command("pause", "statuspage", "--why", "moving house").output
    bridge.commit(incident(), api=MAJOR)
    bridge.run(600, step=60)
    assert bridge.writes("statuspage") == []
    command("resume", "statuspage")
    bridge.run(2)
    assert len(bridge.incidents("statuspage")) == 1


def test_an_unknown_destination_is_named_with_the_known_ones(command) -> None:  # type: ignore[no-untyped-def]
    result = command("pause", "publik")
    assert result.exit_code == 2
    assert "statuspage" in result.output


def test_a_dead_letter_is_listed_shown_and_tried_again(bridge: Bridge, command) -> None:  # type: ignore[no-untyped-def]
    refuse(bridge)
    (listed,) = [json.loads(line) for line in command("failed", "list", "--json").output.splitlines()]
    assert (listed["object"], "422" in listed["why"]) == ("incident:inc_1", True)
    shown = json.loads(command("failed", "show", "statuspage", "inc_1").output)
    assert shown["incident"]["title"] == "Problems with Public API"
    assert "owed to statuspage again" in command("failed", "retry", "statuspage", "inc_1").output
    bridge.run(2)
    assert len(bridge.incidents("statuspage")) == 1
    assert command("failed", "list").output == "nothing failed\n"


def test_a_discarded_object_is_never_written_again(bridge: Bridge) -> None:
    refuse(bridge)
    letter = dead_letters.find(bridge.runtime, "statuspage", "inc_1")
    dead_letters.discard(bridge.runtime, letter)
    bridge.commit(incident(update(1), update(2), revision=2))
    bridge.run(5)
    assert bridge.incidents("statuspage") == []
    assert bridge.store.outbox.dead("statuspage") == []


def test_a_refused_text_is_changed_and_sent_in_its_place(bridge: Bridge, command) -> None:  # type: ignore[no-untyped-def]
    bridge.commit(incident(update(1)), api=MAJOR)
    bridge.run(2)
    bridge.sandbox.faults.add(Fault("status", "statuspage", "PATCH", status=422, times=1))
    bridge.commit(incident(update(1), update(2), update(3), revision=2))
    bridge.run(5)
    assert command("failed", "edit", "statuspage", "inc_1", "--text", "Said with care.").exit_code == 0
    bridge.run(5)
    (shown,) = bridge.page("statuspage").open_incidents
    assert [item.body for item in reversed(shown.updates)] == ["Step number 1.", "Said with care.", "Step number 3."]
    assert command("failed", "edit", "statuspage", "inc_1", "--text", "x").exit_code == 1, "nothing is refused now"


def test_a_letter_that_is_not_there_is_answered_with_those_that_are(bridge: Bridge) -> None:
    refuse(bridge)
    with pytest.raises(dead_letters.UnknownLetter, match="there are: incident:inc_1"):
        dead_letters.find(bridge.runtime, "statuspage", "inc_9")


def test_the_story_of_an_incident_has_every_decision_and_call(bridge: Bridge, command) -> None:  # type: ignore[no-untyped-def]
    bridge.alert("a")
    bridge.run(2)
    (found,) = bridge.store.open_incidents()
    entries = [json.loads(line) for line in command("explain", found.id[:9], "--json").output.splitlines()]
    whys = [entry["decision"]["why"] for entry in entries if "decision" in entry]
    assert {"fired", "opened", "component_status"} <= set(whys)
    calls = [entry["call"] for entry in entries if "call" in entry]
    assert [call["status"] for call in calls] == [201]
    plain = command("explain", found.id).output
    assert "opened" in plain
    assert "→ 201 in" in plain


def test_a_backup_into_another_server_goes_on_where_it_was(bridge: Bridge, tmp_path: Path) -> None:
    bridge.alert("a", title="Ünïcode 😀 \x00")
    bridge.run(2)
    bridge.alert("b")
    lines = list(bridge.store.backup())
    server = ensure_server(tmp_path / "elsewhere")
    try:
        other = Store(connect(server.url), server.url)
        assert other.restore(lines) == len(lines) - 1
        assert list(other.backup()) == lines
        assert other.inbox.is_behind("prom"), "what was not applied is still there"
        key = ObjectKey(Kind.INCIDENT, other.open_incidents()[0].id)
        assert other.links.get("statuspage", key) == bridge.store.links.get("statuspage", key)
        with pytest.raises(StoreError, match="holds state already"):
            other.restore(lines)
    finally:
        server.stop()


@pytest.mark.parametrize("lines", [[], ["{}"], ['{"format": "statusbridge-backup", "version": 99}'], ["not json"]])
def test_what_is_no_backup_is_refused(store: Store, lines: list[str]) -> None:
    with pytest.raises(StoreError):
        store.restore(lines)


def test_backup_and_restore_on_the_command_line(bridge: Bridge, command, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    bridge.alert("a")
    bridge.run(2)
    file = tmp_path / "state.jsonl"
    assert command("backup", str(file)).exit_code == 0
    assert file.stat().st_mode & 0o077 == 0, "others may not read it"
    refused = command("restore", str(file))
    assert (refused.exit_code, "holds state already" in refused.output) == (1, True)
