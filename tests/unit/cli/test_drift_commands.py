"""``statusbridge diff``, ``sync`` and ``reclaim`` on real pages of the sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import main
from bridge.config.load import load
from bridge.model.enums import ComponentStatus, Kind
from bridge.model.facts import ObjectKey
from bridge.sandbox.server import Server
from bridge.store import Store
from bridge.sync.outbox.mirror import mirror
from bridge.sync.runtime import Runtime
from tests.engine.harness import Bridge, ManualClock, Person, incident

CONFIG = """\
sources: {prom: {type: alertmanager, auth: none}}
destinations:
  public: {type: statuspage, url: "%(url)s/statuspage/v1", page_id: sandboxpage1, token: sandbox}
  away: {type: cachet3, url: "%(url)s/cachet3/api", token: sandbox}
components:
  api: {name: Public API, on: {public: Public API}}
  web: {name: Website, on: {public: Website}}
routes: [{match: {source: prom}, components: [api]}]
"""
MAJOR = ComponentStatus.MAJOR_OUTAGE
KEY = ObjectKey(Kind.INCIDENT, "inc_1")


@pytest.fixture
def command(tmp_path: Path, valkey: str, sandbox_server: Server) -> Callable[..., Result]:
    file = tmp_path / "bridge.yaml"
    file.write_text(CONFIG % {"url": sandbox_server.url})

    def run(*words: str) -> Result:
        environ = {"BRIDGE_CONFIG": str(file), "BRIDGE_REDIS_URL": valkey}
        return CliRunner().invoke(main, list(words), env=environ)

    return run


@pytest.fixture
def runtime(tmp_path: Path, command: Callable[..., Result], store: Store) -> Runtime:
    """An incident was published a moment ago."""
    settings = load(tmp_path / "bridge.yaml", {})
    found = Runtime(settings, store, store.clock)
    bridge = Bridge(found, None, ManualClock(store.clock.now()), store)  # type: ignore[arg-type]
    bridge.commit(incident(), api=MAJOR)
    mirror(found, "public")
    return found


@pytest.fixture
def person(runtime: Runtime) -> Person:
    return Person(runtime.settings.destinations["public"])


def remote(runtime: Runtime) -> str:
    return str(runtime.store.links.get("public", KEY).remote_id)


def retitle(runtime: Runtime, person: Person) -> None:
    person.edits(incident(title="Said by a person"), remote(runtime), "name")


def test_a_destination_in_sync_is_told_so(command: Callable[..., Result], runtime: Runtime) -> None:
    result = command("diff", "public")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert "public: in sync, 3 objects compared" in result.stderr
    assert command("diff", "--json").exit_code == 0


def test_every_difference_is_a_line_with_both_values(
    command: Callable[..., Result], runtime: Runtime, person: Person
) -> None:
    retitle(runtime, person)
    result = command("diff", "public")
    assert result.exit_code == 1
    assert result.stdout == (
        "drift\tpublic\tincident:inc_1\tProblems with Public API\tname\tSaid by a person\tProblems with Public API\t"
        "changed by a person: left alone\n"
    )
    (told,) = [json.loads(line) for line in command("diff", "--json").stdout.splitlines()]
    assert told == {
        "destination": "public",
        "object": "incident:inc_1",
        "title": "Problems with Public API",
        "field": "name",
        "there": "Said by a person",
        "should_be": "Problems with Public API",
        "last_written": "Problems with Public API",
        "cause": "edited",
    }


def test_a_destination_that_cannot_be_read_is_told_and_the_others_are_compared(
    command: Callable[..., Result], runtime: Runtime, tmp_path: Path
) -> None:
    file = tmp_path / "bridge.yaml"
    file.write_text(file.read_text().replace("/statuspage/v1", "/nowhere"))
    result = command("diff")
    assert result.exit_code == 1
    assert "public cannot be read" in result.stderr
    assert "away: in sync, 0 objects compared" in result.stderr


def test_what_is_to_be_mended_is_shown_first_and_owed_when_told_to(
    command: Callable[..., Result], runtime: Runtime, person: Person
) -> None:
    person.sets("api", ComponentStatus.DEGRADED)
    shown = command("sync", "public")
    assert shown.exit_code == 0, shown.output
    assert "changed by a person: to be mended" in shown.stdout
    assert "1 object to be mended" in shown.stdout
    assert runtime.store.outbox.all("public") == []
    assert "1 object owed to public now" in command("sync", "public", "--repair").stdout
    mirror(runtime, "public")
    assert command("diff", "public").exit_code == 0
    assert "0 objects" in command("sync", "public", "--repair").stdout


def test_what_people_changed_is_taken_back_by_one_command(
    command: Callable[..., Result], runtime: Runtime, person: Person
) -> None:
    retitle(runtime, person)
    command("sync", "public", "--repair")
    mirror(runtime, "public")
    status = command("status").stdout
    assert "drift: a person changed name" in status
    assert "1 changed by people on public and left so: `statusbridge diff public`" in status
    assert json.loads(command("reclaim", "public", "--json").stdout) == ["incident:inc_1"]
    mirror(runtime, "public")
    assert person.sees(Kind.INCIDENT, remote(runtime)).name == "Problems with Public API"
    assert "nothing on public was changed by people" in command("reclaim", "public").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("reclaim", "public", "inc_9"), "no object on public go by 'inc_9'"),
        (("reclaim", "publik"), "the configuration has: public, away"),
        (("diff", "publik"), "the configuration has: public, away"),
        (("sync", "publik"), "the configuration has: public, away"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(
    command: Callable[..., Result], runtime: Runtime, words: tuple[str, ...], said: str
) -> None:
    result = command(*words)
    assert result.exit_code != 0
    assert said in result.output


def test_a_field_that_nobody_changed_is_not_taken_back(
    command: Callable[..., Result], runtime: Runtime, person: Person
) -> None:
    retitle(runtime, person)
    command("sync", "public", "--repair")
    mirror(runtime, "public")
    result = command("reclaim", "public", "inc_1", "--field", "status")
    assert result.exit_code == 1
    assert "fields that were changed: name" in result.output
    assert "incident:inc_1 is owed to public again" in command("reclaim", "public", "inc_1", "--field", "name").output
