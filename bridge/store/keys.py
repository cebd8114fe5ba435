"""Every key of the store, spelled here and nowhere else."""

from __future__ import annotations

PREFIX = "sb:"
CLASSES = 4
"""Classes of urgency of what is owed; :mod:`bridge.store.outbox` names them."""

VERSION = f"{PREFIX}version"
"""Version of the stored form."""
UPGRADE = f"{PREFIX}upgrade"
"""Set while a process brings older state up to date."""
SETTLED = f"{PREFIX}settled"
"""Sorted set: object key of what is over and not packed yet, by the time since when."""
RECENT = f"{PREFIX}recent"
"""Sorted set: object key of the incidents and maintenances that were over last, by the time when they were."""
PROBE = f"{PREFIX}probe"
"""Written to see whether the server takes writes, and to have replicas confirm what was written before."""
REVISION = f"{PREFIX}revision"
"""Grows by one with every change of the policy's state; guards read-decide-write."""
ALERTS = f"{PREFIX}alerts"
"""Hash: alert id → Alert."""
TOMBSTONES = f"{PREFIX}tombstones"
"""Sorted set: resolved alert id by time of resolution, for retention."""
UNROUTED = f"{PREFIX}unrouted"
"""Set: ids of firing alerts that no route took."""
GROUPS = f"{PREFIX}groups"
"""Hash: group id → AlertGroup."""
TIMERS = f"{PREFIX}timers"
"""Sorted set: group id by the time it must be looked at again."""
INCIDENTS = f"{PREFIX}incidents"
"""Hash: incident id → Incident."""
OPEN = f"{PREFIX}open"
"""Set: ids of incidents that are not resolved."""
COMPONENTS = f"{PREFIX}components"
"""Hash: component id → wanted status, with revision and time."""
COUNTERS = f"{PREFIX}counters"
"""Hash: counter name with labels → number."""
QUARANTINE = f"{PREFIX}quarantine"
"""Stream: what could not be understood."""
LANES = f"{PREFIX}lanes"
"""Set: every lane that was ever woken."""

ADDRESS_KEY = f"{PREFIX}address-key"
"""What the ids of subscribers are made with, so that an address does not follow from an id by trying."""

MIRRORED = f"{PREFIX}mirrored"
"""Hash: object key → incident or maintenance that was taken over from a page."""
MIRRORED_OPEN = f"{PREFIX}mirrored:open"
"""Set: object keys of those that are still going on."""
WITHDRAWN = f"{PREFIX}mirrored:withdrawn"
"""Set: object keys whose copies are to be removed."""
INDEX = f"{PREFIX}index:"
"""Begins the names of what can be made again from everything else."""

METRICS = f"{PREFIX}metrics"
"""Hash: our id of a page's metric → what is known of it."""


def points(metric: str) -> str:
    """Sorted set: the points of a metric that are kept, by their time in seconds."""
    return f"{PREFIX}points:{metric}"


def page_objects(page: str) -> str:
    """Hash: remote key (``incident:<remote id>``) → what was last seen of it on a page."""
    return f"{PREFIX}page:{page}:objects"


def page_open(page: str) -> str:
    """Set: remote keys of what was still going on when a page was last looked at."""
    return f"{PREFIX}page:{page}:open"


def page_components(page: str) -> str:
    """Hash: our component id → the status that a page gives it, with revision."""
    return f"{PREFIX}page:{page}:components"


def page_originals(page: str) -> str:
    """Hash: remote id → the component of a page after which others are made elsewhere."""
    return f"{PREFIX}page:{page}:originals"


def page_travels(page: str) -> str:
    """Hash: object of a page → what people changed of it on the pages of a two-way mirror."""
    return f"{PREFIX}page:{page}:travels"


def page_takes(page: str) -> str:
    """Set: objects of which somebody has said that what stands on this page counts."""
    return f"{PREFIX}page:{page}:takes"


def page_meta(page: str) -> str:
    """Hash: begun, looked_at, next_at, etags, stopped of one page."""
    return f"{PREFIX}page:{page}"


def pull(source: str) -> str:
    """Hash: looked_at, next_at and what waits for a second look, of a source that is asked itself."""
    return f"{PREFIX}pull:{source}"


def inbox(source: str) -> str:
    """Stream of the deliveries of one source."""
    return f"{PREFIX}inbox:{source}"


def inbox_meta(source: str) -> str:
    """Hash: cursor, applied, last_at of one source's inbox."""
    return f"{PREFIX}inbox:{source}:meta"


def handover(source: str) -> str:
    """What the sender asks a person for; passes by itself."""
    return f"{PREFIX}handover:{source}"


def sender_id(source: str, identity: str) -> str:
    """Marks a sender's own delivery id as seen."""
    return f"{PREFIX}seen:{source}:{identity}"


def lane(name: str) -> str:
    """Hash: lease (token, owner, until) and state of one lane."""
    return f"{PREFIX}lane:{name}"


def queued(name: str) -> str:
    """Present while a wake-up of the lane waits in RQ; holds the time it was queued."""
    return f"{PREFIX}lane:{name}:queued"


def links(destination: str) -> str:
    """Hash: object key → Link."""
    return f"{PREFIX}links:{destination}"


def remote_ids(destination: str) -> str:
    """Hash: ``<kind>:<remote id>`` → canonical id of the object that was linked with it last; the way back of links."""
    return f"{INDEX}remote:{destination}"


def creating(destination: str) -> str:
    """Set: object keys of links with a creation whose outcome is not known."""
    return f"{INDEX}creating:{destination}"


def owed(destination: str) -> str:
    """Hash: object key → revision, since when, class."""
    return f"{PREFIX}owed:{destination}"


def outbox(destination: str, rank: int) -> str:
    """Sorted set: object key by the time from which it may be worked on; one per class."""
    return f"{PREFIX}outbox:{destination}:{rank}"


def outboxes(destination: str) -> list[str]:
    """The outboxes of all classes, the most urgent first."""
    return [outbox(destination, rank) for rank in range(CLASSES)]


def drift(destination: str) -> str:
    """Hash: object key → names of the fields that somebody else changed there, for what is left so."""
    return f"{PREFIX}drift:{destination}"


def audit(destination: str) -> str:
    """Hash: next_at and audited_at of one destination's audit."""
    return f"{PREFIX}audit:{destination}"


def dead(destination: str) -> str:
    """Set: object keys that the destination refuses."""
    return f"{PREFIX}dead:{destination}"


def subscribers(destination: str) -> str:
    """Hash: subscriber id → Subscriber, as long as they are owed to a destination or refused by it."""
    return f"{PREFIX}subscribers:{destination}"


def edits(destination: str) -> str:
    """Hash: incident update id → the text that a person gave it for this destination."""
    return f"{PREFIX}edits:{destination}"


def story(subject: str) -> str:
    """List: decisions and calls about one incident, in order."""
    return f"{PREFIX}story:{subject}"


def bell(destination: str) -> str:
    """Channel on which is told that something more is owed to a destination."""
    return f"{PREFIX}bell:{destination}"


def rates(identity: str) -> str:
    """List: times of the calls within the window of a rate budget, oldest first."""
    return f"{PREFIX}rate:{identity}"


def bulk_rates(identity: str) -> str:
    """List: of the calls within the window of a rate budget, the times of those for bulk work."""
    return f"{PREFIX}rate:{identity}:bulk"


def budget(identity: str) -> str:
    """Set while a destination told us to stay away."""
    return f"{PREFIX}budget:{identity}"
