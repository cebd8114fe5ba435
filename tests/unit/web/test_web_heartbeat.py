"""A source that should be heard regularly and is not: on the dashboard, in the metrics, in ``status``."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from web_side import AUTHORIZED, NOW

from bridge.cli.console import Console
from bridge.cli.status import show
from bridge.config.settings import Settings
from bridge.store import Store
from bridge.web.app import create_app


class MovingClock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


@pytest.mark.parametrize(
    ("heard", "minutes", "silent"), [(True, 9, False), (True, 11, True), (False, 0, True), (False, 11, True)]
)
def test_a_source_is_silent_when_its_heartbeat_has_passed(
    settings: Settings, store: Store, heard: bool, minutes: int, silent: bool
) -> None:
    sources = dict(settings.sources)
    sources["prometheus"] = replace(sources["prometheus"], heartbeat=timedelta(minutes=10))
    with_heartbeat, clock = replace(settings, sources=sources), MovingClock()
    client = create_app(with_heartbeat, store, clock).test_client()
    if heard:
        assert client.post("/hooks/prometheus", json={"alerts": []}, headers=AUTHORIZED).status_code == 202
    clock.at += timedelta(minutes=minutes)

    metrics = client.get("/metrics").text
    assert f'statusbridge_source_silent{{source="prometheus"}} {float(silent)}' in metrics
    assert 'source_silent{source="open"}' not in metrics

    board = client.get("/board").text
    assert ("silent for longer than its heartbeat" in board) is silent
    assert ("1 source silent" in client.get("/").text) is silent

    overview = store.overview(with_heartbeat, clock.now())
    shown = io.StringIO()
    show(Console(shown, terminal=False), overview)
    assert ("prometheus is silent" in shown.getvalue()) is silent
    assert {view.name: view.silent for view in overview.sources} == {
        "prometheus": silent, "basic": None, "path": None, "open": None,
    }  # fmt: skip
