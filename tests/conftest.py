"""What tests of several folders share: a real store, and a real sandbox over HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from bridge.config.settings import StoreSettings
from bridge.sandbox.app import Sandbox
from bridge.sandbox.server import Server, serve
from bridge.secret import Secret
from bridge.store import Store, ensure_server
from bridge.store.connection import connect

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")  # a machine that is busy with other things is no mistake of ours


@pytest.fixture(scope="session", autouse=True)
def _own_environment_only() -> Iterator[None]:
    """Nobody's BRIDGE_… variables reach a test."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("BRIDGE_")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real embedded server, one for all tests."""
    server = ensure_server(tmp_path_factory.mktemp("state"))
    yield server.url
    server.stop()


@pytest.fixture
def valkey(valkey_server: str) -> str:
    """The address of a real and empty server."""
    client = connect(valkey_server)
    client.flushall()
    client.close()
    return valkey_server


@pytest.fixture
def store(valkey: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An empty store."""
    store = Store.open(StoreSettings(state_dir=tmp_path_factory.mktemp("unused"), url=Secret(valkey)))
    yield store
    store.close()


@pytest.fixture
def sandbox() -> Sandbox:
    """The four providers with their seeded rows."""
    return Sandbox()


@pytest.fixture
def sandbox_server(sandbox: Sandbox) -> Iterator[Server]:
    """The same, over HTTP: ``sandbox_server.url``."""
    with serve(sandbox) as server:
        yield server
