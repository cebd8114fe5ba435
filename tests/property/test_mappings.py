"""What holds for every value of every table of every provider."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model.enums import ComponentStatus, IncidentStatus, MaintenanceStatus, MetricAggregation
from bridge.providers.base import mapping
from bridge.providers.base.mapping import EnumTable

ENUMS: tuple[type[StrEnum], ...] = (ComponentStatus, IncidentStatus, MaintenanceStatus, MetricAggregation)
TABLES: list[tuple[str, type[StrEnum], EnumTable[Any]]] = [
    (provider, enum, mapping.load(provider).table(enum)) for provider in mapping.names() for enum in ENUMS
]
PROVIDER_VALUES = [(table, value) for _, _, table in TABLES for value in table.values]


def test_there_are_seventy_provider_values() -> None:
    assert len(PROVIDER_VALUES) == 70


@given(st.sampled_from(PROVIDER_VALUES))
def test_every_provider_value_survives_the_way_here_and_back(case: tuple[EnumTable[Any], str | int]) -> None:
    table, value = case
    assert table.to(table.of(value)) == value
    assert table.surprise(value, "x") is None


@given(st.sampled_from(TABLES), st.data())
def test_every_canonical_value_is_written_and_a_changed_meaning_is_a_loss(case: Any, data: st.DataObject) -> None:
    _, enum, table = case
    member = data.draw(st.sampled_from(list(enum)))
    written = table.to(member)
    loss = table.loss(member, "incident:inc_1")
    if loss is None:
        assert table.of(written) is member
    else:
        assert written is None or table.of(written) is not member
        assert loss.why.endswith(".")
        assert (loss.had, loss.became) == (member.value, "" if written is None else str(written))


@given(st.sampled_from(TABLES), st.one_of(st.text(), st.integers(), st.booleans(), st.none(), st.floats()))
def test_whatever_a_provider_answers_is_read(case: Any, answer: object) -> None:
    _, enum, table = case
    assert table.of(answer) in enum
    if not table.knows(answer):
        assert table.of(answer) not in (
            ComponentStatus.OPERATIONAL,
            IncidentStatus.RESOLVED,
            MaintenanceStatus.COMPLETED,
        )


@pytest.mark.parametrize("enum", ENUMS)
def test_a_loop_between_two_providers_settles_after_the_first_hop(enum: type[StrEnum]) -> None:
    """Except for the legacy status 0 of Cachet 2 incidents, which is never mirrored as an incident."""
    for one in mapping.names():
        for other in mapping.names():
            here, there = mapping.load(one).table(enum), mapping.load(other).table(enum)
            for value in here.values:
                if here.of(value) is IncidentStatus.SCHEDULED:
                    continue
                first = _hop(here, there, value)
                if first is not None:
                    assert _hop(there, here, first) is not None
                    back = _hop(there, here, first)
                    assert _hop(here, there, back) == first


def _hop(here: EnumTable[Any], there: EnumTable[Any], value: Any) -> Any:
    return there.to(here.of(value))
