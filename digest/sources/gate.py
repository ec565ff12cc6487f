"""Which addresses may be asked: what anybody on the internet could reach, and no more.

Refused are the machine itself, its network, and the clouds' metadata services. An operator's own
site on a private address is let through by an explicit network.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Ports that a web site answers on; a network that is let through by name may use any.
WEB_PORTS = frozenset({80, 443})

#: All of IPv6 that is given out to the internet (RFC 4291 §2.4, IANA); outside of it lie NAT64, what was
#: site-local, and every way of writing an IPv4 address as one of IPv6 but those below.
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")

#: Not public, though Python's `is_global` says so or another address hides inside.
_HIDDEN = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # RFC 6890
        "168.63.129.16/32",  # Azure's own services, on a public address
        "192.88.99.0/24",  # once the relays of 6to4, RFC 7526
        "2001::/32",  # Teredo
        "2002::/16",  # 6to4
        "3fff::/20",  # for documents, RFC 9637; newer than some Pythons
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
    if inner.version == 6 and inner not in _GIVEN_OUT:
        return False
    return not any(inner.version == net.version and inner in net for net in _HIDDEN)


def check(addresses: Iterable[IPAddress], port: int, allowed: Sequence[IPNetwork]) -> None:
    """Raises Barred unless every address is public, or let through by a network."""
    for address in addresses:
        if any(address.version == net.version and address in net for net in allowed):
            continue
        if not is_public(address):
            raise Barred(f"{address} is not a public address")
        if port not in WEB_PORTS:
            raise Barred(f"port {port} is no web site's")
