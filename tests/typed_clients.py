"""What type checkers know of the clients. ``make check`` reads this file with mypy; nothing here is ever run.

An ``ignore`` that is not needed is an error there, so each one proves that the line is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, assert_type

from bridge.providers import cachet2, cachet3, pingpong, statuspage
from bridge.providers.base.results import Record
from bridge.providers.cachet2 import records as of_cachet2
from bridge.providers.cachet3 import records as of_cachet3
from bridge.providers.pingpong import records as of_pingpong
from bridge.providers.statuspage import metric_records, people_records
from bridge.providers.statuspage import records as of_statuspage


def every_verb_gives_its_record(client: statuspage.Client) -> None:
    assert_type(client.incidents.list(q="disk"), Iterator[of_statuspage.Incident])
    assert_type(client.incidents.get("i"), of_statuspage.Incident)
    assert_type(client.incidents.create(name="x"), of_statuspage.Incident)
    assert_type(client.incidents.update("i", name="x"), of_statuspage.Incident)
    assert_type(client.incidents.replace("i", name="x"), of_statuspage.Incident)
    assert_type(client.incidents.remove("i"), None)
    assert_type(client.incidents.count(), int)
    assert_type(client.status_embed_config.view(), of_statuspage.EmbedConfig)


def so_does_every_other_call(client: statuspage.Client) -> None:
    assert_type(client.incidents.unresolved(), Iterator[of_statuspage.Incident])
    assert_type(client.components.uptime("c"), of_statuspage.ComponentUptime)
    assert_type(client.subscribers.histogram(), people_records.SubscriberHistogram)
    assert_type(client.page_access_user_components.assign(component_ids=["c"]), people_records.PageAccessUser)
    assert_type(client.metrics.add_many({}), dict[str, list[metric_records.DataPoint]])


def fields_have_types(incident: of_statuspage.Incident) -> None:
    assert_type(incident.id, str)
    assert_type(incident.resolved_at, str | None)
    assert_type(incident.incident_updates[0], of_statuspage.IncidentUpdate)
    assert_type(incident.components[0].status, str)
    assert_type(incident.metadata, Mapping[str, Any] | None)
    assert_type(incident["a_field_of_tomorrow"], Any)
    assert_type(incident.to_dict(), dict[str, Any])


def what_is_wrong_is_refused(client: statuspage.Client, incident: of_statuspage.Incident) -> None:
    print(incident.nam)  # type: ignore[attr-defined]
    print(incident.resolved_at.upper())  # type: ignore[union-attr]
    print(incident.name + 1)  # type: ignore[operator]
    print(client.components.get("c").incident_updates)  # type: ignore[attr-defined]
    print(Record({}).name)  # type: ignore[attr-defined]


def the_class_is_the_one_that_was_asked() -> None:
    assert_type(of_statuspage.Incident.from_json("{}"), of_statuspage.Incident)
    assert_type(of_cachet2.Component.from_dict({}), of_cachet2.Component)
    assert_type(of_pingpong.Incident.list_from_json("[]"), list[of_pingpong.Incident])


def all_four_are_alike(c2: cachet2.Client, c3: cachet3.Client, pp: pingpong.Client) -> None:
    assert_type(c2.components.list(tags="eu"), Iterator[of_cachet2.Component])
    assert_type(c2.components.add_tags(1, "eu").tags, Mapping[str, str])
    assert_type(c2.metric_points.update(1, value=1), of_cachet2.MetricPoint)
    assert_type(c2.version(), of_cachet2.ServerVersion)
    assert_type(c2.ping(), bool)
    assert_type(c3.incidents.get(1, include="updates").updates[0].status.value, int | None)
    assert_type(c3.components.get(1).pivot, of_cachet3.Impact | None)
    assert_type(c3.subscribers.get(1).global_, bool)
    assert_type(c3.server.ping(), str)
    assert_type(c3.server.status(), of_cachet3.ServerStatus)
    assert_type(pp.incidents.ongoing(), Iterator[of_pingpong.Incident])
    assert_type(pp.components.get("c").group, of_pingpong.ComponentGroup | None)
    assert_type(pp.components.set_status("c", "Operational"), of_pingpong.ShownStatus)
    assert_type(pp.metric_points.add({}), dict[str, list[of_pingpong.DataPoint]])
    assert_type(pp.live.view().maintenance[0].ends_at, str)
