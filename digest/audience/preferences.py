"""What readers choose: reached by a link of their own, and every change told to their address.

A mail is forwarded, and its links with it. So whoever has the link may choose, but never silently; and
no more often than the reader can be told.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from digest import logs
from digest.audience import addresses, tokens
from digest.model import Preferences, SubscriberId, SubscriptionStatus
from digest.store import (
    consents,
    counters,
    events,
    leaving,
    notices,
    preferences,
    subscribers,
)
from digest.store.engine import Database, Session
from digest.store.subscribers import Subscriber

log = logs.get(__name__)

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
#: Links that one network may ask for in an hour, and that are mailed to one address in a day.
PER_NETWORK, LINKS = 10, 3
#: So many changes of one reader in a day: each is a mail to them.
PER_DAY = 6
#: The choices of a snooze, in weeks.
WEEKS = (1, 2, 4, 8, 12)


class Kept(StrEnum):
    """What became of a change."""

    KEPT = "kept"
    SAME = "same"  # nothing was changed, and nobody is told
    TOO_OFTEN = "too often"


@dataclass(frozen=True, slots=True)
class Chooser:
    """A confirmed reader behind a link to the preferences."""

    id: SubscriberId
    address: str
    handle: str


def chooser(session: Session, newsletter: str, token: str, *, key: bytes) -> Chooser | None:
    """Who may choose with this token; None for a forged one, and for who is no reader (any more)."""
    handle = tokens.read_preferences_token(key, newsletter, token)
    found = subscribers.by_handle(session, handle) if handle else None
    if found is None:
        return None
    if subscribers.status(session, found.id, newsletter) is not SubscriptionStatus.CONFIRMED:
        return None
    return Chooser(found.id, found.address, found.handle)


def look(
    database: Database, newsletter: str, token: str, *, key: bytes, now: dt.datetime
) -> tuple[Chooser, Preferences] | None:
    """Who the link is of, and what they chose; None where it opens nothing."""
    with database.read() as session:
        found = chooser(session, newsletter, token, key=key)
        if found is None:
            return None
        return found, preferences.of(session, found.id, newsletter, now=now)


def keep(
    database: Database,
    newsletter: str,
    token: str,
    wanted: Preferences,
    *,
    key: bytes,
    link: str,
    now: dt.datetime,
    method: str = "page",
    by: str = "",
) -> Kept:
    """Keep what a reader chose, and tell their address.

    link: the reader's own, for that mail. method: how it was said, as evidence. by: who did it for them, for the log. Raises LookupError where the token opens nothing.
    """
    with database.write() as session:
        found = chooser(session, newsletter, token, key=key)
        if found is None:
            raise LookupError("no reader has this link")
        if wanted == preferences.of(session, found.id, newsletter, now=now):
            return Kept.SAME
        if not within(session, found.id, newsletter, now=now):
            return Kept.TOO_OFTEN
        preferences.keep(session, found.id, newsletter, wanted, now=now)
        consents.note(session, found.id, newsletter, "changed", at=now, method=method)
        if by:
            subject, data = f"subscriber:{found.id}", {"newsletter": newsletter}
            events.record(
                session, at=now, actor=by, action="changed choices", subject=subject, data=data
            )
        notices.queue(
            session,
            kind="changed",
            newsletter=newsletter,
            address=found.address,
            dedupe=f"changed:{newsletter}:{found.id}:{tokens.new_secret()}",
            data={"preferences_url": link},
            now=now,
        )
    log.info("a reader chose", newsletter=newsletter, subscriber=found.id)
    return Kept.KEPT


def within(session: Session, subscriber_id: int, newsletter: str, *, now: dt.datetime) -> bool:
    """Count one more change; False where there were too many today."""
    bucket = f"changes:{newsletter}:{subscriber_id}"
    return counters.hit(session, bucket, now=now, span=DAY) <= PER_DAY


def mail_link(
    database: Database,
    newsletter: str,
    raw: str,
    *,
    key: bytes,
    asker: str,
    public_url: str,
    now: dt.datetime,
) -> bool:
    """Mail a reader the link to their page; False where one network asks too often.

    Who is no reader gets nothing, and whoever asks learns nothing. Raises BadInput for no address.
    """
    address = addresses.parse(raw)
    with database.write() as session:
        if counters.hit(session, f"link:{asker}", now=now, span=HOUR) > PER_NETWORK:
            return False
        found = subscribers.by_address(session, address.key)
        if found is not None:
            _mail_link(session, newsletter, found, key=key, public_url=public_url, now=now)
    return True


def mail_own_link(
    database: Database,
    newsletter: str,
    leave_token: str,
    *,
    key: bytes,
    public_url: str,
    now: dt.datetime,
) -> None:
    """The same for who has the link to leave, which stands in every mail: to the reader, whoever pressed."""
    handle = tokens.read_leave_token(key, newsletter, leave_token)
    if handle is None:
        return
    with database.write() as session:
        found = subscribers.by_handle(session, handle)
        if found is not None:  # as the reader that the subscription went on as
            reader = leaving.now_at(session, found.id, newsletter)
            found = subscribers.by_id(session, reader)
        if found is not None:
            _mail_link(session, newsletter, found, key=key, public_url=public_url, now=now)


def _mail_link(
    session: Session,
    newsletter: str,
    found: Subscriber,
    *,
    key: bytes,
    public_url: str,
    now: dt.datetime,
) -> None:
    """To a confirmed reader, a few times a day at the most."""
    bucket = f"link:{newsletter}:{found.id}"
    if subscribers.status(session, found.id, newsletter) is not SubscriptionStatus.CONFIRMED:
        return
    if counters.hit(session, bucket, now=now, span=DAY) > LINKS:
        return
    token = tokens.preferences_token(key, newsletter, found.handle)
    notices.queue(
        session,
        kind="preferences",
        newsletter=newsletter,
        address=found.address,
        dedupe=f"preferences:{newsletter}:{found.id}:{tokens.new_secret()}",
        data={"preferences_url": f"{public_url}/preferences/{newsletter}/{token}"},
        now=now,
    )
