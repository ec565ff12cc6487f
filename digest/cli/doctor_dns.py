"""`digest doctor --dns`: what DNS says of the domains that we send from, and what to publish."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest.bootstrap import House
from digest.domains import dmarc, hosts, keys, spf
from digest.domains.dmarc import Identities
from digest.domains.keys import Expected
from digest.domains.records import Finding
from digest.errors import FetchError
from digest.protocols import NameServer
from digest.settings import Settings

#: How a relay's name ends → the SPF record of those who send for it.
INCLUDES = {
    "postmarkapp.com": "spf.mtasv.net",
    "sendgrid.net": "sendgrid.net",
    "mailgun.org": "mailgun.org",
    "amazonaws.com": "amazonses.com",
    "brevo.com": "spf.brevo.com",
    "sendinblue.com": "spf.brevo.com",
    "resend.com": "amazonses.com",
    "gmail.com": "_spf.google.com",
    "google.com": "_spf.google.com",
    "office365.com": "spf.protection.outlook.com",
    "outlook.com": "spf.protection.outlook.com",
    "mailjet.com": "spf.mailjet.com",
    "messagingengine.com": "spf.messagingengine.com",
}
#: Provider → the selectors that it usually signs under; empty where they are each customer's own.
SELECTORS: dict[str, tuple[str, ...]] = {
    "postmark": (),
    "ses": (),
    "resend": ("resend",),
    "sendgrid": ("s1", "s2"),
    "brevo": ("brevo1", "brevo2", "mail"),
    "mailgun": ("mx", "smtp", "mailo", "pic", "k1", "email", "s1"),
}

_Check = Callable[[], Iterator[Finding]]


def examine(settings: Settings, house: House, names: NameServer) -> Iterator[Finding]:
    """Every domain once. Where nobody answers at all, that is the one finding, for the rest would be alike."""
    yield from (_explained(one) for one in _asked(settings, house, names))


#: How a finding's subject begins → what comes of it where it is not fine.
_WHY = {
    "spf": "receivers cannot tell our mail from what forgers send, and turn it away or call it junk",
    "dkim": "receivers believe no signature of ours; Google and Yahoo want one on bulk mail",
    "dmarc": "Google, Yahoo and Microsoft want a policy of whoever sends in bulk",
    "alignment": "neither proof is of the From address's domain, so none of them counts",
    "mx": "what comes back is lost, and many receivers refuse senders that take no mail",
    "ptr": "Gmail and others refuse mail from addresses without a name of their own",
    "address": "readers cannot confirm, leave or read on: every link of a mail leads there",
    "dns": "nothing is known of what receivers see",
}


def _explained(one: Finding) -> Finding:
    """With its reason and its remedy, where it has none of its own."""
    if one.fine and not one.doubtful:
        return one
    kind, _, name = one.subject.partition(" ")
    if one.publish:
        remedy = "publish what stands below in your DNS; a panel may call it TXT, MX, A or PTR"
    elif kind == "dns":
        remedy = "try another server: `digest doctor --dns-server 9.9.9.9`"
    else:
        remedy = "docs/dns.md says what must stand there; then look again"
    return dataclasses.replace(
        one,
        where=one.where or f"DNS of {name or 'this machine'}",
        why=one.why or _WHY.get(kind, _WHY["dns"]),
        remedy=one.remedy or remedy,
    )


def _asked(settings: Settings, house: House, names: NameServer) -> Iterator[Finding]:
    for check in _checks(settings, house, names):
        try:
            yield from check()
        except FetchError as error:
            if not error.permanent:
                told = (
                    f"nobody answers ({error.reason}): is the network there? nothing more was asked"
                )
                yield Finding("dns", False, told)
                return
            yield Finding(
                error.url.removeprefix("dns "), False, f"its servers fail: {error.reason}"
            )


def _checks(settings: Settings, house: House, names: NameServer) -> Iterator[_Check]:
    authors = dict.fromkeys(
        schedule.newsletter.from_address.rpartition("@")[2].lower()
        for schedule in house.schedules.values()
    )
    for author in authors:
        one = _Author(settings, house, names, author)
        yield from (one.spf, one.dkim, one.dmarc, one.returns)
    if "smtp" in settings.providers:
        yield lambda: _sender(settings, names, list(authors))
    public = urlsplit(settings.public_url).hostname or ""
    if "." in public and not public.replace(".", "").isdigit():
        yield lambda: _public(names, public)


def _public(names: NameServer, host: str) -> Iterator[Finding]:
    """The name that every link of a mail leads to."""
    found = names.addresses(host)
    subject = f"address {host}"
    if not found:
        line = f"{host}. 3600 IN A <the address of your proxy>"
        text = f"the name of DIGEST_PUBLIC_URL is not in DNS; as in: {line}"
        yield Finding(subject, False, text)
    elif not any(hosts.is_public(one) for one in found):
        text = f"leads to {', '.join(found)}, which nobody outside reaches"
        yield Finding(subject, False, text)
    else:
        yield Finding(subject, True, ", ".join(found))


@dataclass(frozen=True, slots=True)
class _Author:
    """The checks of one domain of From addresses."""

    settings: Settings
    house: House
    names: NameServer
    author: str

    @property
    def _return_domain(self) -> str:
        """That of our return paths; empty where a provider has its own."""
        by_us = {"smtp", "outbox"} & set(self.settings.providers)
        return (self.house.returns.domain or self.author) if by_us else ""

    @property
    def _signed(self) -> str:
        return (self.settings.dkim_domain or self.author) if self.house.signer else ""

    def spf(self) -> Iterator[Finding]:
        domain = self._return_domain
        if not domain:
            providers = ", ".join(self.settings.providers)
            told = f"the return path is that of {providers}, and so is its SPF record"
            yield Finding(f"spf {self.author}", True, told)
            return
        include = _include(self.settings.smtp_host)
        senders = () if include else _senders(self.settings, self.names)
        yield spf.examine(self.names, domain, include=include, senders=senders)

    def dkim(self) -> Iterator[Finding]:
        signer = self.house.signer
        for key in signer.keys if signer else ():
            ours = Expected(key.kind, key.public)
            yield keys.examine(self.names, key.selector, self._signed, ours)
        for provider in self.settings.providers:
            if provider in SELECTORS:
                yield self._of_provider(provider)
        if not signer and "smtp" in self.settings.providers:
            told = (
                "not signed here: the relay must do it, or set DIGEST_DKIM_KEY_FILE (docs/dns.md)"
            )
            yield Finding(f"dkim {self.author}", True, told)

    def _of_provider(self, provider: str) -> Finding:
        subject = f"dkim {self.author}"
        if not SELECTORS[provider]:
            told = f"{provider} signs under names of its own; its page of domains says if they are there"
            return Finding(subject, True, told)
        found = keys.seen(self.names, SELECTORS[provider], self.author)
        if found:
            return Finding(subject, True, f"{provider} has its key under {', '.join(found)}")
        told = f"no key under {provider}'s usual names ({', '.join(SELECTORS[provider])}): publish what its page says"
        return Finding(subject, False, told)

    def dmarc(self) -> Iterator[Finding]:
        identities = Identities(signed=self._signed, returns=self._return_domain)
        yield from dmarc.examine(self.names, self.author, identities)

    def returns(self) -> Iterator[Finding]:
        if self._return_domain:
            host = self.settings.smtp_host
            ours = _is_ours(host, [self.author, self._return_domain], self.names)
            yield hosts.examine_returns(
                self.names, self._return_domain, server=host if ours else ""
            )


def _sender(settings: Settings, names: NameServer, authors: list[str]) -> Iterator[Finding]:
    """The relay's reverse name, where it is our own to set."""
    host = settings.smtp_host
    if _is_ours(host, [*authors, settings.return_domain], names):
        yield from hosts.examine_sender(names, host)
    else:
        told = "not of our domains: its reverse name is its owner's affair"
        yield Finding(f"ptr {host}", True, told)


def _senders(settings: Settings, names: NameServer) -> tuple[str, ...]:
    """The relay's public addresses, which SPF should let send; none where nobody can know them."""
    found = _addresses(names, settings.smtp_host) if "smtp" in settings.providers else []
    return tuple(one for one in found if hosts.is_public(one))


def _addresses(names: NameServer, host: str) -> list[str]:
    """Of a host's name, or the one that it is; a name without a full stop is of this network alone."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        return names.addresses(host) if "." in host else []


def _include(host: str) -> str:
    return next((one for end, one in INCLUDES.items() if _ends(host, end)), "")


def _is_ours(host: str, domains: list[str], names: NameServer) -> bool:
    """Under one of our domains, or of the same organisation as one of them."""
    organised = (dmarc.organisation(one, dmarc.walk(names, one)) for one in domains if one)
    return any(_ends(host, one) for one in (*domains, *organised))


def _ends(host: str, domain: str) -> bool:
    host = host.lower().rstrip(".")
    return bool(domain) and (host == domain or ("." in domain and host.endswith(f".{domain}")))
