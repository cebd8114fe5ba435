"""Recorded exchanges that the sandbox is not compared with, each with its reason."""

from __future__ import annotations

_FORM = "recorded without its form body (the program does read form bodies; nothing was sent)"
_ORDER = "a page of a list without ORDER BY: the order was an accident of MariaDB's choice of index"
_UNSEEN = "shows rows that were made outside of the recording"

CACHET2: dict[str, str] = {"044": _FORM, "207": _ORDER, "208": _ORDER, "430": _UNSEEN, "458": _FORM}
CACHET2_OLD: dict[str, str] = {}
CACHET3: dict[str, str] = {}
