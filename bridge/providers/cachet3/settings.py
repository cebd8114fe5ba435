"""What a Cachet 3 destination needs beside address and token."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import Schema, ValidationError, fields

from bridge.config.settings import DestinationSettings
from bridge.errors import ConfigError
from bridge.providers.base.http import Address

_API = "/api"


def _check_zone(value: str) -> None:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValidationError(f"there is no time zone {value!r}; write one such as UTC or Europe/Berlin") from error


class Options(Schema):
    """Settings of a ``cachet3`` destination."""

    time_zone = fields.String(
        load_default="UTC",
        validate=_check_zone,
        metadata={"description": "APP_TIMEZONE of the installation; its answers hold times without a zone"},
    )
    meta = fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "whether the server has free data (meta), from July 2026 on; found out when left out"},
    )


def address(settings: DestinationSettings) -> Address:
    """Where the API is: below the page's own address, which is what people know.

    Raises:
        ConfigError: no url is given; there is no service that could be meant.
    """
    if not settings.url:
        raise ConfigError([f"destinations.{settings.name}: url is missing: the address of your Cachet"])
    base = settings.url.rstrip("/")
    return Address(
        url=base if base.endswith(_API) else base + _API,
        token=settings.token,
        scheme="Bearer",
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
    )


def zone(settings: DestinationSettings) -> ZoneInfo:
    """The installation's time zone, already checked."""
    return ZoneInfo(str(settings.options.get("time_zone", "UTC")))
