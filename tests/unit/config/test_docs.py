"""docs/configuration.md and docs/cli.md know every key, variable, command and option."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from marshmallow import Schema

from bridge.cli.main import COMMANDS, main
from bridge.config.environment import OTHER_NAMES, variables
from bridge.config.schema import (
    BLOCKS,
    AuthSchema,
    ComponentSchema,
    DestinationSchema,
    DocumentSchema,
    HmacSchema,
    MatchSchema,
    MirrorSchema,
    RouteSchema,
    SnsSchema,
    SourceSchema,
    ValvesSchema,
)
from bridge.config.shape import keys_of
from bridge.policy.templates import INCIDENT_FIELDS, SCALAR_FIELDS
from bridge.providers import registry as providers
from bridge.sources.batch import SourceOptions

DOCS = Path(__file__).parents[3] / "docs"
CONFIGURATION = (DOCS / "configuration.md").read_text(encoding="utf-8")
CLI = (DOCS / "cli.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """The text below a heading, as far as the next of the same or a higher level."""
    start = re.search(rf"^(#+) {re.escape(heading)}$", CONFIGURATION, re.MULTILINE)
    assert start, f"docs/configuration.md lacks the heading {heading}"
    rest = CONFIGURATION[start.end() :]
    end = re.search(rf"^#{{1,{len(start[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def rows(text: str) -> set[str]:
    return set(re.findall(r"^\| `([^`]+)`", text, re.MULTILINE))


def test_each_section_has_its_heading() -> None:
    for key in keys_of(DocumentSchema()):
        assert re.search(rf"^## .*`{key}`", CONFIGURATION, re.MULTILINE), key


@pytest.mark.parametrize(
    ("heading", "schemas"),
    [
        ("`sources`", [SourceSchema]),
        ("`destinations`", [DestinationSchema]),
        ("`components`", [ComponentSchema]),
        ("`routes`", [RouteSchema, MatchSchema]),
        ("`mirrors`", [MirrorSchema]),
        ("`valves`", [ValvesSchema]),
    ],
)
def test_every_key_has_a_row(heading: str, schemas: list[type[Schema]]) -> None:
    wanted = {key for schema in schemas for key in keys_of(schema())}
    assert wanted - rows(section(heading)) == set()


def test_every_option_of_all_source_types_has_a_row() -> None:
    """Those of a single type are on its own page; tests/unit/sources/test_source_docs.py looks there."""
    assert rows(section("Options of every source type")) == set(keys_of(SourceOptions()))


@pytest.mark.parametrize("schema", [HmacSchema, SnsSchema])
def test_every_key_of_a_signature_has_a_row(schema: type[Schema]) -> None:
    assert set(keys_of(schema())) <= rows(section("`sources`"))


def test_every_way_to_authenticate_has_a_row() -> None:
    shown = " ".join(rows(section("`sources`")))
    assert all(f"{{{way}:" in shown for way in keys_of(AuthSchema()))


@pytest.mark.parametrize("name", providers.names())
def test_every_option_of_a_provider_has_a_row_and_no_row_is_too_much(name: str) -> None:
    assert set(keys_of(providers.options_schema(name)())) == rows(section(f"Options of `{name}`"))


def test_every_variable_stands_beside_its_key() -> None:
    text = section("`store`, `web`, `worker`")
    for variable, (block, key) in variables().items():
        assert f"| `{block}.{key}` | `{variable}` |" in text
    assert rows(text) == {f"{block}.{key}" for block, schema in BLOCKS.items() for key in keys_of(schema())}
    assert all(f"`{name}`" in text for name in OTHER_NAMES)


def test_every_field_of_a_template_has_a_row() -> None:
    assert rows(section("Templates")) == {*SCALAR_FIELDS, *INCIDENT_FIELDS, "labels"}


def test_every_command_and_option_is_in_the_docs() -> None:
    assert isinstance(main, click.Group)
    context = click.Context(main)
    for name in ("check", "status", "approve", "reject", "normalize", "web", "worker", "sandbox"):
        command = main.get_command(context, name)
        assert command is not None
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.opts[0] in CLI, (name, option.opts)
    assert all(re.search(rf"^\| `{entry.name}[ `]", CLI, re.MULTILINE) for entry in COMMANDS)
    assert all(option.opts[0] in CLI for option in main.params)
