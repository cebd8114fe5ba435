"""``statusbridge backup`` and ``restore``: all state as one file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from bridge.cli.invocation import Invocation
from bridge.store import Store, ensure_server
from bridge.store.connection import connect

_BACKUP_EPILOG = """\b
Examples:
  statusbridge backup state.jsonl
  statusbridge backup - | gzip > state.jsonl.gz
"""

_RESTORE_EPILOG = """\b
Example:
  statusbridge --state-dir ./elsewhere restore state.jsonl
"""


def register(group: click.Group) -> None:
    """Add ``backup`` and ``restore`` to the command line."""

    @group.command("backup", epilog=_BACKUP_EPILOG)
    @click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
    @click.pass_obj
    def backup_command(invocation: Invocation, file: str) -> None:
        """Write all state into one file.

        It is JSON lines, and may be written while everything runs. It holds whatever your alerts said, and no token of
        a destination; keep it as private as the store. `-` writes to standard output.
        """
        store = invocation.open_store(invocation.settings())
        count = 0
        with _output(file) as out:
            for line in store.backup():
                out.write(f"{line}\n")
                count += 1
        click.echo(f"{count - 1} lines written", err=True)

    @group.command("restore", epilog=_RESTORE_EPILOG)
    @click.argument("file", type=click.File(encoding="utf-8"))
    @click.pass_obj
    def restore_command(invocation: Invocation, file: TextIO) -> None:
        """Read all state from a file into an empty store.

        The store is the one that the configuration names: an embedded one is started for it if none runs. Stop `up`
        before, so that nothing writes while state comes in.
        """
        settings = invocation.settings().store
        server = None if settings.url else ensure_server(settings.state_dir)
        url = settings.url.reveal() if settings.url else (server.url if server else "")
        store = Store(connect(url), url)
        try:
            count = store.restore(file)
        finally:
            store.close()
            if server:
                server.stop()
        click.echo(f"{count} lines restored", err=True)


@contextmanager
def _output(file: str) -> Iterator[TextIO]:
    """Standard output, or a file that appears under its name only when it is whole."""
    if file == "-":
        yield sys.stdout
        return
    path = Path(file)
    part = path.with_name(f"{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
