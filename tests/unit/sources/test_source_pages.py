"""The pages about sources say what the code says, and every type has its record and its page."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.sources import pages, registry
from bridge.sources.base import traits_of
from bridge.sources.record import Resolves
from bridge.sources.samples import options_of, samples_of

DOCS = Path(__file__).parents[3] / "docs" / "sources"
AGAIN = "write them anew with: python -m bridge.sources.pages docs/sources"


@pytest.mark.parametrize("name", sorted(registry.built_in()))
def test_every_type_has_a_record_that_says_something(name: str) -> None:
    record = traits_of(registry.load(name)).record
    assert record is not None
    assert record.title
    assert record.setup
    assert record.used
    assert record.limits or record.resolves is Resolves.YES, "say why a resolve cannot be relied on"


def test_the_list_of_sources_is_up_to_date() -> None:
    assert (DOCS / "index.md").read_text(encoding="utf-8") == pages.index(), AGAIN


@pytest.mark.parametrize("name", sorted(registry.built_in()))
def test_the_page_of_a_type_is_up_to_date(name: str) -> None:
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert text == pages.page(name, text), AGAIN


def test_every_page_belongs_to_a_type() -> None:
    assert {file.stem for file in DOCS.glob("*.md")} - {"index", "fuzzing"} == set(registry.built_in())


def test_what_is_written_by_hand_stays_and_making_it_again_changes_nothing(tmp_path: Path) -> None:
    made = pages.page("pagerduty")
    assert made.startswith("# PagerDuty")
    assert pages.page("pagerduty", made) == made
    own = pages.page("pagerduty", "# Mine\n\nA template.\n")
    assert own.startswith("# Mine\n\nA template.\n\n" + pages.BEGIN)
    assert own.count("## At a glance") == 1
    assert "## Set it up" not in own
    assert pages.page("pagerduty", own) == own
    pages.write(tmp_path)
    assert {file.stem for file in tmp_path.iterdir()} == {*registry.built_in(), "index"}


@pytest.mark.parametrize("name", sorted(registry.built_in()))
def test_every_type_ships_samples(name: str) -> None:
    shipped = samples_of(name)
    assert shipped
    assert not [sample for sample in shipped if sample.endswith(".expected")]
    assert registry.options_schema(name)().load(dict(options_of(name))) is not None
