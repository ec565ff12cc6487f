"""Asking DNS, of a real little server on the loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from digest.errors import FetchError
from digest.protocols import NameServer
from digest.providers.dns_lookup import DnsLookup
from tests.zones import Zone, serving

LONG = "v=DKIM1; p=" + "A" * 900
STRINGS = " ".join(f'"{LONG[at : at + 255]}"' for at in range(0, len(LONG), 255))

ZONE = f"""
gazette.example. TXT "v=spf1 " "mx -all"
gazette.example. TXT "Grüße"
gazette.example. MX 10 MX.gazette.example.
nomail.example. MX 0 .
mx.gazette.example. A 192.0.2.25
mx.gazette.example. AAAA 2001:db8::25
25.2.0.192.in-addr.arpa. PTR mx.gazette.example.
long.example. TXT {STRINGS}
"""


@pytest.fixture
def zone() -> Zone:
    return Zone.of(ZONE)


@pytest.fixture
def names(zone: Zone) -> Iterator[NameServer]:
    with serving(zone) as address:
        yield DnsLookup(address, patience_s=60)


def test_each_kind_of_record_is_read(names: NameServer) -> None:
    assert sorted(names.texts("gazette.example")) == ["Grüße", "v=spf1 mx -all"]
    assert names.mail_servers("gazette.example") == [(10, "mx.gazette.example")]
    assert names.mail_servers("nomail.example") == [(0, "")]
    assert names.addresses("mx.gazette.example") == ["192.0.2.25", "2001:db8::25"]
    assert names.names("192.0.2.25") == ["mx.gazette.example"]


def test_an_answer_that_fits_in_no_datagram_comes_whole(names: NameServer) -> None:
    assert names.texts("long.example") == [LONG]


@pytest.mark.parametrize(
    "name",
    ["nowhere.example", "mx.gazette.example", f"{'x' * 64}.example", "a..b", "x." * 127 + "xx"],
)
def test_what_is_not_there_is_empty(names: NameServer, name: str) -> None:
    assert names.texts(name) == []


def test_nothing_is_asked_twice(zone: Zone, names: NameServer) -> None:
    for _ in range(3):
        names.texts("GAZETTE.example")
    assert zone.asked["gazette.example"] == 1


def test_a_server_that_fails_is_no_missing_network(zone: Zone, names: NameServer) -> None:
    zone.failing.add("gazette.example")
    with pytest.raises(FetchError, match="SERVFAIL") as raised:
        names.texts("gazette.example")
    assert raised.value.permanent


def test_silence_is_a_missing_network(zone: Zone) -> None:
    zone.silent = True
    with serving(zone) as address, pytest.raises(FetchError) as raised:
        DnsLookup(address, patience_s=0.3).texts("gazette.example")
    assert not raised.value.permanent


def test_a_port_where_nobody_listens_is_a_missing_network() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(FetchError) as raised:
        DnsLookup(f"127.0.0.1:{port}", patience_s=0.5).texts("gazette.example")
    assert not raised.value.permanent


@pytest.mark.parametrize("server", ["gazette", "1.2.3.4:x", "[::1"])
def test_a_server_that_is_no_address_is_told(server: str) -> None:
    with pytest.raises(FetchError):
        DnsLookup(server).texts("gazette.example")


def test_a_server_may_be_named_by_either_kind_of_address() -> None:
    from digest.providers.dns_lookup import _place

    assert _place("192.0.2.53") == ("192.0.2.53", 53)
    assert _place("192.0.2.53:5300") == ("192.0.2.53", 5300)
    assert _place("2001:db8::53") == ("2001:db8::53", 53)
    assert _place("[2001:db8::53]:5300") == ("2001:db8::53", 5300)
