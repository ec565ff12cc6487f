"""DNS by dnspython: the servers of this machine, or one that is named."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import Any

import dns.exception
import dns.inet
import dns.name
import dns.resolver
import dns.reversename

from digest.errors import FetchError

#: Seconds for one question, with all its repetitions.
PATIENCE_S = 6.0


@dataclass(slots=True)
class DnsLookup:
    """See protocols.NameServer. server: an address, `192.0.2.53` or `127.0.0.1:5300`; empty = the system's own.

    What was answered once is not asked again.
    """

    server: str = ""
    patience_s: float = PATIENCE_S
    _resolver: dns.resolver.Resolver | None = None
    _known: dict[tuple[str, str], tuple[Any, ...]] = field(default_factory=dict)

    def texts(self, name: str) -> list[str]:
        return [b"".join(one.strings).decode("utf-8", "replace") for one in self._ask(name, "TXT")]

    def mail_servers(self, name: str) -> list[tuple[int, str]]:
        found = self._ask(name, "MX")
        return [(one.preference, _plain(one.exchange)) for one in found]

    def addresses(self, name: str) -> list[str]:
        return [one.address for kind in ("A", "AAAA") for one in self._ask(name, kind)]

    def names(self, address: str) -> list[str]:
        pointer = dns.reversename.from_address(address).to_text(omit_final_dot=True)
        return [_plain(one.target) for one in self._ask(pointer, "PTR")]

    def _ask(self, name: str, kind: str) -> tuple[Any, ...]:
        key = name.lower().rstrip("."), kind
        if key not in self._known:
            self._known[key] = self._asked(name, kind)
        return self._known[key]

    def _asked(self, name: str, kind: str) -> tuple[Any, ...]:
        """The answers; none where the name, or the kind of it, is not there."""
        where = f"dns {kind} {name}"
        try:
            resolver = self._resolver = self._resolver or self._made()
            answer = resolver.resolve(name, kind, search=False, raise_on_no_answer=False)
        except (dns.resolver.NXDOMAIN, dns.name.LabelTooLong, dns.name.EmptyLabel):
            return ()
        except dns.name.NameTooLong:
            return ()
        except dns.resolver.NoNameservers as error:
            told = str(error).rpartition("answered ")[2] or "no server answers"
            raise FetchError(where, told, permanent=_was_heard(error)) from error
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise FetchError(where, str(error) or type(error).__name__) from error
        return tuple(answer)

    def _made(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=not self.server)
        if self.server:
            host, port = _place(self.server)
            resolver.nameservers, resolver.port = [host], port
        resolver.lifetime = self.patience_s
        return resolver


def _was_heard(error: dns.resolver.NoNameservers) -> bool:
    """True where some server did answer, if only that it cannot; False where none was reached."""
    return any(one[4] is not None for one in error.kwargs.get("errors", ()))


def _place(server: str) -> tuple[str, int]:
    """`127.0.0.1:5300` or `[::1]:5300`; port 53 where none is named. Raises ValueError."""
    host, colon, port = server.rpartition(":")
    if not colon or (":" in host and not host.startswith("[")):
        host, port = server, "53"
    host = host.strip("[]")
    ipaddress.ip_address(host)
    return host, int(port)


def _plain(name: dns.name.Name) -> str:
    """Without the last full stop; the root, as in a null MX, is empty."""
    return name.to_text(omit_final_dot=True).rstrip(".").lower()
