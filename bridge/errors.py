"""Every error of the project, named for what the one who catches it does next.

::

    BridgeError
    ├── ConfigError            bridge.yaml or the environment is wrong: print all problems, exit 2
    ├── StoreError
    │   ├── StoreDown          the store does not answer: 503 to a sender, try again in a worker
    │   ├── StateChanged       another writer was faster: read again and decide again
    │   └── LeaseLost          somebody else holds the lane now: stop at once, write nothing
    ├── SourceError
    │   ├── Unparsable         the body cannot be read at all: 400, the delivery is quarantined whole
    │   └── NotAuthentic       the sender could not prove who it is: 401
    └── ProviderError          a call to a destination failed; carries what was (not) done
        ├── Busy               wait exactly ``retry_after`` seconds; no attempt is counted
        ├── Down               open the circuit of the whole destination
        ├── NotAllowed         pause the destination until somebody acts
        ├── Refused            this one object becomes a dead letter
        ├── Gone               the remote object does not exist any more
        └── Ambiguous          several remote objects match and none may be chosen
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any


class BridgeError(Exception):
    """Base of all errors that statusbridge raises on purpose."""


class ConfigError(BridgeError):
    """The configuration cannot be used.

    Args:
        problems: everything that is wrong, in the order of the file. Each item prints as one line or more.
    """

    def __init__(self, problems: Sequence[Any]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class StoreError(BridgeError):
    """Something about the store."""


class StoreDown(StoreError):
    """The store cannot be reached, is loading, or refuses writes."""


class StateChanged(StoreError):
    """The state moved between reading and writing; nothing was written."""


class LeaseLost(StoreError):
    """The lane's lease ran out or was taken over; nothing was written."""


class SourceError(BridgeError):
    """Something about a delivery."""


class Unparsable(SourceError):
    """The body cannot be parsed at all.

    Args:
        reason: one sentence for the sender and the operator; holds no content of the body.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class NotAuthentic(SourceError):
    """The request does not prove that it comes from its source."""


class Outcome(StrEnum):
    """What is known about the effect of a failed call."""

    NOT_DONE = "not_done"
    """The request was never sent, or the provider's answer proves that nothing changed."""
    UNKNOWN = "unknown"
    """The request left this machine and no proof of its effect came back."""


class ProviderError(BridgeError):
    """A call to a destination failed.

    Args:
        message: what happened, in words for a person, without secrets.
        outcome: whether the call may have had an effect.
        status: HTTP status of the answer, if there was one.
        detail: the provider's own words (at most 500 characters), if there were any.
        request_id: the provider's id of the request, if it told one.
        where: method and path of the call, without query and host.
    """

    def __init__(
        self,
        message: str,
        *,
        outcome: Outcome = Outcome.NOT_DONE,
        status: int | None = None,
        detail: str | None = None,
        request_id: str | None = None,
        where: str | None = None,
    ) -> None:
        self.message = message
        self.outcome = outcome
        self.status = status
        self.detail = detail
        self.request_id = request_id
        self.where = where
        super().__init__(message)

    def __str__(self) -> str:
        parts = [self.message]
        if self.where:
            parts.append(f"on {self.where}")
        if self.status is not None:
            parts.append(f"(HTTP {self.status})")
        text = " ".join(parts)
        return f"{text}: {self.detail}" if self.detail else text


class Busy(ProviderError):
    """The destination, or our own budget for it, says: later.

    Args:
        retry_after: seconds to wait before the next call to this destination.
    """

    def __init__(self, message: str, *, retry_after: float, **fields: Any) -> None:
        self.retry_after = retry_after
        super().__init__(message, **fields)


class Down(ProviderError):
    """The destination cannot be reached or answers 5xx."""


class NotAllowed(ProviderError):
    """The credentials are refused (401, 403)."""


class Refused(ProviderError):
    """The provider refuses this object for good (400, 409, 422, 404 on a parent)."""


class Gone(ProviderError):
    """The remote object is not there any more (404 on read or update)."""


class Ambiguous(ProviderError):
    """More than one remote object matches, so none may be adopted.

    Args:
        matches: remote ids of the candidates.
    """

    def __init__(self, message: str, *, matches: Sequence[str], **fields: Any) -> None:
        self.matches = tuple(matches)
        super().__init__(message, **fields)
