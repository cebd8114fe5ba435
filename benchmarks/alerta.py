"""The same bodies to statusbridge and to Alerta with PostgreSQL, in one run.

    python -m benchmarks.alerta [requests]

Needs PostgreSQL's server programs (Debian: postgresql) and a network for ``pip``: Alerta is installed into an
environment of its own, in a temporary folder. Alerta runs as its documentation says: gunicorn, here with two workers
of four threads; its schema is made once before the clock starts. statusbridge runs with its defaults.
Both are asked in turn, several times.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from benchmarks.bodies import alert, body
from benchmarks.load import Result, request_bytes, run
from benchmarks.place import free_port, machine, place

_WSGI = "from alerta import create_app\napp = create_app()\n"
CONNECTIONS = 16
_WARM_UP = 1000
"""Requests before the clock starts."""
_ROUNDS = 8


def main(requests: int = 8000) -> None:
    """Measure both and print."""
    bodies = [body(alert(2 * number), alert(2 * number + 1)) for number in range(500)]
    with place(("web",)) as here, _alerta() as url:
        ours, theirs = _Side(here.hook, bodies, here.headers), _Side(url, bodies, {})
        for _ in range(_ROUNDS):
            ours.measure(requests // _ROUNDS)
            theirs.measure(requests // _ROUNDS // 10)
    print(f"statusbridge: {ours.total.line()}")
    print(f"Alerta:       {theirs.total.line()}")
    ratio = ours.total.rate() / theirs.total.rate()
    print(f"ratio: {ratio:.1f} ({_ROUNDS} rounds in turn, {CONNECTIONS} connections; {machine()})")


class _Side:
    """One of the two: both run all the time and are asked in turn, so that both meet the same moods of the machine."""

    def __init__(self, url: str, bodies: list[bytes], headers: dict[str, str]) -> None:
        self._url = url
        self._wire = [request_bytes(url, one, headers) for one in bodies]
        self.total = Result()
        run(url, self._taken(_WARM_UP), CONNECTIONS)

    def measure(self, requests: int) -> None:
        """One round."""
        found = run(self._url, self._taken(requests), CONNECTIONS)
        self.total.seconds += found.seconds
        self.total.millis += found.millis
        for status, count in found.statuses.items():
            self.total.statuses[status] = self.total.statuses.get(status, 0) + count

    def _taken(self, count: int) -> list[bytes]:
        return [self._wire[number % len(self._wire)] for number in range(count)]


@contextlib.contextmanager
def _alerta() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="alerta-benchmark-"))
    folder.chmod(0o755)
    try:
        python = _install(folder / "venv")
        with _postgres(folder / "pg") as database:
            port = free_port()
            (folder / "alerta_wsgi.py").write_text(_WSGI, encoding="utf-8")
            environ = {**os.environ, "DATABASE_URL": database, "PYTHONPATH": str(folder), "AUTH_REQUIRED": "False"}
            subprocess.run([python, "-c", "import alerta_wsgi"], env=environ, check=True, capture_output=True)
            command = [python, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "-w", "2", "--threads", "4"]
            server = subprocess.Popen(
                [*command, "--log-level", "critical", "alerta_wsgi:app"], env=environ, stderr=subprocess.DEVNULL
            )
            try:
                _await(f"http://127.0.0.1:{port}/")
                yield f"http://127.0.0.1:{port}/webhooks/prometheus"
            finally:
                server.terminate()
                server.wait(20)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _install(folder: Path) -> str:
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    packages = ["alerta-server", "gunicorn", "psycopg2-binary", "setuptools<81"]
    subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=True, stderr=subprocess.DEVNULL)
    return python


@contextlib.contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    """A cluster of its own. PostgreSQL refuses to run as root, so root lends it another user's identity."""
    programs = _programs()
    user = "postgres" if os.getuid() == 0 else None
    folder.mkdir()
    if user:
        entry = pwd.getpwnam(user)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    port = free_port()
    data = folder / "data"
    subprocess.run(
        [str(programs / "initdb"), "-D", str(data), "-U", "alerta", "-A", "trust"],
        user=user, check=True, capture_output=True, cwd=folder,
    )  # fmt: skip
    command = [str(programs / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder), "-h", "127.0.0.1"]
    server = subprocess.Popen(command, user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = ["-h", "127.0.0.1", "-p", str(port), "-U", "alerta"]
    try:
        deadline = time.monotonic() + 30
        while subprocess.run([str(programs / "createdb"), *address, "alerta"], capture_output=True).returncode:  # noqa: PLW1510
            if time.monotonic() > deadline:
                raise TimeoutError("PostgreSQL did not start")
            time.sleep(0.2)
        yield f"postgresql://alerta@127.0.0.1:{port}/alerta"
    finally:
        server.terminate()
        server.wait(20)


def _programs() -> Path:
    for folder in (*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/local/bin")):
        if (folder / "initdb").exists():
            return folder
    raise SystemExit("PostgreSQL's server programs were not found: install postgresql")


def _await(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
