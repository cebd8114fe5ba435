"""Every client serves all of its provider's API and nothing else, and the documentation says how."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import pytest

from bridge.providers import registry
from bridge.providers.base import coverage
from bridge.providers.base.actions import Action
from bridge.providers.base.resource import Resource

ROOT = Path(__file__).parents[2]
LISTS = sorted((Path(__file__).parent / "data").glob("operations-*.json"))


def _provider(path: Path) -> str:
    return path.stem.removeprefix("operations-")


@pytest.mark.parametrize("path", LISTS, ids=_provider)
def test_a_client_serves_every_operation_and_invents_none(path: Path) -> None:
    operations = coverage.read(path.read_text(encoding="utf-8"))
    client = coverage.client_of(_provider(path))
    assert coverage.missing(client, operations) == []
    assert coverage.invented(client, operations) == []


@pytest.mark.parametrize("path", LISTS, ids=_provider)
def test_the_table_in_the_documentation_is_the_generated_one(path: Path) -> None:
    provider = _provider(path)
    page = (ROOT / "docs" / "clients" / f"{provider}.md").read_text(encoding="utf-8")
    operations = coverage.read(path.read_text(encoding="utf-8"))
    again = f"write it anew: python -m bridge.providers.base.coverage {provider}"
    assert coverage.renewed(page, coverage.client_of(provider), operations) == page, again


def test_every_provider_with_a_client_has_a_list_and_a_page() -> None:
    with_client = {name for name in registry.names() if hasattr(import_module(f"bridge.providers.{name}"), "Client")}
    assert with_client == {_provider(path) for path in LISTS}
    overview = (ROOT / "docs" / "clients" / "README.md").read_text(encoding="utf-8")
    assert [name for name in sorted(with_client) if f"bridge.providers.{name}" not in overview] == []


FIELDS = sorted((Path(__file__).parent / "data").glob("fields-*.json"))


@pytest.mark.parametrize("path", FIELDS, ids=lambda path: path.stem.removeprefix("fields-"))
def test_every_field_and_filter_of_the_specification_can_be_given_as_a_keyword(path: Path) -> None:
    client = coverage.client_of(path.stem.removeprefix("fields-"))
    served = {coverage.plain(call): name for call, name in client.served().items()}
    lacking = {}
    for operation, names in json.loads(path.read_text(encoding="utf-8")).items():
        method, template = operation.split(" ", 1)
        part, _, name = served[coverage.plain((method, template))].partition(".")
        known = _keywords(client.parts()[part], name)
        if known and set(names) - known:
            lacking[operation] = sorted(set(names) - known)
    assert lacking == {}


def _keywords(resource: type[Resource], name: str) -> set[str]:
    """The keywords that a method knows; none when it takes any."""
    if name in ("list", "create", "update", "replace") and not isinstance(vars(resource).get(name), Action):
        return set(resource.filters if name == "list" else resource.fields)
    return set(getattr(getattr(resource, name), "fields", ()))
