"""HTTP to one destination: budget, time-outs, one session per thread, and honest answers about lost answers.

Reads are repeated a little; a write is sent at most once, whatever happens. Redirects are never followed, so a token
is never carried to another host.
"""

from __future__ import annotations

import json
import os
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_after_delay, wait_random_exponential

from bridge.clock import Clock, SystemClock
from bridge.errors import Busy, ConfigError, Down, Outcome
from bridge.model.facts import Call
from bridge.providers.base.failures import Failures, Mask, Trouble, spent
from bridge.providers.base.provider import Budget, Observer
from bridge.providers.base.wire import in_words, parsed, read_body, was_sent
from bridge.secret import Secret

Query = Mapping[str, str | int | Sequence[str]]

_READS = 3
_READ_SECONDS = 1.0
_MAX_ANSWER = 32 * 1024 * 1024
_NOT_MODIFIED = 304
_PERSONAL = frozenset({"email", "endpoint", "phone_number", "q", "filter[email]"})
"""Fields of requests that say who somebody is (all providers)."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a destination is and how we introduce ourselves.

    Attributes:
        url: base address of the API, without a slash at the end.
        token: the credential; None where everybody may read.
        hidden: something else that is never shown, such as the path of a private calendar.
        scheme: word in front of the token in the ``Authorization`` header; the header is the token alone when empty.
        header: name of the header that carries the credential.
        headers: further headers of every request.
        connect_timeout: seconds.
        read_timeout: seconds of silence, and at most so many for reading the body of an answer.
        verify: file of the certificates to trust; True for those of the environment, False for any.
    """

    url: str
    token: Secret | None
    scheme: str = ""
    header: str = "Authorization"
    headers: Mapping[str, str] = field(default_factory=dict)
    connect_timeout: float = 3.05
    read_timeout: float = 20.0
    verify: bool | str = True
    hidden: Secret | None = None


@dataclass(frozen=True, slots=True)
class Newer:
    """The answer to a conditional read.

    Attributes:
        changed: False when the server says that what we have is the newest; then there is no payload.
        etag: what to ask with next time; None where the server gives none.
    """

    changed: bool
    payload: Any = None
    etag: str | None = None


class Http:
    """Calls to one destination. Safe for several threads and across forks.

    Args:
        address: where and as whom.
        failures: the provider's failure table.
        budget: asked before every call, reads that are repeated included.
        observe: told after every call, also after a failed one.
        clock: for the time of the call.

    Raises:
        ConfigError: the address or the token cannot be used at all.
    """

    def __init__(
        self, address: Address, failures: Failures, budget: Budget, observe: Observer, clock: Clock | None = None
    ) -> None:
        self._address = address
        self.base = _checked_base(address)
        """Address of the API, without a slash at the end."""
        self._base_path = urlsplit(self.base).path
        self._failures = failures
        self._budget = budget
        self._observe = observe
        self._clock = clock or SystemClock()
        self._mask = Mask(secret for secret in (address.token, address.hidden) if secret)
        self._sessions = _Sessions(address)

    def read(self, path: str, query: Query | None = None, *, about_object: bool = False) -> Any:
        """GET, repeated up to three times within about a second when the way there fails or the answer is 5xx.

        Args:
            path: below the base address, beginning with a slash, ids already quoted.
            query: parameters.
            about_object: whether the path names a remote object (then 404 means gone).

        Returns:
            The answer as JSON; None when it is empty.

        Raises:
            ProviderError: as the failure table says.
        """
        again = Retrying(
            stop=stop_after_attempt(_READS) | stop_after_delay(_READ_SECONDS),
            wait=wait_random_exponential(multiplier=0.15, max=0.4),
            retry=retry_if_exception(_worth_another_read),
            reraise=True,
        )
        return again(self._call, _Request("GET", path, query, None, about_object))[0]

    def read_newer(self, path: str, query: Query | None = None, *, etag: str | None = None) -> Newer:
        """GET something only if it changed (``If-None-Match``); not repeated.

        Args:
            path: below the base address.
            query: parameters.
            etag: of what we have; None asks for all of it.

        Raises:
            ProviderError: as the failure table says.
        """
        payload, answer = self._call(_Request("GET", path, query, etag=etag))
        return Newer(answer.status != _NOT_MODIFIED, payload, answer.headers.get("etag", etag))

    def read_document(self, path: str, *, accept: str, most: int, etag: str | None = None) -> Newer:
        """GET a document that is no JSON, only if it changed; not repeated. Its bytes are the payload.

        Args:
            path: below the base address.
            accept: the kinds of documents that are wanted.
            most: bytes that it may have.
            etag: of what we have; None asks for all of it.

        Raises:
            ProviderError: as the failure table says.
        """
        payload, answer = self._call(_Request("GET", path, etag=etag, accept=accept, most=most))
        return Newer(answer.status != _NOT_MODIFIED, payload, answer.headers.get("etag"))

    def write(
        self, method: str, path: str, body: Any = None, query: Query | None = None, *, about_object: bool = False
    ) -> Any:
        """Any other method; sent once, never repeated.

        Raises:
            ProviderError: as the failure table says; its ``outcome`` tells whether the call may have had an effect.
        """
        return self._call(_Request(method, path, query, body, about_object))[0]

    def unusable(self, method: str, path: str, why: str) -> Down:
        """The error for an answer that came with success but does not have the shape it must have."""
        where = self._mask(self._where(_Request(method, path)))
        effect = Outcome.NOT_DONE if method == "GET" else Outcome.UNKNOWN
        return Down(self._mask(f"the destination's answer cannot be used: {why}"), outcome=effect, where=where)

    def close(self) -> None:
        """Close all connections of this process."""
        self._sessions.close()

    def _call(self, request: _Request) -> tuple[Any, _Answer]:
        wait = self._budget.take(read=request.method == "GET")
        if wait > 0:
            where = self._where(request)
            raise Busy("our rate budget for this destination is used up for now", retry_after=wait, where=where)
        at, started = self._clock.now(), time.perf_counter()
        status: int | None = None
        problem: str | None = None
        try:
            answer = self._exchange(request)
            status = answer.status
            return self._judge(request, answer), answer
        except Exception as error:
            status = getattr(error, "status", None) or status
            problem = self._mask(str(error))
            raise
        finally:
            millis = (time.perf_counter() - started) * 1000
            path = self._mask(self._base_path + request.path)
            self._observe(Call(at, request.method, path, status, millis, problem))

    def _exchange(self, request: _Request) -> _Answer:
        """Send and receive; turn everything that can go wrong on the way into a ProviderError."""
        address = self._address
        status = 0
        try:
            with self._sessions.mine().request(
                request.method,
                self.base + request.path,
                params=request.query,
                data=request.payload(),
                headers=request.headers(),
                timeout=(address.connect_timeout, address.read_timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                status = response.status_code
                deadline = time.monotonic() + address.read_timeout
                headers = {name.lower(): value for name, value in response.headers.items()}
                return _Answer(status, headers, read_body(response, deadline, request.most))
        except requests.RequestException as error:
            if status >= 400:  # the verdict arrived, only its explanation did not
                trouble = self._trouble(request, status=status)
            else:
                trouble = self._trouble(request, cause=in_words(error), sent=status > 0 or was_sent(error))
            raise self._failures.error(trouble, self._mask.hiding(request.addresses())) from error

    def _judge(self, request: _Request, answer: _Answer) -> Any:
        if request.accept and 200 <= answer.status < 300:
            return answer.body
        is_json, payload = parsed(answer.body)
        away = spent(answer.headers, self._clock.now())
        if away is not None:
            self._budget.penalise(away, read=request.method == "GET")
        if 200 <= answer.status < 300 and is_json:
            return payload
        if answer.status == _NOT_MODIFIED and request.etag:
            return None
        facts: dict[str, Any] = {
            "status": answer.status,
            "headers": answer.headers,
            "payload": payload,
            "text": "" if is_json else answer.body[:4096].decode("utf-8", "replace"),
        }
        if 200 <= answer.status < 300:
            facts["cause"] = "the destination answered success with something that is not JSON"
        error = self._failures.error(self._trouble(request, **facts), self._mask.hiding(request.addresses()))
        if isinstance(error, Busy) and away is None:
            self._budget.penalise(error.retry_after, read=request.method == "GET")
        raise error

    def _trouble(self, request: _Request, **facts: Any) -> Trouble:
        return Trouble(
            where=self._where(request),
            write=request.method != "GET",
            about_object=request.about_object,
            now=self._clock.now(),
            **facts,
        )

    def _where(self, request: _Request) -> str:
        return f"{request.method} {self._base_path}{request.path}"


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    query: Query | None = None
    body: Any = None
    about_object: bool = False
    etag: str | None = None
    accept: str | None = None
    most: int = _MAX_ANSWER

    def headers(self) -> Mapping[str, str] | None:
        """Those that this request has beside the session's."""
        own = {"If-None-Match": self.etag, "Accept": self.accept}
        return {name: value for name, value in own.items() if value} or None

    def addresses(self) -> Iterator[str]:
        """Addresses of people that this request holds: they are repeated in no text."""
        return (value for name, value in _leaves({"query": self.query, "body": self.body}) if name in _PERSONAL)

    def payload(self) -> bytes | None:
        """The body as JSON. Lone surrogates have no UTF-8 and become question marks."""
        if self.body is None:
            return None
        return json.dumps(self.body, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a body, with the name of the field that it stands in."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, str(key))


class _Credential(AuthBase):
    """Puts the token into its header.

    As an ``auth`` of requests, not as a session header: otherwise a ``.netrc`` entry for the host would replace it.
    """

    def __init__(self, address: Address) -> None:
        self._address = address

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._address.token is None:
            return prepared
        token = self._address.token.reveal()
        scheme = self._address.scheme
        prepared.headers[self._address.header] = f"{scheme} {token}" if scheme else token
        return prepared


class _Sessions:
    """One session per thread and process: a session is not thread-safe, and sockets must not survive a fork."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._local = threading.local()
        self._lock = threading.Lock()
        self._all: weakref.WeakSet[requests.Session] = weakref.WeakSet()

    def mine(self) -> requests.Session:
        """The calling thread's session."""
        owner = (os.getpid(), threading.get_ident())
        if getattr(self._local, "owner", None) != owner:
            self._local.session = self._open()
            self._local.owner = owner
        session: requests.Session = self._local.session
        return session

    def close(self) -> None:
        """Close every session; a later call opens a new one."""
        with self._lock:
            for session in self._all:
                session.close()

    def _open(self) -> requests.Session:
        session = requests.Session()
        # The environment's proxies and certificates, looked up once: per call that is a fifth of all the work.
        surroundings = session.merge_environment_settings(self._address.url, {}, None, None, None)
        session.proxies, session.verify, session.trust_env = surroundings["proxies"], surroundings["verify"], False
        if self._address.verify is not True:
            session.verify = self._address.verify
        session.auth = _Credential(self._address)
        session.headers.update({"Accept": "application/json", "User-Agent": "statusbridge"})
        session.headers["Content-Type"] = "application/json"
        session.headers.update(self._address.headers)
        # Cookies would be a state between calls that nobody asked for.
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for prefix in ("http://", "https://"):
            session.mount(prefix, HTTPAdapter(pool_connections=1, pool_maxsize=1, max_retries=0))
        with self._lock:
            self._all.add(session)
        return session


def _checked_base(address: Address) -> str:
    base = address.url.rstrip("/")
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError([f"the destination's url must begin with http:// or https:// and name a host: {base!r}"])
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError(["the destination's url must hold no user, password, query or fragment; use `token`"])
    token = address.token.reveal() if address.token is not None else "none"
    if not token or not token.isascii() or not token.isprintable() or token != token.strip():
        raise ConfigError(["the destination's token is empty or holds white space or other characters no token has"])
    return base


def _worth_another_read(error: BaseException) -> bool:
    """Only trouble on the way or at the destination; a wrong address or a strange answer stays what it is."""
    return isinstance(error, Down) and (error.status is None or error.status >= 500)
