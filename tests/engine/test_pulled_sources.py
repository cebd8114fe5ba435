"""A sender is asked itself what fires: silenced alerts, resolves that were never sent, webhooks that were lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from bridge.clock import to_millis
from bridge.config.settings import AuthKind, AuthSettings, SourceSettings
from bridge.model.enums import Action, IncidentStatus
from bridge.model.events import Delivery
from bridge.model.objects import Incident
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import Server
from bridge.secret import Secret
from bridge.sources import registry
from bridge.sources.pulled import APIS, PullSettings, Silenced
from bridge.store import Store
from bridge.store.lanes import lane_of_pull
from bridge.sync import jobs
from bridge.sync.sweep import sweep
from tests.engine.harness import START, Bridge, make_bridge
from tests.engine.little_web import LittleWeb

OPEN, MONITORED = IncidentStatus.INVESTIGATING, IncidentStatus.MONITORING
LONG_AGO, JUST_NOW = START - timedelta(days=3), START + timedelta(seconds=60)


def labels(name: str) -> dict[str, str]:
    return {"alertname": name, "service": "api", "severity": "critical"}


def fingerprint(name: str) -> str:
    return f"{abs(hash(name)) % 16**16:016x}"


@dataclass
class Sender:
    """Plays Alertmanager and Grafana: what fires there, and who it is."""

    web: LittleWeb
    kind: str
    firing: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.says_who(["team", "bridge"])
        self.says_how(LONG_AGO)
        self.rules_say()
        self.show()

    def _put(self, path: str, payload: Any, status: int = 200) -> None:
        self.web.put(path.partition("?")[0], json.dumps(payload), status)

    def show(self) -> None:
        self._put(APIS[self.kind].alerts, list(self.firing.values()))

    def says_who(self, names: list[str]) -> None:
        self._put(APIS[self.kind].receivers, [{"name": name} for name in names])

    def says_how(self, since: Any, cluster: str = "ready", status: int = 200) -> None:
        alertmanager = {"cluster": {"status": cluster, "name": "01A", "peers": []}, "uptime": since.isoformat()}
        database = "ok" if cluster == "ready" else "failing"
        payload = alertmanager if self.kind == "alertmanager" else {"database": database, "version": "12.0"}
        self._put(APIS[self.kind].health, payload, status)

    def rules_say(self, **states: str) -> None:
        """Grafana's rules: the state of each alert by its name."""
        alerts = [{"labels": labels(name), "state": state, "value": ""} for name, state in states.items()]
        if path := APIS[self.kind].states:
            self._put(path, {"status": "success", "data": {"alerts": alerts}})

    def fails(self, status: int) -> None:
        self._put(APIS[self.kind].alerts, {"message": "no"}, status)

    def fires(self, name: str = "Down", state: str = "active", receiver: str = "bridge", **hidden: Any) -> None:
        self.firing[name] = {
            "annotations": {"summary": f"{name}: it hurts"},
            "startsAt": START.isoformat(),
            "endsAt": (START + timedelta(hours=4)).isoformat(),
            "updatedAt": START.isoformat(),
            "fingerprint": fingerprint(name),
            "generatorURL": "http://prometheus.example.com/graph",
            "labels": labels(name),
            "receivers": [{"name": receiver}],
            "status": {"state": state, "silencedBy": [], "inhibitedBy": [], "mutedBy": [], **hidden},
        }
        self.show()

    def ends(self, name: str = "Down") -> None:
        self.firing.pop(name, None)
        self.show()


@dataclass
class Stage:
    """A bridge with one source that is asked itself."""

    bridge: Bridge
    sender: Sender

    def run(self, seconds: float = 61.0) -> None:
        self.bridge.run(seconds, step=10.0)

    def webhook(self, name: str = "Down", status: str = "firing", **more: Any) -> None:
        """The sender's webhook about one alert."""
        source = self.bridge.runtime.settings.sources["prom"]
        ends = self.bridge.clock.now().isoformat() if status == "resolved" else "0001-01-01T00:00:00Z"
        alert = {
            "status": status, "labels": labels(name), "annotations": {"summary": f"{name}: it hurts"},
            "startsAt": START.isoformat(), "endsAt": ends, "fingerprint": fingerprint(name), **more,
        }  # fmt: skip
        body = json.dumps({"version": "4", "status": status, "alerts": [alert]}).encode()
        number = self.bridge.store.counters().get("deliveries.accepted|prom", 0)
        delivery = Delivery(f"dlv_{number}", "prom", self.bridge.clock.now(), body)
        self.bridge.store.accept(delivery, registry.load(source.type)(source.options).parse(delivery))
        self.bridge.settle()

    @property
    def incidents(self) -> list[Incident]:
        return self.bridge.store.open_incidents()

    @property
    def deliveries(self) -> int:
        return self.bridge.store.counters().get("deliveries.accepted|prom", 0)

    @property
    def lane(self) -> Any:
        return self.bridge.store.lanes.state(lane_of_pull("prom"))

    @property
    def unasked(self) -> str | None:
        """What people are told."""
        (view,) = self.bridge.store.overview(self.bridge.runtime.settings, self.bridge.clock.now()).sources
        return view.unasked


@pytest.fixture(params=["alertmanager", "grafana"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def web() -> Iterator[LittleWeb]:
    with LittleWeb() as made:
        yield made


Maker = Callable[..., Stage]


@pytest.fixture
def make_stage(store: Store, sandbox: Sandbox, sandbox_and_server: tuple[Sandbox, Server], web: LittleWeb) -> Maker:
    def make(kind: str = "alertmanager", resolve_after: timedelta | None = None, **wishes: Any) -> Stage:
        bridge = make_bridge(store, sandbox_and_server[1], sandbox, ("cachet3",))
        pull = PullSettings(web.url, "bridge", **wishes)
        source = SourceSettings("prom", kind, AuthSettings(AuthKind.NONE), {"pull": pull}, resolve_after=resolve_after)
        rules = bridge.runtime.settings.rules
        if resolve_after:
            rules = replace(rules, resolve_after={"prom": resolve_after})
        settings = replace(bridge.runtime.settings, sources={"prom": source}, rules=rules)
        bridge = replace(bridge, runtime=replace(bridge.runtime, settings=settings))
        return Stage(bridge, Sender(web, kind))

    return make


@pytest.fixture
def stage(make_stage: Maker, kind: str) -> Stage:
    """One alert is firing, here and there."""
    made = make_stage(kind)
    made.sender.fires()
    made.webhook()
    assert [incident.status for incident in made.incidents] == [OPEN]
    return made


def test_while_both_agree_nothing_is_said_and_one_call_is_made_a_look(stage: Stage) -> None:
    stage.run(600)
    assert (len(stage.incidents), stage.deliveries) == (1, 1)
    paths = {asked.path.partition("?")[0] for asked in stage.sender.web.asked}
    assert paths == {APIS[stage.sender.kind].alerts.partition("?")[0]}
    assert 10 <= len(stage.sender.web.asked) <= 12


def test_an_alert_that_is_gone_for_two_looks_is_resolved(stage: Stage) -> None:
    stage.run()
    stage.sender.ends()
    stage.run(60)
    assert len(stage.incidents) == 1
    stage.run(70)
    assert stage.incidents == []
    assert stage.bridge.page("cachet3").open_incidents == ()


def test_an_alert_that_is_back_at_the_second_look_was_never_gone(stage: Stage) -> None:
    for _ in range(3):
        stage.sender.ends()
        stage.run(60)
        stage.sender.fires()
        stage.run(60)
    assert (len(stage.incidents), stage.deliveries) == (1, 1)


def test_others_that_still_fire_keep_their_incident(stage: Stage) -> None:
    stage.sender.fires("Slow")
    stage.webhook("Slow")
    stage.sender.ends()
    stage.run(180)
    (incident,) = stage.incidents
    assert set(stage.bridge.store.state.firing_alerts("prom")) == {fingerprint("Slow")}
    assert incident.is_open


@pytest.fixture
def one(make_stage: Maker) -> Stage:
    """The same for Alertmanager only, where it makes no difference."""
    made = make_stage()
    made.sender.fires()
    made.webhook()
    return made


@pytest.mark.parametrize("status", [503, 404, 401, 429, 302])
def test_an_api_that_fails_resolves_nothing(one: Stage, status: int) -> None:
    stage = one
    stage.run(20)
    stage.sender.fails(status)
    stage.run(200)
    assert len(stage.incidents) == 1
    assert stage.lane.state in ("down", "paused", "busy")


@pytest.mark.parametrize(
    "body", ["", "null", "{}", '"x"', "[1]", '[{"labels": {}}]', "<html>", '[{"fingerprint": "a"}]']
)
def test_an_answer_that_makes_no_sense_resolves_nothing(one: Stage, body: str) -> None:
    stage = one
    stage.sender.web.put(APIS[stage.sender.kind].alerts.partition("?")[0], body)
    stage.run(150)
    assert (len(stage.incidents), stage.lane.state) == (1, "down")


def test_a_failure_between_two_looks_begins_the_count_anew(stage: Stage) -> None:
    stage.sender.ends()
    stage.run(20)
    stage.sender.fails(503)
    stage.run(60)
    stage.sender.show()
    stage.run(20)
    assert len(stage.incidents) == 1


def test_a_sender_that_is_not_ready_resolves_nothing_until_it_is(stage: Stage) -> None:
    stage.sender.ends()
    stage.sender.says_how(LONG_AGO, "settling")
    stage.run(300)
    assert len(stage.incidents) == 1
    stage.sender.says_how(LONG_AGO)
    stage.run(70)
    assert stage.incidents == []


def test_an_alertmanager_that_was_just_started_is_given_time_to_be_told(make_stage: Maker) -> None:
    stage = make_stage()
    stage.webhook()
    stage.sender.says_how(JUST_NOW)
    stage.run(300)
    assert len(stage.incidents) == 1
    stage.run(150)
    assert stage.incidents == []


def test_a_grafana_that_was_restarted_resolves_nothing_that_its_rules_have_not_let_go(make_stage: Maker) -> None:
    stage = make_stage(kind="grafana")
    stage.webhook()
    stage.sender.rules_say(Down="Alerting", Slow="Normal")
    stage.run(300)
    assert len(stage.incidents) == 1
    stage.sender.rules_say(Down="Normal (Updated)", Slow="Normal")
    stage.run(70)
    assert stage.incidents == []


def test_another_cluster_that_does_not_know_our_receiver_resolves_nothing(stage: Stage) -> None:
    stage.sender.ends()
    stage.sender.says_who(["somebody-else"])
    stage.run(400)
    assert (len(stage.incidents), stage.lane.state) == (1, "down")
    assert stage.unasked is not None
    assert "no receiver 'bridge'" in stage.unasked
    stage.sender.says_who(["bridge"])
    stage.run(400)
    assert (stage.incidents, stage.unasked) == ([], None)


def test_a_webhook_that_was_lost_is_made_good_at_the_second_look(stage: Stage) -> None:
    stage.sender.fires("Lost")
    stage.run(60)
    assert fingerprint("Lost") not in stage.bridge.store.state.firing_alerts("prom")
    stage.run(70)
    alert = stage.bridge.store.state.firing_alerts("prom")[fingerprint("Lost")]
    assert (alert.title, alert.labels["service"], alert.severity) == ("Lost: it hurts", "api", "critical")
    stage.run(300)
    assert stage.deliveries == 2  # told once


def test_what_was_made_good_is_the_very_alert_of_the_webhook(stage: Stage) -> None:
    stage.sender.fires("Lost")
    stage.run(130)
    stage.webhook("Lost")
    assert len(stage.bridge.store.state.firing_alerts("prom")) == 2
    stage.bridge.clock.advance(5)
    stage.sender.ends("Lost")
    stage.webhook("Lost", "resolved")
    assert set(stage.bridge.store.state.firing_alerts("prom")) == {fingerprint("Down")}
    stage.run(200)
    assert set(stage.bridge.store.state.firing_alerts("prom")) == {fingerprint("Down")}


@pytest.mark.parametrize("more", [{"receiver": "team"}, {"state": "suppressed"}, {"state": "unprocessed"}])
def test_what_is_not_for_us_or_hidden_is_not_taken_over(one: Stage, more: dict[str, str]) -> None:
    stage = one
    stage.sender.fires("Other", **more)
    stage.run(300)
    assert (set(stage.bridge.store.state.firing_alerts("prom")), stage.deliveries) == ({fingerprint("Down")}, 1)


def test_what_is_never_published_is_not_taken_over_either(stage: Stage) -> None:
    stage.sender.fires("Watchdog")
    stage.run(300)
    assert stage.deliveries == 1


HIDDEN = [{"silencedBy": ["s1"]}, {"inhibitedBy": ["x"]}, {"mutedBy": ["night"]}]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_silenced_alert_is_kept(make_stage: Maker, hidden: dict[str, Any]) -> None:
    stage = make_stage()
    stage.sender.fires()
    stage.webhook()
    stage.sender.fires(state="suppressed", **hidden)
    stage.run(300)
    assert ([incident.status for incident in stage.incidents], stage.deliveries) == ([OPEN], 1)


def test_a_silenced_alert_is_monitored_while_it_is_silenced(make_stage: Maker, kind: str) -> None:
    hidden: dict[str, Any] = HIDDEN[0]
    stage = make_stage(kind, silenced=Silenced.MONITOR)
    stage.sender.fires()
    stage.webhook()
    stage.sender.fires(state="suppressed", **hidden)
    stage.run(300)
    assert ([incident.status for incident in stage.incidents], stage.deliveries) == ([MONITORED], 2)
    stage.sender.fires()
    stage.run(300)
    assert ([incident.status for incident in stage.incidents], stage.deliveries) == ([OPEN], 3)
    stage.sender.fires(state="suppressed", **hidden)
    stage.run(70)
    stage.sender.ends()  # silenced: no webhook will ever tell
    stage.run(200)
    assert stage.incidents == []


def test_a_silenced_alert_is_resolved_and_comes_back_after_the_silence(make_stage: Maker, kind: str) -> None:
    stage = make_stage(kind, silenced=Silenced.RESOLVE)
    stage.sender.fires()
    stage.webhook()
    stage.sender.fires(state="suppressed", silencedBy=["s1"])
    stage.run(70)
    assert stage.incidents == []
    stage.sender.fires()
    stage.run(200)
    assert [incident.status for incident in stage.incidents] == [OPEN]


def test_what_fires_there_does_not_go_stale_here(make_stage: Maker) -> None:
    stage = make_stage(resolve_after=timedelta(minutes=10))
    stage.sender.fires()
    stage.webhook()
    stage.sender.fires(state="suppressed", silencedBy=["s1"])
    stage.run(1800)
    assert len(stage.incidents) == 1
    assert stage.deliveries < 9


@pytest.mark.parametrize(
    ("wishes", "sent"),
    [
        ({}, None),
        ({"token": Secret("t0k")}, "Bearer t0k"),
        ({"basic": ("ann", Secret("pw"))}, "Basic YW5uOnB3"),
    ],
)
def test_the_sender_is_asked_with_the_credentials_that_are_given(
    make_stage: Maker, wishes: dict[str, Any], sent: str | None
) -> None:
    stage = make_stage(**wishes)
    stage.run(5)
    assert {asked.authorization for asked in stage.sender.web.asked} == {sent}


def test_a_look_waits_until_what_was_sent_is_applied(make_stage: Maker) -> None:
    stage = make_stage()
    stage.sender.fires()
    delivery = Delivery("dlv_x", "prom", stage.bridge.clock.now(), b"{}")
    stage.bridge.store.accept(
        delivery, registry.load("alertmanager")({}).parse(replace(delivery, body=b'{"alerts":[]}'))
    )
    from bridge.sync.inbox.pull import is_due

    assert stage.bridge.store.inbox.is_behind("prom")
    assert not is_due(stage.bridge.runtime, "prom")


def test_a_look_is_explained_like_any_delivery(stage: Stage) -> None:
    stage.sender.ends()
    stage.run(200)
    entries = stage.bridge.store.inbox.read("prom", "0-0", 10)
    (event,) = entries[-1].events
    assert (event.action, event.dedup_key) == (Action.RESOLVE, fingerprint("Down"))
    assert to_millis(entries[-1].received_at) > to_millis(START)


def test_the_sweep_wakes_the_lane_and_the_job_finds_its_source(make_stage: Maker) -> None:
    stage = make_stage()
    runtime = stage.bridge.runtime
    assert lane_of_pull("prom") in sweep(runtime)
    before = jobs._runtimes[:]
    jobs.use(runtime)
    try:
        jobs.poll(lane_of_pull("prom").name)
    finally:
        jobs._runtimes[:] = before
    assert len(stage.sender.web.asked) == 1
    assert lane_of_pull("prom") not in sweep(runtime)
