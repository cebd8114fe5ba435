"""An application that does not need its store at start: until the store answers, senders are asked to come back."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask

from bridge.clock import Clock
from bridge.config.settings import Settings
from bridge.errors import StoreError
from bridge.store import Store
from bridge.web.app import create_app
from bridge.web.errors import store_away
from bridge.web.health import alive

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATIENCE = 3.0
"""Seconds for which a store may say nothing before the sender is asked to come back: PagerDuty and Amazon EventBridge
wait five for an answer. More than replicas get to confirm."""

_log = structlog.get_logger("statusbridge.web")


class LateApp:
    """A WSGI application that is made on demand, and again on the next request when the store was not there.

    Args:
        make: makes the real application; may raise StoreError.
    """

    def __init__(self, make: Callable[[], Flask]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._app: Flask | None = None

    def prepare(self) -> Flask | None:
        """The real application, or None while the store is away."""
        if self._app is None:
            with self._lock:
                if self._app is None:
                    self._app = self._try()
        return self._app

    def _try(self) -> Flask | None:
        try:
            return self._make()
        except StoreError as error:
            _log.warning("the store is away", why=str(error))
            return None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request; the process counts as alive even without its store."""
        app: Any = self.prepare()
        if app is None:
            app = alive() if environ.get("PATH_INFO") == "/healthz" else store_away()
        return app(environ, start_response)  # type: ignore[no-any-return]


def late_app(settings: Settings, clock: Clock | None = None) -> LateApp:
    """The application for a server: settings are read, nothing is connected yet."""

    def make() -> Flask:
        store = Store.open(settings.store, PATIENCE)
        app = create_app(settings, store, clock or store.clock)
        gc.freeze()  # what was loaded at start is never garbage: collecting it again and again takes time only
        return app

    return LateApp(make)
