"""Names of servers: those that bounces come back to, and the reverse names of those that send."""

from __future__ import annotations

import ipaddress

from digest.domains.records import Finding
from digest.protocols import NameServer


def examine_returns(names: NameServer, domain: str, *, server: str = "") -> Finding:
    """Whether mail to the return path's domain arrives anywhere. server: who takes it, where that is known."""
    subject = f"mx {domain}"
    line = (f"{domain}. 3600 IN MX 10 {server or f'mx.{domain}'}.",)
    servers = names.mail_servers(domain)
    if any(not host for _, host in servers):
        text = "a null MX (RFC 7505): it takes no mail, so bounces are lost, and many refuse ours"
        return Finding(subject, False, text, line)
    if not servers and not names.addresses(domain):
        text = "takes no mail, so bounces are lost, and many refuse ours"
        return Finding(subject, False, text, line)
    if not servers:
        return Finding(subject, True, "no MX; its own address takes the mail (RFC 5321 §5.1)", line)
    lost = [host for _, host in servers if not names.addresses(host)]
    if len(lost) == len(servers):
        return Finding(subject, False, f"{', '.join(lost)}: no such server, so bounces are lost")
    told = ", ".join(host for _, host in sorted(servers))
    return Finding(subject, True, told + (f"; not there: {', '.join(lost)}" if lost else ""))


def examine_sender(names: NameServer, host: str) -> list[Finding]:
    """Each public address of a server that sends: its reverse name must lead back to it.

    Google asks for it (https://support.google.com/a/answer/81126).
    """
    found = names.addresses(host)
    if not found:
        return [Finding(f"ptr {host}", False, "the relay's name is not in DNS")]
    return [_reverse(names, host, one) for one in found if is_public(one)]


def is_public(address: str) -> bool:
    """Not of this machine or of a network of its own."""
    return ipaddress.ip_address(address).is_global


def _reverse(names: NameServer, host: str, address: str) -> Finding:
    subject = f"ptr {address}"
    told = names.names(address)
    line = (f"{ipaddress.ip_address(address).reverse_pointer}. 3600 IN PTR {host}.",)
    if not told:
        text = f"no reverse name: Gmail refuses mail from it; who gave you the address sets it to {host}"
        return Finding(subject, False, text, line)
    if not any(address in names.addresses(one) for one in told):
        text = f"its reverse name {', '.join(told)} does not lead back to it"
        return Finding(subject, False, text, line)
    return Finding(subject, True, f"{', '.join(told)}, and back")
