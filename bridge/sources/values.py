"""Senders whose values are typed by people and travel as they like: as JSON, as a form, or in the query of a GET.

The Content-Type proves nothing. A body is what it looks like, and values of the query are added where the body does
not name them.
"""

from __future__ import annotations

from typing import ClassVar

from bridge.model.events import Delivery
from bridge.sources.body import Json
from bridge.sources.form import read_values
from bridge.sources.single import ObjectSource


class ValueSource(ObjectSource):
    """Base of the sources with a template: any encoding, names without regard to case."""

    methods: ClassVar[tuple[str, ...]] = ("POST", "PUT", "GET")
    loose_names: ClassVar[bool] = True

    def read(self, delivery: Delivery) -> Json:
        """The values of a delivery, wherever they are.

        Raises:
            Unparsable: when there are none, or the body is neither JSON nor a form.
        """
        return read_values(delivery)
