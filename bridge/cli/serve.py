"""``statusbridge web`` and ``worker``: one part each, for those who run the parts apart."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator

import click

from bridge.cli.invocation import Invocation
from bridge.cli.main import start_logging
from bridge.config.settings import Settings

_WEB_EPILOG = """\b
Example:
  BRIDGE_WEB_PORT=9000 statusbridge web
"""

_WORKER_EPILOG = """\b
Examples:
  statusbridge worker --count 8
  statusbridge worker --no-sweep        on all hosts but one
"""


def register(group: click.Group) -> None:
    """Add ``web`` and ``worker`` to the command line."""
    group.add_command(_web)
    group.add_command(_worker)


@click.command("web", epilog=_WEB_EPILOG)
@click.pass_obj
def _web(invocation: Invocation) -> None:
    """Run the web process only.

    Takes webhooks at /hooks/<source> and shows the dashboard, with gunicorn. `statusbridge up` runs it together with
    the workers and the store.
    """
    from bridge.web.gunicorn import serve  # noqa: PLC0415 - the worker does without the web's memory

    start_logging(invocation)
    settings = invocation.read().require()
    refuse_taken(settings.web.host, settings.web.port, "web.port (or BRIDGE_WEB_PORT)")
    with own_store(settings):
        serve(settings)


@click.command("worker", epilog=_WORKER_EPILOG)
@click.option("--count", type=click.IntRange(1, 256), help="Workers; overrides worker.count.")
@click.option("--no-sweep", is_flag=True, help="Leave the sweep to another process.")
@click.option("--sweep-only", is_flag=True, help="Run the sweep and no workers.")
@click.pass_obj
def _worker(invocation: Invocation, count: int | None, no_sweep: bool, sweep_only: bool) -> None:
    """Run the workers and the sweep only.

    The sweep wakes what is owed and was not woken, and carries every timer: some process has to run it.
    """
    from bridge.sync.worker import run_workers  # noqa: PLC0415 - the web does without the workers' memory

    if no_sweep and sweep_only:
        raise click.UsageError("--no-sweep and --sweep-only leave nothing to run")
    start_logging(invocation)
    settings = invocation.read().require()
    with own_store(settings):
        run_workers(settings, count, sweep=not no_sweep, workers=not sweep_only)


@contextlib.contextmanager
def own_store(settings: Settings) -> Iterator[None]:
    """While the context lasts, the embedded store runs, unless the settings name a server.

    Whoever finds none becomes its owner and stops it at the end. Forked children pass through here too when they
    exit, and must leave it alone.

    Raises:
        StoreDown: it cannot be started.
    """
    from bridge.store.embedded import ensure_server  # noqa: PLC0415 - the sandbox does without the store

    server = None if settings.store.url else ensure_server(settings.store.state_dir)
    owner = os.getpid()
    try:
        yield
    finally:
        if server is not None and os.getpid() == owner:
            server.stop()


def refuse_taken(host: str, port: int, setting: str) -> None:
    """Say so at once when a port cannot be listened on, instead of after gunicorn's five attempts.

    Raises:
        click.ClickException: with the setting that mends it.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise click.ClickException(
            f"{host}:{port} cannot be listened on ({error.strerror or error}): "
            f"end the program that has it, or set {setting}"
        ) from error
