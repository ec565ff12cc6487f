"""The notices that wait to be sent, for tests that follow the links in them."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import col

from digest.store.engine import Database
from digest.store.tables import NoticeRow


class Queued(NamedTuple):
    """One notice in the queue."""

    kind: str
    newsletter: str
    address: str
    data: dict[str, Any]


def notices_of(database: Database, kind: str) -> list[Queued]:
    """The notices of one kind, oldest first."""
    columns = (
        col(NoticeRow.kind),
        col(NoticeRow.newsletter),
        col(NoticeRow.address),
        col(NoticeRow.data),
    )
    asked = select(*columns).where(col(NoticeRow.kind) == kind).order_by(col(NoticeRow.id))
    with database.read() as session:
        return [Queued(*row) for row in session.execute(asked)]
