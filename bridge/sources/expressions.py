"""JMESPath expressions in bridge.yaml: compiled and checked at start, evaluated on what senders send."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError, JMESPathTypeError, ParseError
from jmespath.functions import Functions
from marshmallow import ValidationError, fields

from bridge.config.fields import wrong
from bridge.config.problems import suggest

_HINT = "see https://jmespath.org; a text stands in single quotes, a word with '-' or '.' in it in double quotes"
_LONGEST = 2_000
_DEPTH = 50
_KINDS = {"int": "number", "float": "number", "str": "string", "bool": "boolean", "NoneType": "null", "list": "array"}


class Expression(fields.String):
    """A JMESPath expression, as the compiled expression."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        return compiled(str(super()._deserialize(value, attr, data, **kwargs)))


class Expressions(fields.Field[Any]):
    """A JMESPath expression that gives an object, or an object of names and expressions."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, dict):
            return compiled(str(value))
        found, messages = {}, {}
        for name, expression in value.items():
            try:
                found[str(name)] = compiled(str(expression))
            except ValidationError as error:
                messages[str(name)] = error.messages
        if messages:
            raise ValidationError(messages)
        return found


def compiled(text: str) -> Any:
    """The compiled expression.

    Raises:
        ValidationError: with a hint, when it is none or calls a function that does not exist.
    """
    if not text.strip() or len(text) > _LONGEST:
        raise wrong("this expression is empty or too long", _HINT)
    try:
        expression = jmespath.compile(text)
        _check_functions(expression.parsed)
    except ParseError as error:
        at = error.lex_position + 1 if isinstance(error.lex_position, int) else len(text)
        raise wrong(f"this is not a JMESPath expression, as its character {at} shows", _HINT) from None
    except (JMESPathError, ValueError):
        raise wrong("this is not a JMESPath expression", _HINT) from None
    except RecursionError:
        raise wrong("this expression is nested too deeply", _HINT) from None
    return expression


def evaluate(name: str, expression: Any, document: Any) -> Any:
    """What an expression gives on a document; None when there is nothing.

    Args:
        name: of the setting, for the message.
        expression: as :func:`compiled` gave it.
        document: plain JSON data.

    Raises:
        ValidationError: naming the setting; never with content of the document.
    """
    try:
        return expression.search(document)
    except JMESPathTypeError as error:
        kind = _KINDS.get(error.actual_type, error.actual_type)
        why = f"its expression cannot apply {error.function_name}() to a value of the type {kind}."
    except RecursionError:
        why = "its expression meets data that is nested too deeply."
    except Exception as error:  # a library that evaluates foreign data in many ways
        why = f"its expression fails on this body ({type(error).__name__})."
    raise ValidationError({name: [why]})


def is_true(value: Any) -> bool:
    """Whether JMESPath takes a value for true: everything but null, false, and what is empty. Numbers are true."""
    return value is not None and value is not False and value not in ("", [], {})


def _check_functions(node: Any) -> None:
    known = Functions.FUNCTION_TABLE
    for call in _calls(node, 0):
        if call["value"] not in known:
            raise wrong(f"there is no function {call['value']}()", suggest(call["value"], known, noun="functions"))
        signature = known[call["value"]]["signature"]
        given, needed = len(call["children"]), len(signature)
        is_variadic = bool(signature) and bool(signature[-1].get("variadic"))
        if given < needed or (given > needed and not is_variadic):
            raise wrong(f"{call['value']}() takes {needed} argument{'' if needed == 1 else 's'}", _HINT)


def _calls(node: Any, depth: int) -> Iterator[Mapping[str, Any]]:
    if depth > _DEPTH:
        raise RecursionError
    if isinstance(node, dict):
        if node.get("type") == "function_expression":
            yield node
        for child in node.get("children", ()):
            yield from _calls(child, depth + 1)
