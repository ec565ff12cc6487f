"""Editions: every rendering of an issue that was ever its draft, known by its checksum."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import Session, col

from digest.model import Edition, EditionId, IssueId, Rendered
from digest.store.tables import EditionRow


def of(session: Session, issue_id: int, checksum: str) -> Edition | None:
    """The edition of an issue with this checksum, also where another one is current by now."""
    asked = select(EditionRow).where(
        col(EditionRow.issue_id) == issue_id, col(EditionRow.checksum) == checksum
    )
    row = session.scalars(asked).one_or_none()
    return edition(row) if row else None


def edition(row: EditionRow) -> Edition:
    """A row as data."""
    rendered = Rendered(
        subject=row.subject,
        preheader=row.preheader,
        html=row.html,
        text=row.body_text,
        checksum=row.checksum,
    )
    return Edition(
        id=EditionId(row.id or 0),
        issue_id=IssueId(row.issue_id),
        rendered=rendered,
        created_at=row.created_at,
    )
