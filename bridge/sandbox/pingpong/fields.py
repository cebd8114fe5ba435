"""Declared body fields with the checks and the sentences of Django REST framework."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bridge.sandbox.pingpong.http import Refusal

_TRUE = frozenset({"t", "y", "yes", "true", "on", "1"})
_FALSE = frozenset({"f", "n", "no", "false", "off", "0"})
_MOMENT_FORMATS = "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]"
KEEP = object()
"""Default of a field that stays unset when it is not sent."""


class Wrong(Exception):
    """A value is refused; ``problem`` is what stands under the field's name in the error body."""

    def __init__(self, problem: Any) -> None:
        self.problem = problem if not isinstance(problem, str) else [problem]
        super().__init__(str(problem))


@dataclass(frozen=True)
class Field:
    """One writable field.

    Attributes:
        read: checks and converts a value that is not null, or raises :class:`Wrong`.
        required: must be sent when the object is made.
        nullable: null is a value; it is stored as ``null_means`` says (called when needed).
        default: value of a PUT that resets what it does not name.
        kind: type as OPTIONS tells it.
        info: further facts for OPTIONS.
    """

    name: str
    read: Callable[[Any], Any]
    required: bool = False
    nullable: bool = False
    default: Any = KEEP
    kind: str = "string"
    info: Mapping[str, Any] = field(default_factory=dict)

    def describe(self) -> dict[str, Any]:
        """The field as OPTIONS tells it."""
        label = self.name.replace("_", " ").capitalize()
        return {"type": self.kind, "required": self.required, "read_only": False, "label": label, **self.info}


def read_fields(fields: Iterable[Field], raw: Any, *, creating: bool, resetting: bool = False) -> dict[str, Any]:
    """The checked values. Fields that are not known are ignored without a word.

    Args:
        fields: the declared fields.
        raw: the decoded body.
        creating: needed fields must be there.
        resetting: a PUT that sets what it does not name to the defaults.

    Raises:
        Refusal: 400 with every problem.
    """
    if not isinstance(raw, Mapping):
        kind = type(raw).__name__
        raise Refusal(400, {"non_field_errors": [f"Invalid data. Expected a dictionary, but got {kind}."]})
    values: dict[str, Any] = {}
    problems: dict[str, Any] = {}
    for spec in fields:
        if spec.name not in raw:
            if spec.required and (creating or resetting):
                problems[spec.name] = ["This field is required."]
            elif resetting and spec.default is not KEEP:
                values[spec.name] = spec.default
            continue
        try:
            values[spec.name] = _read_one(spec, raw[spec.name])
        except Wrong as wrong:
            problems[spec.name] = wrong.problem
    if problems:
        raise Refusal(400, problems)
    return values


def _read_one(spec: Field, value: Any) -> Any:
    if value is None:
        if not spec.nullable:
            raise Wrong("This field may not be null.")
        return None
    return spec.read(value)


def read_text(value: Any, limit: int | None = None, *, blank: bool = False) -> str:
    """A string: trimmed, then measured in code points."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Wrong("Not a valid string.")
    text = str(value)
    if "\x00" in text:
        raise Wrong("Null characters are not allowed.")
    text = text.strip()
    if not text and not blank:
        raise Wrong("This field may not be blank.")
    if limit is not None and len(text) > limit:
        raise Wrong(f"Ensure this field has no more than {limit} characters.")
    return text


def text(name: str, limit: int | None = None, *, blank: bool = False, **options: Any) -> Field:
    """A text field of at most ``limit`` characters."""
    info = {"max_length": limit} if limit else {}
    return Field(name, lambda value: read_text(value, limit, blank=blank), info=info, **options)


def read_choice(value: Any, words: Iterable[str], *, exact: bool) -> str:
    """One of the words in its canonical spelling."""
    if isinstance(value, str):
        for word in words:
            if value == word or (not exact and value.strip().lower() == word.lower()):
                return word
    shown = value if isinstance(value, str | int | float) else str(value)
    raise Wrong(f'"{shown}" is not a valid choice.')


def choice(name: str, words: tuple[str, ...], *, exact: bool = False, **options: Any) -> Field:
    """A field that takes one of the words, in any case unless ``exact``."""
    info = {"choices": [{"value": word, "display_name": word} for word in words]}
    return Field(name, lambda value: read_choice(value, words, exact=exact), kind="choice", info=info, **options)


def _read_flag(value: Any) -> bool:
    word = str(value).lower() if isinstance(value, bool | int | float | str) else ""
    if word in _TRUE | {"1.0"}:
        return True
    if word in _FALSE | {"0.0"}:
        return False
    raise Wrong("Must be a valid boolean.")


def flag(name: str, **options: Any) -> Field:
    """A boolean; the framework understands many spellings."""
    return Field(name, _read_flag, kind="boolean", **options)


def read_moment(value: Any) -> datetime:
    """A time. Offsets are converted, naive times taken as UTC, fractions dropped."""
    try:
        if not isinstance(value, str) or len(value) <= len("2024-01-01"):
            raise ValueError(value)
        parsed = datetime.fromisoformat(value.strip())
        aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        return aware.astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        text = f"Datetime has wrong format. Use one of these formats instead: {_MOMENT_FORMATS}."
        raise Wrong(text) from error


def moment(name: str, **options: Any) -> Field:
    """A time field."""
    return Field(name, read_moment, kind="datetime", **options)


def read_list(value: Any, read: Callable[[Any], Any], framework: str) -> list[Any]:
    """A list, each item checked by ``read``.

    The problems of items are told by index; framework 3.12 tells them as a list that is aligned with the input.
    """
    if not isinstance(value, list):
        raise Wrong({"non_field_errors": [f'Expected a list of items but got type "{type(value).__name__}".']})
    items: list[Any] = []
    problems: dict[int, Any] = {}
    for index, item in enumerate(value):
        try:
            items.append(read(item))
        except Wrong as wrong:
            problems[index] = wrong.problem
    if not problems:
        return items
    if framework == "3.12" and all(isinstance(problem, dict) for problem in problems.values()):
        raise Wrong([problems.get(index, {}) for index in range(len(value))])
    raise Wrong({str(index): problem for index, problem in problems.items()})
