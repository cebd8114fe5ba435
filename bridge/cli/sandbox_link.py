"""Speaking to a running sandbox, and finding dumps in files."""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import click

from bridge.sandbox.dump.document import from_text

_TIMEOUT = 60.0
_STDIN = "-"


class SandboxLink:
    """One running sandbox.

    Args:
        url: its address, such as ``http://127.0.0.1:8090``.

    Raises:
        click.UsageError: the address is none.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._place = urlsplit(url)
        if self._place.scheme != "http" or not self._place.hostname:
            raise click.UsageError(f"{url} is not the address of a sandbox, such as http://127.0.0.1:8090")

    def dump(self, providers: Sequence[str] = ()) -> bytes:
        """The dump of all providers or of some, as it came."""
        query = urlencode([("provider", name) for name in providers])
        return self._call("GET", f"/state?{query}" if query else "/state")

    def load(self, dump: bytes, *, resume: bool) -> dict[str, dict[str, int]]:
        """Let it go on from a dump; gives the number of objects by provider and kind."""
        return self._json(self._call("PUT", "/state?clock=resume" if resume else "/state", dump))

    def seed(self, rows: str) -> dict[str, dict[str, int]]:
        """Let it begin anew; gives what ``load`` gives."""
        return self._json(self._call("POST", "/seed", json.dumps({"rows": rows}).encode()))

    def reset(self) -> dict[str, dict[str, int]]:
        """Let it go back to where it began; gives what ``load`` gives."""
        self._call("POST", "/reset")
        return self._json(self._call("GET", "/state/counts"))

    def _call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        """The body of the answer.

        Raises:
            click.ClickException: there is no answer, or it is an error.
        """
        connection = http.client.HTTPConnection(self._place.hostname or "", self._place.port, timeout=_TIMEOUT)
        try:
            connection.request(method, f"/_sandbox{path}", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            status, content = answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise click.ClickException(
                f"no sandbox answers at {self._url} ({getattr(error, 'strerror', None) or type(error).__name__}): "
                "start one with `statusbridge sandbox --port N`, or name the one that runs with --url"
            ) from error
        finally:
            connection.close()
        if status >= 400:
            raise click.ClickException(_words_of(content) or f"{self._url} is no sandbox of this version ({status})")
        return content

    def _json(self, content: bytes) -> dict[str, dict[str, int]]:
        found = _decoded(content)
        if not isinstance(found, dict):
            raise click.ClickException(f"{self._url} is no sandbox of this version")
        return found


def find_dump(name: str, providers: Sequence[str] = ()) -> Any:
    """The dump in a file, on standard input (``-``), or of the sandbox at an address.

    Raises:
        BrokenDump: what is there is not JSON.
        click.UsageError: the file cannot be read.
    """
    if name.startswith("http://"):
        return from_text(SandboxLink(name).dump(providers))
    return from_text(read_file(name))


def read_file(name: str) -> bytes:
    """The content of a file, or of standard input for ``-``; raises click.UsageError."""
    try:
        return sys.stdin.buffer.read() if name == _STDIN else Path(name).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{name} cannot be read: {error.strerror or error}") from error


def write_file(name: str, content: bytes) -> None:
    """Write a file that appears under its name only when it is whole; ``-`` is standard output.

    Raises:
        click.ClickException: it cannot be written.
    """
    if name == _STDIN:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    part = Path(f"{name}.part")
    try:
        part.write_bytes(content)
        part.replace(name)
    except OSError as error:
        raise click.ClickException(f"{name} cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _words_of(content: bytes) -> str:
    found = _decoded(content)
    return str(found.get("error", "")) if isinstance(found, dict) else ""
