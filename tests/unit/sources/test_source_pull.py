"""``pull:`` in bridge.yaml, and what one look comes to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.config.load import Reading, parse_settings
from bridge.model.enums import Action, AlertSeverity, AlertStatus
from bridge.model.events import Alert, Event
from bridge.secret import Secret
from bridge.sources.pulled import (
    PullSettings,
    Silenced,
    Waiting,
    compare,
    events_of,
    is_settled,
    names_in,
    read_alerts,
    still_alerting,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TEXT = """\
sources:
  prom: {type: alertmanager, auth: {bearer: ${HOOK}}, pull: PULL}
destinations:
  public: {type: cachet3, url: https://status.example.com, token: ${HOOK}}
components:
  api: {on: {public: "3"}}
routes:
  - {match: {source: prom}, components: [api]}
"""


def read(pull: str, kind: str = "alertmanager") -> Reading:
    text = TEXT.replace("PULL", pull).replace("alertmanager", kind)
    return parse_settings(text.encode(), Path("bridge.yaml"), {"HOOK": "a-hook-token", "PW": "hunter2-and-more"})


@pytest.mark.parametrize("kind", ["alertmanager", "grafana"])
def test_what_is_left_out_is_once_a_minute_and_keeps_silenced_alerts(kind: str) -> None:
    reading = read("{url: 'http://am:9093/', receiver: bridge}", kind)
    assert reading.settings is not None, reading.problems
    assert reading.settings.sources["prom"].options["pull"] == PullSettings("http://am:9093", "bridge")


def test_everything_can_be_said() -> None:
    pull = "{url: 'http://am/x', receiver: b, basic: {username: ann, password: $PW}, every: 5m, silenced: monitor}"
    reading = read(pull.replace("$PW", "${PW}"))
    assert reading.settings is not None, reading.problems
    wanted = PullSettings(
        "http://am/x", "b", None, ("ann", Secret("hunter2-and-more")), timedelta(minutes=5), Silenced.MONITOR
    )
    assert reading.settings.sources["prom"].options["pull"] == wanted
    assert "hunter2" not in repr(reading.settings)


@pytest.mark.parametrize(
    ("pull", "why"),
    [
        ("{receiver: b}", "'url' is missing"),
        ("{url: 'http://am'}", "'receiver' is missing"),
        ("{url: 'ftp://am', receiver: b}", "not an address"),
        ("{url: 'http://am', receiver: b, every: 1s}", "not between"),
        ("{url: 'http://am', receiver: b, silenced: drop}", ""),
        ("{url: 'http://am', receiver: b, tokn: x}", "unknown key"),
        ("{url: 'http://am', receiver: b, token: '${PW}', basic: {username: a, password: b}}", "token already"),
        ("yes", "not a mapping"),
    ],
)
def test_a_mistake_is_named(pull: str, why: str) -> None:
    reading = read(pull)
    assert reading.settings is None
    assert any(why in problem.why for problem in reading.problems), reading.problems
    assert all("hunter2" not in str(problem) for problem in reading.problems)


def test_a_type_that_cannot_be_asked_knows_no_pull() -> None:
    reading = read("{url: 'http://am', receiver: b}", "kapacitor")
    assert any("unknown key 'pull'" in problem.why for problem in reading.problems)


# --- one look ----------------------------------------------------------------------------------------------------


def element(key: str, state: str = "active", receiver: str = "b", **status: Any) -> dict[str, Any]:
    return {"fingerprint": key, "receivers": [{"name": receiver}], "status": {"state": state, **status}}


def alert(key: str, **more: Any) -> Alert:
    facts: dict[str, Any] = {
        "status": AlertStatus.FIRING, "severity": AlertSeverity.MAJOR, "title": key, "started_at": NOW, "seen_at": NOW,
    }  # fmt: skip
    return Alert(source="prom", key=key, delivery="dlv_1", **{**facts, **more})


def looked(there: list[dict[str, Any]], here: list[Alert], waiting: Waiting | None = None) -> Any:
    return compare(read_alerts(there), {item.key: item for item in here}, waiting or Waiting(), "b")


def test_everything_is_believed_at_the_second_look_only() -> None:
    first = looked([element("new")], [alert("old")])
    assert (first.gone, first.lost) == ((), ())
    second = looked([element("new")], [alert("old")], first.waiting)
    assert (second.gone, [shown.key for shown in second.lost]) == (("old",), ["new"])


def test_an_alert_that_goes_to_another_receiver_by_now_is_not_gone() -> None:
    waiting = Waiting(frozenset({"a"}), frozenset())
    assert looked([element("a", receiver="other")], [alert("a")], waiting).gone == ()


@pytest.mark.parametrize("payload", [None, {}, "x", [None], [{}], [{"fingerprint": ""}], [{"fingerprint": 3}],
                                     [element("a") | {"receivers": "b"}], [element("a"), element("") ]])  # fmt: skip
def test_one_element_that_is_no_alert_spoils_the_whole_answer(payload: Any) -> None:
    with pytest.raises(ValueError, match="it "):
        read_alerts(payload)


@pytest.mark.parametrize("payload", [None, {}, "x", ["b"]])
def test_receivers_are_a_list_of_objects(payload: Any) -> None:
    with pytest.raises(ValueError, match="list of receivers"):
        names_in(payload)


@pytest.mark.parametrize(
    ("payload", "settled"),
    [
        ({"cluster": {"status": "ready"}, "uptime": "2026-03-01T11:54:00.000Z"}, True),
        ({"cluster": {"status": "disabled"}, "uptime": "2026-03-01T11:54:00.000Z"}, True),
        ({"cluster": {"status": "ready"}, "uptime": "2026-03-01T11:56:00.000Z"}, False),
        ({"cluster": {"status": "settling"}, "uptime": "2026-03-01T01:00:00.000Z"}, False),
        ({"cluster": {"status": "ready"}}, False),
        ({"cluster": {"status": "ready"}, "uptime": "yesterday"}, False),
        ({"database": "ok"}, True),
        ({"database": "failing"}, False),
        ({}, False),
        (None, False),
    ],
)
def test_only_a_sender_that_knows_everything_is_trusted(payload: Any, settled: bool) -> None:
    assert is_settled(payload, NOW) is settled


@pytest.mark.parametrize("state", ["Alerting", "Alerting (NoData)", "Recovering", "Error", "NoData", "Whatever comes"])
def test_an_alert_that_a_rule_has_not_let_go_is_not_over(state: str) -> None:
    here = {key: alert(key, labels={"alertname": key, "grafana_state_reason": "Updated"}) for key in ("a", "b")}
    of_a = {"labels": {"alertname": "a", "grafana_folder": "shop"}, "state": state}
    of_b = {"labels": {"alertname": "b"}, "state": "Normal (MissingSeries)"}
    assert still_alerting({"data": {"alerts": [of_a, of_b]}}, ("a", "b"), here) == {"a"}


@pytest.mark.parametrize("state", ["Normal", "Pending", "Normal (Paused)"])
def test_an_alert_that_no_rule_fires_is_over(state: str) -> None:
    loud = [{"labels": labels, "state": "Error"} for labels in (None, {"alertname": ["a"]})]
    payload = {"data": {"alerts": [{"labels": {"alertname": "a"}, "state": state}, *loud]}}
    assert still_alerting(payload, ("a",), {"a": alert("a")}) == frozenset()
    assert still_alerting(payload, ("a",), {"a": alert("a", labels={"alertname": "a"})}) == frozenset()


@pytest.mark.parametrize(
    "payload", [None, [], {}, {"data": None}, {"data": {"alerts": "x"}}, {"data": {"alerts": [1]}}]
)
def test_states_are_a_list_of_objects(payload: Any) -> None:
    with pytest.raises(ValueError, match="list of states"):
        still_alerting(payload, ("a",), {"a": alert("a")})


@pytest.mark.parametrize(
    ("silenced", "said"),
    [
        (Silenced.KEEP, []),
        (Silenced.MONITOR, [(Action.UPDATE, True)]),
        (Silenced.RESOLVE, [(Action.RESOLVE, None)]),
    ],
)
def test_a_silenced_alert_is_treated_as_declared(silenced: Silenced, said: list[tuple[Action, bool | None]]) -> None:
    here = [alert("a")]
    compared = looked([element("a", "suppressed", silencedBy=["s"])], here)
    events = events_of(compared, {"a": here[0]}, silenced, NOW)
    assert [(event.action, event.muted) for event in events] == said


def test_an_alert_that_is_sent_again_is_not_muted_any_more() -> None:
    here = [alert("a", muted=True)]
    (event,) = events_of(looked([element("a")], here), {"a": here[0]}, Silenced.KEEP, NOW)
    assert event == Event("a", Action.UPDATE, started_at=NOW, happened_at=NOW, muted=False)
