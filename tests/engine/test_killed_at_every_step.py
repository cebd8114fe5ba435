"""A worker that dies before or after any write to the store or to a provider: the next one ends it right, once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from bridge.model.enums import ComponentStatus, IncidentStatus
from bridge.providers.base.http import Http
from bridge.store.links import Links
from bridge.store.state import State
from bridge.sync.outbox.mirror import mirror
from tests.engine.harness import Bridge, incident, update

MAJOR, FINE = ComponentStatus.MAJOR_OUTAGE, ComponentStatus.OPERATIONAL


class Killed(BaseException):
    """The process is gone. Nothing catches it, like SIGKILL; what it held in memory is lost."""


class Reaper:
    """Kills at the nth step; steps are every write of a link and every writing call, before and after."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.steps = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.at:
            raise Killed

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            self.step()
            result = function(*args, **kwargs)
            self.step()
            return result

        return wrapper


def run_killed(
    bridge: Bridge, monkeypatch: pytest.MonkeyPatch, provider: str, at: int, *targets: tuple[type, str]
) -> int:
    """Work with the reaper about; returns how many steps there were."""
    reaper = Reaper(at)
    with monkeypatch.context() as patch:
        for owner, name in targets:
            patch.setattr(owner, name, reaper.around(getattr(owner, name)))
        with contextlib.suppress(Killed):
            mirror(bridge.runtime, provider)
    return reaper.steps


STEPS = ((Links, "_write"), (Http, "write"))


@pytest.mark.parametrize("at", range(1, 25))
def test_mirroring_that_is_killed_ends_right_and_once(
    bridge: Bridge, provider: str, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    steps = [update(1), update(2), update(3, IncidentStatus.RESOLVED)]
    bridge.commit(incident(steps[0]), api=MAJOR)
    first = run_killed(bridge, monkeypatch, provider, at, *STEPS)
    if first < at:  # the first round had fewer steps: die in the second
        bridge.run(2)
        bridge.commit(incident(*steps, revision=2), api=FINE)
        run_killed(bridge, monkeypatch, provider, at - first, *STEPS)
    bridge.commit(incident(*steps, revision=3), api=FINE)
    bridge.run(200, step=5)
    (shown,) = bridge.incidents(provider)
    bodies = [item.body.replace("<div>", "").replace("</div>", "").strip() for item in reversed(shown.updates)]
    assert bodies == [f"Step number {number}." for number in (1, 2, 3)]
    assert bridge.page(provider).open_incidents == ()
    assert bridge.status(provider) == "good"
    assert bridge.owed() == 0


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("provider", ["statuspage"])
def test_applying_events_that_is_killed_applies_them_once(
    bridge: Bridge, provider: str, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    from bridge.sync.inbox.ingest import ingest

    bridge.alert("a")
    reaper = Reaper(at)
    with monkeypatch.context() as patch:
        patch.setattr(State, "commit", reaper.around(State.commit))
        with pytest.raises(Killed):
            ingest(bridge.runtime, "prom")
    bridge.run(5)
    (found,) = bridge.store.open_incidents()
    assert len(found.updates) == 1
    assert len(bridge.incidents(provider)) == 1
