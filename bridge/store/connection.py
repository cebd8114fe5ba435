"""The connection to the server: opening it, checking it, and turning its failures into ours."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import redis
from redis.backoff import NoBackoff
from redis.connection import AbstractConnection
from redis.exceptions import ExecAbortError, OutOfMemoryError, ReadOnlyError, RedisError, ResponseError
from redis.retry import Retry

from bridge.errors import StoreDown

P = ParamSpec("P")
R = TypeVar("R")

SOCKET_TIMEOUT = 5.0
"""Seconds after which a silent store counts as down."""

_UNANNOUNCED: dict[str, Any] = (
    {"driver_info": None}
    if "driver_info" in inspect.signature(AbstractConnection.__init__).parameters
    else {"lib_name": None, "lib_version": None}
)
"""Don't tell the server the client's name and version: every job's fork would look them up and send them."""

_SCRIPTS = Path(__file__).with_name("scripts")
_REFUSALS = (OutOfMemoryError, ReadOnlyError, ExecAbortError)
_REFUSING_REPLIES = ("LOADING", "READONLY", "OOM", "MISCONF", "NOREPLICAS", "BUSY ", "MASTERDOWN")


def connect(url: str, *, socket_timeout: float | None = SOCKET_TIMEOUT) -> redis.Redis:
    """A client for a URL such as ``redis://host:6379/0`` or ``unix:///path/to/socket``.

    Nothing is sent yet. The client never repeats a command by itself: whether a write may be repeated is
    decided where its meaning is known.

    Args:
        url: of the server.
        socket_timeout: seconds; None for a client that blocks on purpose (RQ's workers).
    """
    return redis.Redis.from_url(
        url,
        **_UNANNOUNCED,
        socket_timeout=socket_timeout,
        socket_connect_timeout=SOCKET_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


def translated(function: Callable[P, R]) -> Callable[P, R]:
    """Make every failure of the server a :class:`StoreDown` that says what to do."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except ResponseError as error:
            if not isinstance(error, _REFUSALS) and not str(error).startswith(_REFUSING_REPLIES):
                raise
            raise StoreDown(f"the store refuses writes: {_first_words(error)}") from error
        except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
            raise StoreDown(f"the store does not answer ({type(error).__name__}): is the server running?") from error

    return wrapper


def _first_words(error: RedisError) -> str:
    return str(error).split("\n", 1)[0][:120]


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


def server_warnings(client: redis.Redis) -> list[str]:
    """What is wrong with the server's settings for keeping the only copy of the state.

    Returns:
        One sentence per problem with the setting that mends it; empty when all is well.
    """
    try:
        config = cast(Mapping[str, str], client.config_get("append*", "maxmemory*"))
    except (ResponseError, TypeError):
        return ["The server does not let its configuration be read, so its durability could not be checked."]
    warnings = []
    if config.get("appendonly") != "yes":
        warnings.append(
            "The server keeps no append-only file: accepted events are lost when it stops. Set appendonly yes."
        )
    elif config.get("appendfsync") != "always":
        warnings.append(
            f"The server syncs its file with appendfsync {config.get('appendfsync')}: up to a second of accepted "
            "events can be lost. Set appendfsync always."
        )
    if config.get("maxmemory", "0") != "0" and config.get("maxmemory-policy") != "noeviction":
        warnings.append(
            f"The server may throw state away when memory runs out (maxmemory-policy "
            f"{config.get('maxmemory-policy')}). Set maxmemory-policy noeviction."
        )
    return warnings
