"""Newsletters: when the program first saw each of them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlmodel import Session, col

from digest.store import statements
from digest.store.tables import NewsletterRow


def first_seen(session: Session, key: str, *, now: dt.datetime) -> dt.datetime:
    """When the program first saw this newsletter: `now` at first sight, the same ever after."""
    statements.inserted(session, NewsletterRow, key=key, first_seen_at=now)
    asked = select(col(NewsletterRow.first_seen_at)).where(col(NewsletterRow.key) == key)
    return session.scalars(asked).one()


def seen_at(session: Session, key: str) -> dt.datetime | None:
    """When the program first saw it; None where it never did."""
    asked = select(col(NewsletterRow.first_seen_at)).where(col(NewsletterRow.key) == key)
    return session.scalar(asked)


def known(session: Session) -> list[str]:
    """The keys of all that the program ever saw, by name."""
    return list(session.scalars(select(col(NewsletterRow.key)).order_by(col(NewsletterRow.key))))
