"""Child processes: started so that they never outlive their parent, watched, restarted, and stopped in time."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Say = Callable[[str], None]
"""Prints one line for the person at the terminal."""

FIRST_PAUSE = 0.5
"""Seconds before a child that died is started again; doubled for each death in a row."""
LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0
"""Seconds after which a child that runs is forgiven its earlier deaths."""

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Command:
    """What to run.

    Attributes:
        name: for messages.
        args: of the statusbridge command, without its name: ``("web",)``.
        environ: the whole environment of the child.
        log: file that receives what the child prints; None lets it print to the terminal.
    """

    name: str
    args: tuple[str, ...]
    environ: Mapping[str, str]
    log: Path | None = None


class Child:
    """One running child process, in a session of its own, so that Ctrl-C reaches only the parent."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.started_at = time.monotonic()
        with contextlib.ExitStack() as stack:
            out = stack.enter_context(command.log.open("ab")) if command.log else None
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bridge", *command.args],
                env=dict(command.environ),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT if out else None,
                start_new_session=True,
                preexec_fn=end_with_parent(),  # noqa: PLW1509 - we start children before any thread of ours
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative for the signal that ended it."""
        return self._process.poll()

    @property
    def age(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.started_at

    def terminate(self) -> None:
        """Ask it to end."""
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()

    def wait(self, seconds: float) -> bool:
        """Wait for its end, at most so many seconds; True when it has ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(seconds, 0.0))
        return self.exit_code is not None

    def kill(self) -> None:
        """End it and everything it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


def stop_all(children: Sequence[Child], grace: float, say: Say) -> None:
    """Ask all to end at once, wait at most ``grace`` seconds for all of them together, then kill what is left."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + grace
    for child in children:
        if not child.wait(deadline - time.monotonic()):
            say(f"{child.command.name} did not end within {grace:.0f} s and is killed; its work is safe in the store")
        child.kill()


class Keeper:
    """Keeps one command running: starts it, and starts it again when it dies, more slowly each time."""

    def __init__(self, command: Command, say: Say) -> None:
        self._command = command
        self._say = say
        self._pause = FIRST_PAUSE
        self._again_at: float | None = None
        self.child = Child(command)

    @property
    def name(self) -> str:
        """The command's name, for messages."""
        return self._command.name

    def look(self) -> None:
        """One look at the child; starts a new one when it is time."""
        if self._again_at is not None:
            if time.monotonic() >= self._again_at:
                self._again_at = None
                self.child = Child(self._command)
        elif (code := self.child.exit_code) is not None:
            self._plan_restart(code)
        elif self.child.age > STEADY_AFTER:
            self._pause = FIRST_PAUSE

    def _plan_restart(self, code: int) -> None:
        self.child.kill()  # what it may have left behind in its session
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        self._say(f"{self._command.name} {how}; it is started again in {self._pause:g} s")
        self._again_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)


def end_with_parent() -> Callable[[], None] | None:
    """Have the kernel end the child when its parent is gone (Linux); elsewhere an orphan ends by hand."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return None

    def set_death_signal() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)

    return set_death_signal
