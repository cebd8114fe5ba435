"""Whom a client trusts: a server with a certificate of its own."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bridge.errors import Down, Outcome
from bridge.providers.cachet2 import Client


class Pong(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"data": "Pong!"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


def self_signed(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1, in one file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stage")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "server.pem"
    path.write_bytes(private + certificate.public_bytes(pem))
    return path


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    path = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = HTTPServer(("127.0.0.1", 0), Pong)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}", path
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_certificate_that_nobody_knows_is_refused_before_the_token_is_sent(secured: tuple[str, Path]) -> None:
    with (
        Client(url=secured[0], token="x", environ={}) as client,
        pytest.raises(Down, match="check its certificate") as caught,
    ):
        client.status.view()
    assert caught.value.outcome is Outcome.NOT_DONE


def test_a_certificate_that_is_told_is_trusted(secured: tuple[str, Path]) -> None:
    with Client(url=secured[0], token="x", environ={}, verify=str(secured[1])) as client:
        assert client.ping()


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_any_certificate_is_trusted_when_that_is_asked_for(secured: tuple[str, Path]) -> None:
    with Client(url=secured[0], token="x", environ={}, verify=False) as client:
        assert client.ping()
