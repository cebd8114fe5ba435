"""The functions that RQ calls. A job is a key: it says where to look, never what to do."""

from __future__ import annotations

from bridge.store.lanes import AUDIT_PREFIX, PULL_PREFIX
from bridge.sync.drift import audit as _audit
from bridge.sync.inbox import ingest as _ingest
from bridge.sync.inbox import pull as _pull
from bridge.sync.outbox import mirror as _mirror
from bridge.sync.pages import poll as _poll
from bridge.sync.runtime import Runtime

_runtimes: list[Runtime] = []


def use(runtime: Runtime) -> None:
    """Give this process (and the ones it forks) the surroundings for its jobs.

    RQ calls jobs by name, so there is no other way to hand something to them.
    """
    _runtimes[:] = [runtime]


def ingest(source: str) -> None:
    """Apply what waits in the inbox of a source."""
    _ingest.ingest(_runtimes[0], source)


def mirror(destination: str) -> None:
    """Bring a destination up to date."""
    _mirror.mirror(_runtimes[0], destination)


def poll(page: str) -> None:
    """Look at a page, ask a source itself, or audit a destination."""
    if page.startswith(AUDIT_PREFIX):
        _audit.audit(_runtimes[0], page.removeprefix(AUDIT_PREFIX))
    elif page.startswith(PULL_PREFIX):
        _pull.pull(_runtimes[0], page.removeprefix(PULL_PREFIX))
    else:
        _poll.poll(_runtimes[0], page)
