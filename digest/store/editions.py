"""Editions: what was rendered of an issue, each kept once by its checksum."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlmodel import Session, col

from digest.model import Edition, EditionId, IssueId, Rendered
from digest.store import statements
from digest.store.tables import EditionRow


def keep(session: Session, issue_id: IssueId, rendered: Rendered, *, now: dt.datetime) -> Edition:
    """The edition of what was rendered: the same checksum is the same one, also when it comes back after others."""
    statements.inserted(
        session,
        EditionRow,
        issue_id=issue_id,
        checksum=rendered.checksum,
        subject=rendered.subject,
        preheader=rendered.preheader,
        html=rendered.html,
        body_text=rendered.text,
        created_at=now,
    )
    asked = select(EditionRow).where(
        col(EditionRow.issue_id) == issue_id, col(EditionRow.checksum) == rendered.checksum
    )
    return edition(session.scalars(asked).one())


def edition(row: EditionRow) -> Edition:
    """A row as plain data."""
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
