"""What a Statuspage destination needs beside a token, and how it is addressed."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from bridge.config.settings import DestinationSettings
from bridge.providers.base.http import Address

SERVICE = "https://api.statuspage.io/v1"


class Options(Schema):
    """Settings of a ``statuspage`` destination."""

    page_id = fields.String(
        required=True,
        # Ids are digits and consonants; a little more is let through, as the alphabet is only seen, not promised.
        validate=validate.Regexp(r"^[A-Za-z0-9_-]+\Z", error="is the short id of the page, such as kctbh9vrtdwd"),
        metadata={"description": "id of the page, as shown under API info on Statuspage"},
    )


def address(settings: DestinationSettings) -> Address:
    """Where the API is. ``Bearer`` is not accepted there; the word is ``OAuth`` (Statuspage spec)."""
    return Address(
        url=settings.url or SERVICE,
        token=settings.token,
        scheme="OAuth",
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
    )
