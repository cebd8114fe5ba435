"""Whatever a provider sends while it is held to the contract is as its vendor documents it, and what it reads is as we
declare it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.declared import watched
from tests.contract.recording import recorded


@pytest.fixture(autouse=True)
def _every_request_is_as_documented() -> Iterator[None]:
    with recorded() as requests:
        yield
    assert requests.problems() == []


@pytest.fixture(autouse=True)
def _every_answer_is_as_declared() -> Iterator[None]:
    with watched(enough=20) as answers:
        yield
    assert answers.problems == set()
