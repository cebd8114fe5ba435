"""The sandbox behind gunicorn, in one process."""

from __future__ import annotations

from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from bridge.sandbox.app import Sandbox

HOST = "127.0.0.1"
_THREADS = 32


def serve(sandbox: Sandbox, port: int) -> None:
    """Serve until the process is told to end.

    Args:
        sandbox: what to serve; its state is in the memory of the one worker.
        port: on 127.0.0.1.
    """

    class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        """gunicorn with one worker."""

        def load_config(self) -> None:
            """Hand our options to gunicorn, those that its version knows."""
            for name, value in sandbox_options(port).items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Any:
            """The application."""
            return sandbox.app

    Server(prog="statusbridge sandbox").run()


def sandbox_options(port: int) -> dict[str, Any]:
    """The sandbox's settings in the words of gunicorn."""
    return {
        "bind": f"{HOST}:{port}",
        "workers": 1,
        "worker_class": "gthread",
        "threads": _THREADS,
        "keepalive": 30,
        "timeout": 0,  # injected faults may hang on purpose
        "graceful_timeout": 2,
        "accesslog": None,
        "loglevel": "warning",
        "proc_name": "statusbridge sandbox",
        "control_socket_disable": True,  # gunicorn 25 and newer
    }
