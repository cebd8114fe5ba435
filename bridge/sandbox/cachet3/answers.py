"""Errors of Cachet 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bridge.sandbox.reasons import reason

MESSAGES = {
    401: "Unauthenticated.",
    403: "Invalid ability provided.",
    404: "",
    422: "The given data was invalid.",
    429: "Too Many Attempts.",
    500: "Server Error",
}


class ApiError(Exception):
    """An answer that is an error.

    Args:
        status: HTTP status.
        message: instead of the status's usual one.
        errors: field → messages, of a failed validation.
        routing: True when no route was found, which is answered in HTML unless JSON is asked for.
    """

    def __init__(
        self,
        status: int,
        message: str | None = None,
        errors: Mapping[str, Sequence[str]] | None = None,
        routing: bool = False,
    ) -> None:
        self.status = status
        self.message = MESSAGES.get(status, reason(status)) if message is None else message
        self.errors = errors
        self.routing = routing
        super().__init__(status, self.message)

    def body(self) -> dict[str, Any]:
        """The JSON of the error."""
        if self.errors is None:
            return {"message": self.message}
        return {"message": self.message, "errors": {field: list(texts) for field, texts in self.errors.items()}}


def missing(model: str, number: str) -> ApiError:
    """The error for a record that does not exist or may not be seen."""
    return ApiError(404, f"No query results for model [Cachet\\Models\\{model}] {number}")


def invalid(errors: Mapping[str, Sequence[str]]) -> ApiError:
    """A failed validation: the first message, and how many more there are."""
    texts = [message for field in errors.values() for message in field]
    more = len(texts) - 1
    suffix = f" (and {more} more error{'s' if more > 1 else ''})" if more else ""
    return ApiError(422, texts[0] + suffix, errors)
