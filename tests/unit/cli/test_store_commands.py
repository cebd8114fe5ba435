"""``check``, ``status``, ``approve`` and ``reject`` against a real store and a real sandbox."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge.cli.console import Console, Value, ago, clean
from bridge.cli.main import main
from bridge.config.load import load
from bridge.model.enums import Action, AlertSeverity, Publication
from bridge.model.events import Delivery, Event, Parsed
from bridge.sandbox.server import Server
from bridge.store import Store
from bridge.sync.inbox.ingest import ingest
from bridge.sync.runtime import Runtime

CONFIG = """\
sources:
  hooks: {type: generic, auth: none}
destinations:
  pages: {type: statuspage, url: "%s/statuspage/v1", page_id: sandboxpage1, token: %s}
components:
  api: {name: Public API, on: {pages: Public API}}
  web: {name: Website, on: {pages: %s}}
routes:
  - {name: by-hand, components: api, publish: hold, title: "Trouble \\e[31mhere\\e[0m"}
"""


@pytest.fixture
def config(tmp_path: Path, valkey: str, sandbox_server: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BRIDGE_REDIS_URL", valkey)
    return write(tmp_path, sandbox_server)


def write(folder: Path, server: Server, token: str = "sandbox", website: str = "Website") -> Path:
    file = folder / "bridge.yaml"
    file.write_text(CONFIG % (server.url, token, website))
    return file


def run(config: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(config), *args])


def hold_one(config: Path, store: Store, key: str = "k") -> str:
    """Let an alert open an incident that is held; its id."""
    now = datetime.now(UTC)
    event = Event(
        key, Action.TRIGGER, title="Many errors", severity=AlertSeverity.CRITICAL, started_at=now, happened_at=now
    )
    store.accept(Delivery(f"dlv_{key}", "hooks", now, b"{}"), Parsed((event,)))
    ingest(Runtime(load(config, {}), store, store.clock), "hooks")
    return store.open_incidents()[0].id


def resolve_one(config: Path, store: Store, key: str = "k") -> None:
    """Let the alert be over."""
    now = datetime.now(UTC)
    event = Event(key, Action.RESOLVE, title="Many errors", happened_at=now, ended_at=now)
    store.accept(Delivery(f"dlv_{key}_over", "hooks", now, b"{}"), Parsed((event,)))
    ingest(Runtime(load(config, {}), store, store.clock), "hooks")


def test_check_finds_everything_in_order(config: Path) -> None:
    result = run(config, "check")
    assert result.exit_code == 0, result.output
    assert "found\tstore\tok\tanswers, and syncs every write to its disk" in result.output
    assert "2 of them are ours" in result.output
    assert "sources\thooks\tgeneric\tnone\t/hooks/hooks" in result.output


def test_check_tells_a_refused_token(tmp_path: Path, config: Path, sandbox_server: Server) -> None:
    result = run(write(tmp_path, sandbox_server, token="wrong-one"), "check")
    assert result.exit_code == 1
    assert "found\tpages\twrong\trefuses the token" in result.output
    assert "wrong-one" not in result.output


def test_check_tells_a_component_that_is_not_there(tmp_path: Path, config: Path, sandbox_server: Server) -> None:
    result = run(write(tmp_path, sandbox_server, website="Websight"), "check")
    assert result.exit_code == 1
    assert "components.web: no component there has the id or the name 'Websight'" in result.output


def test_check_tells_a_destination_that_is_down(config: Path, sandbox_server: Server) -> None:
    sandbox_server.stop()
    result = run(config, "check")
    assert result.exit_code == 1
    assert "found\tpages\twrong\tcannot be asked" in result.output


def test_check_offline_looks_at_the_file_only(config: Path, sandbox_server: Server) -> None:
    sandbox_server.stop()
    result = run(config, "check", "--offline")
    assert result.exit_code == 0
    assert "found" not in result.output


def test_check_with_a_mistake_ends_with_2(config: Path) -> None:
    config.write_text(config.read_text().replace("auth: none", "auth: nome"))
    result = run(config, "check")
    assert result.exit_code == 2
    assert "1 mistake" in result.output


def test_status_shows_lines_that_can_be_cut(config: Path, store: Store) -> None:
    identity = hold_one(config, store)
    result = run(config, "status")
    assert result.exit_code == 0, result.output
    lines = [line.split("\t") for line in result.output.splitlines()]
    assert ["sources", "hooks", "generic"] in [line[:3] for line in lines]
    assert ["destinations", "pages", "statuspage", "ok"] in [line[:4] for line in lines]
    assert ["incidents", identity] in [line[:2] for line in lines]
    assert "1 held: not published before you say so: `statusbridge approve INCIDENT`" in result.output
    assert "\x1b" not in result.output


def test_status_names_what_was_over_last_so_that_its_story_can_be_asked_for(config: Path, store: Store) -> None:
    identity = hold_one(config, store)
    assert "over lately" not in run(config, "status").output
    resolve_one(config, store)
    lines = [line.split("\t") for line in run(config, "status").output.splitlines()]
    assert [line[1] for line in lines if line[0] == "incidents"] == []
    over = next(line for line in lines if line[0] == "over lately")
    assert [over[1], over[3]] == [identity, "resolved"]
    assert re.fullmatch(r"\d+[sm]", over[4])
    assert run(config, "explain", over[1]).exit_code == 0
    assert [row["id"] for row in json.loads(run(config, "status", "--json").output)["recent"]] == [identity]


def test_status_as_json_is_one_object(config: Path, store: Store) -> None:
    hold_one(config, store)
    said = json.loads(run(config, "status", "--json").output)
    assert said["held"] == 1
    assert said["sources"][0]["name"] == "hooks"


def test_an_incident_is_approved_by_the_beginning_of_its_id(config: Path, store: Store) -> None:
    identity = hold_one(config, store)
    result = run(config, "approve", identity[:12])
    assert result.exit_code == 0, result.output
    assert identity in result.output
    incident = store.incident(identity)
    assert incident is not None
    assert incident.publication is Publication.PUBLISHED


def test_an_incident_is_rejected(config: Path, store: Store) -> None:
    identity = hold_one(config, store)
    assert run(config, "reject", identity).exit_code == 0
    incident = store.incident(identity)
    assert incident is not None
    assert incident.publication is Publication.REJECTED


def test_an_unknown_incident_is_told_with_the_held_ones(config: Path, store: Store) -> None:
    identity = hold_one(config, store)
    result = run(config, "approve", "inc_zzz")
    assert result.exit_code == 1
    assert f"held incidents: {identity}" in result.output


def test_a_terminal_gets_tables_and_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = io.StringIO()
    Console(stream, terminal=True).table("Things", ("name", "state"), [("[bold]a[/bold]", Value("ok", "good"))])
    assert "Things" in stream.getvalue()
    assert "[bold]a[/bold]" in stream.getvalue()
    assert "\x1b[32mok" in stream.getvalue()


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = io.StringIO()
    Console(stream, terminal=True).line("down", "bad")
    assert "31m" not in stream.getvalue()


def test_what_steers_a_terminal_is_taken_out() -> None:
    assert clean("a\x1b[31mb\x07\u202ec\nd\te") == "a[31mbc d e"


def test_how_long_ago() -> None:
    now = datetime(2026, 1, 2, 12, tzinfo=UTC)
    assert [ago(None, now), ago(datetime(2026, 1, 2, 11, 59, 48, tzinfo=UTC), now)] == ["–", "12s"]
    assert [ago(datetime(2026, 1, 2, 9, tzinfo=UTC), now), ago(datetime(2026, 1, 1, tzinfo=UTC), now)] == ["3h", "1d"]
