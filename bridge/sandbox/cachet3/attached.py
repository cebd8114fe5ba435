"""Components attached to an incident or schedule, each with the impact on it."""

from __future__ import annotations

from typing import Any

from bridge.sandbox import php
from bridge.sandbox.cachet3.call import Call
from bridge.sandbox.cachet3.checks import ARRAY, INTEGER, Field, distinct
from bridge.sandbox.cachet3.components import STATUS, known_in


def fields(call: Call) -> dict[str, Field]:
    """The rules for ``components`` and for each of its items."""
    value = call.input.get("components")
    items: dict[str, Any] = {}
    if isinstance(value, list):
        items = {str(i): item for i, item in enumerate(value)}
    elif isinstance(value, dict):
        items = value
    ids = [item.get("id") for item in items.values() if isinstance(item, dict)]
    number = Field((INTEGER, known_in(call.world.components), distinct(ids)), required=True)
    rules = {"components": Field((ARRAY,))}
    for key in items:
        rules[f"components.{key}"] = Field((ARRAY,))
        rules[f"components.{key}.id"] = number
        rules[f"components.{key}.status"] = Field((STATUS,), required=True)
    return rules


def read(call: Call) -> dict[int, int]:
    """Component id → impact, as sent."""
    value = call.input.get("components") or []
    items = value.values() if isinstance(value, dict) else value
    return {php.to_int(item["id"]): php.to_int(item["status"]) for item in items}
