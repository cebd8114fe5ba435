"""The template language of public wording: a small, checked part of Jinja2 in a sandbox.

Two walls: the syntax tree is checked against an allow-list before anything is compiled (no calls, no assignments,
no arithmetic that can grow, loops over ``components`` only), and the sandbox resolves no attribute that is not a
declared field. Values are never parsed as templates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, Final, NoReturn

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, Undefined
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS

from bridge.policy.grammar import FILTER_NAMES, TEST_NAMES, Problem, check_tree
from bridge.policy.literal import clean_line, cut, escape_markdown

COMPONENT_FIELDS: Final = ("id", "name", "group")
LOOP_FIELDS: Final = ("index", "index0", "first", "last", "length", "revindex")
SCALAR_FIELDS: Final = ("severity", "title", "text", "source", "status")
INCIDENT_FIELDS: Final = ("component", "components", "component_names", "alerts_firing", "started_at")

MAX_SOURCE = 20_000
"""Longest template, in characters."""

MAX_OUTPUT = 25_000
"""Rendering stops after this many characters."""

_KEPT: Final = 1_000
"""Templates kept compiled: more than a configuration has."""

VALUE_LIMIT: Final = 1_000
"""Longest value of a field that is one line."""

_TIME_FORMAT = re.compile(r"(?:[^%]|%[aAbBdHIjmMpSyYZ%])*")


class TemplateFailed(Exception):
    """A template could not be rendered; the message says why and holds no value of a field."""


@dataclass(frozen=True, slots=True)
class ComponentView:
    """A component as templates see it."""

    id: str
    name: str
    group: str | None = None

    def __str__(self) -> str:
        return self.name


class LabelsView:
    """Labels as templates see them: one by one, never all at once."""

    __slots__ = ("_labels",)

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels

    def __contains__(self, name: object) -> bool:
        return name in self._labels

    def pick(self, name: object) -> str | None:
        """The value of one label as one clean line, None when there is no such label."""
        value = self._labels.get(name) if isinstance(name, str) else None
        return None if value is None else clean_line(value, VALUE_LIMIT)

    def __str__(self) -> str:
        raise SecurityError("labels cannot be shown all at once: write labels.<name>")


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 that knows fields and nothing else."""

    def __init__(self, finalize: Callable[[Any], str]) -> None:
        super().__init__(autoescape=False, undefined=StrictUndefined, finalize=finalize, keep_trailing_newline=True)
        self.globals.clear()
        self.filters = {name: FILTERS[name] for name in FILTER_NAMES if name in FILTERS}
        self.filters |= {"replace": _replace, "time": show_time}
        self.tests = {name: TESTS[name] for name in TEST_NAMES}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """One declared field of an object, else undefined."""
        return self._field(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """One label, or one component by its position, else undefined."""
        if isinstance(obj, tuple) and isinstance(argument, int):
            return obj[argument] if -len(obj) <= argument < len(obj) else self.undefined("there is no such component")
        return self._field(obj, argument)

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: templates call nothing."""
        raise SecurityError("calls are not allowed in templates")

    def _field(self, obj: Any, name: Any) -> Any:
        if isinstance(obj, LabelsView):
            value = obj.pick(name)
            return value if value is not None else self.undefined(f"the alert has no label {cut(repr(name), 80)}")
        if isinstance(obj, ComponentView) and name in COMPONENT_FIELDS:
            return getattr(obj, name)
        if isinstance(obj, LoopContext) and name in LOOP_FIELDS:
            return getattr(obj, name)
        if isinstance(obj, Undefined):
            return obj[name]
        return self.undefined(f"there is no field {cut(repr(name), 80)}")


def show_time(moment: Any, pattern: str = "%H:%M UTC") -> str:
    """Filter ``time``: a moment in UTC, by a ``strftime`` pattern of plain directives."""
    if not isinstance(moment, datetime):
        raise TemplateFailed("the filter 'time' needs a time, such as started_at")
    if not _TIME_FORMAT.fullmatch(pattern):  # a width such as %99999d would make a text of any size
        raise TemplateFailed("the filter 'time' takes only the directives a A b B d H I j m M p S y Y Z")
    return moment.astimezone(UTC).strftime(pattern)


def _replace(value: Any, old: str, new: str) -> str:
    text, old, new = str(value), str(old), str(new)
    if len(text) + text.count(old) * len(new) > MAX_OUTPUT:
        raise TemplateFailed("the filter 'replace' would make the text too long")
    return text.replace(old, new)


def _show(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return show_time(value, "%Y-%m-%d %H:%M UTC")
    if isinstance(value, tuple):
        return name_all([str(each) for each in value])
    return str(value)


def name_all(names: list[str]) -> str:
    """``A``, ``A and B``, ``A, B and C``."""
    return " and ".join(part for part in (", ".join(names[:-1]), "".join(names[-1:])) if part)


class Templates:
    """The templates of the configuration, each compiled once.

    Values appear literally: in Markdown they are escaped, in plain text (titles, component ids) they are not.
    """

    def render(self, source: str, fields: Mapping[str, object], *, markdown: bool) -> str:
        """Render a template over fields.

        Raises:
            TemplateFailed: it has a mistake, or a field it needs is missing.
        """
        template = prepare(source, markdown=markdown)
        if isinstance(template, Problem):
            raise TemplateFailed(str(template))
        try:
            return _collect(template, fields)
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as failure:
            # Only Jinja's and our own words are shown: a Python error may quote a value.
            told = str(failure) if isinstance(failure, TemplateError) else type(failure).__name__
            raise TemplateFailed(cut(told, 300)) from failure


@lru_cache(_KEPT)
def prepare(source: str, *, markdown: bool) -> Template | Problem:
    """Compile a template, or remember what is wrong with it."""
    return _compile(_sandbox(markdown=markdown), source, None)


@cache
def _sandbox(*, markdown: bool) -> _Sandbox:
    return _Sandbox((lambda value: escape_markdown(_show(value))) if markdown else _show)


def _collect(template: Template, fields: Mapping[str, object]) -> str:
    chunks, length = [], 0
    for chunk in template.generate(**fields):
        chunks.append(chunk)
        length += len(chunk)
        if length > MAX_OUTPUT:
            break
    return "".join(chunks)


def _compile(sandbox: _Sandbox, source: str, scalars: tuple[str, ...] | None) -> Template | Problem:
    """Parse, check and compile; ``scalars`` narrows the fields, None allows all."""
    if len(source) > MAX_SOURCE:
        return Problem(1, f"the template is longer than {MAX_SOURCE} characters")
    try:
        tree = sandbox.parse(source)
        problem = check_tree(tree, _kinds(scalars), COMPONENT_FIELDS, LOOP_FIELDS)
        if problem:
            return problem
        return Template.from_code(sandbox, sandbox.compile(tree), {})
    except TemplateSyntaxError as error:
        return Problem(error.lineno, error.message or "it is not a template")
    except (RecursionError, SyntaxError, MemoryError):  # the last two by Python, of the code that Jinja wrote
        return Problem(1, "the template is nested too deeply")


def _kinds(scalars: tuple[str, ...] | None) -> dict[str, str]:
    names = (*SCALAR_FIELDS, *INCIDENT_FIELDS) if scalars is None else scalars
    known = dict.fromkeys(names, "value") | {"labels": "labels"}
    return known | {name: name for name in ("component", "components") if name in known}


def compile_template(source: str, *, for_component: bool = False) -> str | None:
    """Check a template of the configuration without rendering it.

    Args:
        source: the template.
        for_component: whether it names a component (``components:`` of a route), where nothing is known about
            components and incidents yet, instead of wording an incident.

    Returns:
        What is wrong, with the line; None when it can be used.
    """
    outcome = _compile(_Sandbox(_show), source, SCALAR_FIELDS[:-1] if for_component else None)
    return str(outcome) if isinstance(outcome, Problem) else None
