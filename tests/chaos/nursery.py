"""A process that has everything imported, and the mappings read, and forks web and worker processes on demand.

Importing takes longer than many a run, and a process that is killed is started again many times. What is
forked is what ``statusbridge web`` and ``statusbridge worker`` are: the same command in a process of its own session.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, cast


class Nursery:
    """The process, seen from who asks it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, words: Sequence[str], environ: Mapping[str, str], log: Path) -> int:
        """Start ``statusbridge`` with some words; returns its process id."""
        wish = {"words": list(words), "environ": dict(environ), "log": str(log)}
        out, into = cast(IO[str], self._process.stdin), cast(IO[str], self._process.stdout)
        out.write(json.dumps(wish) + "\n")
        out.flush()
        return int(into.readline())

    def close(self) -> None:
        """End it; what it started is ended by who asked for it."""
        with contextlib.suppress(OSError):
            cast(IO[str], self._process.stdin).close()
        self._process.wait(10)


def serve() -> None:
    """Fork for each line that comes in, until there are no more."""
    import bridge.sync.worker
    import bridge.web.gunicorn  # noqa: F401
    from bridge.providers import registry as providers
    from bridge.providers.base import mapping
    from bridge.sources import registry as sources

    for name in providers.names():
        providers.options_schema(name)
        mapping.load(name)
    sources.load("generic")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are buried by the kernel
    for line in sys.stdin:
        wish = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _be(wish["words"], wish["environ"], wish["log"])
        print(pid, flush=True)


def _be(words: list[str], environ: dict[str, str], log: str) -> None:
    """In the child: become the command."""
    from bridge.cli.main import main

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    with open(os.devnull) as nothing, open(log, "ab") as out:  # noqa: PTH123
        os.dup2(nothing.fileno(), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["statusbridge", *words]
    code = 1
    try:
        main(words, prog_name="statusbridge")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        os._exit(code)


if __name__ == "__main__":
    serve()
