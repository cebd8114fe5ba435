"""Every provider against the contract that third parties' providers are held to as well."""

from __future__ import annotations

from bridge.providers import registry
from bridge.testing.provider_suite import ProviderSuite


class TestCachet2(ProviderSuite):
    name = "cachet2"
    path = "/cachet2"


class TestCachet2AsOld(ProviderSuite):
    """A Cachet 2.3. It is told, because the question which Cachet it is counts as a failed call."""

    name = "cachet2"
    path = "/cachet2"
    options = {"dialect": "2.3"}  # noqa: RUF012
    switches = {"version": "2.3"}  # noqa: RUF012


class TestCachet3(ProviderSuite):
    name = "cachet3"
    path = "/cachet3"


class TestCachet3WithoutMeta(ProviderSuite):
    """A Cachet 3 from before July 2026. It is told, because finding out counts as a failed call."""

    name = "cachet3"
    path = "/cachet3"
    options = {"meta": False}  # noqa: RUF012
    switches = {"meta": False}  # noqa: RUF012


class TestStatuspage(ProviderSuite):
    name = "statuspage"
    path = "/statuspage/v1"
    options = {"page_id": "sandboxpage1"}  # noqa: RUF012


class TestPingPong(ProviderSuite):
    name = "pingpong"
    path = "/pingpong/rest/v1"


def test_every_provider_is_held_to_the_contract() -> None:
    held = {suite.name for suite in ProviderSuite.__subclasses__()}
    assert held == set(registry.names())
