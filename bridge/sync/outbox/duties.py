"""What becomes owed without anything having happened: because it is missing, or because time goes on."""

from __future__ import annotations

from bridge.model.facts import ObjectKey
from bridge.model.objects import Maintenance
from bridge.providers.base import mapping
from bridge.store.outbox import LIVE
from bridge.store.state import Mark
from bridge.sync.outbox.clockwork import is_running_over
from bridge.sync.pages.originals import unmade, with_stored_originals
from bridge.sync.runtime import Runtime


def owe_unmade(runtime: Runtime) -> None:
    """Owe the components that are to be made on a destination and are missing there, also before anything happens."""
    marks = unmade(with_stored_originals(runtime.settings, runtime.store), runtime.store)
    if marks:
        runtime.store.outbox.mark(marks, runtime.clock.now())


def owe_overruns(runtime: Runtime) -> None:
    """Have the ends of work that takes longer moved on, where a page would end it by its own clock.

    How far, the next translation says; where nothing has to be moved yet no call is made.
    """
    now, store = runtime.clock.now(), runtime.store
    longer = [obj for obj in store.pages.open() if isinstance(obj, Maintenance) and is_running_over(obj, now)]
    objects = {ObjectKey(obj.kind, obj.id): obj for obj in longer}
    marks = [
        Mark(name, key, objects[key].revision, LIVE)
        for name, destination in runtime.settings.destinations.items()
        if objects and mapping.load(destination.type).capabilities.follows_clock
        for key in store.links.many(name, objects)
    ]
    if marks:
        store.outbox.mark(marks, now)
