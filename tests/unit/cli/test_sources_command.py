"""``statusbridge sources``: the list, one type, and a trial through a running bridge over real HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from werkzeug.serving import make_server

from bridge.cli.main import main
from bridge.clock import SystemClock
from bridge.config.load import load
from bridge.pages import registry as page_types
from bridge.sources import registry
from bridge.store import Store
from bridge.web.app import create_app

CONFIG = """\
sources:
  pager: {type: pagerduty, secrets: [older-secret, a-long-secret]}
  prometheus: {type: alertmanager, auth: {bearer: a-bearer-token}}
  scripts: {type: generic, auth: {basic: {username: u, password: a-password}}}
  kuma: {type: uptime-kuma, auth: {path: a-path-secret}}
  cake: {type: statuscake, secrets: ["user:key-of-api"]}
  webhooks: {type: standard-webhooks, secrets: [whsec_c2VjcmV0c2VjcmV0]}
  own: {type: custom, auth: none, key: id, action: state}
  first: {type: gatus, auth: none}
  second: {type: gatus, auth: none}
  topics: {type: aws-sns, auth: {sns: {topics: "*"}}}
"""


def run(*arguments: str, text: str = "") -> Result:
    return CliRunner().invoke(main, arguments, input=text)


def test_the_list_names_every_type_with_proof_and_page() -> None:
    lines = run("sources").output.splitlines()
    rows = {line.split("\t")[1]: line.split("\t") for line in lines}
    assert set(rows) == {*registry.names(), *page_types.names()}
    assert rows["icalendar"][2:] == ["planned work in iCalendar files", "page", "docs/mirroring.md"]
    assert rows["cachet2"][3] == "page"
    assert rows["pagerduty"][3:] == [
        "HMAC-SHA256 of the body in x-pagerduty-signature", "yes", "docs/sources/pagerduty.md",
    ]  # fmt: skip
    assert rows["graylog"][4] == "no"
    told = [json.loads(line) for line in run("sources", "--json").output.splitlines()]
    assert [list(each.values()) for each in told] == [line.split("\t")[1:] for line in lines]
    assert told[0].keys() == {"type", "tool", "proof", "resolves", "page"}


def test_one_type_is_told_whole() -> None:
    text = run("sources", "show", "uptime_kuma").output
    for part in ("Uptime Kuma", "In bridge.yaml: uptime_kuma: {type: uptime-kuma", "Set up:", "Looks at:", "Samples:"):
        assert part in text
    assert "severity (critical)" in text
    page = run("sources", "show", "icalendar").output
    assert all(part in page for part in ("a page to mirror", "horizon", "time_zone", "60 times in 3600 s"))
    wrong = run("sources", "show", "pagerdty")
    assert wrong.exit_code == 2
    assert "did you mean 'pagerduty'" in wrong.output


@pytest.fixture
def bridge(tmp_path: Path, store: Store) -> Iterator[list[str]]:
    """The arguments with which the command finds a running bridge."""
    file = tmp_path / "bridge.yaml"
    file.write_text(CONFIG, encoding="utf-8")
    app = create_app(load(file, {}), store, SystemClock())
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield ["--config", str(file), "sources", "test", "--url", f"http://127.0.0.1:{server.server_port}"]
    server.shutdown()


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("pager", "incident_triggered\t200\ttrigger "),
        ("scripts", "trigger\t200\ttrigger "),
        ("kuma", "down\t200\ttrigger "),
        ("cake", "\t200\ttrigger "),
        ("webhooks", "firing\t200\ttrigger "),
    ],
)
def test_the_samples_go_through_the_bridge_and_are_dropped(
    bridge: list[str], store: Store, source: str, says: str
) -> None:
    done = run(*bridge, source)
    assert says in done.output, done.output
    assert "\t401\t" not in done.output
    assert store.inbox.read(source, "0-0", 10) == []
    assert store.counters().get("deliveries.accepted|" + source) is None


def test_samples_that_show_what_cannot_be_understood_are_as_meant(bridge: list[str]) -> None:
    done = run(*bridge, "pager")
    assert "without_incident_id\t200\t1 quarantined, as meant: " in done.output
    assert done.exit_code == 0, done.output
    other = run(*bridge, "first")
    assert other.exit_code == 1
    assert 'made for these settings: {"actions": {"KAPUTT"' in other.output


def test_one_sample_may_be_sent_for_real(bridge: list[str], store: Store) -> None:
    refused = run(*bridge, "pager", "--sample", "incident_triggered", "--for-real", text="n\n")
    assert refused.exit_code == 1
    assert store.counters() == {}
    done = run(*bridge, "pager", "--sample", "incident_triggered", "--for-real", text="y\n")
    assert done.exit_code == 0
    assert "\t202\t1 events" in done.output
    assert len(store.inbox.read("pager", "0-0", 10)) == 1


def test_a_type_stands_for_its_only_source(bridge: list[str]) -> None:
    assert run(*bridge, "pagerduty", "--sample", "incident_triggered").exit_code == 0
    for name, why in (
        ("gatus", "2 sources have the type gatus"),
        ("nobody", "bridge.yaml has no source 'nobody'"),
        ("topics", "Only Amazon can sign"),
    ):
        wrong = run(*bridge, name)
        assert wrong.exit_code == 2
        assert why in wrong.output
    wrong = run(*bridge, "pager", "--sample", "incident_trigered")
    assert "did you mean 'incident_triggered'" in wrong.output


def test_what_is_not_understood_or_not_answered_ends_with_1(bridge: list[str]) -> None:
    understood = run(*bridge, "own")
    assert understood.exit_code == 1
    assert "quarantined: 0: key: is missing." in understood.output
    away = run(*bridge[:-1], "http://127.0.0.1:1", "scripts", "--sample", "trigger")
    assert away.exit_code == 1
    assert "the bridge does not answer" in away.output
    assert run(*bridge[:-1], "ftp://here", "scripts").exit_code == 2


def test_normalize_reads_with_the_settings_of_a_source(bridge: list[str], tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text('{"id": 1, "state": "down"}', encoding="utf-8")
    done = run(*bridge[:2], "normalize", "own", str(body))
    assert '"action": "trigger"' in done.output
    bare = run("normalize", "custom", str(body))
    assert bare.exit_code == 2
    assert "needs settings" in bare.output
