"""Columns that the validation does not know to be narrow."""

from __future__ import annotations

from bridge.sandbox.cachet3.answers import ApiError
from bridge.sandbox.cachet3.call import Call

DESCRIPTION_WIDTH = 255


def check_widths(call: Call) -> None:
    """A long description is an unhandled database error on MariaDB; SQLite takes it."""
    text = call.input.get("description")
    if call.settings.database == "mariadb" and isinstance(text, str) and len(text) > DESCRIPTION_WIDTH:
        raise ApiError(500)
