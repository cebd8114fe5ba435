"""What the planner decides and a provider performs. Each action is at most one writing call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bridge.model.facts import AppendWanted, Echo, FindBy, ObjectKey


class Reason(StrEnum):
    """Why the planner decided what it decided; shown by ``explain``, counted in metrics."""

    FIRST = "first"
    CHANGED = "changed"
    NEW_UPDATE = "new_update"
    IN_SYNC = "in_sync"
    LEFT_ALONE = "left_alone"
    ADOPTED_BY_ID = "adopted_by_id"
    ADOPTED_BY_NAME = "adopted_by_name"
    FOUND_AFTER_LOST_ANSWER = "found_after_lost_answer"
    NOT_FOUND_AFTER_LOST_ANSWER = "not_found_after_lost_answer"
    WAITING_FOR_LATE_COMMIT = "waiting_for_late_commit"
    WAITING_FOR_PAUSE = "waiting_for_pause"
    DRIFT = "drift"
    GONE_RECREATE = "gone_recreate"
    GONE_FORGET = "gone_forget"
    DEAD_LETTER = "dead_letter"
    NOT_WANTED = "not_wanted"


@dataclass(frozen=True, slots=True)
class Create:
    """Make the remote object. ``opening`` is the update that the body carries as its message."""

    key: ObjectKey
    body: Mapping[str, Any]
    find: FindBy
    echo: Echo
    opening: str | None
    reason: Reason
    name = "create"


@dataclass(frozen=True, slots=True)
class Update:
    """Write the remote object's own fields, all of them."""

    key: ObjectKey
    remote_id: str
    body: Mapping[str, Any]
    echo: Echo
    reason: Reason
    name = "update"


@dataclass(frozen=True, slots=True)
class Append:
    """Add one incident update; or say something about an earlier one, whose remote id is ``about``."""

    key: ObjectKey
    remote_id: str
    append: AppendWanted
    reason: Reason = Reason.NEW_UPDATE
    about: str | None = None
    name = "append"


@dataclass(frozen=True, slots=True)
class Remove:
    """Delete the remote object."""

    key: ObjectKey
    remote_id: str
    reason: Reason = Reason.NOT_WANTED
    name = "remove"


@dataclass(frozen=True, slots=True)
class Adopt:
    """Take a remote object for ours without a call."""

    key: ObjectKey
    remote_id: str
    echo: Echo
    reason: Reason
    appended: Mapping[str, str] = field(default_factory=dict)
    name = "adopt"


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing to do, and why."""

    key: ObjectKey
    reason: Reason
    name = "nothing"


WritingAction = Create | Update | Append | Remove
PlannedAction = WritingAction | Adopt | Nothing
