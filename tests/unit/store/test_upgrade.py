"""State of other versions: brought up to date at the start, or refused with a sentence that helps."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.config.settings import StoreSettings
from bridge.errors import StoreError
from bridge.model.enums import IncidentStatus
from bridge.model.schemas import MODEL_VERSION
from bridge.secret import Secret
from bridge.store import Store
from bridge.store.connection import connect
from tests.unit.store.test_backup import commit, incident


def opened(valkey: str) -> Store:
    return Store.open(StoreSettings(Path("unused"), Secret(valkey)))


def as_version_1(store: Store, valkey: str) -> None:
    """State as the first version left it: nobody noted what is over."""
    commit(store, incident(1, IncidentStatus.RESOLVED), incident(2))
    client = connect(valkey)
    client.delete("sb:settled")
    client.set("sb:version", 1)


def test_state_of_the_first_version_is_brought_up_to_date(store: Store, valkey: str) -> None:
    as_version_1(store, valkey)
    again = opened(valkey)
    assert int(connect(valkey).get("sb:version") or 0) == MODEL_VERSION
    assert again.archive.pack([], datetime.now(UTC) + timedelta(minutes=1)) == 1, "what is over, and not what is open"
    assert again.incident("inc_1") == incident(1, IncidentStatus.RESOLVED)
    assert again.incident("inc_2") == incident(2)
    assert not connect(valkey).exists("sb:upgrade")


def test_several_processes_that_start_at_once_bring_it_up_to_date_once(store: Store, valkey: str) -> None:
    as_version_1(store, valkey)
    found: list[object] = []

    def start() -> None:
        try:
            found.append(opened(valkey))
        except StoreError as error:
            found.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(item) for item in found] == [Store] * 6
    assert int(connect(valkey).get("sb:version") or 0) == MODEL_VERSION


def test_a_crash_in_the_middle_is_mended_by_the_next_start(
    store: Store, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_version_1(store, valkey)

    def breaks(*_: object) -> int:
        raise OSError("no")

    with monkeypatch.context() as patch:
        patch.setattr("bridge.store.upgrade.over_and_unpacked", breaks)
        with pytest.raises(StoreError):
            opened(valkey)
    assert int(connect(valkey).get("sb:version") or 0) == 1
    opened(valkey)
    assert int(connect(valkey).get("sb:version") or 0) == MODEL_VERSION


@pytest.mark.parametrize(
    ("version", "words"),
    [
        (str(MODEL_VERSION + 1), "install that version or newer"),
        ("-3", "version in between"),
        ("old", "version in between"),
    ],
)
def test_state_that_cannot_be_brought_up_to_date_is_refused_and_left_alone(
    store: Store, valkey: str, version: str, words: str
) -> None:
    connect(valkey).set("sb:version", version)
    with pytest.raises(StoreError, match=words):
        opened(valkey)
    assert connect(valkey).get("sb:version") == version.encode()


def test_a_backup_of_an_older_version_is_brought_up_to_date_when_it_is_restored(store: Store, valkey: str) -> None:
    as_version_1(store, valkey)
    lines = [line.replace(f'"version": {MODEL_VERSION}', '"version": 1', 1) for line in store.backup()]
    connect(valkey).flushall()
    store.check_version()
    store.restore(lines)
    assert int(connect(valkey).get("sb:version") or 0) == MODEL_VERSION
    assert store.incident("inc_1") is not None
    assert connect(valkey).zcard("sb:settled") == 1
