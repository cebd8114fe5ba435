"""Who is told: by mail mostly, and by every other way that some provider has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from bridge.sandbox.realistic.plan import Channel, PlannedComponent, PlannedSubscriber, PlannedTemplate, Standing

_NUMBERS: dict[Channel, int] = {"email": 160, "sms": 24, "webhook": 8, "slack": 5, "teams": 3}
_FIRST = (
    "alex", "amira", "bo", "chen", "dilara", "eva", "farid", "grace", "hana", "ivan", "joão", "kim", "lena", "mira",
    "noor", "olu", "priya", "quentin", "rosa", "sami", "tove", "uma", "víctor", "wei", "yuki", "zoe",
)  # fmt: skip
_HOUSES = ("example.com", "example.org", "example.net", "mail.example", "shop.example", "uni.example")
_STANDINGS: tuple[Standing, ...] = ("confirmed",) * 16 + ("unconfirmed",) * 2 + ("quarantined", "left")
TEMPLATES = (
    PlannedTemplate(
        "Outage", "Outage of a service", "We are aware that something is **down**, and are investigating.",
        "{{ service }} is **down**. We are working on {{ incident.name }}.",
    ),
    PlannedTemplate(
        "Slow", "Slow responses", "Answers take longer than usual. Nothing is lost.",
        "{{ service }} takes longer than usual. Nothing is lost.",
    ),
    PlannedTemplate(
        "Supplier", "Trouble at a supplier", "A supplier of ours has an outage. We follow their page and tell you.",
        "{{ supplier }} has an outage, and we with them.",
    ),
    PlannedTemplate(
        "Résolu – تم الحل", "Resolved", "All is well again ✅", "All is well again ✅ ({{ incident.name }})",
    ),
)  # fmt: skip


def draw_subscribers(
    draw: Random, begins_at: datetime, now: datetime, components: Sequence[PlannedComponent]
) -> tuple[PlannedSubscriber, ...]:
    """All subscribers, by the time at which they came; no address is there twice."""
    minutes = int((now - begins_at).total_seconds() // 60)
    keys = [component.key for component in components if not component.hidden]
    found = []
    for channel, count in _NUMBERS.items():
        for number in range(count):
            follows_all = number % 8 == 0
            found.append(
                PlannedSubscriber(
                    channel=channel,
                    address=_address(draw, channel, number),
                    since=begins_at + timedelta(minutes=draw.randrange(minutes)),
                    standing=draw.choice(_STANDINGS) if channel in ("email", "webhook") else "confirmed",
                    components=() if follows_all else tuple(sorted(draw.sample(keys, draw.randrange(1, 7)))),
                )
            )
    return tuple(sorted(found, key=lambda subscriber: (subscriber.since, subscriber.address)))


def _address(draw: Random, channel: Channel, number: int) -> str:
    if channel == "email":
        return f"{draw.choice(_FIRST)}+{number}@{draw.choice(_HOUSES)}"
    if channel == "sms":
        return f"+1555{number:07d}"
    return f"https://{channel}.example.com/hooks/{number}?key={draw.getrandbits(32):08x}"
