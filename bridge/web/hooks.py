"""``POST /hooks/<source>``: authenticate, read, parse, keep; a 202 means that the events are on disk.

Which answer a sender gets decides what it does next. Nearly all of them drop a message on a 4xx and send it again on a
503, so 503 is the answer to everything that is not the sender's fault, and there is never a 429 or a 500.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from flask import Blueprint, Response, request

from bridge.clock import Clock
from bridge.config.schemes import FieldToken
from bridge.config.settings import AuthKind, AuthSettings, Settings, SourceSettings
from bridge.errors import ConfigError, NotAuthentic, StoreError, Unparsable
from bridge.ids import new_id
from bridge.model.enums import Action
from bridge.model.events import Delivery, Parsed
from bridge.sources import registry
from bridge.sources.auth import authenticate
from bridge.sources.base import Knock, Optional, SourceType, traits_of
from bridge.sources.body import UnknownFormat
from bridge.sources.redaction import kept, kept_unread
from bridge.sources.secretnames import SecretNames, names_of
from bridge.sources.signatures.factory import Verifiers
from bridge.sources.signatures.verifier import CannotCheck, Proof, Request, Verifier
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
_NEVER_KEPT = frozenset({"authorization", "cookie", "proxy-authorization"})
_MOST_REASONS = 10
_LONGEST_SENDER_ID = 200
_DRY_RUN = "HTTP_STATUSBRIDGE_DRY_RUN"
_BODILESS = 204
_UNPROVEN = Proof()
_log = structlog.get_logger("statusbridge.web.hooks")


@dataclass(frozen=True, slots=True)
class Hook:
    """One source that takes deliveries, with everything made once that each of them needs.

    Attributes:
        verifier: checks signatures; None where the head of a request is proof enough.
        token_parameter: query parameter that may stand in for the Authorization header.
        headers: names of the headers that are kept, with their names in WSGI.
        sender_ids: WSGI names of the headers with the sender's own id of a delivery, in order.
        greets: methods of requests that are no deliveries.
        suffix: what the sender appends to the address.
        status: what an accepted delivery is answered with.
        secrets: what secrets are called in its deliveries; they are hidden before anything is kept.
        page: is looked at as soon as this source calls; the delivery itself means nothing.
    """

    name: str
    auth: AuthSettings
    kind: SourceType
    verifier: Verifier | None
    token_parameter: str | None
    headers: tuple[tuple[str, str], ...]
    sender_ids: tuple[str, ...]
    greets: tuple[str, ...]
    suffix: str
    status: int
    secrets: SecretNames
    page: str | None = None

    def allowed(self) -> str:
        """All methods, for the Allow header."""
        return ", ".join(dict.fromkeys((*self.kind.methods, *self.greets)))


def hooks_of(settings: Settings, verifiers: Verifiers) -> Mapping[str, Hook]:
    """The hooks that a configuration asks for, by name of the source.

    Raises:
        ConfigError: when a source type cannot be loaded, or a secret cannot be one of its scheme.
    """
    return {name: _hook(source, verifiers) for name, source in settings.sources.items()}


def _hook(source: SourceSettings, verifiers: Verifiers) -> Hook:
    kind = registry.make(source.type, source.options)
    traits = traits_of(kind)
    scheme = source.auth.scheme
    if scheme is None and source.auth.kind is AuthKind.SIGNATURE:
        raise ConfigError([f"sources.{source.name}: it is to be signed, and nothing says how"])
    return Hook(
        name=source.name,
        auth=source.auth,
        kind=kind,
        verifier=verifiers.make(scheme, source.auth.secrets) if scheme else None,
        token_parameter=traits.token_parameter if source.auth.kind is AuthKind.BEARER else None,
        headers=tuple((name, _in_wsgi(name)) for name in kind.headers if name not in _NEVER_KEPT),
        sender_ids=(*map(_in_wsgi, traits.sender_id_headers), "HTTP_IDEMPOTENCY_KEY"),
        greets=traits.handshake_methods,
        suffix=traits.path_suffix,
        status=source.success_status or traits.success_status,
        secrets=names_of(type(kind), [scheme.field] if isinstance(scheme, FieldToken) else ()),
        page=source.page,
    )


def _in_wsgi(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"


class Receiver:
    """Takes deliveries; one for the whole application.

    Args:
        settings: the sources and the limit of a body.
        store: keeps what was accepted.
        clock: tells when something arrived.
        refusals: counts what was not.
        verifiers: makes the checks of signatures.
    """

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, refusals: Refusals, verifiers: Verifiers
    ) -> None:
        self._hooks = hooks_of(settings, verifiers)
        self._limit = settings.web.max_body
        self._store = store
        self._clock = clock
        self._refusals = refusals

    @property
    def hooks(self) -> Iterable[Hook]:
        """All hooks."""
        return self._hooks.values()

    def receive(self, source: str, secret: str | None = None, suffix: str = "") -> Response:
        """The answer to one request on a hook."""
        hook = self._hooks.get(source)
        if hook is None or (suffix and suffix != hook.suffix):
            return problem(404, "There is no source of this name; see “sources:” in the configuration.")
        now = self._clock.now()
        identity = new_id("dlv", now)
        try:
            if request.method in hook.greets and (answer := self._greet(hook, secret)) is not None:
                return answer
            if request.method not in hook.kind.methods:
                return problem(405, "This source does not use this method.", headers={"Allow": hook.allowed()})
            return self._take(hook, secret, identity, now)
        except StoreError as error:
            _log.warning("store away", source=hook.name, delivery=identity, error=type(error).__name__)
            return store_away(identity)
        except Exception as error:  # whatever it is, the sender is to send this again
            name, where = type(error).__name__, whereabouts(error)
            _log.error("delivery failed", source=hook.name, delivery=identity, error=name, where=where)
            return problem(503, "Something unexpected happened; please send this again.", delivery=identity)

    def _greet(self, hook: Hook, secret: str | None) -> Response | None:
        """The answer to a handshake. Senders do not authenticate it, unless their secret stands in the path."""
        if secret is not None or hook.auth.kind is AuthKind.PATH:
            try:
                authenticate(hook.auth, None, secret)
            except NotAuthentic as error:
                return self._refuse(hook, 401, str(error))
        headers = {name.lower(): value for name, value in request.headers.items()}
        knock = Knock(request.method, request.args.to_dict(), headers)
        reply = getattr(hook.kind, "handshake", Optional().handshake)(knock, hook.auth.secrets)
        if reply is None:
            return None
        _log.info("handshake", source=hook.name, method=request.method)
        safe = {"X-Content-Type-Options": "nosniff", **reply.headers}
        return Response(reply.body, reply.status, content_type=reply.content_type, headers=safe)

    def _take(self, hook: Hook, secret: str | None, identity: str, now: datetime) -> Response:
        environ = request.environ
        proof = _UNPROVEN
        try:
            authenticate(hook.auth, environ.get("HTTP_AUTHORIZATION") or _token_in_query(hook), secret)
            body = read_body(environ, self._limit)
            if hook.verifier is not None:
                proof = hook.verifier.verify(_request(environ, body, now))
        except NotAuthentic as error:
            return self._refuse(hook, 401, str(error))
        except CannotCheck as error:
            return self._put_off(hook, identity, error)
        except TooLarge:
            return self._refuse(hook, 413, f"The body is larger than {self._limit} bytes.")
        except CutOff:
            return self._refuse(hook, 400, "The body ended before it was complete.")
        return self._keep(hook, _delivery(hook, identity, body, now, proof.sender_id), proof)

    def _keep(self, hook: Hook, delivery: Delivery, proof: Proof) -> Response:
        """Parse and keep what is authentic, and do what the sender wants done after it."""
        try:
            parsed = hook.kind.parse(delivery)
        except Unparsable as error:
            if proof.afterwards is None:
                return self._keep_whole(hook, delivery, error)
            parsed = Parsed((), warnings=("This was a handshake and no alert.",))
        told, shown = kept(hook.secrets, delivery, parsed)
        if told is not delivery and proof.afterwards is None and not request.environ.get(_DRY_RUN):
            self._hand_over(hook, delivery, parsed)
        delivery, parsed = told, shown
        if request.environ.get(_DRY_RUN):
            self._store.ping()
            return _rehearsed(hook, delivery, parsed)
        if hook.page is not None:
            parsed = Parsed((), warnings=(f"The page {hook.page} is looked at now.",))
        accepted = self._store.accept(delivery, parsed)
        if hook.page is not None:
            self._store.look_at(hook.page)
        if proof.afterwards is not None:
            try:
                proof.afterwards()
            except CannotCheck as error:
                return self._put_off(hook, delivery.id, error)
        return _accepted(hook, accepted, parsed)

    def _hand_over(self, hook: Hook, delivery: Delivery, parsed: Parsed) -> None:
        """Keep what the sender asks a person for apart from the delivery, and not for long."""
        text = getattr(hook.kind, "handover", Optional().handover)(delivery, parsed)
        if text:
            self._store.handovers.put(hook.name, text)

    def _put_off(self, hook: Hook, identity: str, error: CannotCheck) -> Response:
        """Ask the sender to come back: whether it is authentic, or its handshake, needs somebody who is away."""
        _log.warning("cannot check", source=hook.name, delivery=identity, reason=str(error))
        return problem(503, str(error), delivery=identity)

    def _keep_whole(self, hook: Hook, delivery: Delivery, error: Unparsable) -> Response:
        """Keep what could not be parsed, if that is possible now; the sender is at fault either way."""
        identity = None
        if not request.environ.get(_DRY_RUN):
            try:
                identity = self._store.quarantine_whole(kept_unread(hook.secrets, delivery), error.reason)
            except StoreError as away:
                _log.warning("store away", source=delivery.source, delivery=delivery.id, error=type(away).__name__)
        return self._refuse(hook, 415 if isinstance(error, UnknownFormat) else 400, error.reason, identity)

    def _refuse(self, hook: Hook, status: int, message: str, delivery: str | None = None) -> Response:
        self._refusals.add(hook.name, status)
        _log.warning("refused", source=hook.name, status=status, reason=message, delivery=delivery)
        challenge = _CHALLENGES.get(hook.auth.kind) if status == 401 else None
        headers = {"WWW-Authenticate": challenge} if challenge else None
        return problem(status, message, delivery=delivery, headers=headers)


def blueprint(
    settings: Settings, store: Store, clock: Clock, refusals: Refusals, verifiers: Verifiers | None = None
) -> Blueprint:
    """The routes of all hooks."""
    receiver = Receiver(settings, store, clock, refusals, verifiers or Verifiers())
    routes = Blueprint("hooks", __name__)
    for rule in ("/hooks/<source>", "/hooks/<source>/<secret>"):
        # A slash too many at the end of an address that somebody pasted is no reason to lose what it brings.
        routes.add_url_rule(
            rule,
            "receive",
            receiver.receive,
            methods=_METHODS,
            provide_automatic_options=False,
            strict_slashes=False,
        )
        for suffix in sorted({hook.suffix for hook in receiver.hooks} - {""}):
            routes.add_url_rule(
                rule + suffix,
                "receive",
                receiver.receive,
                methods=_METHODS,
                defaults={"suffix": suffix},
                provide_automatic_options=False,
            )
    return routes


def _token_in_query(hook: Hook) -> str | None:
    """The bearer token of a sender that can set no header, as if it stood in one."""
    token = request.args.get(hook.token_parameter) if hook.token_parameter else None
    return f"Bearer {token}".encode().decode("latin-1") if token else None


def _request(environ: Mapping[str, Any], body: bytes, now: datetime) -> Request:
    return Request(body, lambda name: environ.get(_in_wsgi(name)), environ.get("QUERY_STRING", ""), now)


def _delivery(hook: Hook, identity: str, body: bytes, now: datetime, signed_id: str | None) -> Delivery:
    environ = request.environ
    query = {}
    if environ.get("QUERY_STRING"):
        query = {name: value for name, value in request.args.items() if not _SECRET_PARAMETER.search(name)}
    sender_id = signed_id or next((value for name in hook.sender_ids if (value := environ.get(name))), None)
    return Delivery(
        id=identity,
        source=hook.name,
        received_at=now,
        body=body,
        content_type=environ.get("CONTENT_TYPE", ""),
        method=request.method,
        query=query,
        headers={name: value for name, key in hook.headers if (value := environ.get(key)) is not None},
        sender_id=sender_id if sender_id and len(sender_id) <= _LONGEST_SENDER_ID else None,
    )


def _accepted(hook: Hook, accepted: Accepted, parsed: Parsed) -> Response:
    """2xx with the counts; why something was ignored or quarantined is told too, to whoever is trying things out."""
    body = _told(accepted, parsed)
    text = "" if hook.status == _BODILESS else json.dumps(body) + "\n"
    return Response(text, hook.status, content_type="application/json")


def _rehearsed(hook: Hook, delivery: Delivery, parsed: Parsed) -> Response:
    """What would have become of a delivery that asks for no more; nothing is kept."""
    body = _told(Accepted(delivery.id, duplicate=False), parsed)
    statements = [{"action": event.action, "key": event.dedup_key, "title": event.title} for event in parsed.events]
    body.update(dry_run=True, status=hook.status, statements=statements)
    return Response(json.dumps(body) + "\n", 200, content_type="application/json")


def _told(accepted: Accepted, parsed: Parsed) -> dict[str, Any]:
    ignored = [event for event in parsed.events if event.action is Action.IGNORE]
    body: dict[str, Any] = dict(parsed.answer)
    body.update(
        delivery=accepted.delivery,
        events=len(parsed.events) - len(ignored),
        ignored=len(ignored),
        quarantined=len(parsed.quarantined),
        duplicate=accepted.duplicate,
    )
    if ignored:
        body["ignored_because"] = list(dict.fromkeys(event.reason for event in ignored if event.reason))[:_MOST_REASONS]
    if parsed.quarantined:
        body["reasons"] = [f"{bad.index}: {bad.reason}" for bad in parsed.quarantined[:_MOST_REASONS]]
    if parsed.warnings:
        body["warnings"] = parsed.warnings[:_MOST_REASONS]
    return body
