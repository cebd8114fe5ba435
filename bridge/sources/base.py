"""What a source type must be able to do, and what it may say about its sender.

Only ``name``, ``options_schema``, ``headers``, ``methods`` and :meth:`SourceType.parse` are needed. Everything in
:class:`Optional` has a default that fits most senders; ``bridge.sources.batch.JsonSource`` and third parties leave out
what they do not need, and :func:`traits_of` reads what is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from marshmallow import Schema

from bridge.config.schemes import Scheme
from bridge.model.events import Delivery, Parsed
from bridge.secret import Secret
from bridge.sources.record import Record

ACCEPTED = 202
"""The answer to an accepted delivery, unless the type or the configuration says otherwise."""


class SourceType(Protocol):
    """One kind of sender. Instances are made once per configured source and are stateless.

    Attributes:
        name: as written after ``type:`` in bridge.yaml.
        options_schema: marshmallow schema of the type's own settings.
        headers: request headers (lower case) that :meth:`parse` needs; only these are kept with a delivery.
        methods: HTTP methods the sender uses.
    """

    name: ClassVar[str]
    options_schema: ClassVar[type[Schema]]
    headers: ClassVar[tuple[str, ...]]
    methods: ClassVar[tuple[str, ...]]

    def __init__(self, options: Mapping[str, Any]) -> None: ...

    def parse(self, delivery: Delivery) -> Parsed:
        """Turn a delivery into events. Pure: the same delivery gives the same events.

        Raises:
            Unparsable: when nothing of the body can be read; a bad element of a batch is quarantined instead.
        """
        ...


@dataclass(frozen=True, slots=True)
class Knock:
    """A request that asks whether somebody is there, before any delivery.

    Attributes:
        query: the parameters, as sent.
        headers: lower-case names.
    """

    method: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a knock."""

    status: int = 200
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class Optional:
    """What a source type may say beyond :class:`SourceType`; the values here are the defaults.

    Attributes:
        scheme: how the vendor signs; makes ``secrets:`` in bridge.yaml enough. The known ones are in
            ``bridge.sources.signatures.vendors``.
        sender_id_header: header, or several in order of preference, with the sender's own id of a delivery. A second
            delivery with the same id is answered and not applied. Lower case.
        success_status: what the sender takes for success, where it is not any 2xx.
        token_parameter: query parameter in which the sender gives the bearer token where it can set no header.
        handshake_methods: HTTP methods of requests that are no deliveries but ask whether somebody is there.
        path_suffix: what the sender appends to the address that it was given; begins with a slash.
        record: what a person must know to set the sender up.
    """

    scheme: ClassVar[Scheme | None] = None
    sender_id_header: ClassVar[str | tuple[str, ...]] = ()
    success_status: ClassVar[int] = ACCEPTED
    token_parameter: ClassVar[str | None] = None
    handshake_methods: ClassVar[tuple[str, ...]] = ()
    path_suffix: ClassVar[str] = ""
    record: ClassVar[Record | None] = None

    def handshake(self, knock: Knock, secrets: Sequence[Secret]) -> Reply | None:
        """Answer a request of one of the ``handshake_methods``; None when it is none of the sender's.

        It is asked before authentication, because senders do not authenticate it, except where the secret stands in
        the path. So it must tell nothing and do nothing that a stranger may not have.

        Args:
            knock: the request.
            secrets: those of the source, for senders that want proof that we know them.
        """
        return None

    def handover(self, delivery: Delivery, parsed: Parsed) -> str | None:
        """What a person is to be shown once and nobody else ever, such as the token of a test; None for nothing.

        It is asked for deliveries of which a secret was hidden.

        Args:
            delivery: as it came.
            parsed: as it was understood.
        """
        return None


@dataclass(frozen=True, slots=True)
class Traits:
    """The optional attributes of a type, with defaults where it says nothing."""

    scheme: Scheme | None
    sender_id_headers: tuple[str, ...]
    success_status: int
    token_parameter: str | None
    handshake_methods: tuple[str, ...]
    path_suffix: str
    record: Record | None


def traits_of(kind: SourceType | type[SourceType]) -> Traits:
    """What a source type says of :class:`Optional`."""

    def trait(name: str) -> Any:
        return getattr(kind, name, getattr(Optional, name))

    headers = trait("sender_id_header")
    return Traits(
        scheme=trait("scheme"),
        sender_id_headers=(headers,) if isinstance(headers, str) else tuple(headers),
        success_status=trait("success_status"),
        token_parameter=trait("token_parameter"),
        handshake_methods=trait("handshake_methods"),
        path_suffix=trait("path_suffix"),
        record=trait("record"),
    )
