"""What a source type must be able to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from marshmallow import Schema

from bridge.model.events import Delivery, Parsed


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
