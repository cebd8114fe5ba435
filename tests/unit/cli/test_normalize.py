"""``statusbridge normalize``: bodies in, canonical events out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bridge.cli.main import main

FIRING = {
    "version": "4",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "HighErrors", "severity": "critical"},
            "annotations": {"summary": "Many errors"},
            "startsAt": "2026-01-02T03:04:05Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": "abc",
        }
    ],
}


@pytest.fixture
def body(tmp_path: Path) -> Path:
    file = tmp_path / "body.json"
    file.write_text(json.dumps(FIRING))
    return file


def normalize(*args: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["normalize", *map(str, args)], input=stdin)


def test_one_file_gives_one_object(body: Path) -> None:
    result = normalize("alertmanager", body)
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    event = said["events"][0]
    assert (event["action"], event["severity"], event["title"]) == ("trigger", "critical", "Many errors")
    assert (event["started_at"], event["ended_at"]) == ("2026-01-02T03:04:05Z", None)
    assert said["quarantined"] == []


def test_several_files_give_one_object_a_line_in_their_order(body: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    resolved = [{**FIRING["alerts"][0], "status": "resolved", "endsAt": "2026-01-02T04:00:00Z"}]  # type: ignore[dict-item]
    other.write_text(json.dumps({**FIRING, "alerts": resolved}))
    lines = normalize("alertmanager", body, other, body).stdout.splitlines()
    assert [json.loads(line)["events"][0]["action"] for line in lines] == ["trigger", "resolve", "trigger"]


def test_an_envelope_is_taken_as_the_whole_request(tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text(json.dumps({"_request": {"method": "POST", "headers": {}}, "body": FIRING}))
    assert len(json.loads(normalize("alertmanager", file).stdout)["events"]) == 1


def test_standard_input_is_read_for_a_dash() -> None:
    assert len(json.loads(normalize("alertmanager", "-", stdin=json.dumps(FIRING)).stdout)["events"]) == 1


def test_what_cannot_be_understood_ends_with_1_and_the_reason(tmp_path: Path, body: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    result = normalize("alertmanager", bad, body)
    assert result.exit_code == 1
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert first["events"] == []
    assert "not JSON" in first["quarantined"][0]["reason"]
    assert len(second["events"]) == 1
    assert f"{bad}: not understood" in result.stderr


def test_a_batch_with_nothing_good_in_it_ends_with_1(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text(json.dumps({**FIRING, "alerts": [{"status": "burning", "labels": {}}]}))
    result = normalize("alertmanager", file)
    assert result.exit_code == 1
    assert len(json.loads(result.stdout)["quarantined"]) == 1


@pytest.mark.parametrize("args", [("alertmanger", "-"), ("alertmanager", "/none/such"), ("generic",)])
def test_wrong_usage_ends_with_2(args: tuple[str, ...]) -> None:
    result = normalize(*args, stdin="{}")
    assert result.exit_code == 2
    assert result.stdout == ""


def test_neither_store_nor_configuration_is_needed(body: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["--config", "none.yaml", "normalize", "alertmanager", str(body)])
    assert result.exit_code == 0


@pytest.mark.parametrize("name", ["prometheus_api", "prometheus-api", "Prometheus_API"])
def test_the_time_of_arrival_can_be_told_and_a_type_be_written_as_one_likes(name: str, tmp_path: Path) -> None:
    file = tmp_path / "pushed.json"
    file.write_text(json.dumps([{"labels": {"alertname": "Down"}, "endsAt": "2026-01-02T03:04:05Z"}]))
    said = [
        json.loads(normalize(name, file, "--received-at", at).stdout)["events"][0]["action"]
        for at in ("2026-01-02T03:04:04Z", "2026-01-02T03:04:05Z")
    ]
    assert said == ["trigger", "resolve"]


def test_headers_of_the_command_line_go_before_those_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "binary.json"
    headers = {"ce-id": "1", "ce-source": "/s", "ce-specversion": "1.0", "ce-type": "x.down", "ce-subject": "db"}
    file.write_text(json.dumps({"_request": {"method": "POST", "headers": headers, "body": "{}"}}))
    result = normalize("cloudevents", file, "--header", "CE-Type: x.up", "--header", "ce-subject:other")
    event = json.loads(result.stdout)["events"][0]
    assert (event["action"], event["dedup_key"]) == ("resolve", "/s:other")


def test_a_query_needs_no_file() -> None:
    result = normalize("healthchecks", "--query", "?code=3f1c&status=down&name=My%20backup")
    assert result.exit_code == 0, result.output
    event = json.loads(result.stdout)["events"][0]
    assert (event["dedup_key"], event["action"], event["title"]) == ("3f1c", "trigger", "My backup")


def test_json_is_one_object_a_line(body: Path) -> None:
    assert normalize("alertmanager", body, "--json").stdout == normalize("alertmanager", body).stdout
    assert len(normalize("alertmanager", body, "--json").stdout.splitlines()) == 1


@pytest.mark.parametrize("args", [("--header", "nothing"), ("--header", ": x"), ("--received-at", "yesterday")])
def test_an_option_that_cannot_be_read_is_wrong_usage(args: tuple[str, str], body: Path) -> None:
    result = normalize("alertmanager", body, *args)
    assert result.exit_code == 2
    assert args[1] in result.stderr
