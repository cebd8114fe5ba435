"""A Cachet 2.4 destination."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from bridge.config.settings import DestinationSettings
from bridge.errors import Down, Gone, NotAllowed
from bridge.model.actions import Append, Create, Remove, Update, WritingAction
from bridge.model.enums import Kind
from bridge.model.facts import FindBy, Receipt, Refs, Seen, Wanted
from bridge.model.loss import Losses
from bridge.model.objects import CanonicalObject
from bridge.providers.base.http import Http
from bridge.providers.base.mapping import load
from bridge.providers.base.provider import Budget, Observer
from bridge.providers.cachet2.resources import (
    FAILURES,
    Cachet2Resource,
    ComponentGroups,
    Components,
    Incidents,
    IncidentUpdates,
    Ping,
    Schedules,
)
from bridge.providers.cachet2.settings import Dialect, address
from bridge.providers.cachet2.translator import Translator

_RECENT = 400
"""How many of the newest objects are looked through for one that was made moments ago."""


class Cachet2:
    """Speaks to one Cachet 2.4.

    Args:
        settings: the destination.
        budget: asked before every call.
        observe: told after every call.

    Raises:
        ConfigError: address or token cannot be used.
    """

    def __init__(self, settings: DestinationSettings, budget: Budget, observe: Observer) -> None:
        words = load("cachet2")
        self.capabilities = words.capabilities
        self._translator = Translator(words)
        self._http = Http(address(settings), FAILURES, budget, observe)
        self._collections: dict[Kind, Cachet2Resource] = {
            Kind.COMPONENT: Components(self._http),
            Kind.COMPONENT_GROUP: ComponentGroups(self._http),
            Kind.INCIDENT: Incidents(self._http),
            Kind.MAINTENANCE: Schedules(self._http),
        }
        self._updates = IncidentUpdates(self._http)
        self._dialect_known = settings.options.get("dialect", Dialect.AUTO) == Dialect.CACHET_2_4
        self._asking = threading.Lock()

    def translate(self, obj: CanonicalObject, refs: Refs) -> tuple[Wanted, Losses]:
        """The object in Cachet's words, and what is lost on the way. Pure."""
        return self._translator.translate(obj, refs)

    def perform(self, action: WritingAction) -> Receipt:
        """Make exactly one writing call."""
        rows = self._rows(action.key.kind)
        if isinstance(action, Create):
            return Receipt(str(rows.create(action.body)["id"]))
        if isinstance(action, Update):
            rows.update(action.remote_id, action.body)
        elif isinstance(action, Append):
            made = self._updates.create(action.append.body, incident=action.remote_id)
            return Receipt(action.remote_id, {action.append.id: str(made["id"])})
        elif isinstance(action, Remove):
            rows.remove(action.remote_id)
        return Receipt(action.remote_id)

    def look(self, kind: Kind, remote_id: str) -> Seen | None:
        """Read one object; None when it is gone."""
        try:
            row = self._rows(kind).get(remote_id)
        except Gone:
            return None
        return self._translator.seen(kind, row)

    def find(self, kind: Kind, by: FindBy) -> Iterator[Seen]:
        """Recent objects that carry our marker; where there is no room for one, those with title and start."""
        for row in islice(self._rows(kind).list(), _RECENT):
            seen = self._translator.seen(kind, row)
            if _matches(seen, by):
                yield seen

    def scan(self, kind: Kind, since: datetime | None = None) -> Iterator[Seen]:
        """All objects of a kind, newest first; with ``since`` only those that changed later, or whose updates did."""
        for row in self._rows(kind).list():
            if since is None or _changed_after(row, since):
                yield self._translator.seen(kind, row)

    def close(self) -> None:
        """Release the connections."""
        self._http.close()

    def _rows(self, kind: Kind) -> Cachet2Resource:
        self._refuse_2_3()
        return self._collections[kind]

    def _refuse_2_3(self) -> None:
        """Ask once which Cachet it is. 2.3 has no schedules and no updates, and takes other dates without a word.

        Raises:
            NotAllowed: it is a 2.3; the destination pauses until somebody acts.
        """
        with self._asking:
            if self._dialect_known:
                return
            try:
                self._http.read("/schedules", {"per_page": 1})
            except Down as error:
                if error.status == 404 and Ping(self._http).answers():
                    raise NotAllowed(
                        "this is a Cachet 2.3, which lacks incident updates: upgrade it to 2.4, "
                        "or take the destination out of the configuration",
                        status=404,
                        where=error.where,
                    ) from error
                raise
            self._dialect_known = True


def _matches(seen: Seen, by: FindBy) -> bool:
    if by.marker is not None:
        return seen.marker == by.marker
    return by.title == (seen.echo.get("title") or seen.echo.get("name")) and by.at in (None, seen.at)


def _changed_after(row: dict[str, Any], since: datetime) -> bool:
    rows = (row, *(row.get("updates") or ()))
    newest = max(str(item.get("updated_at") or "") for item in rows)
    return newest >= since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
