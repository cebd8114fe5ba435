"""Which part of Jinja2 a template may use, checked on its syntax tree before it is compiled."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from jinja2 import nodes

FILTER_NAMES: Final = (
    "capitalize", "count", "d", "default", "first", "join", "last", "length", "lower", "replace", "time", "title",
    "trim", "truncate", "upper",
)  # fmt: skip
TEST_NAMES: Final = ("defined", "undefined", "none", "in", "eq", "equalto", "ne", "lt", "le", "gt", "ge")

MAX_LOOPS = 2
"""How deep loops may be nested."""

_PLAIN: Final = (
    nodes.Output, nodes.TemplateData, nodes.Const, nodes.If, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not, nodes.CondExpr, nodes.Concat, nodes.Add, nodes.Sub, nodes.List, nodes.Tuple, nodes.Keyword,
)  # fmt: skip
"""Nodes that need no check but that of their children."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a template."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


def check_tree(
    tree: nodes.Template, kinds: Mapping[str, str], component: Iterable[str], loop: Iterable[str]
) -> Problem | None:
    """The first thing in a template that is not allowed, if any.

    Args:
        tree: the parsed template.
        kinds: field → ``value``, ``labels``, ``component`` or ``components``.
        component: fields of a component.
        loop: fields of ``loop``.
    """
    checker = _Checker({"component": tuple(component), "loop": tuple(loop)})
    for node in tree.body:
        checker.check(node, dict(kinds), 0)
    return checker.problems[0] if checker.problems else None


@dataclass(slots=True)
class _Checker:
    """Walks the tree; every ``check`` tells the kind of value its node gives."""

    members: Mapping[str, tuple[str, ...]]
    problems: list[Problem] = field(default_factory=list)

    def check(self, node: nodes.Node, scope: dict[str, str], depth: int) -> str:
        match node:
            case nodes.Name():
                kind = self._name(node, scope)
            case nodes.Getattr():
                kind = self._member(node, node.node, node.attr, scope, depth)
            case nodes.Getitem():
                kind = self._item(node, scope, depth)
            case nodes.Filter():
                kind = self._filter(node, scope, depth)
            case nodes.Test():
                kind = self._test(node, scope, depth)
            case nodes.For():
                kind = self._loop(node, scope, depth)
            case nodes.Call():
                kind = self._refuse(node, "calls are not allowed; a label is read as labels.name or labels['na-me']")
            case _ if isinstance(node, _PLAIN):
                kind = self._children(node, scope, depth)
            case _:
                kind = self._refuse(node, f"{type(node).__name__.lower()} is not allowed in templates")
        return kind

    def _test(self, node: nodes.Test, scope: dict[str, str], depth: int) -> str:
        if node.name not in TEST_NAMES:
            return self._refuse(node, f"there is no test {node.name!r} here; known: {', '.join(TEST_NAMES)}")
        return self._children(node, scope, depth)

    def _children(self, node: nodes.Node, scope: dict[str, str], depth: int) -> str:
        for child in node.iter_child_nodes():
            kind = self.check(child, scope, depth)
            if kind == "labels" and not isinstance(node, nodes.Operand):
                self._refuse(child, "labels cannot be shown all at once: write labels.name")
        return "value"

    def _name(self, node: nodes.Name, scope: dict[str, str]) -> str:
        if node.name in scope:
            return scope[node.name]
        return self._refuse(node, f"unknown field {node.name!r}{_hint(node.name, scope)}")

    def _member(self, node: nodes.Node, owner: nodes.Node, name: str, scope: dict[str, str], depth: int) -> str:
        kind = self.check(owner, scope, depth)
        if kind in ("labels", "refused"):
            return "value"
        known = self.members.get(kind, ())
        if name in known:
            return "value"
        if not known:
            return self._refuse(node, f"this value has no fields, so {name!r} cannot be read from it")
        return self._refuse(node, f"a {kind} has no field {name!r}{_hint(name, known)}")

    def _item(self, node: nodes.Getitem, scope: dict[str, str], depth: int) -> str:
        index = node.arg
        if isinstance(index, nodes.Const) and isinstance(index.value, str):
            return self._member(node, node.node, index.value, scope, depth)
        owner = self.check(node.node, scope, depth)
        if owner == "components" and isinstance(index, nodes.Const) and isinstance(index.value, int):
            return "component"
        if owner == "labels" and not isinstance(index, nodes.Slice):
            self.check(index, scope, depth)
            return "value"
        return self._refuse(node, "only labels['name'] and components[number] can be read with brackets")

    def _filter(self, node: nodes.Filter, scope: dict[str, str], depth: int) -> str:
        if node.name not in FILTER_NAMES:
            return self._refuse(node, f"there is no filter {node.name!r} here; known: {', '.join(FILTER_NAMES)}")
        if node.node is None or node.dyn_args is not None or node.dyn_kwargs is not None:
            return self._refuse(node, f"the filter {node.name!r} cannot be used like this")
        for argument in (*node.args, *node.kwargs):
            self.check(argument, scope, depth)
        if node.name == "join" and (node.kwargs or len(node.args) > 1):  # join(attribute=…) reads attributes
            self._refuse(node, "join takes one argument: what stands between")
        kind = self.check(node.node, scope, depth)
        if kind == "labels":
            return self._refuse(node, "labels cannot be used all at once: write labels.name")
        if kind == "components" and node.name in ("first", "last"):
            return "component"
        return kind if kind == "component" and node.name in ("default", "d") else "value"

    def _loop(self, node: nodes.For, scope: dict[str, str], depth: int) -> str:
        if depth >= MAX_LOOPS:
            return self._refuse(node, f"loops may be nested {MAX_LOOPS} deep")
        if node.recursive or not isinstance(node.target, nodes.Name):
            return self._refuse(node, "loops are written {% for one in components %}")
        if self.check(node.iter, scope, depth) != "components":
            return self._refuse(node, "only components can be looped over")
        inner = {**scope, node.target.name: "component", "loop": "loop"}
        if node.test is not None:
            self.check(node.test, {**inner, "loop": "value"}, depth)
        for child in node.body:
            self.check(child, inner, depth + 1)
        for child in node.else_:
            self.check(child, scope, depth)
        return "value"

    def _refuse(self, node: nodes.Node, text: str) -> str:
        self.problems.append(Problem(node.lineno or 1, text))
        return "refused"


def _hint(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(names)}"
