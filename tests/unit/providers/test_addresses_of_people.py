"""What a provider repeats of somebody's address goes into no error and no told call."""

from __future__ import annotations

from typing import Any

import pytest
from scripted_server import answer, scripted

from bridge.errors import ProviderError
from bridge.model.facts import Call
from bridge.providers.base.failures import Failures, first_of
from bridge.providers.base.http import Address, Http
from bridge.secret import Secret
from bridge.testing.stage import CountingBudget


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"subscriber": {"email": "Anna@mail.test"}}, "anna@MAIL.test has already been taken"),
        ({"subscriber": {"endpoint": "https://hook.test/a?b=1"}}, "https://hook.test/a?b=1 does not answer"),
        ({"phone_number": "+15550100"}, "+15550100 is no number"),
    ],
)
def test_an_address_that_an_answer_repeats_is_masked(body: dict[str, Any], said: str) -> None:
    calls: list[Call] = []
    with scripted(answer({"error": said}, 422)) as server:
        http = Http(
            Address(server.url, Secret("token")), Failures(words=first_of("error")), CountingBudget(), calls.append
        )
        with pytest.raises(ProviderError) as caught:
            http.write("POST", "/subscribers", body)
    first = said.split(maxsplit=1)[0]
    assert str(caught.value).endswith(said.replace(first, "•••"))
    assert first not in str(calls[0].error)


def test_what_is_looked_for_is_masked_too() -> None:
    with scripted(*[answer({"error": "no anna@mail.test"}, 422)] * 3) as server:
        http = Http(Address(server.url, None), Failures(words=first_of("error")), CountingBudget(), lambda call: None)
        with pytest.raises(ProviderError, match="no •••"):
            http.read("/subscribers", {"q": "anna@mail.test"})
