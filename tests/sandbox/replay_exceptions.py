"""Recorded exchanges that the sandbox is not compared with, each with its reason. At present there is none."""

from __future__ import annotations

CACHET2: dict[str, str] = {}
CACHET2_OLD: dict[str, str] = {}
CACHET3: dict[str, str] = {}

WITHOUT_BODY = frozenset({"044", "458"})
"""Exchanges of 2.4 that name a form which was not sent, as their answers tell; they are sent as they were. (That the
program reads forms was seen elsewhere; ``test_cachet2.py`` holds the sandbox to it.)"""
