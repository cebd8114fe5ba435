"""``POST /hooks/<source>``: authenticate, read, parse, keep; a 202 means that the events are on disk.

Which answer a sender gets decides what it does next. Nearly all of them drop a message on a 4xx and send it again on a
503, so 503 is the answer to everything that is not the sender's fault, and there is never a 429 or a 500.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from flask import Blueprint, Response, request

from bridge.clock import Clock
from bridge.config.settings import AuthKind, AuthSettings, Settings
from bridge.errors import NotAuthentic, StoreError, Unparsable
from bridge.ids import new_id
from bridge.model.enums import Action
from bridge.model.events import Delivery, Parsed
from bridge.sources import registry
from bridge.sources.auth import authenticate
from bridge.sources.base import SourceType
from bridge.store import Accepted, Store
from bridge.web.body import CutOff, TooLarge, read_body
from bridge.web.errors import problem, store_away, whereabouts
from bridge.web.refusals import Refusals

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
_CHALLENGES: Mapping[AuthKind, str] = {
    AuthKind.BEARER: 'Bearer realm="statusbridge"',
    AuthKind.BASIC: 'Basic realm="statusbridge", charset="UTF-8"',
}
_SECRET_PARAMETER = re.compile(r"pass|token|secret|key|auth|signature|\bsig\b", re.IGNORECASE)
_MOST_REASONS = 10
_LONGEST_SENDER_ID = 200
_log = structlog.get_logger("statusbridge.web.hooks")


@dataclass(frozen=True, slots=True)
class Hook:
    """One source that takes deliveries."""

    name: str
    auth: AuthSettings
    kind: SourceType


def hooks_of(settings: Settings) -> Mapping[str, Hook]:
    """The hooks that a configuration asks for, by name of the source.

    Raises:
        ConfigError: when a source type cannot be loaded.
    """
    return {
        name: Hook(name, source.auth, registry.make(source.type, source.options))
        for name, source in settings.sources.items()
    }


class Receiver:
    """Takes deliveries; one for the whole application.

    Args:
        settings: the sources and the limit of a body.
        store: keeps what was accepted.
        clock: tells when something arrived.
        refusals: counts what was not.
    """

    def __init__(self, settings: Settings, store: Store, clock: Clock, refusals: Refusals) -> None:
        self._hooks = hooks_of(settings)
        self._limit = settings.web.max_body
        self._store = store
        self._clock = clock
        self._refusals = refusals

    def receive(self, source: str, secret: str | None = None) -> Response:
        """The answer to one request on a hook."""
        hook = self._hooks.get(source)
        if hook is None:
            return problem(404, "There is no source of this name; see “sources:” in the configuration.")
        methods = hook.kind.methods
        if request.method not in methods:
            return problem(405, "This source does not use this method.", headers={"Allow": ", ".join(methods)})
        identity = new_id("dlv", self._clock.now())
        try:
            return self._take(hook, secret, identity)
        except StoreError as error:
            _log.warning("store away", source=hook.name, delivery=identity, error=type(error).__name__)
        except Exception as error:  # whatever it is, the sender is to send this again
            name, where = type(error).__name__, whereabouts(error)
            _log.error("delivery failed", source=hook.name, delivery=identity, error=name, where=where)
        return store_away(identity)

    def _take(self, hook: Hook, secret: str | None, identity: str) -> Response:
        environ = request.environ
        try:
            authenticate(hook.auth, environ.get("HTTP_AUTHORIZATION"), secret)
            body = read_body(environ, self._limit)
        except NotAuthentic as error:
            return self._refuse(hook, 401, str(error))
        except TooLarge:
            return self._refuse(hook, 413, f"The body is larger than {self._limit} bytes.")
        except CutOff:
            return self._refuse(hook, 400, "The body ended before it was complete.")
        delivery = _delivery(hook, identity, body, self._clock.now())
        try:
            parsed = hook.kind.parse(delivery)
        except Unparsable as error:
            return self._refuse(hook, 400, error.reason, self._keep_whole(delivery, error.reason))
        return _accepted(self._store.accept(delivery, parsed), parsed)

    def _keep_whole(self, delivery: Delivery, reason: str) -> str | None:
        """Keep what could not be parsed, if that is possible now; the sender is at fault either way."""
        try:
            return self._store.quarantine_whole(delivery, reason)
        except StoreError as error:
            _log.warning("store away", source=delivery.source, delivery=delivery.id, error=type(error).__name__)
            return None

    def _refuse(self, hook: Hook, status: int, message: str, delivery: str | None = None) -> Response:
        self._refusals.add(hook.name, status)
        _log.warning("refused", source=hook.name, status=status, reason=message, delivery=delivery)
        challenge = _CHALLENGES.get(hook.auth.kind) if status == 401 else None
        headers = {"WWW-Authenticate": challenge} if challenge else None
        return problem(status, message, delivery=delivery, headers=headers)


def blueprint(settings: Settings, store: Store, clock: Clock, refusals: Refusals) -> Blueprint:
    """The routes of all hooks."""
    receiver = Receiver(settings, store, clock, refusals)
    routes = Blueprint("hooks", __name__)
    for rule in ("/hooks/<source>", "/hooks/<source>/<secret>"):
        routes.add_url_rule(rule, "receive", receiver.receive, methods=_METHODS, provide_automatic_options=False)
    return routes


def _delivery(hook: Hook, identity: str, body: bytes, now: datetime) -> Delivery:
    environ = request.environ
    query = {}
    if environ.get("QUERY_STRING"):
        query = {name: value for name, value in request.args.items() if not _SECRET_PARAMETER.search(name)}
    sender_id = environ.get("HTTP_IDEMPOTENCY_KEY")
    return Delivery(
        id=identity,
        source=hook.name,
        received_at=now,
        body=body,
        content_type=environ.get("CONTENT_TYPE", ""),
        method=request.method,
        query=query,
        headers={name: value for name in hook.kind.headers if (value := request.headers.get(name)) is not None},
        sender_id=sender_id if sender_id and len(sender_id) <= _LONGEST_SENDER_ID else None,
    )


def _accepted(accepted: Accepted, parsed: Parsed) -> Response:
    """202 with the counts; why something was quarantined is told too, to whoever is trying things out."""
    ignored = sum(event.action is Action.IGNORE for event in parsed.events)
    body: dict[str, Any] = dict(parsed.answer)
    body.update(
        delivery=accepted.delivery,
        events=len(parsed.events) - ignored,
        ignored=ignored,
        quarantined=len(parsed.quarantined),
        duplicate=accepted.duplicate,
    )
    if parsed.quarantined:
        body["reasons"] = [f"{bad.index}: {bad.reason}" for bad in parsed.quarantined[:_MOST_REASONS]]
    if parsed.warnings:
        body["warnings"] = parsed.warnings[:_MOST_REASONS]
    return Response(json.dumps(body) + "\n", 202, content_type="application/json")
