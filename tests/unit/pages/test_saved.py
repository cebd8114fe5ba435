"""Saved documents of a Statuspage, as ``normalize`` reads them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bridge.cli.main import main
from bridge.errors import Unparsable
from bridge.model.enums import Kind
from bridge.model.objects import Component, Incident, IncidentUpdate
from bridge.pages.saved import objects_in

DATA = Path(__file__).parents[2] / "data" / "statuspage-public"
COMPONENT = {"id": "c1", "page_id": "p", "group_id": None, "group": False, "name": "API", "status": "major_outage",
             "showcase": True, "position": 1}  # fmt: skip


@pytest.mark.parametrize("path", sorted(DATA.glob("*.json")), ids=lambda path: path.stem)
def test_every_public_document_gives_its_objects(path: Path) -> None:
    document = json.loads(path.read_bytes())
    found = objects_in(document)
    told = sum(len(document.get(name, ())) for name in ("components", "incidents", "scheduled_maintenances"))
    assert sum(map(len, found.values())) == told > 0


def test_an_object_of_the_api_is_known_by_its_members() -> None:
    (component,) = objects_in(COMPONENT)[Kind.COMPONENT]
    assert isinstance(component, Component)
    assert (component.id, component.name, component.status) == ("c1", "API", "major_outage")


@pytest.mark.parametrize(("word", "status"), [("identified", "identified"), ("verifying", "verifying")])
def test_an_update_by_itself_is_one_of_an_incident_or_of_a_maintenance(word: str, status: str) -> None:
    row = {"id": "u1", "incident_id": "i1", "body": "We know why.", "status": word, "affected_components": None,
           "created_at": "2026-08-20T10:00:00Z", "display_at": "2026-08-20T09:00:00Z"}  # fmt: skip
    (update,) = objects_in(row)[Kind.INCIDENT_UPDATE]
    assert isinstance(update, IncidentUpdate)
    assert (update.id, update.status, update.message.source) == ("i1/u1", status, "We know why.")
    assert update.at.hour == 9


def test_the_page_itself_is_known_and_tells_no_object() -> None:
    assert objects_in({"id": "p", "name": "Our page", "subdomain": "ours", "time_zone": "UTC"}) == {}


@pytest.mark.parametrize(
    "document",
    [{}, [], {"incident_id": "i", "body": 5}, 5, {"a": 1}, [{"page": {}}, 3], {"page": {}, "incidents": [{"id": "x"}]}],
)
def test_what_is_no_such_document_is_refused_or_empty(document: object) -> None:
    try:
        assert objects_in(document) == {}
    except Unparsable as error:
        assert error.reason


def test_the_command_prints_them() -> None:
    path = next(iter(sorted(DATA.glob("*incidents*.json"))))
    result = CliRunner().invoke(main, ["normalize", "statuspage_public", str(path)])
    incidents = json.loads(result.stdout)["incidents"]
    assert result.exit_code == 0
    assert len(incidents) == len(objects_in(json.loads(path.read_bytes()))[Kind.INCIDENT])
    assert {"id", "title", "status", "updates"} <= set(incidents[0])
    assert isinstance(objects_in(json.loads(path.read_bytes()))[Kind.INCIDENT][0], Incident)


def test_the_command_says_what_it_cannot_read(tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_text('{"name": "Our page"}', encoding="utf-8")
    result = CliRunner().invoke(main, ["normalize", "statuspage", str(path)])
    assert result.exit_code == 1
    assert "no document of a Statuspage" in result.stderr
