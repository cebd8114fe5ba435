"""Settings and a real store for the tests of the web side; fixtures reach the tests through ``conftest.py``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from bridge.config.settings import AuthKind, AuthSettings, Settings, SourceSettings, StoreSettings
from bridge.policy.rules import Rules
from bridge.secret import Secret
from bridge.store import Store
from bridge.store.embedded import EmbeddedServer, ensure_server

NOW = datetime(2026, 11, 21, 4, 30, 12, tzinfo=UTC)
TOKEN = "right-token"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}


class FixedClock:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


def source(name: str, kind: str, auth: AuthSettings, **options: Any) -> SourceSettings:
    return SourceSettings(name, kind, auth, options)


def sources() -> Mapping[str, SourceSettings]:
    secrets = (Secret("older-token"), Secret(TOKEN))
    made = (
        source("prometheus", "alertmanager", AuthSettings(AuthKind.BEARER, secrets)),
        source("basic", "alertmanager", AuthSettings(AuthKind.BASIC, (Secret("pass"),), username="prom")),
        source("path", "generic", AuthSettings(AuthKind.PATH, (Secret("path-secret"),))),
        source("open", "generic", AuthSettings(AuthKind.NONE)),
    )
    return {item.name: item for item in made}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(sources(), {}, {}, Rules((), {}), StoreSettings(tmp_path / "state"))


@pytest.fixture
def server(settings: Settings) -> Iterator[EmbeddedServer]:
    running = ensure_server(settings.store.state_dir)
    yield running
    running.stop()


@pytest.fixture
def store(settings: Settings, server: EmbeddedServer) -> Iterator[Store]:
    opened = Store.open(settings.store)
    yield opened
    opened.close()


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    """Everything that was logged, as one dictionary each."""
    with structlog.testing.capture_logs() as entries:
        yield entries
