"""What waits in the queues: notices, for tests that follow the links in them, and jobs of workers."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from sqlalchemy import select, text
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


def arrived(database: Database, kind: str, *, seconds: float = 90.0) -> Queued:
    """The newest notice of a kind, waited for: pages answer before they queue, so that all answer alike."""
    until = time.monotonic() + seconds
    while not (found := notices_of(database, kind)):
        assert time.monotonic() < until, f"no notice of kind {kind} came"
        time.sleep(0.02)
    return found[-1]


def jobs_waiting(database: Database) -> int:
    """Jobs that nobody has finished."""
    return _scalar(
        database, "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
    )


def workers_listening(database: Database) -> int:
    """Those included that died a moment ago."""
    return _scalar(database, "SELECT count(*) FROM procrastinate_workers")


def _scalar(database: Database, asked: str) -> int:
    with database.read() as session:
        return int(session.connection().scalar(text(asked)) or 0)
