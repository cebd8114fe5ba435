"""The Statuspage client against the sandbox: every operation over HTTP, and the traps of the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bridge.errors import ConfigError, Gone, Refused
from bridge.model.enums import ComponentStatus, IncidentStatus
from bridge.model.facts import Call
from bridge.providers.statuspage import Client
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import Server, serve
from bridge.sandbox.statuspage import COMPONENT_IDS, GROUP_ID, ORGANIZATION_ID, PAGE_ID

API, JOBS = COMPONENT_IDS["Public API"], COMPONENT_IDS["Background jobs"]
BASE = "/statuspage/v1"
TOKEN = "a-key-for-the-stage"


class Still:
    """A clock that stands."""

    def now(self) -> datetime:
        return datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@dataclass
class Staged:
    client: Client
    server: Server
    calls: list[Call] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        return [f"{call.method} {call.path.removeprefix(BASE)}" for call in self.calls]


def staged_on(server: Server, **options: object) -> Staged:
    calls: list[Call] = []
    client = Client(
        TOKEN,
        PAGE_ID,
        organization_id=ORGANIZATION_ID,
        url=server.url + BASE,
        observe=calls.append,
        rate=(10_000, 60.0),
        environ={},
        **options,  # type: ignore[arg-type]
    )
    return Staged(client, server, calls)


@pytest.fixture
def staged() -> Iterator[Staged]:
    sandbox = Sandbox(Still(), TOKEN)
    sandbox.plugins["statuspage"].settings.rate_limit = None
    with serve(sandbox) as server:
        staged = staged_on(server)
        with staged.client:
            yield staged


@pytest.fixture
def client(staged: Staged) -> Client:
    return staged.client


def use_page_and_team(client: Client) -> None:
    assert [page.id for page in client.pages.list()] == [PAGE_ID]
    client.pages.update(PAGE_ID, name="Renamed", time_zone="Berlin")
    client.pages.replace(PAGE_ID, css_reds="ff0000")
    assert client.pages.get(PAGE_ID).name == "Renamed"
    client.status_embed_config.update(position="top-left")
    client.status_embed_config.replace(incident_text_color="000000")
    assert client.status_embed_config.view().position == "top-left"
    user = client.users.create(email="new@example.com", password="long enough").id
    assert client.users.count() == 2
    client.permissions.replace(user, pages={PAGE_ID: {"incident_manager": True}})
    assert client.permissions.get(user).data.pages == {PAGE_ID: {"incident_manager": True}}
    client.users.remove(user)
    assert client.users.count() == 1


def use_components(client: Client) -> None:
    made = client.components.create(name="New", description="d").id
    client.components.update(made, status=ComponentStatus.MAINTENANCE)
    client.components.replace(made, group_id=GROUP_ID)
    assert client.components.get(made).group_id == GROUP_ID
    assert client.components.count() == 5
    assert client.components.uptime(made, start="2026-05", end="2026-05-04").id == made
    user = client.page_access_users.create(email="c@example.com").id
    client.components.grant_users(made, page_access_user_ids=[user])
    client.components.revoke_users(made)
    client.components.grant_groups(made)
    client.components.revoke_groups(made)
    client.components.remove(made)
    group = client.component_groups.create(name="Others", description="all else", components=[JOBS])
    assert (group.description, group.components) == ("all else", [JOBS])
    client.component_groups.update(group.id, name="Rest", components=[JOBS])
    client.component_groups.replace(group.id, name="Remainder", components=[JOBS])
    assert client.component_groups.get(group.id).name == "Remainder"
    client.component_groups.uptime(group.id)
    assert client.component_groups.count() == 2
    client.component_groups.remove(group.id)


def use_incidents(client: Client) -> None:
    components = {API: ComponentStatus.MAJOR_OUTAGE}
    made = client.incidents.create(name="Down", body="x", components=components, metadata={"a": {"b": "c"}})
    assert made.components[0].status == "major_outage"
    assert [row.id for row in client.incidents.list(q="Down")] == [made.id]
    assert [row.id for row in client.incidents.unresolved()] == [made.id]
    for listing in (client.incidents.scheduled, client.incidents.upcoming, client.incidents.active_maintenance):
        assert list(listing()) == []
    client.incidents.update(made.id, status=IncidentStatus.IDENTIFIED, body="y")
    client.incidents.replace(made.id, status="monitoring", body="z")
    assert [update.body for update in client.incidents.get(made.id).incident_updates] == ["z", "y", "x"]
    first = made.incident_updates[0].id
    client.incident_updates.update(first, body="w", incident_id=made.id)
    assert client.incident_updates.replace(first, incident_id=made.id, display_at=Still().now()).body == "w"
    of = {"incident_id": made.id}
    follower = client.incident_subscribers.create(email="f@example.com", **of).id
    assert client.incident_subscribers.get(follower, **of).email == "f@example.com"
    assert client.incident_subscribers.count(**of) == 1
    assert client.incident_subscribers.resend(follower, **of) is None
    client.incident_subscribers.remove(follower, **of)
    client.postmortems.save(body_draft="why", **of)
    assert client.postmortems.publish(**of, notify_subscribers=False).body == "why"
    assert client.postmortems.revert(**of).body is None
    assert client.postmortems.view(**of).body_draft == "why"
    client.postmortems.remove(**of)
    client.incidents.remove(made.id)
    client.incident_templates.create(name="n", title="t", body="b", component_ids=[API], update_status="identified")
    assert next(client.incident_templates.list()).components[0].id == API


def use_subscribers(client: Client) -> None:
    made = client.subscribers.create(email="s@example.com", component_ids=[API]).id
    hook = client.subscribers.create(endpoint="https://hooks.example.com/x").id
    assert [row.id for row in client.subscribers.list()] == [hook], "active ones only"
    assert client.subscribers.count() == 1
    assert client.subscribers.count(state="all") == 2
    assert client.subscribers.count(state="all", q="EXAMPLE") == 2
    assert client.subscribers.histogram().email.unconfirmed == 1
    client.subscribers.update(made, component_ids=[JOBS])
    assert client.subscribers.get(made).components == [JOBS]
    client.subscribers.resend(made)
    client.subscribers.resend_many(subscribers="all")
    client.subscribers.reactivate(subscribers=[made])
    client.subscribers.unsubscribe(subscribers=[made], state="all")
    client.subscribers.remove(hook, skip_unsubscription_notification=True)
    assert len(list(client.subscribers.unsubscribed())) == 2


def use_metrics(client: Client) -> str:
    own = client.metrics_providers.create(type="Self").id
    url = "https://dd.example.com"
    other = client.metrics_providers.create(type="Datadog", api_key="k", application_key="a", metric_base_uri=url).id
    assert client.metrics_providers.count() == 2
    client.metrics_providers.update(other, metric_base_uri="https://eu.example.com")
    client.metrics_providers.replace(other, metric_base_uri="https://us.example.com")
    assert client.metrics_providers.get(other).id == other
    client.metrics_providers.remove(other)
    metric = client.provider_metrics.create(name="Latency", metrics_provider_id=own).id
    assert [row.id for row in client.provider_metrics.list(metrics_provider_id=own)] == [metric]
    assert [row.id for row in client.metrics.list()] == [metric]
    client.metrics.update(metric, name="Response time")
    client.metrics.replace(metric, name="Time to answer")
    assert client.metrics.get(metric).name == "Time to answer"
    moment = Still().now() + timedelta(seconds=17)
    assert client.metrics.add(metric, timestamp=moment, value=3.5).data.timestamp == int(Still().now().timestamp())
    assert list(client.metrics.add_many({metric: [{"timestamp": moment, "value": 4}]})) == [metric]
    client.metrics.clear(metric)
    return metric


def use_access(client: Client, metric: str) -> None:
    user = client.page_access_users.create(email="a@example.com").id
    assert [row.id for row in client.page_access_users.list(email="a@example.com")] == [user]
    client.page_access_users.update(user)
    client.page_access_users.replace(user)
    group = client.page_access_groups.create(name="Customers", page_access_user_ids=[user]).id
    assert client.page_access_users.get(user).page_access_group_ids == [group]
    client.page_access_groups.update(group, name="Clients")
    client.page_access_groups.replace(group, name="Guests")
    assert client.page_access_groups.get(group).name == "Guests"
    assert client.page_access_groups.count() == 1
    use_access_list(client.page_access_user_components, "component_ids", [API, JOBS], page_access_user_id=user)
    use_access_list(client.page_access_group_components, "component_ids", [API, JOBS], page_access_group_id=group)
    use_access_list(client.page_access_user_metrics, "metric_ids", [metric], page_access_user_id=user)
    client.page_access_groups.remove(group)
    client.page_access_users.remove(user)
    client.metrics.remove(metric)


def use_access_list(listed: object, name: str, wanted: list[str], **owner: str) -> None:
    def now() -> list[str]:
        return [row.id for row in listed.list(**owner)]  # type: ignore[attr-defined]

    listed.assign(**{name: wanted[:1]}, **owner)  # type: ignore[attr-defined]
    listed.add(**{name: wanted[-1:]}, **owner)  # type: ignore[attr-defined]
    listed.put(**{name: wanted[-1:]}, **owner)  # type: ignore[attr-defined]
    assert now() == wanted, "they add"
    listed.remove(wanted[0], **owner)  # type: ignore[attr-defined]
    listed.assign(**{name: wanted}, **owner)  # type: ignore[attr-defined]
    listed.discard(**{name: wanted[:1]}, **owner)  # type: ignore[attr-defined]
    assert now() == wanted[1:]
    with pytest.raises(TypeError, match="not empty"):
        listed.discard(**{name: []}, **owner)  # type: ignore[attr-defined]
    listed.clear(**owner)  # type: ignore[attr-defined]
    assert now() == []


def use_everything(client: Client) -> None:
    """Each operation at least once."""
    use_page_and_team(client)
    use_components(client)
    use_incidents(client)
    use_subscribers(client)
    use_access(client, use_metrics(client))


def test_every_operation_works_over_http(staged: Staged) -> None:
    use_everything(staged.client)
    unused = dict(Client.served())
    for method, path in (line.split(" ", 1) for line in staged.asked):
        # A literal path wins over one with an id in its place, as it does on the server.
        fitting = [call for call in Client.served() if call[0] == method and _fits(call[1], path)]
        unused.pop(min(fitting, key=lambda call: call[1].count("{")), None)
    assert unused == {}


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) is not None


def test_a_group_is_no_component_unless_it_is_asked_for(client: Client) -> None:
    assert {row.id for row in client.components.list()} == set(COMPONENT_IDS.values())
    assert client.components.count() == 4
    assert GROUP_ID in {row.id for row in client.components.list(groups=True)}


def test_listings_go_through_all_pages_subscribers_from_page_zero(staged: Staged) -> None:
    client = staged.client
    for number in range(7):
        client.subscribers.create(email=f"{number}@example.com", skip_confirmation_notification=True)
        client.incidents.create(name=str(number), backfilled=True, backfill_date="2026-01-01")
    assert len({row.id for row in client.subscribers.list(per_page=3)}) == 7
    assert len({row.id for row in client.incidents.list(per_page=3)}) == 7


def test_metadata_that_is_flat_is_refused_in_the_words_of_the_api(client: Client) -> None:
    with pytest.raises(Refused) as caught:
        client.incidents.create(name="x", metadata={"flat": "text"})
    assert caught.value.status == 422
    assert caught.value.detail
    assert caught.value.where == f"POST {BASE}/pages/{PAGE_ID}/incidents"


def test_a_missing_object_is_gone_and_the_error_names_it(client: Client) -> None:
    with pytest.raises(Gone, match="incidents/zzzzzzzzzzzz"):
        client.incidents.get("zzzzzzzzzzzz")


def test_a_misspelt_field_is_told_before_anything_is_sent(staged: Staged) -> None:
    with pytest.raises(TypeError, match="did you mean status"):
        staged.client.incidents.create(name="x", stauts="resolved")
    with pytest.raises(TypeError, match="no filter 'page'"):
        list(staged.client.incidents.list(page=2))
    assert staged.calls == []
    made = staged.client.incidents.create({"name": "x", "a_field_of_tomorrow": 1})
    assert made.name == "x"


def test_without_a_page_the_pages_can_be_listed_and_everything_else_says_what_it_needs(staged: Staged) -> None:
    with Client(TOKEN, url=staged.server.url + BASE, environ={}) as client:
        page = next(client.pages.list())
        with pytest.raises(TypeError, match="page_id"):
            client.incidents.create(name="x")
        assert client.components.count(page_id=page.id) == 4


def test_settings_come_from_the_environment_where_no_argument_is_given(staged: Staged) -> None:
    environ = {
        "STATUSPAGE_TOKEN": TOKEN,
        "STATUSPAGE_PAGE_ID": PAGE_ID,
        "STATUSPAGE_ORGANIZATION_ID": ORGANIZATION_ID,
        "STATUSPAGE_URL": staged.server.url + BASE,
    }
    with Client(environ=environ) as client:
        assert client.components.count() == 4
        assert client.users.count() == 1
    with pytest.raises(ConfigError, match="pass token=… to Client, or set STATUSPAGE_TOKEN"):
        Client(environ={})
    with pytest.raises(ConfigError, match="page_id is the short id"):
        Client(TOKEN, "no such shape", environ={})
