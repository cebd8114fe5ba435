"""Real servers of a test: alone, as primary and replicas, with a sentinel, with a disk that fills up."""

from __future__ import annotations

import contextlib
import resource
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import redis

from bridge.errors import StoreDown
from bridge.store.connection import connect
from bridge.store.embedded import server_program

PATIENCE = 20.0
SERVICE = "bridge"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(what: Callable[[], object], patience: float = PATIENCE) -> Any:
    """Ask again until the answer is true; errors of a server that is away count as not yet."""
    deadline = time.monotonic() + patience
    while True:
        with contextlib.suppress(redis.RedisError, OSError, StoreDown):
            if answer := what():
                return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"not so within {patience:.0f} s")
        time.sleep(0.05)


@dataclass
class ValkeyProcess:
    """One server process.

    Attributes:
        options: of its command line, without the dashes.
        environ: of the process.
    """

    folder: Path
    port: int = field(default_factory=free_port)
    options: tuple[str, ...] = ()
    environ: Mapping[str, str] | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> redis.Redis:
        """A new client."""
        return connect(self.url)

    def start(self, *arguments: str) -> ValkeyProcess:
        """Start it and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [server_program(), *arguments, "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--dir", str(self.folder), "--save", "", "--logfile", str(self.folder / "log"), *self.options]
        # restore_signals: SIGXFSZ stays ignored as it is in Python, so that fill_disk() makes errors and kills nobody
        self.process = subprocess.Popen(command, restore_signals=False, env=self.environ)
        until(self.client.ping)
        return self

    def fill_disk(self) -> None:
        """From now on no file of the server may grow: its writes fail like those to a full disk."""
        assert self.process is not None
        largest = max(item.stat().st_size for item in self.folder.rglob("*.aof"))
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    def free_disk(self) -> None:
        """Lift the limit of the files."""
        assert self.process is not None
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def signal(self, number: int) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)


@contextlib.contextmanager
def server(folder: Path, *options: str, **more: Any) -> Iterator[ValkeyProcess]:
    """A server with an append-only file that is synced at every write, as the documentation asks for."""
    running = ValkeyProcess(
        folder, options=("--appendonly", "yes", "--appendfsync", "always", *options), **more
    ).start()
    try:
        yield running
    finally:
        running.kill()


@dataclass
class Watched:
    """A primary, its replicas and a sentinel."""

    servers: list[ValkeyProcess]
    sentinel: ValkeyProcess

    @property
    def url(self) -> str:
        """For BRIDGE_REDIS_URL: the first sentinel in it is not there."""
        return f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{self.sentinel.port}/{SERVICE}/0"

    def primary(self) -> ValkeyProcess:
        """Whom the sentinel calls the primary."""
        _, port = self.sentinel.client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
        return next(item for item in self.servers if item.port == int(port))

    def replicas(self) -> list[ValkeyProcess]:
        """All others."""
        primary = self.primary()
        return [item for item in self.servers if item is not primary]

    def fail_over(self) -> tuple[ValkeyProcess, ValkeyProcess]:
        """Kill the primary and wait for its successor; returns both."""
        old = self.primary()
        old.kill()
        return old, until(lambda: self._successor(old))

    def hand_over(self) -> tuple[ValkeyProcess, ValkeyProcess]:
        """Have the sentinel promote a replica while the old primary lives on as a replica; returns both."""
        old = self.primary()
        until(lambda: self.sentinel.client.execute_command("SENTINEL", "FAILOVER", SERVICE))
        return old, until(lambda: self._successor(old))

    def _successor(self, old: ValkeyProcess) -> ValkeyProcess | None:
        new = self.primary()
        if new is old or cast(dict[str, str], new.client.info("replication"))["role"] != "master":
            return None
        return new


@contextlib.contextmanager
def watched(folder: Path, replicas: int = 1) -> Iterator[Watched]:
    """A primary with replicas, and a sentinel that lets one take over one and a half seconds after the primary is gone.

    With less, a busy machine has servers that are alive taken for gone.
    """
    safe = ("--appendonly", "yes", "--appendfsync", "always", "--repl-diskless-sync-delay", "0")
    servers = [ValkeyProcess(folder / "primary", options=safe).start()]
    sentinel = ValkeyProcess(folder / "sentinel")
    try:
        for number in range(replicas):
            options = (*safe, "--replicaof", f"127.0.0.1 {servers[0].port}")
            servers.append(ValkeyProcess(folder / f"replica-{number}", options=options).start())
        until(lambda: servers[0].client.wait(replicas, 100) == replicas)
        sentinel.folder.mkdir(parents=True)
        configuration = sentinel.folder / "sentinel.conf"
        lines = [f"sentinel monitor {SERVICE} 127.0.0.1 {servers[0].port} 1"]
        lines += [f"sentinel down-after-milliseconds {SERVICE} 1500", f"sentinel failover-timeout {SERVICE} 3000"]
        configuration.write_text("\n".join([*lines, ""]), encoding="utf-8")
        sentinel.start(str(configuration), "--sentinel")
        until(lambda: _knows(sentinel, replicas), patience=30)
        yield Watched(servers, sentinel)
    finally:
        for each in (sentinel, *servers):
            each.kill()


def _knows(sentinel: ValkeyProcess, replicas: int) -> bool:
    rows = cast(dict[str, dict[str, Any]], sentinel.client.sentinel_masters())
    return int(rows[SERVICE]["num-slaves"]) == replicas
