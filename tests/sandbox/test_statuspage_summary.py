"""The journal's page after each write is the page, however it was put together."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from bridge.sandbox.app import Sandbox
from tests.engine.harness import START, ManualClock

PAGE = "/statuspage/v1/pages/sandboxpage1"
TOKEN = {"Authorization": "OAuth sandbox"}


@pytest.mark.parametrize("seed", range(4))
def test_after_any_writes_the_journal_has_the_page_as_it_is(seed: int) -> None:
    dice, clock = random.Random(seed), ManualClock(START)
    sandbox = Sandbox(seed=seed, clock=clock)
    plugin = sandbox.plugins["statuspage"]
    plugin.settings.rate_limit = None
    client = sandbox.app.test_client()
    if seed % 2:
        for row in client.get(f"{PAGE}/incidents", headers=TOKEN).get_json():
            client.delete(f"{PAGE}/incidents/{row['id']}", headers=TOKEN)
    seen = 0
    for number in range(60):
        known = client.get(f"{PAGE}/incidents", headers=TOKEN).get_json()
        rows = client.get(f"{PAGE}/components", headers=TOKEN).get_json()
        components = [row["id"] for row in rows if not row["group"]]
        clock.advance(60)
        act(client, dice, number, known, components)
        for entry in sandbox.journal.entries("statuspage")[seen:]:
            seen += 1
            last = entry
        assert last.page == plugin.glimpse()
    assert {entry.kind for entry in sandbox.journal.entries("statuspage")} >= {"incident", "component"}


def act(
    client: object, dice: random.Random, number: int, known: list[dict[str, object]], components: list[str]
) -> None:
    """Something that somebody does with the page."""
    statuses = ["operational", "major_outage", "degraded_performance"]
    what = dice.choice(["open", "plan", "change", "change", "resolve", "delete", "component"])
    if what == "open" or not known:
        body = {"name": f"Number {number}", "status": "investigating", "body": "We look."}
        body |= {"components": {dice.choice(components): dice.choice(statuses)}}
        answer = client.post(f"{PAGE}/incidents", json={"incident": body}, headers=TOKEN)  # type: ignore[attr-defined]
    elif what == "plan":
        times = {"scheduled_for": START + timedelta(hours=2), "scheduled_until": START + timedelta(hours=3)}
        body = {"name": f"Plan {number}", "status": "scheduled", "body": "We work."}
        body |= {name: moment.isoformat() for name, moment in times.items()}
        answer = client.post(f"{PAGE}/incidents", json={"incident": body}, headers=TOKEN)  # type: ignore[attr-defined]
    elif what == "component":
        path = f"{PAGE}/components/{dice.choice(components)}"
        body = {"component": {"status": dice.choice(statuses)}}
        answer = client.patch(path, json=body, headers=TOKEN)  # type: ignore[attr-defined]
    else:
        row = dice.choice(known)
        path = f"{PAGE}/incidents/{row['id']}"
        if what == "delete":
            answer = client.delete(path, headers=TOKEN)  # type: ignore[attr-defined]
        else:
            end = "completed" if row["scheduled_for"] else "resolved"
            change = {"status": end, "body": "Over."} if what == "resolve" else {"name": f"Renamed {number}"}
            answer = client.patch(path, json={"incident": change}, headers=TOKEN)  # type: ignore[attr-defined]
    assert answer.status_code < 300, answer.data
