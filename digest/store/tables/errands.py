"""Long work that somebody asked for at the desk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Column
from sqlmodel import Field

from digest.store.tables.base import BigId, Row, document, long_text, moment, row_id


class ErrandRow(Row, table=True):
    """A file of readers to be looked at and taken over, an import to be undone, a reader to be forgotten.

    subject: the import or the reader. told: what came of it, counts and times; never an address. why: what
    went wrong. rows of total: how far it is.
    """

    __tablename__ = "errand"
    id: int | None = row_id()
    kind: str = Field(max_length=10)  # see digest.store.errands.Kind
    newsletter: str = Field(max_length=40)
    file: str = Field(max_length=200)
    columns: str = Field(max_length=200)
    actor: str = Field(max_length=60)
    state: str = Field(max_length=8)  # see digest.store.errands.State
    subject: int | None = Field(default=None, sa_column=Column(BigId, nullable=True))
    rows: int = Field(sa_column=Column(BigInteger, nullable=False))
    total: int = Field(sa_column=Column(BigInteger, nullable=False))
    told: dict[str, Any] = document()
    why: str = long_text()
    created_at: dt.datetime = moment()
    changed_at: dt.datetime = moment()
