"""The template language of incident templates: what it computes, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.sandbox.twig import Opaque, TemplateError, render

VARIABLES: dict[str, Any] = {
    "name": "API <1>",
    "count": 3,
    "share": 2.0,
    "zero": "0",
    "yes": True,
    "list": ["a", "b"],
    "incident": {"name": "Slow", "status": 2, "message": None},
    "enum": Opaque(),
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ name }}", "API &lt;1&gt;"),
        ("{{ name|e }}{{ name|escape('html') }}", "API &lt;1&gt;API &lt;1&gt;"),
        ("{{ '<b>' }}", "<b>"),
        ("{{ '<b>' ~ name }}", "&lt;b&gt;API &lt;1&gt;"),
        ("{{ missing }}{{ incident.message }}{{ incident.missing.deeper }}", ""),
        ("{{ yes }}{{ share }}{{ count + 1 }}{{ 7 % 4 }}{{ -count }}{{ 3 / 2 }}", "1243-31.5"),
        ("{{ list.1 }}{{ list[0] }}{{ incident['name'] }}", "baSlow"),
        ("{{ missing ?? name ?? 'x' }}", "API &lt;1&gt;"),
        ("{{ missing ?: 'none' }}{{ count ?: 'none' }}", "none3"),
        ("{{ zero ? 'on' : 'off' }}{{ yes ? 'on' }}", "offon"),
        ("{% if count == 3 and not zero %}a{% endif %}", "a"),
        ("{% if count == '3' %}a{% endif %}{% if missing == '' %}b{% endif %}", "ab"),
        ("{% if count > 5 %}a{% elseif count > 2 %}b{% elseif yes %}c{% else %}d{% endif %}", "b"),
        ("{% if false %}a{% if true %}b{% else %}c{% endif %}{% else %}d{% endif %}", "d"),
        ("{% if missing is defined %}a{% elseif incident.name is defined %}b{% endif %}", "b"),
        ("{% if list is not empty and 'a' in list and 'z' not in list %}a{% endif %}", "a"),
        ("{% if name starts with 'API' or name ends with 'x' %}a{% endif %}", "a"),
        ("{% if incident.message is null %}a{% endif %}{% if count is odd %}b{% endif %}", "ab"),
        ("{% if enum == 2 %}a{% else %}b{% endif %}", "b"),
        ("{% if(count >= 3) %}a{% endif %}", "a"),
        ("a {#- nothing -#} b", "ab"),
        ("a  {{- count -}}  b", "a3b"),
        ("{% if yes %}\na\n{% endif %}\nb", "a\nb"),
    ],
)
def test_what_is_allowed_is_computed_as_twig_computes_it(source: str, text: str) -> None:
    assert render(source, VARIABLES) == text


@pytest.mark.parametrize(
    "source",
    [
        "{% for item in list %}{{ item }}{% endfor %}",
        "{% set a = 1 %}",
        "{{ name|upper }}",
        "{% if false %}{{ name|upper }}{% endif %}",
        "{% if false %}{% if name|upper %}{% endif %}{% endif %}",
        "{{ dump() }}",
        "{{ incident.name() }}",
        "{{ enum }}",
        "{{ enum.value }}",
        "{{ list }}",
        "{{ name",
        "{{ }}",
        "{{ name name }}",
        "{{ (name }}",
        "{{ 'a }}",
        "{{ 1 / 0 }}",
        "{{ name + 1 }}",
        "{{ name is strange }}",
        "{{ 1 is defined }}",
        "{{ 'a'.b }}",
        "{{ name|e('js') }}",
        "{% if yes %}",
        "{% if %}a{% endif %}",
        "{% endif %}",
        "{% else %}",
        "{% if yes %}{% else %}{% else %}{% endif %}",
    ],
)
def test_what_is_forbidden_or_broken_is_refused_even_where_it_is_not_shown(source: str) -> None:
    with pytest.raises(TemplateError):
        render(source, VARIABLES)
