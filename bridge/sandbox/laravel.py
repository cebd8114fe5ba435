"""What both Cachets have from Laravel, the framework they are written with: how input comes in and rows are saved."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from flask import Request

from bridge.sandbox import php
from bridge.sandbox.table import Row


def save(row: Row, changes: dict[str, Any], now: datetime) -> bool:
    """Write changed columns; ``updated_at`` moves only when something did change."""
    dirty = {key: value for key, value in changes.items() if row.get(key) != value}
    if dirty:
        row.update(dirty, updated_at=now)
    return bool(dirty)


def read_input(request: Request) -> dict[str, Any]:
    """Body and query as one mapping, the body winning; a broken or non-object JSON body counts as empty."""
    query = php.parse_query(request.query_string.decode())
    if request.method in ("GET", "HEAD"):
        return query
    kind = (request.content_type or "").lower()
    body: Any = {}
    if "/json" in kind or "+json" in kind:
        try:
            body = json.loads(request.get_data() or b"{}")
        except ValueError:
            body = {}
    elif kind.startswith("application/x-www-form-urlencoded"):
        body = php.parse_query(request.get_data().decode(errors="replace"))
    elif kind.startswith("multipart/form-data"):
        body = request.form.to_dict()
    return {**query, **body} if isinstance(body, dict) else query
