"""What must hold at the end of a run, by the sandbox's own record and by what was said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bridge.model.enums import AlertStatus, ComponentStatus, Kind, Publication
from bridge.model.facts import ObjectKey
from bridge.model.objects import Incident
from bridge.sandbox.state import PublicPage, ShownIncident
from tests.chaos.origin import NAME
from tests.chaos.place import NAMES, PROVIDERS, Place
from tests.chaos.scenario import Said
from tests.chaos.watch import TONES


def violations(here: Place, truth: dict[str, Said]) -> Iterator[str]:
    """Everything that does not hold, in words; nothing when all is well."""
    yield from _every_statement_is_reflected(here, truth)
    published = {
        incident.id: incident for incident in _incidents(here) if incident.publication is Publication.PUBLISHED
    }
    yield from _everything_written_by_hand_is_taken_over(here, published)
    for name in PROVIDERS:
        page = here.sandbox.plugins[name].page()
        yield from _pages_show_what_is_published(here, name, page, published)
        yield from _components_are_right(here, name, page)
        yield from _nothing_held_was_ever_shown(here, name)


def _incidents(here: Place) -> list[Incident]:
    linked = {key.id for name in PROVIDERS for key in here.store.links.all(name) if key.kind is Kind.INCIDENT}
    found = {incident.id: incident for incident in here.store.state.incidents(linked)}
    found |= {incident.id: incident for incident in here.store.open_incidents()}
    mirrored = here.store.pages.many(ObjectKey(Kind.INCIDENT, identity) for identity in linked - found.keys())
    found |= {key.id: obj for key, obj in mirrored.items() if isinstance(obj, Incident)}
    return list(found.values())


def _everything_written_by_hand_is_taken_over(here: Place, published: dict[str, Incident]) -> Iterator[str]:
    """What a person wrote on the mirrored page is known word for word, in order and once."""
    told = here.origin.told if here.origin else {}
    taken = [incident for incident in published.values() if incident.origin]
    texts = {item.title: [_plain(update.message.source) for update in item.updates] for item in taken}
    if len(texts) != len(taken):
        yield f"{NAME}: something was taken over twice: {sorted(item.title for item in taken)}"
    if here.origin and here.origin.wrote_at and {title: texts.get(title) for title in told} != told:
        yield f"{NAME}: the person wrote {told}, taken over was {texts}"


def _every_statement_is_reflected(here: Place, truth: dict[str, Said]) -> Iterator[str]:
    alerts = here.store.state.snapshot(f"prom/{key}" for key in truth).world.alerts
    for key, said in truth.items():
        alert = alerts.get(f"prom/{key}")
        if alert is None:
            yield f"{key} was accepted and is not known"
        elif (alert.status is AlertStatus.FIRING) != said.firing:
            yield f"{key} is {alert.status}, its source said last that it {'fires' if said.firing else 'is over'}"


def _pages_show_what_is_published(
    here: Place, name: str, page: PublicPage, published: dict[str, Incident]
) -> Iterator[str]:
    shown = {incident.id: incident for incident in (*page.open_incidents, *page.past_incidents)}
    links = {key.id: link for key, link in here.store.links.all(name).items() if key.kind is Kind.INCIDENT}
    remote = {str(links[identity].remote_id): identity for identity in published if identity in links}
    for identity in published:
        if identity not in links or links[identity].remote_id not in shown:
            yield f"{name}: {identity} is not on the page"
    for identity, incident in shown.items():
        wanted = published.get(remote.get(identity, ""))
        if wanted is None:
            yield f"{name}: the page shows {identity} ({incident.title!r}), which nobody wanted: a twin or a ghost"
        elif _texts(incident) != [_plain(update.message.source) for update in wanted.updates]:
            expected = [update.message.source for update in wanted.updates]
            yield f"{name}: {wanted.id} shows {_texts(incident)} instead of {expected}"


def _texts(incident: ShownIncident) -> list[str]:
    """Bodies oldest first, without markup."""
    return [_plain(update.body) for update in reversed(incident.updates)]


def _plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>|\\", "", text).split())


def _components_are_right(here: Place, name: str, page: PublicPage) -> Iterator[str]:
    wanted = here.store.state.component_statuses()
    shown = {item.name: item.tone for group in page.groups for item in group.components}
    for component, title in NAMES.items():
        status = wanted[component].status if component in wanted else ComponentStatus.OPERATIONAL
        if shown[title] != TONES[status]:
            yield f"{name}: {title} looks {shown[title]} where it is {status}"


def _nothing_held_was_ever_shown(here: Place, name: str) -> Iterator[str]:
    for entry in here.sandbox.journal.entries(name, None):
        if "SECRET" in str(entry.to_json()):
            yield f"{name}: something that policy held was published at {entry.at}"
            return
