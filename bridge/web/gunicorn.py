"""gunicorn around the application: what ``statusbridge web`` runs.

The application, and with it the connection to the store, is made in each worker after the fork. There is no access
log unless somebody asks for one, and then, as in gunicorn's own error log, secrets in paths are dots.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from bridge.config.settings import Settings, WebSettings
from bridge.web.fair import FairThreadWorker
from bridge.web.late import LateApp, late_app

KEEP_ALIVE = 30
"""Seconds for which an idle connection is kept; senders such as Alertmanager come back on the same one."""
GRACE = 20
"""Seconds that running requests get when the server is asked to stop."""
TIMEOUT = 30
"""Seconds after which a worker that gives no sign of life is replaced."""
LONGEST_LINE = 8190
"""Bytes of the line with method and address, the most that gunicorn lets one set: some senders put all they have to say
into the query, Uptime Kuma with GET a whole monitor, and the 4,094 of gunicorn's default are too few for it."""

_HOOK_SECRET = re.compile(r"(/hooks/[^/\s?\"']+/)[^\s?\"']+")
_HOOK_QUERY = re.compile(r"(/hooks/[^\s?\"']*\?)[^\s\"']+")


def redacted(text: str) -> str:
    """The same text with the secret of every hook path, and all of its query, as dots."""
    return _HOOK_QUERY.sub(r"\1•••", _HOOK_SECRET.sub(r"\1•••", text))


class RedactingLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """The logger of gunicorn without path secrets."""

    def setup(self, cfg: Any) -> None:
        """Put the filter before every handler of both logs."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.addFilter(_redact)


def _redact(record: logging.LogRecord) -> bool:
    if record.exc_info and isinstance(record.exc_info[1], BlockingIOError):  # see fair.PATIENCE
        record.msg, record.args, record.exc_info = "A sender fell silent in the middle of a request.", None, None
    record.msg, record.args = redacted(record.getMessage()), None
    return True


class WebServer(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with settings from us instead of from its command line.

    Args:
        settings: how to listen.
        make_app: makes the application; called once in each worker, after the fork.
    """

    def __init__(self, settings: WebSettings, make_app: Callable[[], LateApp]) -> None:
        self._options = options(settings)
        self._make_app = make_app
        super().__init__(prog="statusbridge")

    def load_config(self) -> None:
        """Hand our options to gunicorn, those that its version knows."""
        for name, value in self._options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> LateApp:
        """The application of one worker, connected already if the store is there."""
        app = self._make_app()
        app.prepare()
        return app


def serve(settings: Settings) -> None:
    """Serve the web side until SIGTERM or SIGINT; ends the process."""
    WebServer(settings.web, lambda: late_app(settings)).run()


def options(settings: WebSettings) -> Mapping[str, Any]:
    """Our settings in the words of gunicorn."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return {
        "bind": f"{host}:{settings.port}",
        "workers": settings.workers,
        "worker_class": f"{FairThreadWorker.__module__}.{FairThreadWorker.__qualname__}",
        "threads": settings.threads,
        "keepalive": KEEP_ALIVE,
        "timeout": TIMEOUT,
        "limit_request_line": LONGEST_LINE,
        "graceful_timeout": GRACE,
        "preload_app": False,
        "accesslog": None,
        "loglevel": "warning",
        "logger_class": RedactingLogger,
        "proc_name": "statusbridge web",
        "control_socket_disable": True,  # gunicorn 25 and newer
    }
