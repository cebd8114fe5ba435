"""Addresses of sentinels."""

from __future__ import annotations

import pytest
from redis.sentinel import SentinelManagedSSLConnection

from bridge.config.address import is_sentinel, parse_sentinel
from bridge.store.connection import connect


def test_every_part_of_an_address_is_read() -> None:
    url = "redis+sentinel://us%40er:p%2Fw@a:1,b,[::1]:3/my-service/2?sentinel_username=s&sentinel_password=x%26y"
    address = parse_sentinel(url)
    assert address.sentinels == (("a", 1), ("b", 26379), ("::1", 3))
    assert (address.service, address.db, address.tls) == ("my-service", 2, False)
    assert (address.username, address.password) == ("us@er", "p/w")
    assert (address.sentinel_username, address.sentinel_password) == ("s", "x&y")
    assert "p/w" not in repr(address)
    assert "x&y" not in repr(address)


def test_only_hosts_and_service_are_needed() -> None:
    address = parse_sentinel("redis+sentinel://a/bridge")
    assert (address.sentinels, address.service, address.db) == ((("a", 26379),), "bridge", 0)
    assert address.username is address.password is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("redis+sentinel://:secretpw@a:26379", "name of the service"),
        ("redis+sentinel://:secretpw@a/bridge/zero", "must be a number"),
        ("redis+sentinel://:secretpw@a,,b/bridge", "needs a host"),
        ("redis+sentinel://:secretpw@a:99999/bridge", "port"),
        ("redis+sentinel://:secretpw@[a/bridge", "cannot be read"),
        ("redis+sentinel://a/bridge?sentinel_pasword=secretpw", "only these options"),
    ],
)
def test_a_mistake_is_told_without_the_password(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as error:
        parse_sentinel(url)
    assert "secretpw" not in str(error.value)


def test_with_tls_primary_and_sentinels_are_spoken_to_with_the_same_authorities() -> None:
    url = "rediss+sentinel://a/bridge?ssl_ca_certs=/etc/ca.pem"
    assert is_sentinel(url)
    pool = connect(url).connection_pool
    assert pool.connection_class is SentinelManagedSSLConnection
    assert pool.connection_kwargs["ssl_ca_certs"] == "/etc/ca.pem"
    (sentinel,) = pool.sentinel_manager.sentinels
    assert sentinel.connection_pool.connection_kwargs["ssl_ca_certs"] == "/etc/ca.pem"
