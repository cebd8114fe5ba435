"""Templates over an allow-list, in a sandbox, with values as data."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from policy_stage import COMPONENTS, at, fires, route

from bridge.model.enums import IncidentStatus
from bridge.model.events import Alert
from bridge.policy.alerts import fold
from bridge.policy.rules import Wording
from bridge.policy.templates import prepare
from bridge.policy.wording import Context, Part, Words, Written, compile_template, leading, prepare_words


def alert(**fields: Any) -> Alert:
    labels = {"service": "api", "k8s.io/name": "api-7", "items": "three"}
    found = fold(None, fires(labels=labels, url="https://internal", text="stack", **fields)).alert
    assert found is not None
    return found


CONTEXT = Context(
    alert=alert(), components=tuple(COMPONENTS.values()), status=IncidentStatus.INVESTIGATING, alerts_firing=2,
    started_at=at(125),
)  # fmt: skip


def write(source: str, context: Context = CONTEXT, part: Part = Part.MESSAGE) -> Written:
    wording = Wording(**{part.value: source})
    return Words().write(route(wording=wording), part, context)


def titled(title: str) -> Context:
    return replace(CONTEXT, alert=replace(alert(), title=title))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ component.name }} in {{ component.group }}", "Public API in Core"),
        ("{{ component_names }}", "Public API, Website and Background jobs"),
        ("{% for one in components %}{{ loop.index }} {{ one.id }}; {% endfor %}", "1 api; 2 web; 3 jobs;"),
        ("{{ components[1].name }}, {{ (components|last).name }}", "Website, Background jobs"),
        ("{{ components }} / {{ components|join(' + ') }}",
         "Public API, Website and Background jobs / Public API + Website + Background jobs"),
        ("[{{ components[2].group }}]", "[]"),
        ("{{ labels.service }} {{ labels['k8s.io/name'] }} {{ labels.items }}", "api api-7 three"),
        ("{{ labels.team|default('nobody') }}", "nobody"),
        ("{% if labels.team is defined %}{{ labels.team }}{% else %}none{% endif %}", "none"),
        ("{% if 'service' in labels %}yes{% endif %}", "yes"),
        ("{{ severity|upper }} {{ title }} {{ source }} {{ status }}", "CRITICAL Alert a prometheus investigating"),
        ("{{ text }}", "stack"),
        ("{{ alerts_firing - 1 }} more", "1 more"),
        ("{{ started_at }} {{ started_at|time }} {{ started_at|time('%d %b %H:%M') }}",
         "2026-03-01 12:02 UTC 12:02 UTC 01 Mar 12:02"),
        ("{{ labels.service|replace('a', 'A') }}", "Api"),
        ("**{{ title }}**", "**Alert a**"),
    ],
)  # fmt: skip
def test_templates_speak_of_the_allowed_fields(source: str, text: str) -> None:
    assert compile_template(source) is None
    assert write(source) == Written(text)


BAD = [
    ("{{ url }}", "unknown field 'url'"),
    ("{{ internal_note }}", "unknown field 'internal_note'"),
    ("{{ compnent.name }}", "did you mean 'component'"),
    ("{{ component.nme }}", "did you mean 'name'"),
    ("\n\n{{ component.description }}", "line 3: a component has no field 'description'"),
    ("{{ component['description'] }}", "a component has no field"),
    ("{% for one in components %}{{ one.secret }}{% endfor %}", "a component has no field 'secret'"),
    ("{{ labels }}", "labels cannot be shown all at once"),
    ("{{ labels|join }}", "labels cannot be used all at once"),
    ("{{ 'a' ~ labels }}", "labels cannot be shown all at once"),
    ("{{ labels.get('x') }}", "calls are not allowed"),
    ("{{ title.__class__ }}", "has no fields"),
    ("{{ title['__class__'] }}", "has no fields"),
    ("{{ ''.__class__.__mro__ }}", "has no fields"),
    ("{{ labels.__class__.x }}", "has no fields"),
    ("{{ components|join(attribute='x') }}", "join takes one argument"),
    ("{{ title|attr('x') }}", "no filter 'attr'"),
    ("{{ components|map(attribute='x')|list }}", "no filter"),
    ("{{ range(9) }}", "calls are not allowed"),
    ("{{ cycler }}", "unknown field 'cycler'"),
    ("{{ 9 ** 9 ** 9 }}", "pow is not allowed"),
    ("{{ 'x' * 999999999 }}", "mul is not allowed"),
    ("{{ '%999999999d' % 1 }}", "mod is not allowed"),
    ("{{ title[:3] }}", "only labels['name'] and components[number]"),
    ("{% set a = 1 %}", "assign is not allowed"),
    ("{% for c in title %}{% endfor %}", "only components can be looped over"),
    ("{% macro m() %}{% endmacro %}", "macro is not allowed"),
    ("{% include 'x' %}", "include is not allowed"),
    ("{% import 'x' as y %}", "import is not allowed"),
    ("{% for a in components %}{% for b in components %}{% for c in components %}{% endfor %}{% endfor %}{% endfor %}",
     "loops may be nested 2 deep"),
    ("one\n{{ title", "line 2: "),
    ("{% if %}", "line 1: "),
    ("{{ title is string }}", "no test 'string'"),
    ("{{ a", "line 1: "),
    ("x" * 20_001, "longer than 20000"),
    ("{{ " + "(" * 3000 + "title" + ")" * 3000 + " }}", "nested too deeply"),
    ("{% if title %}" * 150 + "{% endif %}" * 150, "nested too deeply"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "said"), BAD, ids=[source[:70].replace("\n", " ") for source, _ in BAD])
def test_what_is_not_allowed_is_refused_when_the_configuration_is_read(source: str, said: str) -> None:
    problem = compile_template(source)
    assert problem is not None
    assert said in problem


@pytest.mark.parametrize(("source", "_said"), BAD, ids=[source[:70].replace("\n", " ") for source, _ in BAD])
def test_what_is_not_allowed_is_never_rendered_either(source: str, _said: str) -> None:
    written = write(source)
    assert written.text == "We are looking into problems with Public API, Website and Background jobs."
    assert written.problem is not None


@pytest.mark.parametrize("name", ["component", "components", "component_names", "started_at", "status"])
def test_a_template_that_names_a_component_knows_none_yet(name: str) -> None:
    problem = compile_template(f"{{{{ {name} }}}}", for_component=True)
    assert problem is not None
    assert "unknown field" in problem
    assert compile_template("{{ labels.service }}", for_component=True) is None


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ labels.team }}", "no label 'team'"),
        ("{{ 'x'|time }}", "needs a time"),
        ("{{ started_at|time('%99999999d') }}", "directives"),
        ("{{ text|replace('s', text)|replace('t', text)|replace('a', text) }}", "too long"),
        ("{{ title - 1 }}", "TypeError"),
        (" {{ '' }} ", "empty"),
    ],
)
def test_a_template_that_fails_while_rendering_says_why(source: str, said: str) -> None:
    context = replace(CONTEXT, alert=replace(alert(), text="stack" * 100))
    written = write(source, context)
    assert written.problem is not None
    assert said in written.problem
    assert "Public API" in written.text


def test_a_problem_never_quotes_a_value() -> None:
    written = write("{{ 1 + title }}", titled("hunter2"))
    assert written.problem is not None
    assert "hunter2" not in written.problem


@pytest.mark.parametrize("title", ["{{ 7 * 7 }}", "{% for x in y %}", "%s {0} ${HOME}"])
def test_text_of_a_source_is_never_a_template(title: str) -> None:
    assert write("{{ title }}", titled(title), Part.TITLE).text == title


def test_control_characters_and_reordering_marks_do_not_get_out() -> None:
    hostile = "a\x00b\x1b[31mred\x1b[0m\u202ec\u2066d\r\ne\udc80f"
    assert write("{{ title }}", titled(hostile), Part.TITLE).text == "abredcd ef"


def test_a_message_shows_foreign_markdown_as_it_is() -> None:
    hostile = "[click](http://evil) ![x](y) <img src=x> **b** `c` http_total"
    expected = r"[click\](http://evil) ![x\](y) \<img src=x> \*\*b\*\* \`c\` http_total"
    assert write("{{ title }}", titled(hostile)).text == expected


def test_a_title_is_one_line_of_255_characters() -> None:
    text = write("{{ title }}\nand {{ title }}", titled("word " * 100), Part.TITLE).text
    assert (len(text) <= 255, text.endswith("…"), "\n" in text) == (True, True, False)


def test_a_message_is_at_most_25_000_characters() -> None:
    context = replace(CONTEXT, alert=replace(alert(), text="word " * 10_000))
    assert len(write("{{ text }}" * 1000, context).text) <= 25_000


def test_a_message_of_any_size_is_made_in_bounded_time() -> None:
    context = replace(CONTEXT, components=CONTEXT.components * 300, alert=replace(alert(), text="x" * 30_000))
    loops = "{% for a in components %}{% for b in components %}{{ text }}{% endfor %}{% endfor %}"
    before = time.perf_counter()
    assert len(write(loops, context).text) <= 25_000
    assert time.perf_counter() - before < 5


def test_words_without_an_alert_at_hand_fall_back() -> None:
    written = write("{{ title }}", replace(CONTEXT, alert=None))
    assert written.problem is not None
    assert "Public API" in written.text


def test_a_text_speaks_of_the_worst_alert_and_then_of_the_oldest() -> None:
    worst, older, minor = alert(key="b", start=5), alert(key="c", start=1), alert(severity=None)
    assert leading([minor, worst, older]) is older
    assert leading([]) is None


def test_a_route_that_was_prepared_is_worded_without_compiling() -> None:
    """Each job is a fork of its own, and would compile again what its parent had not."""
    mine = route(wording=Wording(title="A title of {{ component.name }}", message="A message of {{ source }}"))
    prepare.cache_clear()
    prepare_words(mine)
    compiled = prepare.cache_info().misses
    for part in Part:
        assert Words().write(mine, part, CONTEXT).text
    for component in mine.components:
        Words().name_component(component, alert())
    assert prepare.cache_info().misses == compiled
