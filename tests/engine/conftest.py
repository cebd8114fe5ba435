from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import Server, serve
from bridge.store import Store
from bridge.store.connection import connect
from tests.engine.harness import PROVIDERS, START, TARGETS, Bridge, ManualClock, make_bridge


@pytest.fixture
def store(store: Store, valkey: str) -> Iterator[Store]:
    """An empty store that waits for no disk: nobody kills the server here, and there are very many writes."""
    client = connect(valkey)
    client.config_set("appendfsync", "no")
    yield store
    client.config_set("appendfsync", "always")
    client.close()


@pytest.fixture(scope="session")
def sandbox_and_server() -> Iterator[tuple[Sandbox, Server]]:
    sandbox = Sandbox(clock=ManualClock())
    server = serve(sandbox)
    yield sandbox, server
    server.stop()


@pytest.fixture
def sandbox(sandbox_and_server: tuple[Sandbox, Server]) -> Sandbox:
    clock = sandbox_and_server[0].clock
    assert isinstance(clock, ManualClock)
    clock.set(START)
    sandbox_and_server[0].reset()
    for plugin in sandbox_and_server[0].plugins.values():
        if hasattr(plugin.settings, "rate_limit"):
            plugin.settings.rate_limit = None
    return sandbox_and_server[0]


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[str]:
    """The provider of a target; for tests that run over old dialects too: ``def provider(target): return target``."""
    name, _, version = str(request.param).partition("-")
    settings = sandbox.plugins[name].settings
    before = getattr(settings, "version", None)
    if version:
        settings.version = version
    yield name
    if version:
        settings.version = before


@pytest.fixture
def bridge(store: Store, sandbox: Sandbox, sandbox_and_server: tuple[Sandbox, Server], provider: str) -> Bridge:
    """A bridge with one destination; the test runs once for each provider."""
    return make_bridge(store, sandbox_and_server[1], sandbox, (provider,))
