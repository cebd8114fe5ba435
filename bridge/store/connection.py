"""The connection to the server: opening it, checking it, and turning its failures into ours."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.connection import AbstractConnection
from redis.exceptions import ExecAbortError, OutOfMemoryError, ReadOnlyError, ResponseError
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError, Sentinel, SentinelConnectionPool

from bridge.config.address import SentinelAddress, is_sentinel, parse_sentinel
from bridge.errors import StoreDown

P = ParamSpec("P")
R = TypeVar("R")

SOCKET_TIMEOUT = 5.0
"""Seconds after which a silent store counts as down."""

SENTINEL_TIMEOUT = 1.0
"""Seconds after which the next sentinel is asked."""

_UNANNOUNCED: dict[str, Any] = (
    {"driver_info": None}
    if "driver_info" in inspect.signature(AbstractConnection.__init__).parameters
    else {"lib_name": None, "lib_version": None}
)
"""Don't tell the server the client's name and version: every job's fork would look them up and send them."""

_SCRIPTS = Path(__file__).with_name("scripts")
_REFUSALS = (OutOfMemoryError, ReadOnlyError, ExecAbortError)
_REFUSING_REPLIES = ("LOADING", "READONLY", "OOM", "MISCONF", "NOREPLICAS", "BUSY ", "MASTERDOWN")
_IN_A_PIPELINE = re.compile(r"Command # \d+ \(.*\) of pipeline caused error: ", re.DOTALL)
"""What the client puts before an answer in a pipeline: it repeats the command, with the state that it was to write."""


def connect(url: str, *, socket_timeout: float | None = SOCKET_TIMEOUT) -> redis.Redis:
    """A client for a URL such as ``redis://host:6379/0``, ``unix:///path/to/socket`` or ``redis+sentinel://…``.

    Nothing is sent yet. The client never repeats a command by itself: whether a write may be repeated is
    decided where its meaning is known. With sentinels each new connection asks them for the primary, and a connection
    to a server that is not the primary any more is given up when it refuses a write.

    Args:
        url: of the server, or of its sentinels; see :func:`bridge.config.address.parse_sentinel`.
        socket_timeout: seconds; None for a client that blocks on purpose (RQ's workers).
    """
    options: dict[str, Any] = {
        **_UNANNOUNCED,
        "socket_timeout": socket_timeout,
        "socket_connect_timeout": SOCKET_TIMEOUT,
        "retry": Retry(NoBackoff(), 0),
        "health_check_interval": 0,
    }
    if is_sentinel(url):
        return redis.Redis(connection_pool=_primary(parse_sentinel(url), options))
    return redis.Redis.from_url(url, **options)


def _primary(address: SentinelAddress, options: dict[str, Any]) -> SentinelConnectionPool:
    """Connections to whatever server the sentinels call the primary."""
    tls: dict[str, Any] = {"ssl": True, "ssl_ca_certs": address.ca_certs} if address.tls else {}
    asking = {**options, **tls, "socket_timeout": SENTINEL_TIMEOUT, "socket_connect_timeout": SENTINEL_TIMEOUT}
    asking |= {"username": address.sentinel_username, "password": address.sentinel_password}
    login = {"username": address.username, "password": address.password, "db": address.db}
    return SentinelConnectionPool(
        address.service, Sentinel(address.sentinels, sentinel_kwargs=asking), **options, **login, **tls
    )


def translated(function: Callable[P, R]) -> Callable[P, R]:
    """Make every failure of the server a :class:`StoreDown` that says what to do."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except ResponseError as error:
            words = _IN_A_PIPELINE.sub("", str(error))
            if not isinstance(error, _REFUSALS) and not words.startswith(_REFUSING_REPLIES):
                raise
            raise StoreDown(f"the store refuses writes: {_first_words(words)}") from error
        except MasterNotFoundError as error:
            raise StoreDown(
                "no sentinel that answers knows a primary: a fail-over is under way, or has failed"
            ) from error
        except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
            raise StoreDown(f"the store does not answer ({type(error).__name__}): is the server running?") from error

    return wrapper


def _first_words(text: str) -> str:
    return text.split("\n", 1)[0].split(" script: ", 1)[0][:160]


@functools.cache
def script_source(name: str) -> str:
    """The text of ``scripts/<name>.lua``, for scripts that run inside a transaction."""
    return (_SCRIPTS / f"{name}.lua").read_text(encoding="utf-8")


class Scripts:
    """The Lua scripts beside this file, loaded into the server once and called by their hash."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._scripts: dict[str, Any] = {}

    def run(self, name: str, keys: Iterable[str], args: Iterable[Any]) -> Any:
        """Run ``scripts/<name>.lua``.

        Raises:
            redis.RedisError: as the server answers; callers are ``translated``.
        """
        script = self._scripts.get(name)
        if script is None:
            script = self._scripts[name] = self._client.register_script(script_source(name))
        return script(keys=list(keys), args=list(args))
