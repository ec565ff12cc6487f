"""Zones of names for tests: asked in memory, or by a real little DNS server on the loopback."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.reversename
import dns.rrset
import dns.zonefile

from digest.errors import FetchError

#: RFC 1035 §4.2.1: what fits in a datagram; more comes by TCP.
DATAGRAM = 512


@dataclass
class Zone:
    """Records by (name, kind). Answers as `protocols.NameServer`, or to `serving`.

    failing: names whose servers fail. silent: nobody answers anything. asked: how often a name was.
    """

    records: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    failing: set[str] = field(default_factory=set)
    silent: bool = False
    asked: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, text: str) -> Zone:
        """Lines of a zone file, without TTL and class where you like."""
        zone = cls()
        zone.publish(*(line for line in text.splitlines() if line.strip()))
        return zone

    def publish(self, *lines: str) -> None:
        """Read as a name server reads them, so that a line that cannot be pasted raises."""
        for line in lines:
            for found in dns.zonefile.read_rrsets(
                line.strip(), rdclass=None, default_ttl=60, origin=".", relativize=False
            ):
                key = (
                    found.name.to_text(omit_final_dot=True).lower(),
                    dns.rdatatype.to_text(found.rdtype),
                )
                self.records[key] += [one.to_text() for one in found]

    def texts(self, name: str) -> list[str]:
        found = (dns.rdata.from_text("IN", "TXT", one) for one in self._ask(name, "TXT"))
        return [b"".join(one.strings).decode() for one in found]

    def mail_servers(self, name: str) -> list[tuple[int, str]]:
        found = (one.split() for one in self._ask(name, "MX"))
        return [(int(number), host.rstrip(".")) for number, host in found]

    def addresses(self, name: str) -> list[str]:
        return [*self._ask(name, "A"), *self._ask(name, "AAAA")]

    def names(self, address: str) -> list[str]:
        pointer = dns.reversename.from_address(address).to_text(omit_final_dot=True)
        return [one.rstrip(".") for one in self._ask(pointer, "PTR")]

    def _ask(self, name: str, kind: str) -> list[str]:
        name = name.lower().rstrip(".")
        self.asked[name] += 1
        if self.silent or name in self.failing:
            raise FetchError(f"dns {kind} {name}", "SERVFAIL", permanent=not self.silent)
        return self.records.get((name, kind), [])

    def answer(self, wire: bytes, *, most: int) -> bytes:
        """What a server says to a question."""
        query = dns.message.from_wire(wire)
        (question,) = query.question
        name, kind = (
            question.name.to_text(omit_final_dot=True).lower(),
            dns.rdatatype.to_text(question.rdtype),
        )
        self.asked[name] += 1
        told = dns.message.make_response(query)
        found = self.records.get((name, kind), [])
        if name in self.failing:
            told.set_rcode(dns.rcode.SERVFAIL)
        elif found:
            told.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, found))
        elif not any(known == name or known.endswith(f".{name}") for known, _ in self.records):
            told.set_rcode(dns.rcode.NXDOMAIN)
        whole = told.to_wire()
        if len(whole) <= most:
            return whole
        told.answer.clear()
        told.flags |= dns.flags.TC
        return told.to_wire()


@contextmanager
def serving(zone: Zone) -> Iterator[str]:
    """A server of the zone by UDP and TCP; gives its address as `127.0.0.1:5300`."""

    class Datagram(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, socket = self.request
            if not zone.silent:
                socket.sendto(zone.answer(data, most=DATAGRAM), self.client_address)

    class Stream(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            (length,) = struct.unpack("!H", self.rfile.read(2))
            told = zone.answer(self.rfile.read(length), most=65_535)
            self.wfile.write(struct.pack("!H", len(told)) + told)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Datagram) as by_udp:
        host, port = by_udp.server_address
        with socketserver.ThreadingTCPServer(("127.0.0.1", port), Stream) as by_tcp:
            for server in (by_udp, by_tcp):
                threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            try:
                yield f"{host}:{port}"
            finally:
                by_udp.shutdown()
                by_tcp.shutdown()
