"""Leaving: one bearer token, one act, the same answer to everybody (RFC 8058, RFC 2369)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum

from digest import logs
from digest.audience import tokens
from digest.model import SubscriberId, SubscriptionStatus
from digest.store import events, leaving, notices, reports, subscribers
from digest.store.engine import Database, Session

log = logs.get(__name__)

#: RFC 8058 §3.1: a mail program's own button sends List-Unsubscribe=One-Click, in either kind of form.
_ONE_CLICK = b"One-Click"

#: So long a leaving can be taken back: a minute, and a little for the way.
UNDO = dt.timedelta(seconds=65)

#: Where who left can subscribe again, by newsletter: of those that say goodbye by mail.
Goodbyes = Mapping[str, str]
NO_GOODBYES: Goodbyes = {}


class Why(StrEnum):
    """The reasons that a reader may choose from; nothing else is asked, or kept."""

    TOO_MUCH = "too-much"
    NOT_FOR_ME = "not-for-me"
    TOO_LONG = "too-long"
    READ_ELSEWHERE = "read-elsewhere"
    NEVER_ASKED = "never-asked"
    OTHER = "other"


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
    goodbyes: Goodbyes = NO_GOODBYES,
) -> bool:
    """End the subscription that the token stands for; True if there was one to end. Idempotent.

    A link of before a move to another address ends the subscription where it is now. method: `one-click`, `page` or `mailto`, kept as evidence. A token that is forged, or of another
    newsletter, changes nothing and is no error: whoever sent it learns nothing.
    """
    handle = tokens.read_leave_token(key, newsletter, token)
    if handle is None:
        return False
    with database.write() as session:
        return _end(session, newsletter, handle, now=now, method=method, goodbyes=goodbyes)


def undo(
    database: Database, newsletter: str, token: str, proof: str, *, key: bytes, now: dt.datetime
) -> bool:
    """Take a leaving back within the minute; True where the reader is with us again.

    proof: `tokens.undo_token`, which stood in the answer to the leaving.
    """
    handle = tokens.read_leave_token(key, newsletter, token)
    at = tokens.read_undo_token(key, newsletter, handle, proof) if handle else None
    if handle is None or at is None or now - at > UNDO:
        return False
    with database.write() as session:
        found = subscribers.by_handle(session, handle)
        if found is None:
            return False
        reader = leaving.now_at(session, found.id, newsletter)
        back = leaving.come_back(
            session, reader, newsletter, since=now - UNDO, now=now, method="undo"
        )
        if back:
            notices.withdraw(session, _goodbye(newsletter, reader, at))
        back = back or (
            subscribers.status(session, reader, newsletter) is SubscriptionStatus.CONFIRMED
        )
    log.info("a leaving was taken back", newsletter=newsletter, subscriber=reader, done=back)
    return back


def explain(database: Database, newsletter: str, token: str, reason: str, *, key: bytes) -> bool:
    """Note why a reader left, once; False where they have not, or gave a reason before."""
    handle = tokens.read_leave_token(key, newsletter, token)
    if handle is None or reason not in set(Why):
        return False
    with database.write() as session:
        found = subscribers.by_handle(session, handle)
        if found is None:
            return False
        reader = leaving.now_at(session, found.id, newsletter)
        return leaving.explain(session, reader, newsletter, reason)


def leave_by_mail(
    database: Database,
    token: str,
    *,
    key: bytes,
    now: dt.datetime,
    goodbyes: Goodbyes = NO_GOODBYES,
) -> bool:
    """The same for a token that a mail was sent to, whatever its newsletter; True if there was one to end."""
    with database.read() as session:  # a forged one, and anybody may send many, locks nothing
        meant = next(_meant(session, token, key), None)
    if meant is None:
        return False
    with database.write() as session:
        return _end(session, *meant, now=now, method="mailto", goodbyes=goodbyes)


def on_request(
    database: Database,
    newsletter: str,
    subscriber_id: int,
    *,
    by: str,
    now: dt.datetime,
    goodbyes: Goodbyes = NO_GOODBYES,
    method: str = "desk",
) -> bool:
    """End a subscription because its reader asked an editor to; True if there was one to end.

    by: who did it, for the log. method: where it was done, as evidence.
    """
    with database.write() as session:
        known = subscribers.by_id(session, subscriber_id)
        if known is None or newsletter not in subscribers.newsletters(session, subscriber_id):
            return False  # not theirs: it may go on at another address, which asked for nothing
        _end(session, newsletter, known.handle, now=now, method=method, goodbyes=goodbyes)
        subject = f"subscriber:{subscriber_id}"
        data = {"newsletter": newsletter}
        events.record(session, at=now, actor=by, action="unsubscribed", subject=subject, data=data)
    return True


def _meant(session: Session, token: str, key: bytes) -> Iterator[tuple[str, str]]:
    """The newsletter that a mailed token is of, and whose it is, while that one is still subscribed."""
    for handle in _handles(session, token):
        for newsletter in _asked_for(session, handle):
            if tokens.read_mailed_token(key, newsletter, handle + token[len(handle) :]):
                yield newsletter, handle


def _end(
    session: Session,
    newsletter: str,
    handle: str,
    *,
    now: dt.datetime,
    method: str,
    goodbyes: Goodbyes,
) -> bool:
    found = subscribers.by_handle(session, handle)
    if found is None:
        return False
    reader = leaving.now_at(session, found.id, newsletter)
    was = subscribers.status(session, reader, newsletter)
    if not subscribers.leave(session, reader, newsletter, now=now, method=method):
        return False
    log.info("a reader left", newsletter=newsletter, subscriber=reader, method=method)
    if newsletter in goodbyes and was is SubscriptionStatus.CONFIRMED:
        _say_goodbye(session, newsletter, reader, goodbyes[newsletter], now=now)
    return True


def _say_goodbye(
    session: Session, newsletter: str, reader: SubscriberId, again_url: str, *, now: dt.datetime
) -> None:
    """One last mail, once it cannot be undone; once a day at the most, however often somebody comes and goes."""
    known = subscribers.by_id(session, reader)
    if known is None:
        return
    notices.queue(
        session,
        kind="goodbye",
        newsletter=newsletter,
        address=known.address,
        dedupe=_goodbye(newsletter, reader, now),
        data={"again_url": again_url},
        now=now,
        due_at=now + UNDO,
    )


def _goodbye(newsletter: str, reader: SubscriberId, at: dt.datetime) -> str:
    """What the goodbye of a leaving is known by."""
    return f"goodbye:{newsletter}:{reader}:{at:%Y-%m-%d}"


def _handles(session: Session, token: str) -> list[str]:
    """The handle of a mailed token as it was given, and those that are alike but for their letters' case."""
    handle = token.rpartition(".")[0]
    alike = reports.handles_like(session, handle) if _FOLDED.fullmatch(handle) else []
    return list(dict.fromkeys([handle, *alike]))


def _asked_for(session: Session, handle: str) -> list[str]:
    """The newsletters that a reader has, or has moved to another address."""
    subscriber = subscribers.by_handle(session, handle)
    if subscriber is None:
        return []
    return [
        *subscribers.newsletters(session, subscriber.id),
        *leaving.moved(session, subscriber.id),
    ]
