"""Senders whose values are typed by people and travel as they like: as JSON, as a form, or in the query of a GET.

The Content-Type proves nothing. A body is what it looks like, and values of the query are added where the body does
not name them.
"""

from __future__ import annotations

from typing import ClassVar

from bridge.errors import Unparsable
from bridge.model.events import Delivery
from bridge.sources.body import Json, clean, read_json
from bridge.sources.form import form_fields
from bridge.sources.single import ObjectSource

_BOM = b"\xef\xbb\xbf"


class ValueSource(ObjectSource):
    """Base of the sources with a template: any encoding, names without regard to case."""

    methods: ClassVar[tuple[str, ...]] = ("POST", "PUT", "GET")
    loose_names: ClassVar[bool] = True

    def read(self, delivery: Delivery) -> Json:
        """The values of a delivery, wherever they are.

        Raises:
            Unparsable: when there are none, or the body is neither JSON nor a form.
        """
        query = clean(dict(delivery.query))
        if not delivery.body.removeprefix(_BOM).strip():
            if not query:
                raise Unparsable("The request holds no values: its body is empty and so is its query.")
            return Json(query)
        form = form_fields(delivery)
        body = read_json(delivery.body) if form is None else Json(form)
        return Json({**query, **body.data}, body.warnings) if isinstance(body.data, dict) else body
