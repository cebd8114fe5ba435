"""What only Cachet 3 does, against its sandbox over HTTP; the rest is in the contract suite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from marshmallow import ValidationError

from bridge.errors import ConfigError, Down, NotAllowed, Refused
from bridge.model.enums import ComponentStatus, Kind, MaintenanceStatus, Visibility
from bridge.model.facts import FindBy
from bridge.model.objects import Maintenance, Text
from bridge.providers.cachet3.settings import Options
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import serve
from bridge.testing.stage import IDENTIFIED, OPENING, START, TOKEN, Stage, Ticking, assert_shows, incident


@pytest.fixture
def stage() -> Iterator[Stage]:
    sandbox = Sandbox(clock=Ticking(), token=TOKEN)
    with serve(sandbox) as server:
        yield Stage("cachet3", "/cachet3", {}, sandbox, server)


def settings(stage: Stage) -> Any:
    return stage.sandbox.plugins["cachet3"].settings


def test_the_pages_own_address_and_that_of_its_api_are_both_understood(stage: Stage) -> None:
    for path in ("/cachet3", "/cachet3/", "/cachet3/api", "/cachet3/api/"):
        assert len(list(stage.make(url=stage.server.url + path).scan(Kind.COMPONENT))) == 4


def test_an_api_that_was_switched_off_does_not_mean_that_everything_is_gone(stage: Stage) -> None:
    link, _ = stage.settle(incident(), stage.refs())
    settings(stage).api_enabled = False
    with pytest.raises(Down, match="switched on"):
        stage.provider.look(Kind.INCIDENT, str(link.remote_id))


def test_attached_components_are_not_moved_by_the_incident_itself(stage: Stage) -> None:
    refs = stage.refs(api=ComponentStatus.MAJOR_OUTAGE)
    wanted, _ = stage.provider.translate(incident(), refs)
    stage.settle(incident(), refs)
    assert {link["status"] for link in wanted.create["components"]} == {1}
    assert all(seen.echo["status"] == 1 for seen in stage.provider.scan(Kind.COMPONENT))
    assert len(stage.sandbox.plugins["cachet3"].page().open_incidents[0].components) == 2


def test_the_stored_status_is_read_and_not_what_is_laid_over_it(stage: Stage) -> None:
    maintenance = Maintenance(
        id="mnt_1",
        title="Disks",
        status=MaintenanceStatus.IN_PROGRESS,
        message=Text("We change disks."),
        components=("web",),
        starts_at=START,
        visibility=Visibility.PUBLIC,
        notify=False,
    )
    refs = stage.refs()
    link, _ = stage.settle(maintenance, refs)
    web = stage.seen(Kind.COMPONENT, refs.remote_id(Kind.COMPONENT, "web"))
    assert web.raw["latest_status"]["value"] == 6
    assert web.echo == {"status": 1}
    assert_shows(stage.seen(Kind.MAINTENANCE, link.remote_id), stage.provider.translate(maintenance, refs)[0].echo)


def test_times_are_read_in_the_servers_zone(stage: Stage) -> None:
    settings(stage).zone = "Europe/Berlin"
    stage.options = {"time_zone": "Europe/Berlin"}
    provider = stage.make()
    link, _ = stage.settle(incident(), stage.refs())
    seen = provider.look(Kind.INCIDENT, str(link.remote_id))
    assert seen is not None
    assert seen.at == START.replace(microsecond=0)
    assert_shows(seen, provider.translate(incident(), stage.refs())[0].echo)


def test_a_filter_that_the_server_ignores_finds_nobody_else(stage: Stage) -> None:
    stage.settle(incident(), stage.refs())
    assert list(stage.provider.find(Kind.INCIDENT, FindBy(marker="inc_0h6x2k9vw8c3m1p4q7r2,other"))) == []


def test_nothing_is_ever_sent_as_null(stage: Stage) -> None:
    for obj in (incident(OPENING, IDENTIFIED), incident(visibility=Visibility.AUTHENTICATED)):
        wanted, _ = stage.provider.translate(obj, stage.refs())
        for body in (wanted.create, wanted.update, *(append.body for append in wanted.appends)):
            assert None not in body.values()


def test_visibility_is_said_explicitly(stage: Stage) -> None:
    public, _ = stage.provider.translate(incident(), stage.refs())
    inside, losses = stage.provider.translate(incident(visibility=Visibility.HIDDEN), stage.refs())
    assert (public.create["visible"], inside.create["visible"]) == (True, False)
    assert [loss for loss in losses if loss.field == "visibility"]


def test_a_hidden_maintenance_is_refused_because_schedules_cannot_be_hidden(stage: Stage) -> None:
    hidden = Maintenance(
        "mnt_1", "Disks", MaintenanceStatus.SCHEDULED, Text("x"), (), START, Visibility.AUTHENTICATED, notify=False
    )
    with pytest.raises(Refused, match="cannot hide"):
        stage.provider.translate(hidden, stage.refs())


def test_a_scan_since_a_moment_leaves_out_what_did_not_change(stage: Stage) -> None:
    refs = stage.refs()
    stage.settle(incident(), refs)
    between = stage.sandbox.clock.now()
    stage.settle(incident(id="inc_2", title="Later"), refs)
    assert [seen.name for seen in stage.provider.scan(Kind.INCIDENT, between)] == ["Later"]
    assert list(stage.provider.scan(Kind.INCIDENT, between + timedelta(hours=1))) == []


def test_a_token_without_the_ability_is_told_so(stage: Stage) -> None:
    wanted = replace(incident(), components={})
    provider = stage.make(token=f"{TOKEN}-limited")
    stage.provider = provider
    with pytest.raises(NotAllowed, match="abilities"):
        stage.settle(wanted, stage.refs())


def test_a_zone_that_does_not_exist_and_a_missing_address_are_mistakes_in_the_configuration(stage: Stage) -> None:
    with pytest.raises(ValidationError, match="Europe/Atlantis"):
        Options().load({"time_zone": "Europe/Atlantis"})
    with pytest.raises(ConfigError, match="url"):
        stage.make(url=None)
