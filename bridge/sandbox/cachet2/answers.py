"""Envelopes and errors of Cachet 2."""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from bridge.sandbox import php

ERRORS = {
    400: ("Bad Request", "The request cannot be fulfilled due to bad syntax."),
    401: ("Unauthorized", "Authentication is required and has failed or has not yet been provided."),
    403: ("Forbidden", "The request was a valid request, but the server is refusing to respond to it."),
    404: ("Not Found", "The requested resource could not be found but may be available again in the future."),
    405: (
        "Method Not Allowed",
        "A request was made of a resource using a request method not supported by that resource.",
    ),
    409: ("Conflict", "The request could not be processed because of conflict in the request."),
    420: ("Error", "An error has occurred and this resource cannot be displayed."),
    422: ("Unprocessable Entity", "The request was well-formed but was unable to be followed due to semantic errors."),
    429: ("Too Many Requests", "The user has sent too many requests in a given amount of time."),
    500: ("Internal Server Error", "An error has occurred and this resource cannot be displayed."),
    502: ("Bad Gateway", "The server received an invalid response from the upstream server."),
    503: (
        "Service Unavailable",
        "The server is currently unavailable. It may be overloaded or down for maintenance.",
    ),
}
MODEL = "No query results for model [CachetHQ\\Cachet\\Models\\{}]."


class ApiError(Exception):
    """An answer that is an error.

    Args:
        status: HTTP status.
        details: messages of a failed validation; None when there are none to tell.
        detail: text instead of the status's usual one.
        allow: methods for the ``Allow`` header of a 405.
    """

    def __init__(
        self, status: int, details: Sequence[str] | None = None, detail: str | None = None, allow: str | None = None
    ) -> None:
        self.status = status
        self.details = details
        self.detail = detail
        self.allow = allow
        super().__init__(status)


def missing(model: str) -> ApiError:
    """The error for a record that does not exist."""
    return ApiError(404, detail=MODEL.format(model))


def error_body(error: ApiError, rng: Random) -> dict[str, Any]:
    """The JSON of an error; its id is drawn from the sandbox's seed."""
    title, usual = ERRORS.get(error.status, ("Error", ERRORS[500][1]))
    body: dict[str, Any] = {
        "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "status": error.status,
        "title": title,
        "detail": error.detail or usual,
    }
    if error.details is not None:
        body["meta"] = {"details": list(error.details)}
    return {"errors": [body]}


@dataclass(frozen=True)
class Window:
    """Which part of a list is asked for."""

    per_page: int
    page: int


def page_body(
    rows: Sequence[Any], total: int, window: Window, url: str, query: dict[str, Any], empty_pages: int
) -> dict[str, Any]:
    """The list envelope; links keep the other query keys and put ``page`` last.

    Args:
        rows: the shown rows of this page.
        total: how many there are on all pages.
        window: the page.
        url: absolute address of the list without query.
        query: the request's query.
        empty_pages: what ``total_pages`` is for an empty list (2.4: 1, 2.3: 0).
    """
    pages = math.ceil(total / window.per_page) or empty_pages
    rest = {key: value for key, value in query.items() if key != "page"}

    def link(page: int) -> str:
        return f"{url}?{php.build_query({**rest, 'page': page})}"

    links = {
        "next_page": link(window.page + 1) if window.page < pages else None,
        "previous_page": link(window.page - 1) if window.page > 1 else None,
    }
    pagination = {
        "total": total, "count": len(rows), "per_page": window.per_page, "current_page": window.page,
        "total_pages": pages, "links": links,
    }  # fmt: skip
    return {"meta": {"pagination": pagination}, "data": list(rows)}
