"""Text that comes through Cachet 2's cleaner whole.

Cachet 2 rewrites nearly every text it takes: it decodes percent codes, takes everything between ``<`` and ``>`` for a
tag, turns the brackets of ``alert(…)`` into entities and drops words such as ``javascript:`` (2.4 source, 84 measured
samples). Only the message of the creating call is kept as it is; but a later PUT sends it through the cleaner as
well, so it is written the same way from the beginning.

Messages are Markdown, where an entity shows as its character. Names are shown as they are, so there a pattern is
broken with an invisible character instead.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bridge.providers.base.text import WORD_JOINER, without_controls

# The cleaner also knows these words with blanks between their letters.
_SPELT = {word: r"\s*".join(word) for word in ("javascript", "vbscript", "jscript", "wscript", "vbs", "expression")}
_SCHEMES = "|".join(_SPELT[word] for word in ("javascript", "vbscript", "jscript", "wscript", "vbs"))
_CALLS = (
    "alert|prompt|confirm|cmd|passthru|eval|exec|system|fopen|fsockopen|file|file_get_contents|readfile|unlink|"
    + _SPELT["expression"]
)
_AUTOLINK = re.compile(r"<((?:https?://|mailto:)[^<>\s]+)>", re.I)

# Each pattern finds the one character without which the cleaner passes by.
_BITES = re.compile(
    "|".join(
        (
            r"%(?=[0-9a-f]{2})",
            rf"(?P<call>(?:{_CALLS})\s*)[(`]",
            rf"(?P<scheme>(?:{_SCHEMES})\s*):",
            r"(?P<data>data\s*):(?=[^,]*base64)",
            r"(?<=document)\.(?=cookie|write)|(?<=window)\.(?=location)|\.(?=parentNode|innerHTML)",
            r"-(?=moz-binding)",
            r"(?P<redirect>redirect)\s(?=\s*30\d)",
        )
    ),
    re.I,
)


@lru_cache(maxsize=512)
def safe_message(markdown: str) -> str:
    """A Markdown text in which everything that the cleaner would touch is an entity.

    Control characters, tabs and blanks at the ends are not kept by Cachet, so they are not sent either.
    """
    text = without_controls(markdown).strip().replace("\t", "    ")
    text = _AUTOLINK.sub(lambda match: match.group(1).removeprefix("mailto:"), text)
    text = _BITES.sub(_as_entity, text).replace("<", "&lt;")
    return re.sub(r"(?<=[-?%\]])>", "&gt;", text)


@lru_cache(maxsize=512)
def safe_name(name: str) -> str:
    """A name in which everything that the cleaner would touch is broken up without a visible trace."""
    return _BITES.sub(_apart, name.replace("<", "‹").replace(">", "›"))


def _as_entity(match: re.Match[str]) -> str:
    found = match.group()
    return f"{found[:-1]}&#{ord(found[-1])};"


def _apart(match: re.Match[str]) -> str:
    """The character between two word joiners: one of them is on the side where the pattern goes on."""
    found = match.group()
    return f"{found[:-1]}{WORD_JOINER}{found[-1]}{WORD_JOINER}"
