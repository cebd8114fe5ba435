"""Sending each step and watching the four pages until they show it, or until time is up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import requests

from bridge.children import Child
from bridge.config.settings import Settings
from bridge.demo.page import Page, Shown, differences, read_page
from bridge.demo.place import PROVIDERS, Place
from bridge.demo.story import Expected, Step, steps
from bridge.errors import BridgeError, StoreDown
from bridge.store import Store

LOOK_EVERY = 0.04
"""Seconds between two looks at the pages that are not right yet."""
_TIMEOUT = 5.0


class DemoFailed(BridgeError):
    """The demo did not come out as it must; the message says what is wrong and where to look."""


@dataclass(frozen=True, slots=True)
class Reached:
    """One step on one page.

    Attributes:
        after: milliseconds from sending the webhook to the page's last change; None when nothing had to change.
        word: the component's status in the page's own words.
        updates: number of updates that the incident has.
    """

    remote_id: str
    word: str
    updates: int
    after: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """One step so far.

    Attributes:
        accepted: milliseconds from sending the webhook to the 202; None before it.
        reached: by provider; missing ones are not right yet.
    """

    number: int
    step: Step
    accepted: int | None = None
    reached: Mapping[str, Reached] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        """True when all four pages are right."""
        return len(self.reached) == len(PROVIDERS)


Observe = Callable[[Progress], None]
"""Told whenever something was reached."""


class Tour:
    """The four steps.

    Args:
        place: where.
        settings: of the running statusbridge; only to ask its store what it still owes.
        observe: told about every progress.
        stop: set when the user wants to end.
    """

    def __init__(self, place: Place, settings: Settings, observe: Observe, stop: threading.Event) -> None:
        self._place = place
        self._settings = settings
        self._observe = observe
        self._stop = stop
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy stands between us and this machine

    def run(self, deadline: float) -> None:
        """All steps, one after the other; ends early, without complaint, when ``stop`` is set.

        Args:
            deadline: on the monotonic clock.

        Raises:
            DemoFailed: a webhook was refused, or a page was not right in time.
        """
        for number, step in enumerate(steps(datetime.now(UTC)), start=1):
            if self._stop.is_set():
                return
            try:
                self._take(Progress(number, step), deadline)
            except requests.RequestException as error:
                raise DemoFailed(f"step {number} ({step.title}) broke off: {error}") from error
        self._look_once_more(step.expected, deadline)

    def _look_once_more(self, expected: Expected, deadline: float) -> None:
        """Everything may be right and a twin still on its way: wait until nothing is owed, and look again."""
        self._await_quiet(deadline)
        wrong = [
            f"  {name}: {difference}"
            for provider, name in PROVIDERS.items()
            for difference in differences(self.page(provider), expected)
        ]
        if wrong and not self._stop.is_set():
            raise DemoFailed("\n".join(["all pages were right, and then they were not:", *wrong]))

    def _take(self, progress: Progress, deadline: float) -> None:
        self._observe(progress)
        written = {provider: len(self._writes(provider)) for provider in PROVIDERS}
        sent_at = datetime.now(UTC)
        self._send(progress.step)
        progress = replace(progress, accepted=_millis_since(sent_at))
        self._observe(progress)
        if not progress.step.changes:
            self._await_quiet(deadline)
        while not progress.is_done and not self._stop.is_set():
            for provider in PROVIDERS.keys() - progress.reached.keys():
                reached = self._look(provider, progress.step, sent_at, written[provider])
                if reached is not None:
                    progress = replace(progress, reached={**progress.reached, provider: reached})
                    self._observe(progress)
            if not progress.is_done and time.monotonic() > deadline:
                raise DemoFailed("\n".join(self._complaints(progress)))
            self._stop.wait(0 if progress.is_done else LOOK_EVERY)

    def _send(self, step: Step) -> None:
        """Post the body as Alertmanager does."""
        answer = self._session.post(
            f"{self._place.web}/hooks/alertmanager",
            json=step.body,
            headers={"Authorization": f"Bearer {self._place.hook_token}", "User-Agent": "Alertmanager/0.28.1"},
            timeout=_TIMEOUT,
        )
        if answer.status_code != 202:
            raise DemoFailed(f"the webhook was answered with {answer.status_code}: {answer.text[:300]}")

    def _look(self, provider: str, step: Step, sent_at: datetime, written: int) -> Reached | None:
        page = self.page(provider)
        if any(differences(page, step.expected)):
            return None
        writes = self._writes(provider)
        if not step.changes and len(writes) > written:
            raise DemoFailed(f"{PROVIDERS[provider]} was written to, though nothing had changed")
        changed_at = datetime.fromisoformat(writes[-1]["at"])
        incident = page.incidents[0]
        return Reached(
            remote_id=incident.remote_id,
            word=page.components.get(step.expected.component, Shown("", "")).word,
            updates=len(incident.updates),
            after=max(0, round((changed_at - sent_at).total_seconds() * 1000)) if step.changes else None,
        )

    def page(self, provider: str) -> Page:
        """A provider's public page, as anybody gets it."""
        answer = self._session.get(self._place.page(provider), timeout=_TIMEOUT)
        answer.raise_for_status()
        return read_page(answer.text)

    def _writes(self, provider: str) -> list[Mapping[str, Any]]:
        """The changes that the sandbox has committed for a provider, with their times."""
        address = f"{self._place.sandbox}/_sandbox/journal"
        writes: list[Mapping[str, Any]] = self._session.get(
            address, params={"provider": provider}, timeout=_TIMEOUT
        ).json()
        return writes

    def _await_quiet(self, deadline: float) -> None:
        """Wait until nothing is left to be applied or written."""
        store = Store.open(self._settings.store)
        try:
            while not self._stop.is_set():
                now = store.overview(self._settings, datetime.now(UTC))
                if not any(source.waiting for source in now.sources) and not any(d.owed for d in now.destinations):
                    return
                if time.monotonic() > deadline:
                    raise DemoFailed("the webhook was accepted, but its events were not applied in time")
                self._stop.wait(LOOK_EVERY)
        finally:
            store.close()

    def _complaints(self, progress: Progress) -> Iterator[str]:
        """Which pages are not right and how, and what statusbridge says about them."""
        yield f"step {progress.number} ({progress.step.title}) did not reach every page in time:"
        for provider in PROVIDERS:
            if provider not in progress.reached:
                for difference in differences(self.page(provider), progress.step.expected):
                    yield f"  {PROVIDERS[provider]}: {difference}"
        yield from self._admissions()

    def _admissions(self) -> Iterator[str]:
        try:
            store = Store.open(self._settings.store)
        except StoreDown as error:
            yield f"  {error}"
            return
        try:
            overview = store.overview(self._settings, datetime.now(UTC))
        finally:
            store.close()
        yield from (f"  {d.name} is {d.state}: {d.why}" for d in overview.destinations if d.state != "ok")
        for row in overview.rows:
            for name, cell in row.cells.items():
                if cell.why:
                    yield f"  {row.title!r} on {name} is {cell.state}: {cell.why}"


def await_start(place: Place, children: tuple[Child, ...], stop: threading.Event, deadline: float) -> None:
    """Wait until the sandbox and statusbridge answer.

    Raises:
        DemoFailed: one of them ended, or was not there in time; carries the end of its log.
    """
    waiting = [(f"{place.sandbox}/", children[0]), (f"{place.web}/readyz", children[1])]
    with requests.Session() as session:
        session.trust_env = False
        while waiting and not stop.is_set():
            address, child = waiting[0]
            if _answers(session, address):
                waiting.pop(0)
            elif child.exit_code is not None or time.monotonic() > deadline:
                why = "did not answer in time" if child.exit_code is None else f"ended with code {child.exit_code}"
                raise DemoFailed(f"{child.command.name} {why}. The end of what it said:\n{_last_lines(child)}")
            else:
                stop.wait(LOOK_EVERY)


def _answers(session: requests.Session, address: str) -> bool:
    try:
        return session.get(address, timeout=_TIMEOUT).status_code == 200
    except requests.RequestException:
        return False


def _last_lines(child: Child) -> str:
    log = child.command.log
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log and log.exists() else []
    return "\n".join(f"  {line}" for line in lines[-20:])


def _millis_since(moment: datetime) -> int:
    return round((datetime.now(UTC) - moment).total_seconds() * 1000)
