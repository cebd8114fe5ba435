"""The state of the Statuspage sandbox: one organisation with one page, its objects, its ids, its record of mails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bridge.sandbox.state import Context, Event
from bridge.sandbox.statuspage.http import Refusal, not_found
from bridge.sandbox.statuspage.objects import Component, Group, Incident
from bridge.sandbox.statuspage.rollup import worst
from bridge.sandbox.statuspage.settings import StatuspageSettings

PAGE_ID = "sandboxpage1"
ORGANIZATION_ID = "s4ndb0x0rg01"
GROUP_ID = "grpc0r300000"
COMPONENT_IDS = {
    "Public API": "cmpp8bl1c4p1",
    "Website": "cmpw3bs1t300",
    "Dashboard": "cmpd4shb04rd",
    "Background jobs": "cmpb4ckgr0nd",
}
_ID_ALPHABET = "0123456789bcdfghjklmnpqrstvwxyz"
_ID_LENGTH = 12
SUBSCRIBERS = "subscribers"
INCIDENT_SUBSCRIBERS = "incident_subscribers"

Row = dict[str, Any]


class World:
    """Everything that a reset throws away.

    Args:
        context: clock, lock, journal and seed from the core.
        settings: the switches, which survive.
        glimpse: the page's summary for the journal, after something of a kind and with an id was changed.

    Attributes:
        generator: draws the ids.
        tables: rows of the simpler resources by table name and id, in order of creation.
        removed_subscribers: for the list of the unsubscribed.
    """

    def __init__(
        self, context: Context, settings: StatuspageSettings, glimpse: Callable[[World, str, str], Mapping[str, Any]]
    ) -> None:
        self.context = context
        self.settings = settings
        self._glimpse = glimpse
        self.generator = context.rng()
        self.page: Row = {}
        self.embed: Row = {}
        self.components: dict[str, Component] = {}
        self.groups: dict[str, Group] = {}
        self.incidents: dict[str, Incident] = {}
        self.history: dict[str, list[tuple[datetime, str]]] = {}
        self.tables: dict[str, dict[str, Row]] = {}
        self.removed_subscribers: list[Row] = []

    def now(self) -> datetime:
        """The present to the millisecond, which is the finest that Statuspage shows."""
        moment = self.context.clock.now()
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def new_id(self) -> str:
        """Twelve characters of digits and consonants."""
        return "".join(self.generator.choices(_ID_ALPHABET, k=_ID_LENGTH))

    def new_hex(self, length: int) -> str:
        """Hexadecimal digits, for mail addresses and preview keys."""
        return f"{self.generator.getrandbits(length * 4):0{length}x}"

    def table(self, name: str) -> dict[str, Row]:
        """Rows of a simple resource."""
        return self.tables.setdefault(name, {})

    def commit(self, kind: str, id: str, event: Event, row: Mapping[str, Any] | None) -> None:
        """Write one change to the journal."""
        self.context.record(kind, id, event, row, self._glimpse(self, kind, id))

    def component(self, id: str) -> Component:
        """A component, or the 404."""
        if id not in self.components:
            raise not_found()
        return self.components[id]

    def group(self, id: str) -> Group:
        """A component group, or the 404."""
        if id not in self.groups:
            raise not_found()
        return self.groups[id]

    def incident(self, id: str) -> Incident:
        """An incident or maintenance, or the 404."""
        if id not in self.incidents:
            raise not_found()
        return self.incidents[id]

    def row(self, table: str, id: str) -> Row:
        """A row of a simple resource, or the 404."""
        if id not in self.table(table):
            raise not_found()
        return self.table(table)[id]

    def status_of(self, id: str) -> str:
        """Status of a component, or what a group row shows."""
        if id in self.components:
            return self.components[id].status
        return worst([self.components[member].status for member in self.groups[id].member_ids])

    def label_of(self, id: str) -> str:
        """The name in ``affected_components``: members carry their group's name in front."""
        if id in self.groups:
            return self.groups[id].name
        component = self.components[id]
        if component.group_id is None:
            return component.name
        return f"{self.groups[component.group_id].name} - {component.name}"

    def check_listed(self, field: str, ids: list[str]) -> None:
        """Refuse ids that are neither component nor group row.

        Raises:
            Refusal: 422.
        """
        unknown = [id for id in ids if id not in self.components and id not in self.groups]
        if unknown:
            raise Refusal(422, [(field, f"contains unknown components: {', '.join(unknown)}")])

    def check_rows(self, field: str, table: str, ids: list[str]) -> None:
        """Refuse ids that are not in the table, with a 422."""
        unknown = [id for id in ids if id not in self.table(table)]
        if unknown:
            raise Refusal(422, [(field, f"contains unknown ids: {', '.join(unknown)}")])

    def set_status(self, component: Component, status: str, at: datetime) -> bool:
        """Move a component; gives whether anything changed. Keeps the history that uptime is computed from."""
        if component.status == status:
            return False
        component.status = status
        component.updated_at = at
        self.history.setdefault(component.id, []).append((at, status))
        return True

    def next_position(self, group_id: str | None) -> int:
        """Positions count per container; top-level components and groups share one sequence."""
        if group_id is not None:
            taken = [c.position for c in self.components.values() if c.group_id == group_id]
        else:
            taken = [c.position for c in self.components.values() if c.group_id is None]
            taken += [group.position for group in self.groups.values()]
        return max(taken, default=0) + 1
