"""Whatever a client answers, in every operation, has the declared fields with values of the declared types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import test_cachet2_client as of_cachet2
import test_cachet3_client as of_cachet3
import test_pingpong_client as of_pingpong
import test_statuspage_client as of_statuspage

from bridge.providers import cachet2, cachet3, pingpong, statuspage
from bridge.providers.cachet3 import records as cachet3_records
from bridge.providers.pingpong import records as pingpong_records
from bridge.providers.statuspage import metric_records, people_records
from bridge.providers.statuspage import records as statuspage_records
from bridge.sandbox.app import Sandbox
from bridge.sandbox.pingpong import WIDGET_KEY
from bridge.sandbox.server import serve
from bridge.sandbox.statuspage import ORGANIZATION_ID, PAGE_ID
from tests.contract.declared import Watched, records_in, watched

PLENTY: dict[str, Any] = {"rate": (100_000, 60.0), "environ": {}}


@contextmanager
def stage(sandbox: Sandbox, provider: str) -> Iterator[tuple[str, Watched]]:
    """The address of a sandbox without a limit, and what is answered by it."""
    if hasattr(sandbox.plugins[provider].settings, "rate_limit"):
        sandbox.plugins[provider].settings.rate_limit = None
    with serve(sandbox) as server, watched() as seen:
        yield server.url, seen


def test_what_statuspage_answers_is_as_declared() -> None:
    with stage(Sandbox(of_statuspage.Still(), of_statuspage.TOKEN), "statuspage") as (url, seen):
        where = {"url": url + "/statuspage/v1", "organization_id": ORGANIZATION_ID}
        client = statuspage.Client(of_statuspage.TOKEN, PAGE_ID, **where, **PLENTY)
        of_statuspage.use_everything(client)
        client.close()
    assert seen.problems == set()
    declared = [*records_in(statuspage_records), *records_in(people_records), *records_in(metric_records)]
    # The sandbox has no products of the vendor, and no outage in the ranges that are asked for.
    assert {name.partition(".")[0] for name in seen.unseen(iter(declared))} <= {
        "IncidentImpact",
        "RelatedIncident",
        "PageRoles",
    }


def test_what_pingpong_answers_is_as_declared() -> None:
    with stage(Sandbox(of_pingpong.Ticking(), of_pingpong.TOKEN), "pingpong") as (url, seen):
        where = {"url": url + "/pingpong/rest/v1", "widget_key": WIDGET_KEY}
        client = pingpong.Client(of_pingpong.TOKEN, **where, **PLENTY)
        of_pingpong.use_everything(client)
        client.close()
    assert seen.problems == set()
    assert seen.unseen(records_in(pingpong_records)) == set()


def test_what_cachet_3_answers_is_as_declared_with_everything_that_can_be_included() -> None:
    with stage(Sandbox(token=of_cachet3.TOKEN), "cachet3") as (url, seen):
        client = cachet3.Client(url=url + "/cachet3", token=of_cachet3.TOKEN, **PLENTY)
        of_cachet3.use_everything(client)
        include_everything(client)
        client.close()
    assert seen.problems == set()
    # Nobody is the author of an incident that was made by API.
    assert seen.unseen(records_in(cachet3_records)) == {"Incident.components_count", "User.id"}


def include_everything(client: cachet3.Client) -> None:
    """Reads with all parts that each collection offers."""
    meta = {"team": "core"}
    component = client.components.create(name="Cache", meta=meta)
    touched = [{"id": int(component.id), "status": 3}]
    group = client.component_groups.create(name="Edge", components=[int(component.id)], meta=meta, visible=True)
    incident = client.incidents.create(name="x", message="y", status=1, visible=True, components=touched, meta=meta)
    client.incident_updates.create(incident=incident.id, status=2, message="Found.")
    now = datetime.now(UTC)
    schedule = client.schedules.create(name="x", message="y", scheduled_at=now, components=touched, meta=meta)
    client.schedule_updates.create(schedule=schedule.id, message="Half done.")
    metric = client.metrics.create(name="Latency", suffix="ms")
    client.metric_points.create(metric=metric.id, value=1)
    made = client.subscribers.create({"email": "a@example.com", "global": False, "components": [int(component.id)]})
    assert client.subscribers.get(made.id, include="components,meta").components[0].id == component.id
    assert client.components.get(component.id, include="group,incidents,meta").group.id == group.id
    assert client.component_groups.get(group.id, include="components,meta").components[0].id == component.id
    whole = client.incidents.get(incident.id, include="components,updates,user,meta")
    assert whole.user is None
    assert whole.components[0].pivot.component_status.value == 3
    assert whole.updates[0].status.value == 2
    assert next(client.incident_updates.list(incident=incident.id, include="incident")).incident.id == incident.id
    assert client.schedules.get(schedule.id, include="components,updates,meta").updates[0].message == "Half done."
    assert next(client.schedule_updates.list(schedule=schedule.id, include="schedule")).schedule.id == schedule.id
    assert len(client.metrics.get(metric.id, include="points").points) == 1
    assert next(client.metric_points.list(metric=metric.id, include="metric")).metric.id == metric.id


@pytest.mark.parametrize("version", ["2.3", "2.4"])
def test_what_cachet_2_answers_is_as_declared(version: str) -> None:
    sandbox = Sandbox(of_cachet2.Ticking(), of_cachet2.TOKEN)
    sandbox.plugins["cachet2"].settings.version = version
    with stage(sandbox, "cachet2") as (url, seen):
        client = cachet2.Client(url=url + "/cachet2", token=of_cachet2.TOKEN, **PLENTY)
        of_cachet2.use_everything(client)
        client.close()
    assert seen.problems == set()
    assert {record.__name__ for record in seen.fields} >= {"Component", "ComponentGroup", "Incident", "Subscriber"}
