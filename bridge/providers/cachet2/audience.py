"""Who is told about incidents (Cachet 2.3 and 2.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from bridge.providers.base.moments import moment_of
from bridge.providers.base.paging import CountedPages
from bridge.providers.base.resource import Creating, JsonObject, Listing, Names, Removing
from bridge.providers.cachet2.records import Subscriber, Subscription
from bridge.providers.cachet2.resources import Cachet2Resource


class Subscribers(Cachet2Resource[Subscriber], Listing[Subscriber], Creating[Subscriber], Removing[Subscriber]):
    """People who get mails. Nobody can be read alone or changed; an address that is known comes back as it is.

    ``verify`` makes the address count at once, without a mail. Without ``components`` they are told of everything that
    exists now. Each answer holds ``verify_code``, with which anybody can change the subscription.
    """

    path = "/subscribers"
    fields = ("email", "verify", "components")
    # There is no sort, so the order is the database's; as few pages as sensible.
    query: ClassVar[Mapping[str, Any]] = {}
    paging = CountedPages(limit=1000)
    thin: ClassVar[Mapping[str, Any]] = {"global": True, "phone_number": None, "slack_webhook_url": None}

    def body(self, given: Mapping[str, Any] | None, keywords: Names) -> JsonObject:
        """The fields of a write.

        Raises:
            ValueError: ``components`` is empty, which Cachet takes for all of them, or a text, on which it breaks.
        """
        made = super().body(given, keywords)
        if "components" in made and (isinstance(made["components"], str) or not made["components"]):
            raise ValueError("components is a list of ids that is not empty; leave it out for all components")
        return made


class Subscriptions(Cachet2Resource[Subscription], Removing[Subscription]):
    """One component of one subscriber, which can only be removed; its id is in the subscriber's ``subscriptions``."""

    path = "/subscriptions"


def verified_at(subscriber: Mapping[str, Any], *formats: str) -> datetime | None:
    """When an address was verified; None when the text is in a form that cannot be read.

    Where nobody verified the address it is the present moment, so two reads that differ mean: never.

    Args:
        subscriber: one of the list.
        formats: further formats, as of ``strptime``; the text is in the one that the site has set. Known are Cachet's
            own (``Saturday 21st November 2026 00:00:00``), ISO 8601 and the day first.
    """
    text = str(subscriber.get("verified_at") or "").strip()
    if (moment := moment_of(text)) is not None:
        return moment
    plain = _SUFFIX.sub("", text)
    for pattern in (*formats, *_FORMATS):
        for written in (text, plain):
            try:
                return datetime.strptime(written, pattern).replace(tzinfo=UTC)
            except ValueError:
                continue
    return None


_SUFFIX = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
_FORMATS = (
    "%A %d %B %Y %H:%M:%S",
    "%A %d %B %Y %H:%M",
    "%d %B %Y %H:%M:%S",
    "%d %B %Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
)
