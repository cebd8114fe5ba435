"""``create`` and ``create_components``: what they make of a component, and what is warned of."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.config.load import Reading, parse_settings
from bridge.model.enums import Visibility

HEAD = """\
destinations:
  public: {type: cachet3, url: 'https://status.example.com/api', token: t}
  intranet: {type: cachet3, url: 'https://intranet.example.com/api', token: t}
"""


def reading(rest: str) -> Reading:
    return parse_settings((HEAD + rest).encode(), Path("bridge.yaml"), {})


def test_a_component_that_is_to_be_made_knows_its_group_and_description() -> None:
    on = "on: {public: API, intranet: 3}"
    rest = f"components: {{api: {{name: API, group: Core, description: One line., create: true, {on}}}}}\n"
    settings = reading(rest).settings
    assert settings is not None
    api = settings.components["api"]
    assert api.original is not None
    assert api.original.group is not None
    assert (api.original.group.name, api.original.group.visibility) == ("Core", Visibility.PUBLIC)
    assert api.original.component.description == "One line."
    assert (api.may_be_made("public"), api.may_be_made("intranet")) == (True, False)


def test_nothing_is_made_unless_the_file_says_so() -> None:
    settings = reading("components: {api: {on: {public: api}}}\n").settings
    assert settings is not None
    assert not settings.components["api"].may_be_made("public")


def test_a_component_that_could_be_made_nowhere_is_warned_of() -> None:
    found = reading("components: {api: {name: API, create: true, on: {public: 8kbf7d35c070}}}\n")
    assert any("made nowhere" in problem.why for problem in found.problems)


@pytest.mark.parametrize(("said", "meant"), [("", False), (", create_components: true", True)])
def test_a_mirror_makes_components_only_when_asked(said: str, meant: bool) -> None:
    settings = reading(f"mirrors: [{{from: public, to: intranet{said}}}]\n").settings
    assert settings is not None
    assert settings.mirrors[0].create_components is meant
