from __future__ import annotations

import ipaddress
import socket
import threading
import time

import httpcore
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
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_what_is_not_the_internet_is_not_public(address: str) -> None:
    assert not gate.is_public(ipaddress.ip_address(address))


def _gate(*allowed: str, seconds: float = 5) -> gate.Gate:
    return gate.Gate(gate.networks(allowed), time.monotonic() + seconds)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "::1"])
def test_this_machine_is_refused_however_it_is_spelt(host: str) -> None:
    with pytest.raises(gate.Barred):
        _gate().connect_tcp(host, 80)


def test_one_private_address_among_public_ones_refuses_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def two(host: str, port: int, **kinds: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("10.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    with pytest.raises(gate.Barred):
        _gate().connect_tcp("both.example", 80)


def test_a_public_address_is_asked_on_web_ports_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def public(host: str, port: int, **kinds: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("93.184.216.34", port))]

    monkeypatch.setattr(socket, "getaddrinfo", public)
    with pytest.raises(gate.Barred, match="port 25"):
        _gate().connect_tcp("mail.example", 25)


def test_the_checked_address_is_dialled_and_the_name_is_asked_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def rebinding(host: str, port: int, **kinds: object) -> list[tuple[object, ...]]:
            asked.append(host)
            address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
            return [(2, 1, 6, "", (address, port))]

        monkeypatch.setattr(gate.socket, "getaddrinfo", _only(rebinding, "rebind.example"))
        stream = _gate("127.0.0.1/32").connect_tcp("rebind.example", port)
        stream.close()
    assert asked == ["rebind.example"]


def _only(fake, name: str):  # type: ignore[no-untyped-def]
    """Resolve one name by hand and leave the others to the system."""
    real = socket.getaddrinfo

    def choose(host, *rest, **kinds):  # type: ignore[no-untyped-def]
        return fake(host, *rest, **kinds) if host == name else real(host, *rest, **kinds)

    return choose


def test_the_next_address_is_tried_where_the_first_does_not_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.2", 0)) as server:
        port = server.getsockname()[1]

        def both(host: str, port: int, **kinds: object) -> list[tuple[object, ...]]:
            return [(2, 1, 6, "", (address, port)) for address in ("127.0.0.3", "127.0.0.2")]

        monkeypatch.setattr(gate.socket, "getaddrinfo", _only(both, "both.example"))
        stream = _gate("127.0.0.0/8").connect_tcp("both.example", port)
        assert stream.get_extra_info("server_addr")[0] == "127.0.0.2"
        stream.close()


def test_a_name_that_does_not_exist_is_told() -> None:
    with pytest.raises(httpcore.ConnectError):
        _gate().connect_tcp("nowhere.invalid", 80)


def test_a_resolver_that_hangs_does_not_hold_us(monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()

    def hanging(host: str, port: int, **kinds: object) -> list[tuple[object, ...]]:
        free.wait(20)
        return []

    monkeypatch.setattr(gate.socket, "getaddrinfo", hanging)
    with pytest.raises(httpcore.ConnectTimeout):
        _gate(seconds=0.2).connect_tcp("slow.example", 80)
    free.set()


def test_no_time_left_is_a_timeout() -> None:
    with pytest.raises(httpcore.ReadTimeout):
        _gate(seconds=-1).connect_tcp("127.0.0.1", 80)


def test_sockets_of_the_machine_are_never_opened() -> None:
    with pytest.raises(gate.Barred):
        _gate().connect_unix_socket("/run/docker.sock")
