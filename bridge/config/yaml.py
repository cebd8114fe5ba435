"""YAML whose every node knows its file, line and column.

Built from PyYAML's events, without recursion and without its implicit types: a plain ``on`` or ``yes`` is a
word, ``012`` and ``12:30`` are words, and only ``true``, ``false``, ``null`` and plain decimal numbers are
more than text. Anchors, aliases and merge keys work; what they may blow up to is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from bridge.config.interpolation import Interpolation, conceal, disclose
from bridge.config.problems import Place, Problems

MAX_BYTES = 1_048_576
MAX_NODES = 100_000
MAX_DEPTH = 30

_INT = re.compile(r"-?(0|[1-9][0-9]{0,17})\Z")
_FLOAT = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+\Z")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_MERGE = "<<"
_TEXT_TAG = "tag:yaml.org,2002:str"

Plain = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value.

    Attributes:
        text: after interpolation.
        written: as it stands in the file.
        plain: False for a quoted or a block scalar, which is always text.
        unset: True when it names an environment variable that is not set; that problem is noted already.
    """

    place: Place
    text: str
    written: str
    plain: bool = True
    unset: bool = False

    @property
    def value(self) -> Plain:
        """The value with its type."""
        if not self.plain:
            return self.text
        if self.text in _WORDS:
            return _WORDS[self.text]
        if _INT.match(self.text):
            return int(self.text)
        return float(self.text) if _FLOAT.match(self.text) else self.text


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a table and what it holds."""

    key: Scalar
    value: Node


@dataclass(slots=True)
class Table:
    """A mapping. Keys are text and unique."""

    place: Place
    entries: dict[str, Entry] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    def get(self, key: str) -> Node | None:
        """What a key holds, None when it is not there."""
        entry = self.entries.get(key)
        return entry.value if entry else None


@dataclass(slots=True)
class Listing:
    """A sequence."""

    place: Place
    items: list[Node] = field(default_factory=list)


Node = Scalar | Table | Listing


def describe(node: Node) -> str:
    """What kind of node this is, for a sentence."""
    if isinstance(node, Table):
        return "a mapping"
    if isinstance(node, Listing):
        return "a list"
    return "empty" if node.value is None else "a single value"


def has_unset(node: Node) -> bool:
    """Whether a variable that is not set is named anywhere in a node."""
    match node:
        case Table():
            return any(has_unset(entry.value) for entry in node)
        case Listing():
            return any(has_unset(item) for item in node.items)
        case _:
            return node.unset


class _Stop(Exception):
    """Reading cannot go on; the problem is noted."""


def parse(raw: bytes, file: str, interpolation: Interpolation, problems: Problems) -> Node | None:
    """Read a YAML document.

    Args:
        raw: the content of the file.
        file: how the user names the file.
        interpolation: what ``${NAME}`` stands for.
        problems: takes what is wrong.

    Returns:
        The document, or None when it is empty or cannot be read.
    """
    text = _decode(raw, file, problems)
    if text is None:
        return None
    try:
        return _Composer(file, interpolation, problems).compose(conceal(text))
    except _Stop:
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)
        said = ", ".join(part for part in (error.context, error.problem) if part)
        problems.error(place, f"this is not YAML: {disclose(said)}", hint=_syntax_hint(said))
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = Place(file, before.count("\n") + 1, error.position - (before.rfind("\n") + 1) + 1)
        problems.error(place, "this character may not stand in YAML", hint="remove the control character")
    except ValueError:
        problems.error(Place(file), "this is not YAML: a number or an escape in it is out of range")
    return None


def _decode(raw: bytes, file: str, problems: Problems) -> str | None:
    if len(raw) > MAX_BYTES:
        problems.error(Place(file), f"the file is larger than {MAX_BYTES} bytes", hint="is it the right file?")
        return None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        column = error.start - (before.rfind(b"\n") + 1) + 1
        problems.error(Place(file, before.count(b"\n") + 1, column), "this is not UTF-8", hint="save it as UTF-8")
        return None


def _syntax_hint(said: str) -> str:
    if "'%'" in said or "'@'" in said or "'`'" in said:
        return "put the value in quotes"
    if "\\t" in said:
        return "indent with spaces, not with tabs"
    return "look for a missing colon, quote or bracket here or on the line above; values with '{{' need quotes"


@dataclass(slots=True)
class _Open:
    """A collection whose end was not seen yet; ``key`` waits for its value."""

    node: Table | Listing
    anchor: str | None
    size: int = 1
    key: Scalar | None = None
    merges: list[Node] = field(default_factory=list)


class _Composer:
    """Turns parser events into nodes with a stack of its own."""

    def __init__(self, file: str, interpolation: Interpolation, problems: Problems) -> None:
        self._file = file
        self._interpolation = interpolation
        self._problems = problems
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._root: Node | None = None
        self._documents = 0

    def compose(self, text: str) -> Node | None:
        """Read all events.

        Raises:
            _Stop: when a bound was hit.
            yaml.YAMLError: when the text is not YAML.
        """
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            self._take(event)
        return self._root

    def _take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._fail(self._place(event), "there is more than one document", "remove the '---' line")
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._check_tag(event)
                place = self._place(event)
                node = Table(place) if isinstance(event, yaml.MappingStartEvent) else Listing(place)
                self._stack.append(_Open(node, event.anchor))
                if len(self._stack) > MAX_DEPTH:
                    self._fail(place, f"this is nested more than {MAX_DEPTH} levels deep", None)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close()
            case yaml.AliasEvent():
                self._refer(event)
            case yaml.ScalarEvent():
                self._check_tag(event)
                scalar = self._scalar(event)
                self._anchor(event.anchor, scalar, 1)
                self._place_in_parent(scalar, 1)

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        written = disclose(event.value)
        place = self._place(event)
        is_key = bool(self._stack) and isinstance(self._stack[-1].node, Table) and self._stack[-1].key is None
        text = written if is_key else self._interpolation.apply(written, place, self._problems)
        return Scalar(place, text or "", written, event.style is None and event.tag is None, unset=text is None)

    def _close(self) -> None:
        done = self._stack.pop()
        if isinstance(done.node, Table):
            for source in done.merges:
                self._merge(done.node, source)
        self._anchor(done.anchor, done.node, done.size)
        self._place_in_parent(done.node, done.size)

    def _refer(self, event: yaml.AliasEvent) -> None:
        found = self._anchors.get(event.anchor or "")
        if found is None:
            self._fail(self._place(event), f"*{event.anchor} refers to no finished &{event.anchor}", None)
            return
        self._place_in_parent(*found)

    def _anchor(self, name: str | None, node: Node, size: int) -> None:
        if name is not None:
            self._anchors[name] = (node, size)

    def _place_in_parent(self, node: Node, size: int) -> None:
        if not self._stack:
            self._root = node
            return
        parent = self._stack[-1]
        parent.size += size
        if parent.size > MAX_NODES:
            self._fail(parent.node.place, f"this holds more than {MAX_NODES} values once aliases are expanded", None)
        if isinstance(parent.node, Listing):
            parent.node.items.append(node)
        elif parent.key is None:
            parent.key = self._key(node)
        else:
            self._enter(parent, parent.key, node)
            parent.key = None

    def _key(self, node: Node) -> Scalar:
        if isinstance(node, Scalar):
            return node
        self._fail(node.place, f"a key is a word, not {describe(node)}", "put a value that begins with '{{' in quotes")
        raise AssertionError

    def _enter(self, parent: _Open, key: Scalar, node: Node) -> None:
        assert isinstance(parent.node, Table)  # noqa: S101 - for the type checker; the caller looked
        if key.plain and key.text == _MERGE:
            parent.merges.append(node)
        elif key.text in parent.node.entries:
            first = parent.node.entries[key.text].key.place
            hint = f"it stands first on line {first.line}; remove one of the two"
            self._problems.error(key.place, f"the key {key.text!r} stands here twice", hint=hint)
        else:
            parent.node.entries[key.text] = Entry(key, node)

    def _merge(self, table: Table, source: Node) -> None:
        for part in source.items if isinstance(source, Listing) else [source]:
            if not isinstance(part, Table):
                self._problems.error(part.place, "'<<' takes a mapping or a list of mappings", hint="write <<: *name")
                continue
            for name, entry in part.entries.items():
                table.entries.setdefault(name, entry)

    def _check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag not in (None, _TEXT_TAG) and event.tag != "!":
            hint = "remove the word that begins with '!'"
            self._problems.error(self._place(event), "tags are not used here", hint=hint)

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(self._file, mark.line + 1, mark.column + 1) if mark else Place(self._file)

    def _fail(self, place: Place, why: str, hint: str | None) -> None:
        self._problems.error(place, why, hint=hint)
        raise _Stop
