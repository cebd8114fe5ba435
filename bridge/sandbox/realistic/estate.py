"""What the page is about: nine groups and sixty components of a company that nobody runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from bridge.sandbox.realistic.plan import Health, PlannedComponent, PlannedGroup

_GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Website and apps", "What people open.",
        ("Website", "Customer portal", "Help centre", "iOS app", "Android app", "Desktop app", "Browser extension"),
    ),
    (
        "API", "What programs call.",
        (
            "REST API", "GraphQL API", "Outgoing webhooks", "Bulk import", "Exports", "API keys", "Developer portal",
            "Test environment",
        ),
    ),
    (
        "Accounts & sign-in", "Who you are, and what you may do.",
        ("Sign-in", "Single sign-on (SAML)", "Two-factor codes", "Password reset", "Invitations", "Audit log"),
    ),
    (
        "Payments", "Money, in and out.",
        ("Card payments", "Direct debit", "Invoices", "Payouts", "Tax reports", "Fraud checks"),
    ),
    (
        "Data and storage", "Where everything is kept.",
        ("Primary database", "Read replicas", "Object storage", "Search", "Cache", "Backups", "Reporting warehouse"),
    ),
    (
        "Messaging", "What we send, and what you send to us.",
        ("Email delivery", "SMS delivery", "Push notifications", "In-app chat", "Incoming email"),
    ),
    (
        "Regions", "Where we run.",
        (
            "Europe (Frankfurt)", "Europe (Dublin)", "US East", "US West", "Asia Pacific (Singapore)",
            "Asia Pacific (東京)", "South America (São Paulo)",
        ),
    ),
    (
        "Integrations 🔌", "Other people's products, joined to ours.",
        ("Calendar sync", "CRM sync", "Spreadsheet add-on", "Chat bots", "Automation recipes", "Accounting export"),
    ),
    ("Internal tools", "For us only.", ("Deploy pipeline", "Build runners", "Feature flags", "Metrics collector")),
)  # fmt: skip
_ALONE = ("Documentation", "Community forum", "Legacy endpoint <v1>", "DNS")
_HIDDEN_GROUP = "Internal tools"
_HIDDEN = ("Legacy endpoint <v1>", "Test environment")
_RESTING: dict[str, Health] = {"Tax reports": "degraded", "Legacy endpoint <v1>": "unknown"}
_DESCRIPTIONS = (
    "",
    "Requests answered within two seconds, seen from five places.",
    "Everything behind {name}, from the first request to the last byte.",
    "{name} for all plans. **Enterprise** accounts have their own.",
    "Monitored around the clock; see the [handbook](https://handbook.example.com/) for what we promise.",
    "Available 24/7 – اتاق وضعیت – 服务状态 – состояние: {name}.",
)


def draw_groups() -> tuple[PlannedGroup, ...]:
    """The groups."""
    return tuple(
        PlannedGroup(key, name, text, hidden=name == _HIDDEN_GROUP) for key, (name, text, _) in enumerate(_GROUPS)
    )


def draw_components(draw: Random, begins_at: datetime) -> tuple[PlannedComponent, ...]:
    """The components, those of a group one after the other, those without one at the end.

    Args:
        draw: for descriptions and ages.
        begins_at: before which the first ones were there.
    """
    places = [(name, key) for key, (_, _, names) in enumerate(_GROUPS) for name in names]
    named: list[tuple[str, int | None]] = [*places, *((name, None) for name in _ALONE)]
    return tuple(
        PlannedComponent(
            key=key,
            name=name,
            description=draw.choice(_DESCRIPTIONS).format(name=name),
            group=group,
            since=begins_at - timedelta(days=draw.randrange(1, 400), minutes=draw.randrange(1440)),
            resting=_RESTING.get(name, "operational"),
            hidden=name in _HIDDEN,
        )
        for key, (name, group) in enumerate(named)
    )
