"""The application under the real server: forked workers, chunked bodies, secrets in paths, a store that is late."""

from __future__ import annotations

import http.client
import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from web_side import AUTHORIZED

from bridge.config.settings import Settings, WebSettings
from bridge.store import Store
from bridge.store.embedded import ensure_server
from bridge.web.gunicorn import WebServer, options, redacted, serve

FIRING = (Path(__file__).parents[2] / "data" / "sources" / "alertmanager" / "firing_batch.json").read_bytes()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(settings: Settings, errors: Path) -> Iterator[int]:
    """The server in a process of its own; what it prints goes to a file."""
    port = free_port()
    ours = replace(settings, web=WebSettings(port=port, workers=1, threads=4))
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(ours, errors))
    process.start()
    try:
        _await(port)
        yield port
    finally:
        os.kill(process.pid or 0, signal.SIGTERM)
        process.join(15)
        assert process.exitcode == 0


def _serve(settings: Settings, errors: Path) -> None:
    descriptor = os.open(errors, os.O_WRONLY | os.O_CREAT)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    serve(settings)


def _await(port: int) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            if ask(port, "GET", "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server did not start")


def ask(port: int, method: str, path: str, body: object = None, chunked: bool = False) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, AUTHORIZED, encode_chunked=chunked)  # type: ignore[arg-type]
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_the_real_server_takes_and_refuses_bodies_of_every_kind(
    settings: Settings, store: Store, tmp_path: Path
) -> None:
    errors = tmp_path / "errors.log"
    blanks = [b" " * 65_536] * 32
    with serving(settings, errors) as port:
        assert ask(port, "POST", "/hooks/prometheus", FIRING)[0] == 202
        assert ask(port, "POST", "/hooks/prometheus", iter([FIRING[:700], FIRING[700:]]), chunked=True)[0] == 202
        assert ask(port, "POST", "/hooks/prometheus", b"".join(blanks))[0] == 413
        assert ask(port, "POST", "/hooks/prometheus", iter(blanks), chunked=True)[0] == 413
        assert ask(port, "POST", f"/hooks/prometheus?heartbeat={'x' * 8000}", FIRING)[0] == 202
        assert ask(port, "POST", f"/hooks/prometheus?heartbeat={'x' * 9000}", FIRING)[0] == 414
        assert ask(port, "POST", "/hooks/path/path-secret", b"[]")[0] == 202
        assert ask(port, "POST", "/hooks/path/wrong-secret", b"[]")[0] == 401
        assert ask(port, "GET", "/readyz")[0] == 200
        assert len(store.inbox.read("prometheus", "0-0", 10)) == 3
    assert "secret" not in errors.read_text().replace("The secret in the path is not valid", "")


def test_a_server_without_its_store_asks_senders_to_come_back(settings: Settings, tmp_path: Path) -> None:
    with serving(settings, tmp_path / "errors.log") as port:
        assert ask(port, "POST", "/hooks/prometheus", FIRING)[0] == 503
        assert ask(port, "GET", "/readyz")[0] == 503
        late = ensure_server(settings.store.state_dir)
        try:
            assert ask(port, "GET", "/readyz")[0] == 200
            assert ask(port, "POST", "/hooks/prometheus", FIRING)[0] == 202
        finally:
            late.stop()


def test_a_store_that_hangs_has_senders_asked_to_come_back_before_they_lose_patience(
    settings: Settings, tmp_path: Path
) -> None:
    hung = ensure_server(settings.store.state_dir)
    pid = int((settings.store.state_dir / "store.lock").read_text())
    try:
        with serving(settings, tmp_path / "errors.log") as port:
            assert ask(port, "POST", "/hooks/prometheus", FIRING)[0] == 202
            os.kill(pid, signal.SIGSTOP)
            try:
                began = time.monotonic()
                assert ask(port, "POST", "/hooks/prometheus", FIRING)[0] == 503
                assert (
                    time.monotonic() - began < 4.5
                )  # the shortest patience of a sender who waits longer than a moment
            finally:
                os.kill(pid, signal.SIGCONT)
    finally:
        hung.stop()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("POST /hooks/path/s3cret HTTP/1.1", "POST /hooks/path/••• HTTP/1.1"),
        ("/hooks/path/s3cret?a=b", "/hooks/path/•••?•••"),
        ("/hooks/path/s3cret/more", "/hooks/path/•••"),
        ("/hooks/prometheus", "/hooks/prometheus"),
        ("GET /metrics", "GET /metrics"),
    ],
)
def test_secrets_in_paths_are_dots_in_every_line_of_the_server(text: str, shown: str) -> None:
    assert redacted(text) == shown


def test_the_servers_own_loggers_pass_through_the_redaction(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    server = WebServer(settings.web, lambda: pytest.fail("made before the fork"))
    log = server.cfg.logger_class(server.cfg)
    log.error_log.propagate = True
    with caplog.at_level(logging.ERROR):
        log.error("Error handling request %s", "/hooks/path/s3cret")
    assert "s3cret" not in caplog.text
    assert "/hooks/path/•••" in caplog.text


def test_a_sender_that_fell_silent_is_worth_a_line_and_no_traceback(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    server = WebServer(settings.web, lambda: pytest.fail("made before the fork"))
    log = server.cfg.logger_class(server.cfg)
    log.error_log.propagate = True
    with caplog.at_level(logging.ERROR):
        for error in (BlockingIOError(), OSError("another")):
            try:
                raise error
            except OSError:
                log.exception("Socket error processing request.")
    assert caplog.text.count("Traceback") == 1
    assert "fell silent" in caplog.text


def test_nothing_is_connected_before_the_fork_and_no_path_is_logged(settings: Settings) -> None:
    chosen = options(settings.web)
    assert chosen["preload_app"] is False
    assert chosen["accesslog"] is None
    assert options(replace(settings.web, host="::1", port=1))["bind"] == "[::1]:1"
