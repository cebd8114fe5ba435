"""Incident templates, which Cachet 2 shows and does not take. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.errors import Refused
from bridge.model.facts import Seen
from bridge.model.objects import IncidentTemplate
from bridge.providers.base.moments import moment_of
from bridge.providers.base.text import cleaned_form

READ_ONLY = "Cachet 2's API shows incident templates and takes none: make it in the page's dashboard"


def refusal(obj: IncidentTemplate) -> Refused:
    """Why a template cannot be written."""
    return Refused(f"{obj.id}: {READ_ONLY}")


def seen_template(row: Mapping[str, Any]) -> Seen:
    """A template as Cachet shows it."""
    echo = {name: cleaned_form(str(row.get(name) or "")) for name in ("name", "template")} | {"slug": row.get("slug")}
    return Seen(str(row["id"]), echo, str(row["name"]), None, moment_of(row.get("created_at")), (), dict(row))
