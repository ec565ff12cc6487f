"""Leaving: one bearer token, one act, the same answer to everybody (RFC 8058)."""

from __future__ import annotations

import datetime as dt

from digest import logs
from digest.audience import tokens
from digest.store import subscribers
from digest.store.engine import Database

log = logs.get(__name__)

#: RFC 8058 §3.1: a mail program's own button sends List-Unsubscribe=One-Click, in either kind of form.
_ONE_CLICK = b"One-Click"


def method_of(body: bytes) -> str:
    """How somebody leaves, by what was sent: `one-click` in a mail program, or `page`."""
    return "one-click" if _ONE_CLICK in body else "page"


def leave(
    database: Database,
    newsletter: str,
    token: str,
    *,
    key: bytes,
    now: dt.datetime,
    method: str = "page",
) -> bool:
    """End the subscription that the token stands for; True if there was one to end. Idempotent.

    method: `one-click` or `page`, kept as evidence. A token that is forged, or of another
    newsletter, changes nothing and is no error: whoever sent it learns nothing.
    """
    handle = tokens.read_leave_token(key, newsletter, token)
    if handle is None:
        return False
    with database.write() as session:
        subscriber = subscribers.by_handle(session, handle)
        if subscriber is None:
            return False
        left = subscribers.leave(session, subscriber.id, newsletter, now=now, method=method)
    if left:
        log.info("a reader left", newsletter=newsletter, subscriber=subscriber.id, method=method)
    return left
