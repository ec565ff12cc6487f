"""Where a request came from: the peer, or what a trusted proxy says; whole for no one, shortened for all."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from starlette.requests import Request

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: What stands for a peer without an address, as behind a Unix socket.
UNKNOWN = "unknown"


def client_of(request: Request, proxies: Iterable[str]) -> Address | None:
    """The address that asked. X-Forwarded-For is read only from proxies that the settings name.

    Read from the right: each trusted proxy vouches for the address before it, and the first
    one that is not trusted is the client. What stands left of it anybody may have written.
    """
    trusted = [ipaddress.ip_network(proxy, strict=False) for proxy in proxies]
    hops = [hop for line in request.headers.getlist("x-forwarded-for") for hop in line.split(",")]
    found = _address(request.client.host if request.client else "")
    while found is not None and hops and any(_inside(found, network) for network in trusted):
        found = _address(hops.pop().strip())
    return found


def is_one_of(request: Request, proxies: Iterable[str]) -> bool:
    """Whether the peer itself is a proxy that the settings name."""
    peer = _address(request.client.host if request.client else "")
    trusted = (ipaddress.ip_network(proxy, strict=False) for proxy in proxies)
    return peer is not None and any(_inside(peer, network) for network in trusted)


def limit_key(address: Address | None) -> str:
    """What counts as one asker: an IPv4 address, or the /64 that one household gets in IPv6."""
    if address is None:
        return UNKNOWN
    return str(address) if address.version == 4 else _network(address, 64)


def shortened(address: Address | None) -> str:
    """What is kept as evidence of a consent: the /24 or /48, never the whole address."""
    if address is None:
        return ""
    return _network(address, 24 if address.version == 4 else 48)


def _network(address: Address, bits: int) -> str:
    return str(ipaddress.ip_network(f"{address}/{bits}", strict=False))


def _inside(address: Address, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    return address.version == network.version and address in network


def _address(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text.strip("[]").split("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
