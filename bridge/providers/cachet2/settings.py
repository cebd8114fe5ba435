"""What a Cachet 2 destination needs beside a token, and how it is addressed."""

from __future__ import annotations

from enum import StrEnum

from marshmallow import Schema, fields, validate

from bridge.config.settings import DestinationSettings
from bridge.errors import ConfigError
from bridge.providers.base.http import Address

_API = "/api/v1"


class Dialect(StrEnum):
    """Which Cachet 2 it is."""

    AUTO = "auto"
    """Ask the server, once, before the first call for which it matters."""
    CACHET_2_3 = "2.3"
    CACHET_2_4 = "2.4"


class Options(Schema):
    """Settings of a ``cachet2`` destination."""

    dialect = fields.String(
        load_default=Dialect.AUTO.value,
        validate=validate.OneOf(list(Dialect), error="must be auto, 2.3 or 2.4"),
        metadata={"description": "auto asks the server which Cachet 2 it is; 2.3 or 2.4 saves that call"},
    )


def address(settings: DestinationSettings) -> Address:
    """Where the API is.

    ``Time-Zone`` makes Cachet read and show times in UTC whatever zone its page is set to (2.3 and 2.4, measured).

    Raises:
        ConfigError: there is no address.
    """
    if not settings.url:
        raise ConfigError([f"destinations.{settings.name}: url is missing: the address of your Cachet"])
    base = settings.url.rstrip("/")
    return Address(
        url=base if base.endswith(_API) else base + _API,
        token=settings.token,
        header="X-Cachet-Token",
        headers={"Time-Zone": "UTC"},
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
    )
