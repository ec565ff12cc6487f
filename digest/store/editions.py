"""Editions: every rendering of an issue that was ever its draft, known by its checksum."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import insert, select
from sqlmodel import Session, col

from digest.model import Edition, EditionId, IssueId, Printed, Rendered
from digest.store import statements
from digest.store.tables import EditionRow, SecondRow, VariantRow

#: The key of the form that is no variant.
AS_IT_COMES = ""


def of(session: Session, issue_id: int, checksum: str) -> Edition | None:
    """The edition of an issue with this checksum, also where another one is current by now."""
    asked = select(EditionRow).where(
        col(EditionRow.issue_id) == issue_id, col(EditionRow.checksum) == checksum
    )
    row = session.scalars(asked).one_or_none()
    return edition(row) if row else None


def page(
    session: Session, issue_id: int, *, below: int | None = None, size: int = 50
) -> tuple[list[Edition], int | None]:
    """The newest editions of an issue below a number; and where the next page begins, where there is one."""
    asked = select(EditionRow).where(col(EditionRow.issue_id) == issue_id)
    if below is not None:
        asked = asked.where(col(EditionRow.id) < below)
    rows = session.scalars(asked.order_by(col(EditionRow.id).desc()).limit(size + 1)).all()
    found = [edition(row) for row in rows[:size]]
    return found, found[-1].id if len(rows) > size else None


def variants(session: Session, edition_id: int) -> dict[str, Rendered]:
    """The forms of an edition by their keys, as it comes first, each with the edition's checksum.

    Empty where readers have nothing to choose.
    """
    return _forms(session, VariantRow, edition_id)


def printed(session: Session, edition: Edition) -> Printed:
    """An edition in all its forms, under both subjects where it has two."""
    forms = variants(session, edition.id)
    return Printed(edition.rendered, forms, second(session, edition.id))


def second(session: Session, edition_id: int) -> Printed | None:
    """An edition under its second subject; None where it has only one."""
    forms = _forms(session, SecondRow, edition_id)
    plain = forms.pop(AS_IT_COMES, None)
    return Printed(plain, forms) if plain else None


def _forms(
    session: Session, kind: type[VariantRow] | type[SecondRow], edition_id: int
) -> dict[str, Rendered]:
    asked = (
        select(kind, col(EditionRow.checksum))
        .join(EditionRow, col(EditionRow.id) == col(kind.edition_id))
        .where(col(kind.edition_id) == edition_id)
        .order_by(col(kind.place))
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
    printed: Printed,
    *,
    now: dt.datetime,
) -> Edition:
    """The edition with this checksum, written down where it is not yet."""
    rendered = printed.rendered
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
    if new and printed.variants:
        session.execute(insert(VariantRow), _rows(found.id, printed.variants))
    if new and printed.second:
        forms = {AS_IT_COMES: printed.second.rendered, **printed.second.variants}
        session.execute(insert(SecondRow), _rows(found.id, forms))
    return found


def _rows(edition_id: int, forms: Mapping[str, Rendered]) -> list[dict[str, object]]:
    return [
        {"edition_id": edition_id, "key": key, "place": place, **_words(one)}
        for place, (key, one) in enumerate(forms.items())
    ]


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
