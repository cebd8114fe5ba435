"""``pull(source)``: ask a sender itself what fires, and say what its webhooks did not.

What follows goes through the inbox like any delivery, so order, explanation and policy are the same. An alert that
is missing, or that was never told, is believed on the second look; and one that is missing only of a sender that
knows our receiver, says that it is ready, and was not started a moment ago. Whatever fails says nothing about alerts.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bridge.config.settings import DestinationSettings, Settings, SourceSettings
from bridge.errors import ProviderError
from bridge.ids import new_id
from bridge.model.enums import Action
from bridge.model.events import Alert, Delivery, Event, Parsed
from bridge.providers.base.failures import Failures
from bridge.providers.base.http import Address, Http
from bridge.secret import Secret
from bridge.sources import registry
from bridge.sources.pulled import (
    APIS,
    AlertsApi,
    Compared,
    PullSettings,
    Shown,
    Waiting,
    compare,
    events_of,
    is_settled,
    names_in,
    read_alerts,
    still_alerting,
    triggers_of,
)
from bridge.store.lanes import Lease, lane_of_pull
from bridge.sync.outbox.desk import CallLog
from bridge.sync.runtime import Runtime
from bridge.sync.setback import defer, may_work

_CALLS = (60, 60.0)
_READ_TIMEOUT = 6.0
"""Seconds: less than a lease lasts."""


def pulled(settings: Settings) -> tuple[str, ...]:
    """The sources that are asked themselves."""
    return tuple(name for name, source in settings.sources.items() if wishes_of(source) is not None)


def wishes_of(source: SourceSettings) -> PullSettings | None:
    """The ``pull:`` of a source."""
    pull = source.options.get("pull")
    return pull if isinstance(pull, PullSettings) and source.type in APIS else None


def is_due(runtime: Runtime, source: str) -> bool:
    """True when the source is to be asked now: never while what it sent itself is not applied yet."""
    next_at = runtime.store.pulls.memory(source).next_at
    if next_at is not None and next_at > runtime.clock.now():
        return False
    if runtime.store.inbox.is_behind(source):
        return False
    return may_work(runtime, runtime.store.lanes.state(lane_of_pull(source)))


def pull(runtime: Runtime, source: str) -> None:
    """Ask a source if that is due; does nothing when another worker is at it."""
    settings = runtime.settings.sources.get(source)
    wishes = wishes_of(settings) if settings else None
    if settings is None or wishes is None:
        return
    lease = runtime.store.lanes.take(lane_of_pull(source))
    if lease is None:
        return
    try:
        if is_due(runtime, source):
            _Look(runtime, settings, wishes, lease).run()
    finally:
        runtime.store.lanes.release(lease)


class _Look:
    """One look at one source."""

    def __init__(self, runtime: Runtime, source: SourceSettings, wishes: PullSettings, lease: Lease) -> None:
        self._runtime = runtime
        self._source = source
        self._wishes = wishes
        self._lease = lease
        self._api: AlertsApi = APIS[source.type]

    def run(self) -> None:
        """Ask, compare, tell the inbox, remember."""
        store, name = self._runtime.store, self._source.name
        calls, state = CallLog(), store.lanes.state(self._lease.lane)
        address = _address(self._wishes)
        reach = DestinationSettings(name, self._source.type, address.token or Secret(""), url=address.url)
        http = Http(address, Failures(), store.budget(reach, _CALLS), calls)
        waiting = Waiting()  # after a failure a second look begins anew
        try:
            waiting = self._compare(http)
            if state.state != "ok":
                store.lanes.clear(self._lease)
        except ProviderError as error:
            defer(self._runtime, self._lease, error, state.failures)
        finally:
            store.story.count_calls(name, calls.drain())
            http.close()
        next_at = self._runtime.clock.now() + self._wishes.every
        store.pulls.remember(self._lease, name, waiting.missing, waiting.lost, next_at)

    def _compare(self, http: Http) -> Waiting:
        store, at = self._runtime.store, self._runtime.clock.now()
        memory = store.pulls.memory(self._source.name)
        there = _understood(http, self._api.alerts, http.read(self._api.alerts))
        # What fires here is read after the answer: an alert that came in between is then not missed.
        here = store.state.firing_alerts(self._source.name)
        compared = compare(there, here, Waiting(memory.missing, memory.lost), self._wishes.receiver)
        if compared.gone and not self._is_trusted(http, at):
            compared = replace(compared, gone=())
        if compared.gone and self._api.states is not None:
            kept = self._still_alerting(http, self._api.states, compared.gone, here)
            compared = replace(compared, gone=tuple(key for key in compared.gone if key not in kept))
        self._tell(compared, here, there, at)
        return compared.waiting

    def _is_trusted(self, http: Http, at: datetime) -> bool:
        """Whether what is missing there is over: this is our sender, and it knows of everything that fires.

        Raises:
            ProviderError: it does not know our receiver, so it is another one, or ours was renamed.
        """
        self._runtime.store.lanes.keep(self._lease)
        payload = http.read(self._api.receivers)
        try:
            names = names_in(payload)
        except ValueError as error:
            raise http.unusable("GET", self._api.receivers, str(error)) from error
        if self._wishes.receiver not in names:
            why = f"it has no receiver {self._wishes.receiver!r}; is it the right one? See pull.receiver"
            raise http.unusable("GET", self._api.receivers, why)
        self._runtime.store.lanes.keep(self._lease)
        return is_settled(http.read(self._api.health), at)

    def _still_alerting(self, http: Http, path: str, gone: Sequence[str], here: Mapping[str, Alert]) -> Collection[str]:
        """What the rules have not let go: a sender that was restarted shows an alert when its rule was run again."""
        self._runtime.store.lanes.keep(self._lease)
        payload = http.read(path)
        try:
            return still_alerting(payload, gone, here)
        except ValueError as error:
            raise http.unusable("GET", path, str(error)) from error

    def _tell(self, compared: Compared, here: Mapping[str, Alert], there: Mapping[str, Shown], at: datetime) -> None:
        """Put what follows into the inbox, as one delivery."""
        kind = registry.load(self._source.type)(self._source.options)
        delivery = Delivery(new_id("dlv", at), self._source.name, at, b"", "application/json", "GET")
        patience = self._source.resolve_after
        events = events_of(compared, here, self._wishes.silenced, at, patience)
        events += triggers_of(compared.lost, kind, delivery)
        if events:
            body = json.dumps({"alerts": [_seen(event, there) for event in events]}).encode()
            self._runtime.store.accept(replace(delivery, body=body), Parsed(tuple(events)))


def _seen(event: Event, there: Mapping[str, Shown]) -> Mapping[str, Any]:
    """What is kept as the body: the alerts in the words of the sender, those that are gone by their key."""
    shown = there.get(event.dedup_key)
    if shown is not None:
        return shown.element
    return {"fingerprint": event.dedup_key, "status": "resolved" if event.action is Action.RESOLVE else "firing"}


def _understood(http: Http, path: str, payload: Any) -> dict[str, Shown]:
    try:
        return read_alerts(payload)
    except ValueError as error:
        raise http.unusable("GET", path.partition("?")[0], str(error)) from error


def _address(wishes: PullSettings) -> Address:
    token, scheme = wishes.token, "Bearer"
    if wishes.basic is not None:
        username, password = wishes.basic
        plain = f"{username}:{password.reveal()}".encode()
        token, scheme = Secret(base64.b64encode(plain).decode()), "Basic"
    return Address(wishes.url, token, scheme, read_timeout=_READ_TIMEOUT)
