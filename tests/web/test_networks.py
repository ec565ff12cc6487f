"""Who asked: the peer, or what a proxy that we trust says about it."""

from __future__ import annotations

import ipaddress

import pytest
from starlette.requests import Request

from digest.web import networks


def a_request(peer: str | None, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    client = (peer, 1234) if peer is not None else None
    return Request({"type": "http", "headers": headers, "client": client})


def test_without_a_trusted_proxy_the_header_is_not_believed() -> None:
    found = networks.client_of(a_request("203.0.113.9", "198.51.100.7"), ())
    assert str(found) == "203.0.113.9"


def test_a_trusted_proxy_tells_who_asked() -> None:
    found = networks.client_of(a_request("127.0.0.1", "198.51.100.7"), ("127.0.0.1",))
    assert str(found) == "198.51.100.7"


def test_what_stands_left_of_the_last_untrusted_hop_is_a_claim_of_the_client() -> None:
    request = a_request("10.0.0.1", "1.2.3.4, 198.51.100.7", "10.0.0.2")
    found = networks.client_of(request, ("10.0.0.0/24",))
    assert str(found) == "198.51.100.7"


def test_only_trusted_hops_give_the_first_of_them() -> None:
    found = networks.client_of(a_request("10.0.0.1", "10.0.0.2"), ("10.0.0.0/24",))
    assert str(found) == "10.0.0.2"


@pytest.mark.parametrize("peer", [None, "testclient", ""])
def test_a_peer_without_an_address_is_unknown(peer: str | None) -> None:
    assert networks.client_of(a_request(peer), ()) is None
    assert networks.limit_key(None) == networks.UNKNOWN
    assert networks.shortened(None) == ""


def test_a_proxy_that_forwards_nonsense_makes_the_client_unknown() -> None:
    assert networks.client_of(a_request("127.0.0.1", "hello"), ("127.0.0.1",)) is None


def test_an_ipv6_household_counts_as_one() -> None:
    one, other = (ipaddress.ip_address(f"2001:db8:1:2:{tail}::1") for tail in ("a", "b"))
    assert networks.limit_key(one) == networks.limit_key(other) == "2001:db8:1:2::/64"


def test_an_ipv4_address_counts_alone_and_is_kept_shortened() -> None:
    address = ipaddress.ip_address("203.0.113.9")
    assert networks.limit_key(address) == "203.0.113.9"
    assert networks.shortened(address) == "203.0.113.0/24"


def test_an_ipv6_address_is_kept_shortened_to_its_site() -> None:
    assert networks.shortened(ipaddress.ip_address("2001:db8:1:2::1")) == "2001:db8:1::/48"


def test_an_ipv4_address_in_ipv6_clothes_is_the_ipv4_address() -> None:
    found = networks.client_of(a_request("::ffff:203.0.113.9"), ())
    assert networks.limit_key(found) == "203.0.113.9"
