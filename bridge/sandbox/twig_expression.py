"""Expressions of the Twig template language, as far as the sandboxes of both Cachets let them through.

Operators and tests are part of the language itself and are never forbidden; of filters only ``escape`` is allowed, and
no function. An expression becomes a closure over the variables, so that a mistake is found even where it is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bridge.sandbox import php

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<word>(?:not\s+in|starts\s+with|ends\s+with|is\s+not|[A-Za-z_]\w*)\b)
    |(?P<sign>\?\?|\?:|==|!=|<=|>=|[-+*/%~<>?:.|()\[\],])
    )""",
    re.VERBOSE | re.DOTALL,
)
_BINARY = {
    "or": 10, "and": 15, "==": 20, "!=": 20, "<": 20, ">": 20, "<=": 20, ">=": 20, "in": 20, "not in": 20,
    "starts with": 20, "ends with": 20, "+": 30, "-": 30, "~": 40, "*": 60, "/": 60, "%": 60, "is": 100, "is not": 100,
    "??": 300,
}  # fmt: skip
_NOT, _MINUS = 50, 500
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None, "none": None}
_ESCAPES = ("e", "escape")

Variables = Mapping[str, Any]
Node = Callable[[Variables], Any]


class TemplateError(Exception):
    """A syntax error, or something that the sandbox of the template language forbids."""


class Opaque:
    """A value that templates may hold but neither print nor look into (a PHP enum)."""


class Safe(str):
    """A text that stands in the template itself: it is printed as it is."""

    __slots__ = ()


class Path:
    """A variable, or a member of one.

    Args:
        steps: names and indexes.
    """

    def __init__(self, steps: tuple[Node, ...]) -> None:
        self._steps = steps

    def member(self, step: Node) -> Path:
        """What is inside."""
        return Path((*self._steps, step))

    def find(self, variables: Variables) -> tuple[Any, bool]:
        """The value, and whether there is one."""
        value: Any = variables
        for step in self._steps:
            key = step(variables)
            if isinstance(value, Opaque):
                raise TemplateError("property is not allowed")
            if isinstance(value, Mapping) and key in value:
                value = value[key]
            elif isinstance(value, list) and php.is_int(key) and 0 <= php.to_int(key) < len(value):
                value = value[php.to_int(key)]
            else:
                return None, False
        return value, True

    def __call__(self, variables: Variables) -> Any:
        """The value; a missing one is null."""
        return self.find(variables)[0]


def compile_expression(source: str) -> Node:
    """A closure that computes the expression; raises TemplateError for what is no allowed expression."""
    parser = _Parser(source)
    node = parser.whole()
    if parser.peek():
        raise TemplateError(f"unexpected {parser.peek()!r}")
    return node


def truth(value: Any) -> bool:
    """PHP's idea: "0", the empty text, 0 and an empty list are false."""
    return isinstance(value, Opaque) or (php.to_bool(value) if isinstance(value, str) else bool(value))


class _Parser:
    def __init__(self, source: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        place, source = 0, source.strip()
        while place < len(source):
            match = _TOKEN.match(source, place)
            if match is None or match.lastgroup is None:
                raise TemplateError("syntax")
            self._tokens.append((match.lastgroup, re.sub(r"\s+", " ", match[match.lastgroup])))
            if match.lastgroup == "text":
                self._tokens[-1] = ("text", match["text"])
            place = match.end()
        self._next = 0

    def peek(self) -> str:
        """The next sign or word; empty at the end and before a literal text."""
        kind, token = self._tokens[self._next] if self._next < len(self._tokens) else ("", "")
        return token if kind != "text" else "text"

    def _take(self) -> tuple[str, str]:
        if self._next >= len(self._tokens):
            raise TemplateError("unexpected end")
        self._next += 1
        return self._tokens[self._next - 1]

    def _expect(self, sign: str) -> None:
        if self._take()[1] != sign:
            raise TemplateError(f"{sign!r} is missing")

    def whole(self) -> Node:
        """An expression with its ``? :``."""
        test = self._binary(0)
        if self.peek() == "?:":
            self._take()
            other = self.whole()
            return lambda v: value if truth(value := test(v)) else other(v)
        if self.peek() != "?":
            return test
        self._take()
        yes = self.whole()
        no: Node = lambda v: ""  # noqa: E731 - one of two branches
        if self.peek() == ":":
            self._take()
            no = self.whole()
        return lambda v: yes(v) if truth(test(v)) else no(v)

    def _binary(self, least: int) -> Node:
        left = self._unary()
        while (power := _BINARY.get(self.peek(), -1)) >= least:
            sign = self._take()[1]
            if sign in ("is", "is not"):
                left = self._test(left, sign == "is")
            elif sign == "??":
                left = _otherwise(left, self._binary(power))
            else:
                left = _operation(sign, left, self._binary(power + 1))
        return left

    def _unary(self) -> Node:
        if self.peek() == "not":
            self._take()
            negated = self._binary(_NOT)
            return lambda v: not truth(negated(v))
        if self.peek() == "-":
            self._take()
            number = self._binary(_MINUS)
            return lambda v: -_number(number(v))
        return self._postfix(self._primary())

    def _primary(self) -> Node:
        kind, word = self._take()
        if kind == "text":
            text = Safe(re.sub(r"\\(.)", r"\1", word[1:-1], flags=re.DOTALL))
            return lambda v: text
        if kind == "number":
            value = float(word) if "." in word else int(word)
            return lambda v: value
        if word == "(":
            inner = self.whole()
            self._expect(")")
            return inner
        if kind != "word" or word in _BINARY:
            raise TemplateError(f"unexpected {word!r}")
        if self.peek() == "(":
            raise TemplateError(f"function {word!r} is not allowed")
        if word.lower() in _CONSTANTS:
            constant = _CONSTANTS[word.lower()]
            return lambda v: constant
        return Path((lambda v: word,))

    def _postfix(self, node: Node) -> Node:
        while self.peek() in (".", "[", "|"):
            sign = self._take()[1]
            if sign == "|":
                self._filter()
                continue
            if not isinstance(node, Path):
                raise TemplateError("only variables have members")
            if sign == "[":
                node = node.member(self.whole())
                self._expect("]")
            else:
                kind, name = self._take()
                if kind not in ("word", "number") or self.peek() == "(":
                    raise TemplateError("method is not allowed" if kind == "word" else "syntax")
                node = node.member(_always(name))
        return node

    def _filter(self) -> None:
        """Everything printed is escaped for HTML anyway, and once."""
        name = self._take()[1]
        if name not in _ESCAPES:
            raise TemplateError(f"filter {name!r} is not allowed")
        if self.peek() == "(":
            self._take()
            if self._take()[1] not in ("'html'", '"html"'):
                raise TemplateError("only HTML is written")
            self._expect(")")

    def _test(self, node: Node, wanted: bool) -> Node:
        name = self._take()[1]
        if name == "defined":
            if not isinstance(node, Path):
                raise TemplateError("only variables can be defined")
            path = node
            return lambda v: path.find(v)[1] is wanted
        if name not in _TESTS:
            raise TemplateError(f"there is no test {name!r}")
        test = _TESTS[name]
        return lambda v: test(node(v)) is wanted


_TESTS: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "none": lambda value: value is None,
    "empty": lambda value: (
        value is None or value is False or value == "" or (isinstance(value, list | dict) and not value)
    ),
    "even": lambda value: php.to_int(value) % 2 == 0,
    "odd": lambda value: php.to_int(value) % 2 == 1,
    "iterable": lambda value: isinstance(value, list | dict),
}


def _always(value: Any) -> Node:
    return lambda v: value


def _otherwise(left: Node, right: Node) -> Node:
    return lambda v: right(v) if (value := left(v)) is None else value


def _operation(sign: str, left: Node, right: Node) -> Node:
    if sign == "or":
        return lambda v: truth(left(v)) or truth(right(v))
    if sign == "and":
        return lambda v: truth(left(v)) and truth(right(v))
    operate = _OPERATIONS[sign]
    return lambda v: operate(left(v), right(v))


def _number(value: Any) -> int | float:
    if isinstance(value, Opaque | list | dict) or (isinstance(value, str) and not php.is_numeric(value)):
        raise TemplateError("unsupported operand")
    found: int | float = php.number(php.to_float(value))
    return found


def _divide(left: Any, right: Any) -> Any:
    if not _number(right):
        raise TemplateError("division by zero")
    return php.number(_number(left) / _number(right))


def _modulo(left: Any, right: Any) -> Any:
    if not php.to_int(right):
        raise TemplateError("modulo by zero")
    whole, by = php.to_int(left), php.to_int(right)
    return abs(whole) % abs(by) * (-1 if whole < 0 else 1)


def printed(value: Any) -> str:
    """A value as text; raises TemplateError for what has none."""
    if isinstance(value, list | dict | Opaque):
        raise TemplateError("cannot be printed")
    if value is None or value is False:
        return ""
    return "1" if value is True else str(php.number(value))


def _equal(left: Any, right: Any) -> bool:
    """Loosely: booleans by truth, numbers and numeric texts by value, null as the empty text."""
    if isinstance(left, Opaque) or isinstance(right, Opaque):
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return truth(left) is truth(right)
    if left is None or right is None:
        other = right if left is None else left
        return other == "" if isinstance(other, str) else not truth(other)
    if php.is_numeric(left) and php.is_numeric(right):
        return php.to_float(left) == php.to_float(right)
    if isinstance(left, list | dict) or isinstance(right, list | dict):
        return bool(left == right)
    return str(left) == str(right)


def _less(left: Any, right: Any) -> bool:
    if isinstance(left, Opaque | list | dict) or isinstance(right, Opaque | list | dict):
        return False
    if php.is_numeric(left or 0) and php.is_numeric(right or 0):
        return php.to_float(left) < php.to_float(right)
    return printed(left) < printed(right)


def _inside(left: Any, right: Any) -> bool:
    if isinstance(right, str):
        return printed(left) in right
    values = right.values() if isinstance(right, dict) else right if isinstance(right, list) else ()
    return any(_equal(left, value) for value in values)


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": _less,
    ">": lambda left, right: _less(right, left),
    "<=": lambda left, right: _less(left, right) or _equal(left, right),
    ">=": lambda left, right: _less(right, left) or _equal(left, right),
    "in": _inside,
    "not in": lambda left, right: not _inside(left, right),
    "starts with": lambda left, right: printed(left).startswith(printed(right)),
    "ends with": lambda left, right: printed(left).endswith(printed(right)),
    "+": lambda left, right: php.number(_number(left) + _number(right)),
    "-": lambda left, right: php.number(_number(left) - _number(right)),
    "*": lambda left, right: php.number(_number(left) * _number(right)),
    "/": _divide,
    "%": _modulo,
    "~": lambda left, right: printed(left) + printed(right),
}
