"""Who is told about incidents: subscribers of the page and of single incidents (Statuspage REST API v1)."""

from __future__ import annotations

from typing import Any

from bridge.providers.base.actions import Nothing, One, Rows
from bridge.providers.base.http import Query
from bridge.providers.base.paging import Paging
from bridge.providers.base.resource import Creating, Listing, Reading, Removing
from bridge.providers.statuspage.people_records import Subscriber, SubscriberCount, SubscriberHistogram


class Subscribers(Listing[Subscriber], Reading[Subscriber], Creating[Subscriber], Removing[Subscriber]):
    """Subscribers of the page. Lists and counts hold active ones only, unless ``state="all"`` is asked for.

    ``remove`` takes ``skip_unsubscription_notification``. The bulk calls take ``subscribers``: a list of at most 100
    ids, or ``"all"``.
    """

    path = "/pages/{page_id}/subscribers"
    wrap = "subscriber"
    # The only list of this API that begins with page 0.
    paging = Paging(size="limit", first=0)
    filters = ("q", "type", "state", "sort_field", "sort_direction")
    fields = (
        "email", "endpoint", "phone_country", "phone_number", "skip_confirmation_notification", "page_access_user",
        "component_ids",
    )  # fmt: skip

    update = One(Subscriber, "PATCH", "/{id}", fields=("component_ids",))
    resend = Nothing("POST", "/{id}/resend_confirmation")
    resend_many = Nothing("POST", "/resend_confirmation", fields=("subscribers",), needs=("subscribers",))
    unsubscribe = Nothing(
        "POST",
        "/unsubscribe",
        fields=("subscribers", "type", "state", "skip_unsubscription_notification"),
        needs=("subscribers",),
    )
    reactivate = Nothing("POST", "/reactivate", fields=("subscribers", "type"), needs=("subscribers",))
    counts = One(SubscriberCount, "GET", "/count", fields=("type", "state"))
    histogram = One(SubscriberHistogram, "GET", "/histogram_by_state")
    unsubscribed = Rows(Subscriber, "/unsubscribed", paging=Paging())

    def count(self, query: Query | None = None, /, **names: Any) -> int:
        """How many subscribers there are; one call, unless something is asked for that only the list can filter."""
        asked = {**(query or {}), **names}
        if set(asked) & {"q", "sort_field", "sort_direction"}:
            return super().count(query, **names)
        return sum(number for number in self.counts(asked).values() if isinstance(number, int))


class IncidentSubscribers(Listing[Subscriber], Reading[Subscriber], Creating[Subscriber], Removing[Subscriber]):
    """Subscribers of one incident."""

    path = "/pages/{page_id}/incidents/{incident_id}/subscribers"
    wrap = "subscriber"
    fields = ("email", "phone_country", "phone_number", "skip_confirmation_notification")

    resend = Nothing("POST", "/{id}/resend_confirmation")
