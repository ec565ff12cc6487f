"""The mail that a newsletter may send to who has just confirmed: a welcome, with the last issue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Protocol

from digest.audience import tokens
from digest.schedules import Schedule
from digest.store import issues, notices, subscribers
from digest.store.engine import Session

#: Headlines of the last issue in a welcome.
HEADLINES = 5
#: A confirmation that is written so long before a send's hour may be committed after the audience was asked for.
SOON = dt.timedelta(minutes=1)


class LetterHouse(Protocol):
    """What it needs of a house."""

    @property
    def schedules(self) -> Mapping[str, Schedule]: ...

    @property
    def key(self) -> bytes: ...

    @property
    def public_url(self) -> str: ...


def welcome(
    session: Session, house: LetterHouse, newsletter: str, subscriber_id: int, *, now: dt.datetime
) -> None:
    """Queue a welcome for somebody who has just confirmed, where the newsletter sends one."""
    schedule = house.schedules.get(newsletter)
    reader = subscribers.by_id(session, subscriber_id)
    if schedule is None or reader is None or not schedule.readers.welcome:
        return
    leave = tokens.leave_token(house.key, newsletter, reader.handle)
    notices.queue(
        session,
        kind="welcome",
        newsletter=newsletter,
        address=reader.address,
        dedupe=f"welcome:{newsletter}:{reader.id}:{now:%Y-%m-%dT%H:%M:%S}",
        data={
            "leave_url": f"{house.public_url}/leave/{newsletter}/{leave}",
            **_last_issue(session, house, newsletter, now=now),
        },
        now=now,
    )


def _last_issue(
    session: Session, house: LetterHouse, newsletter: str, *, now: dt.datetime
) -> dict[str, str]:
    """Where the last issue is to be read, and its headlines, a line each; before the first one, the archive.

    under_way: it is on its way to an audience that was frozen without this reader, or is being frozen now.
    """
    archive = f"{house.public_url}/archive/{newsletter}"
    leaving = issues.going_out(session, newsletter, now=now, soon=SOON)
    for issue in [leaving] if leaving else issues.archive(session, newsletter, limit=1):
        if issue.content:
            titles = [" ".join(one.title.split()) for one in issue.content.stories[:HEADLINES]]
            return {
                "latest_url": f"{archive}/{issue.period}",
                "headlines": "\n".join(titles),
                "under_way": "yes" if leaving else "",
            }
    return {"latest_url": archive, "headlines": "", "under_way": ""}
