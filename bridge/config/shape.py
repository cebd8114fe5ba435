"""From nodes to checked values: a marshmallow schema says what is right, the nodes say where it is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from bridge.config.fields import SecretField, Words
from bridge.config.problems import Place, Problems, suggest
from bridge.config.yaml import Listing, Node, Scalar, Table, describe

MAX_SECRET_BYTES = 65_536
_FILE = "file:"
_SENSITIVE = re.compile(r"auth|bearer|basic|pass|secret|to?ken|key|credential|login|user", re.IGNORECASE)
_UNKNOWN = "Unknown field."
_MISSING = "Missing data for required field."
_NULL = "Field may not be null."
_OWN_WORDS = {
    "Not a valid string.": "this is not text",
    "Not a valid integer.": "this is not a whole number",
    "Not a valid number.": "this is not a number",
    "Not a valid boolean.": "this is neither true nor false",
    "Not a valid list.": "this is not a list",
    "Invalid input type.": "this is not a mapping",
    "Not a valid mapping type.": "this is not a mapping",
    "Not a valid URL.": "this is not an address",
}


class Unset:
    """Stands for a value whose environment variable is not set: noted already, and not to be judged."""


@dataclass(frozen=True, slots=True)
class Shaper:
    """Applies schemas to nodes.

    Attributes:
        problems: takes what is wrong.
        base: folder that a relative ``file:`` path starts from.
    """

    problems: Problems
    base: Path

    def load(
        self, schema: Schema, node: Node, path: str, *, ignore: Iterable[str] = (), known: Iterable[str] = ()
    ) -> dict[str, Any]:
        """Check a table against a schema.

        Args:
            schema: says what is right.
            node: what the user wrote.
            path: dotted path of the node, for messages.
            ignore: keys that belong to another schema of the same table.
            known: further keys to suggest when one is misspelt.

        Returns:
            The fields that are right; those that are wrong are missing.
        """
        if not isinstance(node, Table):
            self.expected(node, "a mapping", path, f"write {', '.join(sorted(schema.fields)[:3])}: … below it")
            return {}
        ignored = set(ignore)
        data, blind = self._table(schema, node, path, ignored)
        try:
            loaded = schema.load(data, unknown=RAISE)
        except ValidationError as error:
            messages = error.messages if isinstance(error.messages, dict) else {}
            loaded = error.valid_data if isinstance(error.valid_data, dict) else {}
            wrong = {name: value for name, value in messages.items() if name not in blind}
            self._report(wrong, schema, node, path, {*keys_of(schema), *ignored, *known})
        return {name: value for name, value in dict(loaded).items() if name not in blind}

    def expected(self, node: Node, what: str, path: str, hint: str) -> None:
        """Note that a node is of the wrong kind."""
        place = replace(node.place, path=path)
        value = None if _hides(path) or not isinstance(node, Scalar) else node.written or None
        self.problems.error(place, f"{what} is needed here, and this is {describe(node)}", value=value, hint=hint)

    def secret(self, node: Scalar, path: str) -> str | None:
        """The text of a secret, read from its file when it says so; None when that failed and is noted."""
        if node.unset:
            return None
        text = node.text if node.value is not None else ""
        if text.startswith(_FILE):
            text = self._read_secret(text.removeprefix(_FILE), replace(node.place, path=path)) or ""
            if not text:
                return None
        self.problems.hide(text)
        return text

    def _table(self, schema: Schema, node: Table, path: str, ignored: set[str]) -> tuple[dict[str, Any], set[str]]:
        data: dict[str, Any] = {}
        blind: set[str] = set()
        keys = keys_of(schema)
        for entry in node:
            name = entry.key.text
            if name in ignored:
                continue
            value = self._plain(entry.value, keys.get(name), join(path, name))
            if isinstance(value, Unset):
                blind.add(name)
            else:
                data[name] = value
        return data, blind

    def _plain(self, node: Node, field: Any, path: str) -> Any:
        """Python data; text wherever the schema wants text, so that ``id: 012`` keeps its zero."""
        if isinstance(node, Table):
            return self._plain_table(node, field, path)
        if isinstance(node, Listing):
            inner = field.inner if isinstance(field, fields.List) else field
            items = [self._plain(item, inner, f"{path}[{index}]") for index, item in enumerate(node.items)]
            return Unset() if any(isinstance(item, Unset) for item in items) else items
        if node.unset:
            return Unset()
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, SecretField):
            text = self.secret(node, path)
            return Unset() if text is None else text
        wants_text = isinstance(inner, fields.String | Words)
        return node.text if wants_text and node.value is not None else node.value

    def _plain_table(self, node: Table, field: Any, path: str) -> Any:
        inner: Mapping[str, Any] = {}
        every = None
        if isinstance(field, fields.Nested):
            inner = keys_of(field.schema)
        elif isinstance(field, fields.Dict):
            every = field.value_field
        items = {
            entry.key.text: self._plain(entry.value, inner.get(entry.key.text, every), join(path, entry.key.text))
            for entry in node
        }
        return Unset() if any(isinstance(item, Unset) for item in items.values()) else items

    def _read_secret(self, name: str, place: Place) -> str | None:
        file = self.base / Path(name).expanduser() if name else self.base
        try:
            with file.open("rb") as stream:
                raw = stream.read(MAX_SECRET_BYTES + 1)
            text = raw.decode("utf-8").strip()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
            self.problems.error(place, f"the secret's file cannot be read: {why}", value=f"{_FILE}{name}")
            return None
        if not text or len(raw) > MAX_SECRET_BYTES:
            why = "is empty" if not text else f"is larger than {MAX_SECRET_BYTES} bytes"
            self.problems.error(place, f"the secret's file {why}", value=f"{_FILE}{name}", hint="is it the right file?")
            return None
        return text

    def _report(self, messages: Mapping[Any, Any], schema: Schema, node: Table, path: str, known: set[str]) -> None:
        keys = keys_of(schema)
        for name, said in messages.items():
            entry = node.entries.get(str(name))
            below = join(path, str(name)) if name != "_schema" else path
            if isinstance(said, Mapping):
                self._descend(said, keys.get(str(name)), entry.value if entry else node, below)
                continue
            for message in said if isinstance(said, list) else [said]:
                if message == _UNKNOWN and entry:
                    hint = suggest(str(name), known, noun="known keys")
                    self.problems.error(replace(entry.key.place, path=below), f"unknown key {name!r}", hint=hint)
                elif message == _MISSING:
                    why = f"the key {name!r} is missing"
                    hint = keys[str(name)].metadata.get("hint", f"add '{name}: …'")
                    self.problems.error(replace(node.place, path=path), why, hint=hint)
                else:
                    self._say(message, entry.value if entry else node, below, keys.get(str(name)))

    def _descend(self, said: Mapping[Any, Any], field: Any, node: Node, path: str) -> None:
        """Follow marshmallow's nested messages down to the node they are about."""
        nested = field.inner if isinstance(field, fields.List) else field
        if isinstance(node, Table) and isinstance(nested, fields.Nested):
            self._report(said, nested.schema, node, path, set(keys_of(nested.schema)))
            return
        for step, inner in said.items():
            child, below = _child(node, step, path)
            if isinstance(inner, Mapping):
                self._descend(inner, nested, child, below)
            else:
                for message in inner if isinstance(inner, list) else [inner]:
                    self._say(message, child, below, nested)

    def _say(self, message: Any, node: Node, path: str, field: Any) -> None:
        hint = getattr(message, "hint", None) or getattr(field, "metadata", {}).get("hint")
        why = str(message)
        if why == _NULL:
            why, hint = "this is empty", "write a value or remove the key"
        why = _OWN_WORDS.get(why, why)
        inner = field.inner if isinstance(field, fields.List) else field
        hidden = isinstance(inner, SecretField) or _hides(path) or not isinstance(node, Scalar)
        value = None if hidden or not isinstance(node, Scalar) or not node.written else node.written
        self.problems.error(replace(node.place, path=path), why, value=value, hint=hint)


def keys_of(schema: Schema) -> dict[str, Any]:
    """The keys that a schema takes, as they are written, with their fields."""
    return {field.data_key or name: field for name, field in schema.fields.items()}


def join(path: str, name: str) -> str:
    """``path.name``."""
    return f"{path}.{name}" if path else name


def _child(node: Node, step: Any, path: str) -> tuple[Node, str]:
    if isinstance(node, Listing) and isinstance(step, int) and step < len(node.items):
        return node.items[step], f"{path}[{step}]"
    if isinstance(node, Table) and step in node.entries:
        return node.entries[str(step)].value, join(path, str(step))
    return node, path  # marshmallow's own steps ("key", "value", "_schema") and the only item of a list


def _hides(path: str) -> bool:
    """True where a secret may stand, by the name of the key or because a whole entry is a bare value."""
    parts = path.split(".")
    is_bare_entry = len(parts) <= 2 and parts[0] in ("sources", "destinations")
    return is_bare_entry or bool(_SENSITIVE.search(path.partition(".")[2].partition(".")[2] or path))
