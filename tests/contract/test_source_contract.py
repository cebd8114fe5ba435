"""Every source type against the contract that third parties' sources are held to as well."""

from __future__ import annotations

from pathlib import Path

from bridge.sources.registry import BUILT_IN
from bridge.testing.source_suite import SourceSuite

DATA = Path(__file__).parents[1] / "data" / "sources"


class TestAlertmanager(SourceSuite):
    type_name = "alertmanager"
    samples = DATA / "alertmanager"


class TestGeneric(SourceSuite):
    type_name = "generic"
    samples = DATA / "generic"


def test_every_built_in_type_is_held_to_the_contract() -> None:
    held = {suite.type_name for suite in SourceSuite.__subclasses__()}
    assert held == set(BUILT_IN)


def test_every_sample_has_its_expectation() -> None:
    samples = [file for file in DATA.glob("*/*.json") if not file.name.endswith(".expected.json")]
    assert samples
    missing = [file.name for file in samples if not file.with_name(f"{file.stem}.expected.json").exists()]
    assert missing == []
