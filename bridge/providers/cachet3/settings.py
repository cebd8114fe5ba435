"""What a Cachet 3 destination needs beside address and token."""

from __future__ import annotations

from marshmallow import Schema, fields

from bridge.config.settings import DestinationSettings
from bridge.errors import ConfigError
from bridge.providers.base.http import Address


class Options(Schema):
    """Settings of a ``cachet3`` destination."""

    time_zone = fields.String(
        load_default="UTC",
        metadata={"description": "APP_TIMEZONE of the installation; its answers hold times without a zone"},
    )


def address(settings: DestinationSettings) -> Address:
    """Where the API is.

    Without ``Accept`` unknown paths answer in HTML, and servers older than 2026-07-20 redirect (Cachet 3 source).

    Raises:
        ConfigError: no url is given; there is no service that could be meant.
    """
    if not settings.url:
        raise ConfigError(
            [f"destinations.{settings.name}: cachet3 needs a url, such as https://status.example.com/api"]
        )
    return Address(
        url=settings.url,
        token=settings.token,
        scheme="Bearer",
        headers={"Accept": "application/json"},
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
    )
