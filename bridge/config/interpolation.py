"""``${NAME}`` and ``${NAME:-default}`` inside values; ``$${`` stands for ``${`` itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.config.problems import Place, Problems, suggest

_REFERENCE = re.compile(r"\$(?P<escaped>\$)?\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}\n]*))?\}")
_CONCEALED = re.compile(r"\$\$?\{[A-Za-z_][A-Za-z0-9_]*(?::-[^}\n\"']*)?\}")
_BROKEN = re.compile(r"(?<!\$)\$\{")
_SHIFT = 0xF0000  # a private plane of Unicode: YAML takes these characters for letters
_SHIFTED = 0xFFFE  # characters below this one fit into the plane


def conceal(text: str) -> str:
    """Hide references from the YAML parser, character for character, so that columns stay true.

    In ``{bearer: ${TOKEN}}`` YAML itself would take the inner braces for a mapping.
    """
    return _CONCEALED.sub(lambda match: "".join(_shift(char) for char in match[0]), text)


def disclose(text: str) -> str:
    """The inverse of :func:`conceal`."""
    return "".join(chr(ord(char) - _SHIFT) if _SHIFT <= ord(char) < _SHIFT + _SHIFTED else char for char in text)


def _shift(char: str) -> str:
    return chr(_SHIFT + ord(char)) if ord(char) < _SHIFTED else char


@dataclass(slots=True)
class Interpolation:
    """What ``${NAME}`` stands for.

    Attributes:
        environ: the environment.
        used: names that were looked up.
    """

    environ: Mapping[str, str]
    used: set[str] = field(default_factory=set)

    def apply(self, text: str, place: Place, problems: Problems) -> str | None:
        """Replace every reference.

        Args:
            text: a value as written.
            place: where it is written.
            problems: takes variables that are not set and braces that are not closed.

        Returns:
            The text, or None when it has no value because a variable is not set.
        """
        if "${" not in text:
            return text
        rest = _REFERENCE.sub("", text)
        if _BROKEN.search(rest):
            hint = "write ${NAME} or ${NAME:-default}; $${ stands for ${ itself"
            problems.error(place, "'${' begins no variable here", hint=hint)
        missing = False
        parts, end = [], 0
        for match in _REFERENCE.finditer(text):
            value = self._value(match, place, problems)
            missing = missing or value is None
            parts += [text[end : match.start()], value or ""]
            end = match.end()
        return None if missing else "".join([*parts, text[end:]])

    def _value(self, match: re.Match[str], place: Place, problems: Problems) -> str | None:
        if match["escaped"]:
            return match[0][1:]
        name = match["name"]
        self.used.add(name)
        found = self.environ.get(name)
        if match["default"] is not None:
            return found or match["default"]
        if found is None:
            near = suggest(name, (known for known in self.environ if _alike(known, name)))
            more = f"; {near}" if near.startswith("did you mean") else ""
            hint = f"export {name}=… before starting, or give a default: ${{{name}:-default}}{more}"
            problems.error(place, f"the environment variable {name} is not set", hint=hint)
        return found


def _alike(known: str, name: str) -> bool:
    return known.isupper() and known.partition("_")[0] == name.partition("_")[0]
