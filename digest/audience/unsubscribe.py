"""Leaving: one bearer token, one act, the same answer to everybody (RFC 8058, RFC 2369)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from digest import logs
from digest.audience import tokens
from digest.store import reports, subscribers
from digest.store.engine import Database, Session

log = logs.get(__name__)

#: RFC 8058 §3.1: a mail program's own button sends List-Unsubscribe=One-Click, in either kind of form.
_ONE_CLICK = b"One-Click"

#: A handle whose letters some mail server has made all small or all capital.
_FOLDED = re.compile(r"[a-z0-9_-]{22}|[A-Z0-9_-]{22}")


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

    method: `one-click`, `page` or `mailto`, kept as evidence. A token that is forged, or of another
    newsletter, changes nothing and is no error: whoever sent it learns nothing.
    """
    handle = tokens.read_leave_token(key, newsletter, token)
    if handle is None:
        return False
    with database.write() as session:
        return _end(session, newsletter, handle, now=now, method=method)


def leave_by_mail(database: Database, token: str, *, key: bytes, now: dt.datetime) -> bool:
    """The same for a token that a mail was sent to, whatever its newsletter; True if there was one to end."""
    with database.read() as session:  # a forged one, and anybody may send many, locks nothing
        meant = next(_meant(session, token, key), None)
    if meant is None:
        return False
    with database.write() as session:
        return _end(session, *meant, now=now, method="mailto")


def _meant(session: Session, token: str, key: bytes) -> Iterator[tuple[str, str]]:
    """The newsletter that a mailed token is of, and whose it is, while that one is still subscribed."""
    for handle in _handles(session, token):
        for newsletter in _asked_for(session, handle):
            if tokens.read_mailed_token(key, newsletter, handle + token[len(handle) :]):
                yield newsletter, handle


def _end(session: Session, newsletter: str, handle: str, *, now: dt.datetime, method: str) -> bool:
    subscriber = subscribers.by_handle(session, handle)
    if subscriber is None:
        return False
    left = subscribers.leave(session, subscriber.id, newsletter, now=now, method=method)
    if left:
        log.info("a reader left", newsletter=newsletter, subscriber=subscriber.id, method=method)
    return left


def _handles(session: Session, token: str) -> list[str]:
    """The handle of a mailed token as it was given, and those that are alike but for their letters' case."""
    handle = token.rpartition(".")[0]
    alike = reports.handles_like(session, handle) if _FOLDED.fullmatch(handle) else []
    return list(dict.fromkeys([handle, *alike]))


def _asked_for(session: Session, handle: str) -> list[str]:
    subscriber = subscribers.by_handle(session, handle)
    return subscribers.newsletters(session, subscriber.id) if subscriber else []
