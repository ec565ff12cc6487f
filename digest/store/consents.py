"""The ledger of consents: what each reader asked for and was shown. Appended to, never changed.

The database itself refuses a change (migration `sign_up`); only `erasing` opens it, for one reader's rows.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlmodel import Session, col

from digest.store import statements
from digest.store.tables import ConsentRow, ErasureRow, WordingRow

#: Ways in which evidence comes about without an act of the reader's.
NOT_THEIRS = ("import", "undo-import")
#: Names in one statement, below every database's limit of bound values.
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line of the ledger. words: what was shown, whole; version: their SHA-256, empty for none."""

    newsletter: str
    kind: str
    at: dt.datetime
    method: str
    network: str
    version: str
    words: str


def words(session: Session, shown: str, *, now: dt.datetime) -> str:
    """Keep words that readers are shown, once; returns their version, empty for none."""
    if not shown:
        return ""
    version = hashlib.sha256(shown.encode("utf-8", "replace")).hexdigest()
    statements.inserted(session, WordingRow, version=version, words=shown, since=now)
    return version


def note(
    session: Session,
    subscriber_id: int,
    newsletter: str,
    kind: str,
    *,
    at: dt.datetime,
    method: str,
    network: str = "",
    version: str = "",
) -> None:
    """Append a line. version: of the words that were shown, from `words`."""
    session.execute(
        insert(ConsentRow).values(
            subscriber_id=subscriber_id,
            newsletter=newsletter,
            kind=kind,
            at=at,
            method=method,
            network=network,
            wording_version=version,
        )
    )


def last_version(session: Session, subscriber_id: int, newsletter: str) -> str:
    """The words of the newest wish, which a confirmation confirms."""
    asked = (
        select(col(ConsentRow.wording_version))
        .where(
            col(ConsentRow.subscriber_id) == subscriber_id,
            col(ConsentRow.newsletter) == newsletter,
            col(ConsentRow.kind) == "asked",
        )
        .order_by(col(ConsentRow.id).desc())
        .limit(1)
    )
    return session.scalar(asked) or ""


def of(session: Session, subscriber_id: int) -> list[Evidence]:
    """Everything about one reader, oldest first."""
    asked = (
        select(ConsentRow, col(WordingRow.words))
        .outerjoin(WordingRow, col(WordingRow.version) == col(ConsentRow.wording_version))
        .where(col(ConsentRow.subscriber_id) == subscriber_id)
        .order_by(col(ConsentRow.id))
    )
    return [
        Evidence(
            row.newsletter,
            row.kind,
            row.at,
            row.method,
            row.network,
            row.wording_version,
            said or "",
        )
        for row, said in session.execute(asked)
    ]


@contextmanager
def erasing(session: Session, subscriber_ids: Iterable[int]) -> Iterator[None]:
    """Within this block the ledger lets go of these readers' lines, with them or alone.

    For an erasure that the reader asked for, and for taking back an import that was a mistake.
    """
    ids = list(subscriber_ids)
    for chunk in _chunks(ids):
        table = statements.insert(session, ErasureRow).on_conflict_do_nothing()
        session.connection().execute(table, [{"subscriber_id": one} for one in chunk])
    yield
    for chunk in _chunks(ids):
        gone = delete(ErasureRow).where(col(ErasureRow.subscriber_id).in_(chunk))
        statements.moved(session, gone)


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
