"""The figures and words of the sources' pages are those of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.model.enums import AlertSeverity
from bridge.sources.generic import STATUS_WORDS
from bridge.sources.labelled import NEVER_PUBLISHED
from bridge.sources.lifecycle import ACTION_WORDS
from bridge.sources.registry import built_in, options_schema
from bridge.sources.severity import WORDS

DOCS = Path(__file__).parents[3] / "docs" / "sources"


@pytest.mark.parametrize("type_name", sorted(built_in()))
def test_every_type_has_a_page_that_names_all_its_settings(type_name: str) -> None:
    page = (DOCS / f"{type_name}.md").read_text(encoding="utf-8")
    settings = [field.data_key or name for name, field in options_schema(type_name)().fields.items()]
    assert [name for name in settings if f"| `{name}` |" not in page] == []


def test_the_words_on_the_pages_are_the_words_of_the_tables() -> None:
    alertmanager = (DOCS / "alertmanager.md").read_text(encoding="utf-8")
    generic = (DOCS / "generic.md").read_text(encoding="utf-8")
    for severity in AlertSeverity:
        listed = " ".join(word for word, meaning in WORDS.items() if meaning is severity)
        assert re.search(rf"\| `{severity}`[^|]*\| {listed} \|", alertmanager)
    assert [word for word in ACTION_WORDS if f"`{word}`" not in generic] == []
    assert [status.value for status in STATUS_WORDS.values() if f"`{status.value}`" not in generic] == []
    assert all(name in alertmanager for name in NEVER_PUBLISHED)
