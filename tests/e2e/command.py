"""The statusbridge command as a process of its own, the way a user runs it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType


class Running:
    """A running command whose output can be waited for. A context manager that ends it."""

    def __init__(self, *args: str, cwd: Path, environ: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bridge", *args],
            cwd=cwd,
            env={**_environ(), **(environ or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        """Everything it has printed."""
        return "".join(self._lines)

    def await_output(self, pattern: str, within: float = 60.0) -> re.Match[str]:
        """Wait until the output matches; fails with the output when it does not in time or the command ends."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            ended = self.process.poll() is not None
            if ended:
                self._reader.join(5)
            if found := re.search(pattern, self.output):
                return found
            if ended:
                break
            time.sleep(0.05)
        raise AssertionError(f"{pattern!r} was not printed:\n{self.output}")

    def end(self, how: signal.Signals = signal.SIGINT, within: float = 60.0) -> int:
        """Send a signal and wait for the exit code."""
        self.process.send_signal(how)
        return self.wait(within)

    def wait(self, within: float = 60.0) -> int:
        """Wait for the exit code."""
        code = self.process.wait(within)
        self._reader.join(5)
        return code

    def __enter__(self) -> Running:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(45)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.append(line)


def _environ() -> dict[str, str]:
    """A user's environment, in which this very tree is what ``bridge`` means."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
    root = str(Path(__file__).parents[2])
    return {**clean, "PYTHONPATH": root, "PYTHONUNBUFFERED": "1"}
