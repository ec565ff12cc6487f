"""Issues as rows give them: with the current edition and the consent that counts, in two queries."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import defer
from sqlmodel import Session, col

from digest.model import Approval, Issue, IssueContent, IssueId, IssueStatus, Moments, Window
from digest.store import editions
from digest.store.tables import ApprovalRow, EditionRow, IssueRow

#: Where a consent counts; before that it is history.
CONSENTED = frozenset({IssueStatus.APPROVED, IssueStatus.SENDING, IssueStatus.SENT})

CONTENT = TypeAdapter(IssueContent)


def load(
    session: Session,
    *conditions: ColumnElement[bool],
    newest: bool = False,
    limit: int | None = None,
    bare: bool = False,
) -> list[Issue]:
    """Issues by period, each with its current edition and its consent, in two queries."""
    current = and_(
        col(EditionRow.issue_id) == col(IssueRow.id),
        col(EditionRow.checksum) == col(IssueRow.checksum),
    )
    by = col(IssueRow.period)
    asked = (
        select(IssueRow, EditionRow)
        .outerjoin(EditionRow, current)
        .where(*conditions)
        .order_by(by.desc() if newest else by)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    if bare:
        asked = asked.options(defer(IssueRow.content))  # type: ignore[arg-type]
    rows = session.execute(asked).all()
    approvals = _approvals(session, [issue for issue, _ in rows])
    return [
        _issue(issue, edition, approvals.get(issue.id), None if bare else issue.content)
        for issue, edition in rows
    ]


def _approvals(session: Session, rows: list[IssueRow]) -> dict[int | None, Approval]:
    """The newest consent of each issue where it counts and speaks of the current edition."""
    consented = [row for row in rows if row.status in CONSENTED]
    if not consented:
        return {}
    of_issues = or_(
        *(
            and_(col(ApprovalRow.issue_id) == row.id, col(ApprovalRow.checksum) == row.checksum)
            for row in consented
        )
    )
    asked = select(ApprovalRow).where(of_issues).order_by(col(ApprovalRow.id))
    return {
        row.issue_id: Approval(checksum=row.checksum, by=row.by, at=row.at, note=row.note)
        for row in session.scalars(asked)
    }


def _issue(
    row: IssueRow,
    edition: EditionRow | None,
    approval: Approval | None,
    content: dict[str, Any] | None,
) -> Issue:
    return Issue(
        id=IssueId(row.id or 0),
        newsletter=row.newsletter,
        number=row.number,
        moments=Moments(
            period=row.period,
            window=Window(row.window_start, row.window_end),
            draft_at=row.draft_at,
            remind_at=row.remind_at,
            deadline_at=row.deadline_at,
            send_at=row.send_at,
        ),
        status=IssueStatus(row.status),
        reason=row.reason,
        content=CONTENT.validate_python(content) if content else None,
        edition=editions.edition(edition) if edition else None,
        approval=approval,
        reminded_at=row.reminded_at,
        built_at=row.built_at,
    )
