"""At the door: wishes not looked at yet, what was granted lately, and the words that readers were shown."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Column, Index
from sqlmodel import Field

from digest.store.tables.base import BigId, Row, long_text, moment, row_id


class WishRow(Row, table=True):
    """A wish to subscribe that nobody has looked at yet; it goes as soon as somebody has."""

    __tablename__ = "wish"
    newsletter: str = Field(primary_key=True, max_length=40)
    address_hash: str = Field(primary_key=True, max_length=64)
    address: str = Field(max_length=254)
    network: str = Field(max_length=50)  # shortened: /24 or /48
    method: str = Field(max_length=20)
    wording: str = long_text()
    language: str = Field(default="", max_length=20)
    timezone: str = Field(default="", max_length=40)
    worked: bool = False  # came with a proof of work
    asked_at: dt.datetime = moment()
    due_at: dt.datetime = moment(index=True)


class AllowanceRow(Row, table=True):
    """One thing that was allowed, remembered for as long as a limit asks about it."""

    __tablename__ = "allowance"
    __table_args__ = (Index("ix_allowance_bucket", "bucket", "at"),)
    id: int | None = row_id()
    bucket: str = Field(max_length=100)
    at: dt.datetime = moment()
    stale_at: dt.datetime = moment(index=True)


class WordingRow(Row, table=True):
    """Words that readers were shown, kept once; known by their SHA-256."""

    __tablename__ = "wording"
    version: str = Field(primary_key=True, max_length=64)
    words: str = long_text()
    since: dt.datetime = moment()


class ErasureRow(Row, table=True):
    """A reader who is being erased: only then does the ledger of consents let go. Gone with the change."""

    __tablename__ = "erasure"
    subscriber_id: int = Field(sa_column=Column(BigId, primary_key=True, autoincrement=False))
