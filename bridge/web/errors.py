"""One shape for every error body, and the one place that makes it.

``{"code": 401, "status": "Unauthorized", "message": "…"}``, on hooks with the id of the delivery. Nothing of the
request is repeated: neither its body nor its path, which may hold a secret.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from http import HTTPStatus

import structlog
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from bridge.errors import StoreError

RETRY_AFTER = 5
"""Seconds after which a sender may try again when the store is away."""

_MESSAGES: Mapping[int, str] = {
    404: "There is nothing at this address.",
    405: "This address does not take this method.",
}
_log = structlog.get_logger("statusbridge.web")


def problem(
    status: int, message: str, *, delivery: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """An error answer in the one shape; a 503 always says when to come back."""
    body: dict[str, object] = {"code": status, "status": HTTPStatus(status).phrase, "message": message}
    if delivery:
        body["delivery"] = delivery
    response = Response(json.dumps(body, ensure_ascii=False) + "\n", status, content_type="application/json")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER)
    response.headers.update(headers or {})
    return response


def store_away(delivery: str | None = None) -> Response:
    """The answer while the store is away."""
    return problem(503, "The store does not answer; please send this again.", delivery=delivery)


def register(app: Flask) -> None:
    """Hand every error of the application to :func:`problem`."""

    def on_http_error(error: HTTPException) -> Response:
        status = error.code or 500
        headers = {"Allow": ", ".join(sorted(allowed))} if (allowed := getattr(error, "valid_methods", None)) else None
        return problem(status, _MESSAGES.get(status, "The request cannot be served."), headers=headers)

    def on_store_error(error: StoreError) -> Response:
        _log.warning("the store is away", error=type(error).__name__)
        return store_away()

    def on_surprise(error: Exception) -> Response:
        _log.error("unexpected error", error=type(error).__name__, where=whereabouts(error))
        return problem(500, "Something unexpected happened; the log has the details.")

    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(StoreError, on_store_error)
    app.register_error_handler(Exception, on_surprise)


def whereabouts(error: BaseException) -> str:
    """Where an error came from: file, line and function of the innermost frames, without any value.

    The error's own text stays out of the log, because it may quote the body of a delivery.
    """
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames)
