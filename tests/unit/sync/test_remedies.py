"""Every class of failure is told with the command that ends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bridge.model.overview import DestinationView, Overview, PageView
from bridge.sync.decisions.remedies import Remedy, remedies

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def found(*views: DestinationView, pages: tuple[PageView, ...] = (), held: int = 0) -> tuple[Remedy, ...]:
    return remedies(Overview(NOW, (), views, (), held=held, pages=pages))


def test_where_all_is_well_nothing_waits_for_a_person() -> None:
    assert found(DestinationView("public", "statuspage"), pages=(PageView("old", "cachet2"),)) == ()


@pytest.mark.parametrize(
    ("view", "command", "urgent"),
    [
        (DestinationView("public", "statuspage", "paused"), "statusbridge resume public", True),
        (
            DestinationView("public", "statuspage", "down", until=NOW + timedelta(seconds=9)),
            "statusbridge resume public",
            False,
        ),
        (DestinationView("public", "statuspage", "busy", until=NOW), "statusbridge resume public", False),
        (DestinationView("public", "statuspage", dead=2), "statusbridge failed list public", True),
        (
            DestinationView("public", "statuspage", drift={"incident": 1}),
            "statusbridge diff public",
            False,
        ),
    ],
)
def test_what_is_the_matter_with_a_destination_has_a_command(view: DestinationView, command: str, urgent: bool) -> None:
    (remedy,) = found(view)
    assert (remedy.about, remedy.commands[0], remedy.urgent) == ("public", command, urgent)


def test_a_paused_page_and_held_incidents_have_commands_too() -> None:
    page, held = found(pages=(PageView("old", "cachet2", "paused"), PageView("new", "cachet3", "down")), held=3)
    assert page.commands == ("statusbridge resume old",)
    assert held.commands == ("statusbridge approve INCIDENT", "statusbridge reject INCIDENT")
    assert held.about == ""
