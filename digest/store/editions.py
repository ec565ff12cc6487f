"""Editions: every rendering of an issue that was ever its draft, known by its checksum."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import insert, select
from sqlmodel import Session, col

from digest.model import Edition, EditionId, IssueId, Rendered
from digest.store import statements
from digest.store.tables import EditionRow, VariantRow


def of(session: Session, issue_id: int, checksum: str) -> Edition | None:
    """The edition of an issue with this checksum, also where another one is current by now."""
    asked = select(EditionRow).where(
        col(EditionRow.issue_id) == issue_id, col(EditionRow.checksum) == checksum
    )
    row = session.scalars(asked).one_or_none()
    return edition(row) if row else None


def variants(session: Session, edition_id: int) -> dict[str, Rendered]:
    """The forms of an edition by their keys, as it comes first, each with the edition's checksum.

    Empty where readers have nothing to choose.
    """
    asked = (
        select(VariantRow, col(EditionRow.checksum))
        .join(EditionRow, col(EditionRow.id) == col(VariantRow.edition_id))
        .where(col(VariantRow.edition_id) == edition_id)
        .order_by(col(VariantRow.place))
    )
    return {
        row.key: Rendered(
            subject=row.subject,
            preheader=row.preheader,
            html=row.html,
            text=row.body_text,
            checksum=checksum,
        )
        for row, checksum in session.execute(asked)
    }


def keep(
    session: Session,
    issue_id: int,
    rendered: Rendered,
    variants: Mapping[str, Rendered],
    *,
    now: dt.datetime,
) -> Edition:
    """The edition with this checksum, written down where it is not yet."""
    new = statements.inserted(
        session,
        EditionRow,
        issue_id=issue_id,
        checksum=rendered.checksum,
        created_at=now,
        **_words(rendered),
    )
    found = of(session, issue_id, rendered.checksum)
    assert found is not None
    if new and variants:
        rows = [
            {"edition_id": found.id, "key": key, "place": place, **_words(one)}
            for place, (key, one) in enumerate(variants.items())
        ]
        session.execute(insert(VariantRow), rows)
    return found


def _words(rendered: Rendered) -> dict[str, str]:
    return {
        "subject": rendered.subject,
        "preheader": rendered.preheader,
        "html": rendered.html,
        "body_text": rendered.text,
    }


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
