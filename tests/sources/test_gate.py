from __future__ import annotations

import ipaddress

import pytest

from digest.sources import gate


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34"])
def test_public_addresses_are_public(address: str) -> None:
    assert gate.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "239.1.1.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00:ec2::254",
        "ff0e::1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "192.88.99.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::808:808",
        "fec0::1",
        "3fff::1",
        "5f00::1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_what_is_not_the_internet_is_not_public(address: str) -> None:
    assert not gate.is_public(ipaddress.ip_address(address))


def _check(address: str, port: int = 80, *allowed: str) -> None:
    gate.check([ipaddress.ip_address(address)], port, gate.networks(allowed))


def test_an_allowed_network_lets_its_own_addresses_through_on_any_port() -> None:
    _check("10.1.2.3", 8080, "10.1.0.0/16")
    with pytest.raises(gate.Barred, match="not a public address"):
        _check("10.2.2.3", 80, "10.1.0.0/16", "fd00::/8")


def test_a_public_address_is_asked_on_web_ports_only() -> None:
    _check("93.184.216.34", 443)
    with pytest.raises(gate.Barred, match="port 25"):
        _check("93.184.216.34", 25)


def test_a_network_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="does not appear"):
        gate.networks(["home"])
