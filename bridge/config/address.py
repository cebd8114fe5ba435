"""Addresses of the store: one server, or the sentinels that know which server is the primary at the moment. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

SERVER_SCHEMES = ("redis://", "rediss://", "unix://")
SENTINEL_SCHEMES = ("redis+sentinel://", "rediss+sentinel://")
SENTINEL_PORT = 26_379

_OPTIONS = ("sentinel_username", "sentinel_password", "ssl_ca_certs")


@dataclass(frozen=True, slots=True)
class SentinelAddress:
    """Where to ask for the primary, and how to talk to it.

    Attributes:
        sentinels: hosts and ports; any one that answers is enough.
        service: name under which the sentinels watch the primary.
        db: number of the database.
        username, password: for the primary.
        sentinel_username, sentinel_password: for the sentinels.
        tls: whether primary and sentinels are spoken to over TLS.
        ca_certs: file with the authorities that sign their certificates; None takes the system's.
    """

    sentinels: tuple[tuple[str, int], ...]
    service: str
    db: int = 0
    username: str | None = None
    password: str | None = None
    sentinel_username: str | None = None
    sentinel_password: str | None = None
    tls: bool = False
    ca_certs: str | None = None

    def __repr__(self) -> str:
        hosts = ",".join(f"{host}:{port}" for host, port in self.sentinels)
        return f"SentinelAddress({hosts}/{self.service}/{self.db})"


def is_sentinel(url: str) -> bool:
    """Whether an address names sentinels instead of a server."""
    return url.startswith(SENTINEL_SCHEMES)


def parse_sentinel(url: str) -> SentinelAddress:
    """Read ``redis+sentinel://user:password@host:port,host:port/service/db?sentinel_password=…``.

    Ports default to 26379, the database to 0; ``rediss+sentinel://`` means TLS.

    Raises:
        ValueError: with what is missing; never with a part of the address, which may hold a password.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # its text would repeat the address
        raise ValueError("a host in it cannot be read") from None
    login, _, hosts = parts.netloc.rpartition("@")
    username, _, password = login.partition(":")
    service, _, db = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("the name of the service is missing behind the hosts")
    if db and not db.isdecimal():
        raise ValueError("the database behind the service must be a number")
    options = _options(parts)
    return SentinelAddress(
        sentinels=tuple(_host(item) for item in hosts.split(",")),
        service=unquote(service),
        db=int(db or 0),
        username=unquote(username) or None,
        password=unquote(password) or None,
        sentinel_username=options.get("sentinel_username"),
        sentinel_password=options.get("sentinel_password"),
        tls=parts.scheme.startswith("rediss"),
        ca_certs=options.get("ssl_ca_certs"),
    )


def _options(parts: SplitResult) -> dict[str, str]:
    options = dict(parse_qsl(parts.query))
    if options.keys() - set(_OPTIONS):
        raise ValueError(f"only these options may follow the question mark: {', '.join(_OPTIONS)}")
    return options


def _host(item: str) -> tuple[str, int]:
    host, _, port = item.rpartition(":") if item.rpartition(":")[2].isdecimal() else (item, "", "")
    host = host.strip("[]")
    number = int(port or SENTINEL_PORT)
    if not host or not 0 < number < 65_536:
        raise ValueError("each sentinel needs a host, and a port from 1 to 65535 where it is not 26379")
    return host, number
