"""Recorded exchanges that the sandbox answers otherwise on purpose, each with its reason."""

from __future__ import annotations

_FORM = "recorded without its form body (the program does read form bodies; nothing was sent)"
_ORDER = "a page of a list without ORDER BY: the order was an accident of MariaDB's choice of index"
CACHET2: dict[str, str] = {"044": _FORM, "458": _FORM, "207": _ORDER, "208": _ORDER}
CACHET2_OLD: dict[str, str] = {}
CACHET3: dict[str, str] = {}
