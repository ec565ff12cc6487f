"""Issues that were taken off the web after they were sent; each time is a row, and being put back ends it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, insert, select, update
from sqlmodel import Session, col

from digest.errors import Conflict
from digest.model import IssueId, IssueStatus
from digest.store import statements
from digest.store.tables import IssueRow, UnpublishedRow

#: Only what went to readers is on the web at all.
_ON_THE_WEB = (IssueStatus.SENDING.value, IssueStatus.SENT.value)


@dataclass(frozen=True, slots=True)
class Unpublished:
    """One time that an issue was taken off the web. back_at: None while it is."""

    issue_id: IssueId
    period: str
    at: dt.datetime
    by: str
    why: str
    back_at: dt.datetime | None
    back_by: str

    @property
    def changed_at(self) -> dt.datetime:
        """When it last came or went."""
        return self.back_at or self.at


def is_down() -> ColumnElement[bool]:
    """That an issue's row is of one that is off the web, for a query over issues."""
    of_it = col(UnpublishedRow.issue_id) == col(IssueRow.id)
    return exists(select(1).where(of_it, col(UnpublishedRow.back_at).is_(None)))


def take_down(session: Session, issue_id: IssueId, *, by: str, why: str, now: dt.datetime) -> None:
    """Take an issue off the web. Raises Conflict where it never was there or is off already."""
    row = select(col(IssueRow.status)).where(col(IssueRow.id) == issue_id).with_for_update()
    if session.scalar(row) not in _ON_THE_WEB:
        raise Conflict("this issue was not sent: it is not on the web")
    if standing(session, issue_id):
        raise Conflict("this issue is off the web already")
    session.execute(
        insert(UnpublishedRow).values(
            issue_id=issue_id, at=now, by=by[:200], why=why, back_at=None, back_by=""
        )
    )


def put_back(session: Session, issue_id: IssueId, *, by: str, now: dt.datetime) -> None:
    """Publish an issue again. Raises Conflict where it is on the web."""
    change = update(UnpublishedRow).where(
        col(UnpublishedRow.issue_id) == issue_id, col(UnpublishedRow.back_at).is_(None)
    )
    if not statements.moved(session, change.values(back_at=now, back_by=by[:200])):
        raise Conflict("this issue is on the web already")


def standing(session: Session, issue_id: IssueId) -> Unpublished | None:
    """Since when and why an issue is off the web; None where it is not."""
    newest = of_issues(session, [issue_id]).get(issue_id)
    return newest if newest and newest.back_at is None else None


def of_issues(session: Session, ids: Sequence[IssueId]) -> dict[IssueId, Unpublished]:
    """The newest time that each of these issues was taken off the web, for those that ever were."""
    chosen = statements.among(session, col(UnpublishedRow.issue_id), list(ids))
    return {one.issue_id: one for one in _told(session, chosen)}


def of_newsletter(session: Session, newsletter: str) -> list[Unpublished]:
    """Every time that issues of a newsletter were taken off the web, oldest first."""
    return _told(session, col(IssueRow.newsletter) == newsletter)


def _told(session: Session, chosen: ColumnElement[bool]) -> list[Unpublished]:
    asked = (
        select(UnpublishedRow, col(IssueRow.period))
        .join(IssueRow, col(IssueRow.id) == col(UnpublishedRow.issue_id))
        .where(chosen)
        .order_by(col(UnpublishedRow.id))
        .execution_options(populate_existing=True)
    )
    return [
        Unpublished(
            IssueId(row.issue_id), period, row.at, row.by, row.why, row.back_at, row.back_by
        )
        for row, period in session.execute(asked)
    ]
