"""Sentences of incidents, by cause. ``{what}`` is what is hit, ``{share}`` a share, ``{where}`` a region."""

from __future__ import annotations

from dataclasses import dataclass

REGIONS = ("Frankfurt", "Dublin", "US East", "US West", "Singapore", "東京", "São Paulo")


@dataclass(frozen=True)
class Cause:
    """One sort of trouble and what is said about it: the first of each go together, and the second of each.

    Attributes:
        titles: a third one goes with both.
        area: names of groups that it hits; empty for any.
        severe: chance that it is more than a slowdown.
    """

    titles: tuple[str, ...]
    reports: tuple[str, ...]
    found: tuple[str, ...]
    mended: tuple[str, ...]
    area: tuple[str, ...] = ()
    severe: float = 0.3


CAUSES: tuple[Cause, ...] = (
    Cause(
        ("Slow responses: {what}", "{what} slower than usual", "Elevated latency on {what}"),
        (
            "{what} takes longer than it should for about {share} of requests. We are finding out why.",
            "Since a few minutes ago, {what} answers slowly. Nothing is lost; requests just wait.",
        ),
        (
            "A query that used to be quick now reads a whole table. We are adding the index that it lacks.",
            "One of the nodes ran out of connections. We are taking it out and adding two others.",
        ),
        ("The index is in place and times are falling.", "The node is out. Response times are **back to normal**."),
        severe=0.15,
    ),
    Cause(
        ("Errors on {what}", "{what}: some requests fail", "Elevated error rate ({what})"),
        (
            "About {share} of requests to {what} fail with `HTTP 502`. We are looking into it.",
            "We see more errors than usual on {what}. Trying again mostly helps.",
        ),
        (
            "The errors began with today's release (`2.{number}`). We are rolling it back.",
            "A certificate between two of our services was not renewed in time. A new one is on its way.",
        ),
        (
            "The release is rolled back, and errors are gone from our graphs.",
            "The certificate is in place everywhere. Errors stopped at once.",
        ),
        severe=0.5,
    ),
    Cause(
        ("{what} unavailable", "Outage of {what}", "{what} cannot be reached"),
        (
            "{what} does not answer at all. The whole team is on it; next news within 15 minutes.",
            "We are aware that {what} is **down** and are investigating.",
        ),
        (
            "Power was lost in one half of our hall in {where}. Traffic is being moved to the other half.",
            "A configuration change went out to all machines at once, which it never should. We are taking it back, "
            "machine by machine.",
        ),
        ("Traffic runs through the other half now.", "All machines have the former configuration again."),
        severe=1.0,
    ),
    Cause(
        ("Delayed {what}", "{what}: long queue", "Backlog in {what}"),
        (
            "Work for {what} piles up faster than it is done. Everything will be delivered, **only later**.",
            "{what} is about {number} minutes behind.",
        ),
        (
            "One customer's import brought more in an hour than we usually see in a week. It has its own lane now.",
            "A worker kept failing on one broken item and tried for ever. The item is set aside.",
        ),
        ("The queue is shrinking by a thousand items a minute.", "We are catching up: {number} minutes to go."),
        area=("Messaging", "Integrations 🔌", "API"),
        severe=0.1,
    ),
    Cause(
        ("Session timeouts on {what}", "Codes for signing in arrive late", "Sign-in problems ({what})"),
        (
            "Some of you are sent back to the sign-in page after signing in. We are looking at it.",
            "Codes for the second factor arrive late or not at all.",
        ),
        (
            "Sessions were kept on a node that was restarted. Who was on it has to sign in once more.",
            "The provider of text messages has trouble of its own; we switch to our second one.",
        ),
        ("New sessions last again.", "Codes arrive within seconds again."),
        area=("Accounts & sign-in",),
        severe=0.6,
    ),
    Cause(
        ("Card payments declined", "{what}: confirmations missing", "Payments take long ({what})"),
        (
            "About {share} of payments are declined although the card is fine. **Nobody is charged twice.**",
            "Money moves, but our confirmation for it does not go out.",
        ),
        (
            "The acquirer changed the order of two fields. We follow.",
            "A lock in the ledger was held by a report that ran into the morning. The report is stopped.",
        ),
        ("Payments go through at the usual rate.", "Confirmations that were missing have been sent."),
        area=("Payments",),
        severe=0.7,
    ),
    Cause(
        ("Network trouble in {where}", "Packet loss between {where} and the rest of the world"),
        (
            "Connections to {where} break now and then. Other regions are fine.",
            "We lose about {share} of packets to and from {where}.",
        ),
        (
            "A fibre was cut by an excavator 🚧. Traffic takes the long way round until it is spliced.",
            "Our upstream carrier leaks routes. We have stopped announcing through it.",
        ),
        ("Traffic flows over other carriers; round trips are 20 ms longer.", "The fibre is spliced."),
        area=("Regions",),
        severe=0.6,
    ),
    Cause(
        ("Search results incomplete", "{what}: stale data", "New records missing from {what}"),
        (
            "What was added since this morning is not found yet.",
            "{what} shows what was true {number} minutes ago, not what is true now.",
        ),
        (
            "A replica stopped replicating without saying so. It is being built anew.",
            "The index is rebuilt from the beginning, which takes about {number} minutes.",
        ),
        ("All replicas are within a second of the primary.", "The rebuilt index is in use."),
        area=("Data and storage",),
        severe=0.2,
    ),
    Cause(
        ("{what} and a failing dependency", "Trouble at a supplier affects {what}"),
        (
            "A supplier of ours has an outage, and {what} with it. We follow their page and tell you here.",
            "What we get from a third party for {what} comes late or wrong.",
        ),
        ("The supplier has found the cause and promises a fix within the hour.", "We have switched to our fallback."),
        ("The supplier reports that all is well again, and our own checks agree.", "The fallback holds."),
        severe=0.4,
    ),
)

PROGRESS = (
    "Still working on it.",
    "We have a suspicion, and are testing it on one machine before we touch the others.",
    "About {share} of requests are still affected. Next update in 30 minutes.",
    "The first attempt did not help. We are going through what changed in the last 24 hours:\n\n"
    "1. the release of this morning\n2. a new version of the proxy\n3. a rotated key",
    "More machines are on their way. Thank you for your patience 🙏",
    "We are also seeing this in {where}, and treat it as one problem.",
    "No news is bad news, we know: we are still where we were.",
)
WATCHED = (
    "We keep watching.",
    "All graphs look as they should; we stay with it for another while.",
    "We will close this when an hour has passed without a single error.",
)
RELAPSED = (
    "It came back. We are looking again.",
    "We spoke too soon: errors are rising again for about {share} of requests.",
)
RESOLVED = (
    "This is over.",
    "Everything works as it should again. Sorry for the trouble.",
    "Resolved. From the first error to the last one it took {minutes} minutes.",
    "All is well again. What we learn from this is written up for everybody who asks: "
    "<https://handbook.example.com/lessons>.",
    "Fixed ✅",
    "The problem has not shown up again, so we close this.\n\n> If you still see it, *please tell us*.",
)
POSTMORTEMS = (
    "## What happened\n\nAt {time} UTC {what} began to fail. For {minutes} minutes about {share} of requests "
    "got no answer.\n\n## Why\n\nA change that was tested with ten accounts met ten thousand of them.\n\n"
    "## What we do about it\n\n- releases reach one region first\n- an alarm for *slower than last week*\n"
    "- a `--dry-run` for this sort of change\n",
    "### Summary\n\n{what} was hit for {minutes} minutes, {share} of it hard.\n\n| when | what |\n|---|---|\n"
    "| {time} | first alarm |\n| +4 min | somebody looks |\n| +{minutes} min | over |\n\n"
    "We are sorry. The cause is understood, mended, and has a test of its own now.\n",
)
