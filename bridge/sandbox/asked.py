"""What somebody asks of the sandbox itself, in the body of a call to ``/_sandbox``."""

from __future__ import annotations

from typing import Any

from flask import request


def read_object() -> dict[str, Any]:
    """The JSON object in the body, whatever its type is said to be; raises ValueError when there is none."""
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise ValueError("the body must be an object in JSON")
    return body
