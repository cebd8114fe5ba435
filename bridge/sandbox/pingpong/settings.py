"""Switches of the PingPong sandbox: one per thing that is unknown about the real service."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass
class PingPongSettings:
    """Mutable; survives a reset.

    Attributes:
        update_methods: which of PUT and PATCH every update takes; the other answers 405 with ``Allow``.
        put_keeps: a PUT leaves missing fields as they are; otherwise it resets them, and misses needed ones.
        null_status: a component status of null means ``Unknown``; otherwise it is refused.
        maintenance_wins: a running maintenance outranks what an incident imposes.
        exact_words: frequency and update status must be spelt exactly; otherwise the case does not matter.
        reopening: an update may take a resolved incident back.
        check_window: a maintenance must end after it starts.
        cut_names: a maintenance name is cut to 50 characters; otherwise all of the title is kept.
        refuse_unknown_metrics: one unknown id refuses all data points of the call; otherwise it is passed over.
        honour_created_at: a written ``created_at`` of a metric is stored.
        framework: version of the web framework whose error bodies are answered.
        updates_notify: an incident update mails the subscribers.
        wrap_lists: lists come as an object with ``results`` and ``next``.
        page_size: rows of a page of such a list; None puts all rows on one.
        project: name of the project, in every object.
        reported_by: the person whose key is used.
    """

    update_methods: list[str] = field(default_factory=lambda: ["PUT", "PATCH"])
    put_keeps: bool = True
    null_status: bool = True
    maintenance_wins: bool = False
    exact_words: bool = True
    reopening: bool = True
    check_window: bool = True
    cut_names: bool = True
    refuse_unknown_metrics: bool = True
    honour_created_at: bool = True
    framework: Literal["3.12", "3.18"] = "3.18"
    updates_notify: bool = True
    wrap_lists: bool = False
    page_size: int | None = None
    project: str = "Sandbox"
    reported_by: str = "Sandy Box"
