"""Sends, chunks, deliveries and notices."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlmodel import Field

from digest.store.tables.base import (
    BigId,
    Row,
    ShortDateTime,
    document,
    long_text,
    moment,
    row_id,
    row_key,
)


def _short(length: int) -> Any:
    """A short text, empty at first."""
    column: Column[str] = Column(String(length), nullable=False, server_default=text("''"))
    return Field(default="", sa_column=column)


class SendRow(Row, table=True):
    """One edition to its audience, once: unique on the issue. `audience` is frozen with it."""

    __tablename__ = "send"
    __table_args__ = (UniqueConstraint("issue_id"),)
    id: int | None = row_id()
    issue_id: int = row_key("issue.id")
    edition_id: int = row_key("edition.id")
    newsletter: str = Field(max_length=40)
    cut_off: dt.datetime = moment()
    audience: int = Field(sa_column=Column(BigInteger, nullable=False))
    status: str = Field(max_length=10)  # open, paused, done
    reason: str = long_text()
    # no early stop any more: it went well so far, or a person said so
    proven: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )
    resume_at: dt.datetime | None = moment(nullable=True)  # a pause that ends by itself
    started_at: dt.datetime = moment()
    resumed_at: dt.datetime | None = moment(nullable=True)  # a person let it go on
    # of a pause: who made it (empty: the program), with which provider, and when
    paused_by: str = _short(60)
    paused_with: str = _short(40)
    paused_at: dt.datetime | None = moment(nullable=True)
    cancelled_by: str = _short(60)
    finished_at: dt.datetime | None = moment(nullable=True)
    reported_at: dt.datetime | None = moment(nullable=True)  # the editors heard its numbers


class ChunkRow(Row, table=True):
    """`size` readers of a frozen audience with ids from `lo` to `hi`; `readers` names each (packed)."""

    __tablename__ = "chunk"
    __table_args__ = (
        Index(
            "ix_chunk_open",
            "send_id",
            sqlite_where=text("state != 'done'"),
            postgresql_where=text("state != 'done'"),
        ),
        CheckConstraint("lo <= hi", name="range"),
    )
    send_id: int = row_key("send.id", primary=True)
    no: int = Field(primary_key=True)
    lo: int = Field(sa_column=Column(BigId, nullable=False))
    hi: int = Field(sa_column=Column(BigId, nullable=False))
    size: int
    readers: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    state: str = Field(default="open", max_length=8)  # open, claimed, waiting, held, done
    # which subject its readers get, where there are two; of the rest it is empty until that is decided
    arm: str = _short(1)
    rest: bool = Field(
        default=False, sa_column=Column(Boolean, nullable=False, server_default=false())
    )
    owner: str = Field(default="", max_length=80)
    due_at: dt.datetime | None = moment(nullable=True)
    # the write-ahead of the claim: of its readers in order, so many may have been handed over
    ahead: int = Field(default=0, sa_column=Column(Integer, nullable=False, server_default="0"))
    claimed_at: dt.datetime | None = moment(nullable=True)
    beat_at: dt.datetime | None = moment(nullable=True)  # when its holder last wrote
    # the state map of the claim: no other says who was on the wire
    born: str = _short(8)


class DeliveryRow(Row, table=True):
    """What became of one reader in one send: inserted when the first result is known.

    A million a Sunday: no row numbers on SQLite, short times, no words for the plain 250.
    """

    __tablename__ = "delivery"
    __table_args__ = ({"sqlite_with_rowid": False},)
    send_id: int = row_key("send.id", primary=True)
    subscriber_id: int = Field(sa_column=Column(BigId, primary_key=True, nullable=False))
    state: str = Field(max_length=9)
    attempts: int = 1
    reply: str | None = long_text(None)  # NULL for the plain 250 of most readers
    at: dt.datetime = Field(sa_column=Column(ShortDateTime(), nullable=False))
    due_at: dt.datetime | None = Field(
        default=None, sa_column=Column(ShortDateTime(), nullable=True)
    )
    # of a reader who is waiting: when the first attempt was, from which giving up is counted
    first_at: dt.datetime | None = Field(
        default=None, sa_column=Column(ShortDateTime(), nullable=True)
    )


class RestRow(Row, table=True):
    """A provider that is left alone `until` then, and which one goes on `instead` (empty: none).

    For people to see: each process of senders keeps in memory whom it leaves alone.
    """

    __tablename__ = "rest"
    provider: str = Field(primary_key=True, max_length=40)
    until: dt.datetime = moment()
    why: str = long_text()
    instead: str = Field(default="", max_length=40)


class NoticeRow(Row, table=True):
    """A mail that is not the digest (confirmation, login, reminder): same way out, goes first.

    `dedupe` makes asking twice harmless. `data` is emptied once the notice is final, since it
    may hold a link that opens a door.
    """

    __tablename__ = "notice"
    id: int | None = row_id()
    kind: str = Field(max_length=30)
    newsletter: str = Field(max_length=40)
    address: str = Field(max_length=254)
    dedupe: str = Field(max_length=200, unique=True)
    data: dict[str, Any] = document()
    state: str = Field(default="queued", max_length=9, index=True)
    attempts: int = 0
    reply: str | None = long_text(None)
    created_at: dt.datetime = moment()
    due_at: dt.datetime = moment()
    claimed_by: str = Field(default="", max_length=80)
    claimed_at: dt.datetime | None = moment(nullable=True)
