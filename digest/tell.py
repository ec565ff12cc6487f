"""Telling the editors: one notice each, once for each reason."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Protocol

from digest.model import Issue
from digest.store import editors as seats
from digest.store import notices
from digest.store.engine import Session


class TellingHouse(Protocol):
    """What telling needs of a house."""

    @property
    def public_url(self) -> str: ...


def editors(
    session: Session,
    house: TellingHouse,
    issue: Issue,
    kind: str,
    *,
    now: dt.datetime,
    **data: str,
) -> None:
    """Queue a notice of `kind` for everybody with a seat. Another reason is another notice."""
    about = f"{kind}:{issue.newsletter}:{issue.period}"
    said = hashlib.sha256("\n".join(data.values()).encode()).hexdigest()[:12]
    desk_url = f"{house.public_url}/desk/{issue.newsletter}/{issue.period}"
    for seat in seats.all(session):
        notices.queue(
            session,
            kind=kind,
            newsletter=issue.newsletter,
            address=seat.email,
            dedupe=f"{about}:{seat.id}:{said}",
            data={"period": issue.period, "desk_url": desk_url, **data},
            now=now,
        )
