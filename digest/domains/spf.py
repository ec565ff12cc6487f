"""SPF (RFC 7208): the record of a return path's domain, how much it asks, and whom it lets send."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from enum import StrEnum

from digest.domains.records import Finding, txt
from digest.domains.spf_terms import Broken, Term, terms
from digest.protocols import NameServer

#: RFC 7208 §4.6.4: terms that ask DNS, and questions that find nothing; more is an error to receivers.
LOOKUPS, VOIDS = 10, 2
#: ... and mail servers of one `mx`.
SERVERS = 10

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Result(StrEnum):
    """What a receiver makes of an address."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    SOFTFAIL = "softfail"
    NEUTRAL = "neutral"
    NONE = "none"
    ERROR = "permerror"


_QUALIFIERS = {
    "": Result.PASS,
    "+": Result.PASS,
    "-": Result.FAIL,
    "~": Result.SOFTFAIL,
    "?": Result.NEUTRAL,
}


@dataclass(slots=True)
class Walk:
    """One evaluation. sender: None = whatever is asked for is asked, and nobody matches: the whole cost."""

    names: NameServer
    sender: Address | None = None
    lookups: int = 0
    voids: int = 0
    included: set[str] = field(default_factory=set)

    def result(self, domain: str) -> Result:
        """Raises FetchError where DNS does not answer."""
        try:
            return self._check(domain)
        except Broken:
            return Result.ERROR

    def fault(self, domain: str) -> str:
        """What is wrong with the record; empty where nothing is."""
        try:
            self._check(domain)
        except Broken as error:
            return str(error)
        if self.lookups > LOOKUPS:
            return f"asks DNS {self.lookups} times; receivers stop after {LOOKUPS}"
        if self.voids > VOIDS:
            return f"{self.voids} names in it are not there; receivers stop after {VOIDS}"
        return ""

    def _check(self, domain: str) -> Result:
        records = records_of(self.names, domain)
        if not records:
            return Result.NONE
        if len(records) > 1:
            raise Broken(f"{domain} has {len(records)} SPF records, and must have one")
        redirect = ""
        for term in terms(records[0]):
            if term.is_modifier:
                redirect = term.value if term.name == "redirect" else redirect
            elif self._matches(term, domain):
                return _QUALIFIERS[term.qualifier]
            elif term.name == "all":
                redirect = ""
                break
        return self._inner(redirect, domain) if redirect else Result.NEUTRAL

    def _matches(self, term: Term, domain: str) -> bool:
        if term.name == "all":
            return self.sender is not None
        if term.name in ("ip4", "ip6"):
            return self._in_network(term.value)
        name = term.value or domain
        if term.name == "include":
            return self._inner(name, domain) is Result.PASS
        self._ask()
        if "%" in name or term.name == "ptr":  # depends on the mail; costs a question all the same
            return False
        if term.name == "exists":
            return self._found(self.names.addresses(name)) and self.sender is not None
        if term.name == "mx":
            found = [one for host in self._servers(name) for one in self.names.addresses(host)]
        else:
            found = self.names.addresses(name)
            self._found(found)
        return any(self._near(one, term) for one in found)

    def _inner(self, name: str, domain: str) -> Result:
        self._ask()
        if "%" in name:
            return Result.NEUTRAL
        self.included.add(name.lower().rstrip("."))
        inner = self._check(name)
        if inner is Result.NONE:
            raise Broken(f"{domain} includes {name}, which has no SPF record")
        return inner

    def _servers(self, name: str) -> list[str]:
        servers = [host for _, host in self.names.mail_servers(name)]
        self._found(servers)
        if len(servers) > SERVERS:
            raise Broken(f"{name} has {len(servers)} mail servers; receivers stop after {SERVERS}")
        return servers

    def _ask(self) -> None:
        self.lookups += 1
        if self.lookups > 4 * LOOKUPS:
            raise Broken(f"asks DNS without end; receivers stop after {LOOKUPS}")

    def _found(self, found: list[str]) -> bool:
        self.voids += not found
        return bool(found)

    def _in_network(self, text: str) -> bool:
        return self.sender is not None and self.sender in ipaddress.ip_network(text, strict=False)

    def _near(self, address: str, term: Term) -> bool:
        """Whether the sender is in the network of this address, of the term's size."""
        size = term.large if ":" in address else term.small
        return self._in_network(f"{address}/{size}")


def records_of(names: NameServer, domain: str) -> list[str]:
    """The domain's SPF records; more than one is an error."""
    return [one for one in names.texts(domain) if re.match(r"v=spf1(?: |$)", one, re.IGNORECASE)]


def examine(
    names: NameServer, domain: str, *, include: str = "", senders: tuple[str, ...] = ()
) -> Finding:
    """The record of a return path's domain. include: a provider's own record, where one is known.

    senders: addresses that hand the mail to receivers, where they are ours to know.
    """
    subject = f"spf {domain}"
    records = records_of(names, domain)
    if not records:
        text = "no record: receivers cannot tell who may send for it"
        return Finding(subject, False, text, (_with(domain, "", include, senders),))
    walk = Walk(names)
    if fault := walk.fault(domain):
        text = f"receivers take it for broken: {fault}"
        return Finding(subject, False, text)
    cost = f"{walk.lookups} of {LOOKUPS} lookups"
    if include and include not in walk.included:
        text = f"does not include {include}, by which the mail leaves ({cost})"
        return Finding(subject, False, text, (_with(domain, records[0], include, ()),))
    left_out = [one for one in senders if not _passes(names, domain, one)]
    if left_out:
        text = f"does not let {', '.join(left_out)} send ({cost})"
        return Finding(subject, False, text, (_with(domain, records[0], "", tuple(left_out)),))
    weak = _weak(records[0])
    return Finding(subject, True, f"{records[0]} ({cost}){weak}", doubtful=bool(weak))


def _weak(record: str) -> str:
    open_to_all = re.search(r"\s\+?all\s*$", record, re.IGNORECASE)
    return "; but +all lets everybody send, which receivers distrust" if open_to_all else ""


def _passes(names: NameServer, domain: str, address: str) -> bool:
    return Walk(names, ipaddress.ip_address(address)).result(domain) is Result.PASS


def _with(domain: str, record: str, include: str, senders: tuple[str, ...]) -> str:
    """The record to publish: the one that is there with what is missing, before its `all`."""
    missing = [f"include:{include}"] if include else []
    missing += [f"ip{ipaddress.ip_address(one).version}:{one}" for one in senders]
    words = record.split() or ["v=spf1", *([] if missing else ["mx"]), "~all"]
    last = words[-1:] if re.match(r"[+?~-]?all$|redirect=", words[-1], re.IGNORECASE) else []
    kept = words[: len(words) - len(last)]
    return txt(domain, " ".join((*kept, *missing, *last)))
