"""What servers answered for the links of an issue: each is asked once for all its editions, by one process."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from digest.model import IssueId, IssueStatus, LinkAnswer, LinkState
from digest.store import statements
from digest.store.tables import IssueRow, LinkAnswerRow

#: How long who has taken links in hand may take before somebody else asks.
CLAIM = dt.timedelta(minutes=15)
#: A link that did not open is asked again after so long.
AGAIN = dt.timedelta(hours=1)

_WELL = [LinkState.THERE.value, LinkState.REFUSED.value]


def claim(
    session: Session,
    issue_id: IssueId,
    urls: Iterable[str],
    *,
    since: dt.datetime,
    now: dt.datetime,
    most: int,
) -> list[str]:
    """Take links in hand that are to be asked now, at most so many.

    Due is what was never asked, what was asked before `since`, and what did not open an hour ago.
    """
    wanted = sorted(set(urls))
    known = {
        row.mark: row
        for row in session.scalars(
            select(LinkAnswerRow).where(col(LinkAnswerRow.issue_id) == issue_id),
            execution_options={"populate_existing": True},
        )
    }
    taken: list[str] = []
    for url in wanted:
        if len(taken) == most:
            break
        row = known.get(_mark(url))
        if row is None:
            mine = _new(session, issue_id, url, now=now)
        else:
            mine = _is_due(row, since=since, now=now) and _taken(session, row, now=now)
        taken += [url] if mine else []
    return taken


def _new(session: Session, issue_id: IssueId, url: str, *, now: dt.datetime) -> bool:
    return statements.inserted(
        session,
        LinkAnswerRow,
        issue_id=issue_id,
        mark=_mark(url),
        url=url,
        claimed_at=now,
        state="",
        said="",
        wanted=False,
    )


def _is_due(row: LinkAnswerRow, *, since: dt.datetime, now: dt.datetime) -> bool:
    if row.claimed_at is not None and now - row.claimed_at < CLAIM:
        return False
    if row.wanted or row.asked_at is None or row.asked_at < since:
        return True
    return row.state not in _WELL and now - row.asked_at >= AGAIN


def _taken(session: Session, row: LinkAnswerRow, *, now: dt.datetime) -> bool:
    """True for the one process that takes it."""
    before = col(LinkAnswerRow.claimed_at)
    same = before.is_(None) if row.claimed_at is None else before == row.claimed_at
    mine = col(LinkAnswerRow.issue_id) == row.issue_id, col(LinkAnswerRow.mark) == row.mark
    change = update(LinkAnswerRow).where(*mine, same).values(claimed_at=now)
    return statements.moved(session, change) == 1


def keep(session: Session, issue_id: IssueId, found: Sequence[LinkAnswer]) -> None:
    """Write down what was answered; whoever wants may ask again when it is due."""
    for one in found:
        mine = col(LinkAnswerRow.issue_id) == issue_id, col(LinkAnswerRow.mark) == _mark(one.url)
        session.execute(
            update(LinkAnswerRow)
            .where(*mine)
            .values(
                state=one.state.value,
                said=one.said[:300],
                asked_at=one.asked_at,
                claimed_at=None,
                wanted=False,
            )
        )


def ask_again(session: Session, issue_id: IssueId) -> None:
    """Have every link asked anew with the next look; until then the old answers stand."""
    mine = col(LinkAnswerRow.issue_id) == issue_id
    session.execute(update(LinkAnswerRow).where(mine).values(wanted=True, claimed_at=None))


def of_issue(session: Session, issue_id: IssueId) -> list[LinkAnswer]:
    """What was answered so far, by address."""
    asked = (
        select(LinkAnswerRow)
        .where(col(LinkAnswerRow.issue_id) == issue_id, col(LinkAnswerRow.state) != "")
        .order_by(col(LinkAnswerRow.url))
        .execution_options(populate_existing=True)
    )
    return [
        LinkAnswer(row.url, LinkState(row.state), row.said, row.asked_at)
        for row in session.scalars(asked)
        if row.asked_at is not None
    ]


def word(session: Session, issue_id: IssueId) -> str:
    """Another word whenever an answer has come in; empty where none has."""
    asked = select(func.count(), func.max(col(LinkAnswerRow.asked_at))).where(
        col(LinkAnswerRow.issue_id) == issue_id, col(LinkAnswerRow.state) != ""
    )
    count, newest = session.execute(asked).one()
    return f"-{count}.{newest:%d%H%M%S}" if count else ""


def forget(session: Session) -> int:
    """Drop the answers for issues that are sent or skipped; how many there were."""
    over = col(IssueRow.status).in_([IssueStatus.SENT.value, IssueStatus.SKIPPED.value])
    issues = select(col(IssueRow.id)).where(over)
    return statements.moved(
        session, delete(LinkAnswerRow).where(col(LinkAnswerRow.issue_id).in_(issues))
    )


def _mark(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
