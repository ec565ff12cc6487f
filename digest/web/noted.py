"""A look at one reader's copy that was written down: the address that it leads to is good for its editor alone.

Who types a reader's number, or opens another editor's address, would look without a line in the audit log.
"""

from __future__ import annotations

import hmac

from digest.model import IssueId, SubscriberId
from digest.web import sealed

_PURPOSE = "copy"


def address(key: bytes, reader: SubscriberId, *, session: str, issue: IssueId) -> str:
    """What stands for the reader in the address. session: the token of the login that the look was noted for."""
    return sealed.seal(key, f"{_PURPOSE} {session} {issue} {reader}")


def reader_of(key: bytes, asked: str, *, session: str, issue: IssueId) -> SubscriberId | None:
    """Whose copy it leads to; None where that look was not noted for this login and this issue."""
    named, _, number = sealed.opened(key, asked).rpartition(" ")
    if not hmac.compare_digest(named.encode(), f"{_PURPOSE} {session} {issue}".encode()):
        return None
    return SubscriberId(int(number))
