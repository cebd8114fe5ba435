"""Whatever a provider sends while it is held to the contract is as its vendor documents it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.recording import recorded


@pytest.fixture(autouse=True)
def _every_request_is_as_documented() -> Iterator[None]:
    with recorded() as requests:
        yield
    assert requests.problems() == []
