from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from bridge.errors import ConfigError
from bridge.sources import registry
from bridge.sources.alertmanager import Alertmanager
from bridge.sources.generic import Generic


def test_our_types_are_found_in_any_spelling() -> None:
    assert registry.load("alertmanager") is Alertmanager
    assert registry.load(" Generic ") is Generic
    assert set(registry.built_in()) <= set(registry.names())
    assert isinstance(registry.make("generic", {}), Generic)


def test_hyphens_and_underscores_are_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "built_in", lambda: {"uptime-kuma": "bridge.sources.generic:Generic"})
    assert registry.load("uptime_kuma") is registry.load("uptime-kuma") is Generic


def test_an_unknown_type_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(ConfigError, match="no source type “alertmanger”; did you mean “alertmanager”"):
        registry.load("alertmanger")
    with pytest.raises(ConfigError, match=r"known are: .*alertmanager, .*generic"):
        registry.options_schema("zzz")


def test_types_of_third_parties_come_by_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("their_tool", "bridge.sources.generic:Generic", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point] if group == registry.GROUP else [])
    assert registry.load("their-tool") is Generic
    assert "their-tool" in registry.names()


def test_a_type_that_cannot_be_loaded_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("broken", "no.such.module:Thing", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])
    with pytest.raises(
        ConfigError, match=r"“broken” of the package no\.such.module:Thing cannot be loaded: ModuleNotFound"
    ):
        registry.load("broken")


def test_a_type_is_found_by_what_its_file_says() -> None:
    text = 'class Base:\n    name: ClassVar[str]\n\n\nclass Tool(Base):\n    name: ClassVar[str] = "my-tool"\n'
    assert list(registry._named_in(text)) == [("my-tool", "Tool")]
    assert list(registry._named_in('name = "none"\n\ndef f():\n    name = "none"\n')) == []
    assert registry.built_in()["pagerduty"] == "bridge.sources.pagerduty:PagerDuty"


def test_no_source_imports_another() -> None:
    modules = {path.partition(":")[0] for path in registry.built_in().values()}
    for module in modules:
        tree = ast.parse(Path(importlib.import_module(module).__file__ or "").read_text(encoding="utf-8"))
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert imported & modules == set(), module


def test_reading_which_types_there_are_imports_none_of_them() -> None:
    code = "import sys; from bridge.sources import registry; registry.names(); print(list(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "bridge.sources.pagerduty" not in done.stdout
