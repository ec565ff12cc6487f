"""The door to the network: a name is resolved once, every address of it is judged, and that one is dialled.

What is not public is refused: the machine itself, its network, and the clouds' metadata services.
An operator's own site on a private address is let through by an explicit network. Every read and
write gets only what is left of the whole request's time, so a dripping server cannot hold us.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Ports that a web site answers on; a network that is let through by name may use any.
WEB_PORTS = frozenset({80, 443})

#: Not public, though Python's `is_global` says so or another address hides inside.
_HIDDEN = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # RFC 6890
        "168.63.129.16/32",  # Azure's own services, on a public address
        "::/96",  # an IPv4 address inside
        "64:ff9b::/96",  # NAT64, RFC 6052
        "64:ff9b:1::/48",  # NAT64, RFC 8215
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
    )
)


class Barred(Exception):
    """The address is not public and no operator let it through."""


def networks(allowed: Iterable[str]) -> tuple[IPNetwork, ...]:
    """CIDRs as networks. Raises ValueError for one that is none."""
    return tuple(ipaddress.ip_network(cidr.strip(), strict=False) for cidr in allowed)


def is_public(address: IPAddress) -> bool:
    """True where anybody on the internet could reach it."""
    inner = getattr(address, "ipv4_mapped", None) or address
    if inner.is_multicast or not inner.is_global:
        return False
    return not any(inner.version == net.version and inner in net for net in _HIDDEN)


class Gate(httpcore.NetworkBackend):
    """A network backend that opens connections to checked addresses only, until `deadline`.

    deadline: in seconds of `time.monotonic`.
    """

    def __init__(self, allowed: Sequence[IPNetwork], deadline: float) -> None:
        self._allowed, self._deadline = allowed, deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of `host` that answers. Raises Barred if one is not public."""
        addresses = _resolve(host, port, _left(self._deadline, timeout))
        for address in addresses:
            self._check(address, port)
        for number, address in enumerate(addresses, 1):
            share = _left(self._deadline, timeout) / (len(addresses) - number + 1)
            try:
                stream = self._sockets.connect_tcp(
                    str(address), port, timeout=share, socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses):
                    raise
                continue
            return _Timed(stream, self._deadline)
        raise httpcore.ConnectError(f"{host} has no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        """Never: a web address names no socket of this machine."""
        raise Barred(path)

    def _check(self, address: IPAddress, port: int) -> None:
        if any(address.version == net.version and address in net for net in self._allowed):
            return
        if not is_public(address):
            raise Barred(f"{address} is not a public address")
        if port not in WEB_PORTS:
            raise Barred(f"port {port} is no web site's")


class _Timed(httpcore.NetworkStream):
    """A stream whose every wait ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(self._deadline, timeout)
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    """Seconds until the deadline, at most `timeout`. Raises ReadTimeout where none are left."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the request took longer than it may")
    return left if timeout is None else min(left, timeout)


def _resolve(host: str, port: int, timeout: float) -> list[IPAddress]:
    """The name's addresses. The system's resolver knows no deadline, so it works in a thread."""
    found: list[str] = []
    faults: list[OSError] = []

    def ask() -> None:
        try:
            for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
                found.append(str(entry[4][0]))
        except (OSError, UnicodeError) as error:
            faults.append(OSError(str(error)))

    thread = threading.Thread(target=ask, daemon=True, name="resolve")
    thread.start()
    thread.join(timeout)
    if thread.is_alive():
        raise httpcore.ConnectTimeout(f"the name {host} was not resolved in time")
    if faults or not found:
        raise httpcore.ConnectError(f"the name {host} is not known")
    addresses = [ipaddress.ip_address(text.split("%")[0]) for text in found]
    return list(dict.fromkeys(addresses))
