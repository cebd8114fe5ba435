"""What the journal keeps, and how little room it takes."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.sandbox.app import Sandbox
from bridge.sandbox.glimpses import WHOLE_EVERY, Glimpses
from bridge.sandbox.journal import Journal

NOW = datetime(2030, 1, 1, tzinfo=UTC)
MEGABYTE = 1024 * 1024

rows = st.dictionaries(
    st.sampled_from("abcdef"), st.fixed_dictionaries({"name": st.just("x"), "status": st.sampled_from("uvw")})
)
pages = st.fixed_dictionaries({"overall": st.sampled_from(["fine", "bad"]), "components": rows, "incidents": rows})


def _add(journal: Journal, row: dict[str, Any] | None, glimpse: dict[str, Any]) -> None:
    journal.add(at=NOW, provider="cachet2", kind="incident", id="1", event="updated", row=row, glimpse=glimpse)


@settings(max_examples=60, deadline=None)
@given(st.lists(pages, min_size=1, max_size=WHOLE_EVERY + 20))
def test_every_glimpse_comes_back_as_it_was_put_in(given_pages: list[dict[str, Any]]) -> None:
    glimpses = Glimpses()
    numbers = [glimpses.add(page) for page in given_pages]
    for number, page in zip(numbers, given_pages, strict=True):
        found = glimpses.at(number)
        assert found == page
        assert {key: list(part) for key, part in found.items()} == {key: list(part) for key, part in page.items()}


def test_a_row_may_change_after_it_was_journalled() -> None:
    journal, row = Journal(), {"name": "Slow", "updates": [1]}
    _add(journal, row, {"overall": "bad"})
    row["updates"].append(2)  # type: ignore[attr-defined]
    _add(journal, None, {"overall": "fine"})
    first, second = journal.entries()
    assert (first.row, second.row) == ({"name": "Slow", "updates": [1]}, None)
    assert (first.page, second.page) == ({"overall": "bad"}, {"overall": "fine"})


def test_ten_thousand_writes_on_a_page_of_400_incidents_take_little_memory() -> None:
    """As the Statuspage sandbox writes: each row holds all updates of its incident, each glimpse all incidents."""
    journal, counts, shown = Journal(), [0] * 400, {str(i): {"name": f"Incident {i}", "status": ""} for i in range(400)}
    tracemalloc.start()
    for number in range(10_000):
        place = number % 400
        counts[place] += 1
        updates = [
            {"id": f"u{place}-{i}", "body": f"Message {i} of {place}.", "status": "x"} for i in range(counts[place])
        ]
        shown = {**shown, str(place): {"name": f"Incident {place}", "status": f"step {counts[place]}"}}
        glimpse = {"overall": "Major Outage", "incidents": shown}
        _add(journal, {"id": str(number % 400), "incident_updates": updates}, glimpse)
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 30 * MEGABYTE
    last = journal.entries()[-1]
    assert last.page["incidents"]["399"] == {"name": "Incident 399", "status": "step 25"}
    assert len((last.row or {})["incident_updates"]) == 25


def test_the_journal_over_http_begins_after_a_write_and_leaves_out_pages() -> None:
    sandbox = Sandbox()
    client, headers = sandbox.app.test_client(), {"X-Cachet-Token": "sandbox"}
    for _ in range(3):
        client.post("/cachet2/api/v1/incidents", json={"name": "n", "message": "m", "status": 1}, headers=headers)
    whole = client.get("/_sandbox/journal").get_json()
    assert [entry["seq"] for entry in whole] == [1, 2, 3]
    assert len(whole[2]["page"]["incidents"]) == 3
    short = client.get("/_sandbox/journal?after=2&pages=false").get_json()
    assert [(entry["seq"], entry["row"]["id"], "page" in entry) for entry in short] == [(3, 3, False)]
