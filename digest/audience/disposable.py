"""Domains of mailboxes that are thrown away, by the list in the package `disposable-email-domains`."""

from __future__ import annotations

import functools


def is_disposable(domain: str) -> bool:
    """True for a listed domain and all below it. domain: in ASCII."""
    labels = domain.lower().rstrip(".").split(".")
    return any(".".join(labels[start:]) in _listed() for start in range(len(labels) - 1))


@functools.cache
def _listed() -> set[str]:
    """Read at the first question: the list is long."""
    import disposable_email_domains

    return disposable_email_domains.blocklist
