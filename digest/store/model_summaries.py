"""What models wrote, by a hash of all that it depends on: asked once, and by one process."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, or_, select, update
from sqlmodel import Session, col

from digest.model import ArticleId
from digest.protocols import Told
from digest.store import statements
from digest.store.tables import ModelSummaryRow

#: How long a process that has asked may take before another one asks; longer than any answer.
CLAIM = dt.timedelta(minutes=40)
#: How long to wait after the first, second, … time without an answer.
RESTS = tuple(dt.timedelta(minutes=m) for m in (1, 5, 15, 60))


def get(session: Session, key: str) -> Told | None:
    """What is kept under a key; None where nobody has answered yet."""
    row = session.get(ModelSummaryRow, key, populate_existing=True)
    if row is None or row.state == "asking":
        return None
    return Told(row.state, row.text, row.why, row.requests)  # type: ignore[arg-type]


def claim(session: Session, key: str, article: ArticleId, issue: str, *, now: dt.datetime) -> bool:
    """Take it on to ask; False where it is answered, rests, or another process is at it."""
    new = statements.inserted(
        session, ModelSummaryRow, key=key, article_id=article, issue=issue, state="asking", at=now,
        next_at=now + CLAIM, text="", why="", requests=0, attempts=0,
    )  # fmt: skip
    if new:
        return True
    free = or_(col(ModelSummaryRow.state) == "later", col(ModelSummaryRow.state) == "asking")
    again = (
        update(ModelSummaryRow)
        .where(col(ModelSummaryRow.key) == key, free, col(ModelSummaryRow.next_at) <= now)
        .values(state="asking", at=now, next_at=now + CLAIM)
    )
    return statements.moved(session, again) == 1


def is_due(session: Session, key: str, *, now: dt.datetime) -> bool:
    """Whether it may be asked for now."""
    row = session.get(ModelSummaryRow, key, populate_existing=True)
    return row is None or (row.state in ("later", "asking") and row.next_at <= now)


def keep(session: Session, key: str, told: Told, *, now: dt.datetime) -> None:
    """What came of asking; who gave no answer is asked again after a rest that grows."""
    row = session.get_one(ModelSummaryRow, key, populate_existing=True)
    rest = RESTS[min(row.attempts, len(RESTS) - 1)]
    row.state, row.text, row.why, row.at = told.state, told.text, told.why[:1000], now
    row.requests, row.attempts = row.requests + told.requests, row.attempts + 1
    row.next_at = now + max(rest, dt.timedelta(seconds=told.retry_s))
    session.add(row)


def requests_of(session: Session, issue: str) -> int:
    """How many requests an issue has taken."""
    asked = select(func.sum(col(ModelSummaryRow.requests))).where(
        col(ModelSummaryRow.issue) == issue
    )
    return int(session.scalar(asked) or 0)
