"""Retention: once a night, what is kept no longer goes. Nothing here is needed for a send to be right.

docs/readers.md has the table of periods.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from digest import logs
from digest.audience import privacy
from digest.schedules import Schedule
from digest.store import api_calls, chain, forgetting, heartbeats, hook_events, link_answers
from digest.store.engine import Database

log = logs.get(__name__)

DAY = dt.timedelta(days=1)
#: Mails that are not the digest, once they are final; tokens after their end; counters; moves; and the
#: words of relays about single copies.
NOTICES, TOKENS, COUNTERS, MOVES, REPLIES = 90 * DAY, 7 * DAY, 60 * DAY, 30 * DAY, 180 * DAY
#: Events for webhooks, told or not.
TOLD = 30 * DAY
#: So many readers are forgotten in one night: each takes a moment, and the next night comes.
MOST = 2000


def each_night(
    database: Database, schedules: Mapping[str, Schedule], *, key: bytes, now: dt.datetime
) -> bool:
    """Do it where it was not done for a day; True where this call did."""
    with database.read() as session:
        last = heartbeats.last(session, "retention")
    if last is not None and now - last < DAY:
        return False
    dropped = _drop_old(database, now=now)
    forgotten = sum(
        _forget(database, schedule, key=key, now=now) for schedule in schedules.values()
    )
    with database.write() as session:
        heartbeats.beat(session, "retention", now=now)
        anchor = chain.newest(session)
    if anchor is not None:  # wherever logs go, there is a witness
        log.info("the audit log ends here", anchor=str(anchor))
    log.info("what is kept no longer is gone", forgotten=forgotten, **dropped)
    return True


def _drop_old(database: Database, *, now: dt.datetime) -> dict[str, int]:
    with database.write() as session:
        return {
            "notices": forgetting.settled_notices(session, before=now - NOTICES),
            "tokens": forgetting.stale_tokens(session, before=now - TOKENS),
            "counters": forgetting.old_counters(session, before=now - COUNTERS),
            "moves": forgetting.old_moves(session, before=now - MOVES),
            "replies": forgetting.old_replies(session, before=now - REPLIES),
            "link_answers": link_answers.forget(session),
            "calls": api_calls.forget(session, before=now - api_calls.KEPT),
            "told": hook_events.forget(session, before=now - TOLD),
        }


def _forget(database: Database, schedule: Schedule, *, key: bytes, now: dt.datetime) -> int:
    """Who never confirmed, and who left long ago: as an erasure that nobody had to ask for."""
    keep = schedule.keep
    with database.read() as session:
        found = forgetting.forgotten(
            session,
            schedule.key,
            asked_before=_before(now, keep.pending),
            left_before=_before(now, keep.left),
            limit=MOST,
        )
    return privacy.forget(database, found, key=key, now=now)


def _before(now: dt.datetime, days: int) -> dt.datetime | None:
    return now - days * DAY if days else None
