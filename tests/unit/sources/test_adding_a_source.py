"""The worked example in docs/adding-a-source.md works as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bridge.errors import Unparsable
from bridge.model.enums import Action, AlertSeverity
from bridge.sources import registry
from bridge.sources.envelope import delivery_of
from bridge.testing.source_suite import ARRIVAL, check_rules, mutate

TEXT = (Path(__file__).parents[3] / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
BODY = re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)[1]  # type: ignore[index]
CODE = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)[1]  # type: ignore[index]


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The example, as a module that the registry finds."""
    (tmp_path / "pumpwatch.py").write_text(CODE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    ((name, class_name),) = registry._named_in(CODE)
    assert name == "pumpwatch"
    monkeypatch.setattr(registry, "built_in", lambda: {name: f"pumpwatch:{class_name}"})
    return registry.load("pumpwatch")


def test_the_example_reads_its_sample(kind: Any) -> None:
    made = registry.make("pumpwatch", registry.options_schema("pumpwatch")().load({}))
    (event,) = made.parse(delivery_of(BODY.encode(), "s", ARRIVAL)).events
    assert (event.dedup_key, event.action, event.severity) == ("7", Action.TRIGGER, AlertSeverity.MAJOR)
    assert event.title == "Bilge"
    assert kind.record.setup
    assert registry.scheme("pumpwatch") == kind.scheme


def test_the_example_breaks_at_nothing(kind: Any) -> None:
    import json
    import random

    made = registry.make("pumpwatch", {})
    for seed in range(100):
        body = json.dumps(mutate(json.loads(BODY), random.Random(seed))).encode()
        try:
            check_rules(made.parse(delivery_of(body, "s", ARRIVAL)))
        except Unparsable as error:
            assert error.reason
