"""How the network's door counts addresses."""

from __future__ import annotations

import pytest

from bridge.doors import network_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8::1", "2001:db8::ffff:1:2:3"),
        ("fe80::1%eth0", "fe80::2%eth0"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_addresses_that_one_host_may_take_are_one(one: str, other: str):
    assert network_of(one) == network_of(other)


@pytest.mark.parametrize(("one", "other"), [("2001:db8::1", "2001:db8:0:1::1"), ("192.0.2.1", "192.0.2.2")])
def test_other_hosts_are_counted_apart(one: str, other: str):
    assert network_of(one) != network_of(other)
