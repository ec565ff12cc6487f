"""Telling the editors: one notice each, once for each reason."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from typing import Protocol

from digest.model import Issue
from digest.store import editors as seats
from digest.store import notices
from digest.store.editors import Editor
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
) -> bool:
    """Queue a notice of `kind` for everybody with a seat; False where all have had it.

    Another reason is another notice.
    """
    return by_seat(session, house, issue, kind, now=now, data=data, for_approvers={})


def by_seat(
    session: Session,
    house: TellingHouse,
    issue: Issue,
    kind: str,
    *,
    now: dt.datetime,
    data: Mapping[str, str],
    for_approvers: Mapping[str, str],
) -> bool:
    """The same. for_approvers: what only those are told who may approve; empty for the others."""
    others = dict.fromkeys(for_approvers, "")
    desk_url = f"{house.public_url}/desk/{issue.newsletter}/{issue.period}"
    told = [
        notices.queue(
            session,
            kind=kind,
            newsletter=issue.newsletter,
            address=seat.email,
            dedupe=dedupe,
            data={
                "period": issue.period,
                "desk_url": desk_url,
                **data,
                **(for_approvers if seat.role in seats.APPROVERS else others),
            },
            now=now,
        )
        for seat, dedupe in _seats(session, issue, kind, data)
    ]
    return any(told)


def _seats(
    session: Session, issue: Issue, kind: str, data: Mapping[str, str]
) -> Iterator[tuple[Editor, str]]:
    """Each editor, and what makes this notice to them the same one again."""
    about = f"{kind}:{issue.newsletter}:{issue.period}"
    said = hashlib.sha256("\n".join(data.values()).encode()).hexdigest()[:12]
    for seat in seats.all(session):
        yield seat, f"{about}:{seat.id}:{said}"


def everybody(
    session: Session,
    kind: str,
    *,
    newsletter: str,
    about: str,
    data: Mapping[str, str],
    now: dt.datetime,
) -> None:
    """Queue a notice that is of no issue for everybody with a seat, once for each `about`.

    newsletter: in whose look it comes.
    """
    for seat in seats.all(session):
        notices.queue(
            session,
            kind=kind,
            newsletter=newsletter,
            address=seat.email,
            dedupe=f"{about}:{seat.id}",
            data=data,
            now=now,
        )
