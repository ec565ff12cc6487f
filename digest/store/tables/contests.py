"""Contests of two subjects: one a send, and what its readers did until it is decided."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Column, LargeBinary, String, text
from sqlmodel import Field

from digest.store.tables.base import Row, long_text, moment, row_key


def _empty(length: int) -> Any:
    column: Column[str] = Column(String(length), nullable=False, server_default=text("''"))
    return Field(default="", sa_column=column)


class ContestRow(Row, table=True):
    """A contest of two subjects. winner: empty until it is decided, once. figures: the counts that it went by.

    decided_by: empty where the program did. share 0: nobody was asked, and `why` says why.
    """

    __tablename__ = "contest"
    send_id: int = row_key("send.id", primary=True)
    share: int
    measure: str = Field(max_length=10)
    decide_at: dt.datetime = moment()
    rest_at: dt.datetime = moment()
    winner: str = _empty(1)
    decided_at: dt.datetime | None = moment(nullable=True)
    decided_by: str = _empty(60)
    why: str = long_text()
    figures: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))


class ArmVisitRow(Row, table=True):
    """Somebody who did it: a keyed hash that names nobody, kept until the contest is decided."""

    __tablename__ = "arm_visit"
    send_id: int = row_key("send.id", primary=True)
    arm: str = Field(primary_key=True, max_length=1)
    visitor: bytes = Field(sa_column=Column(LargeBinary(8), primary_key=True, nullable=False))
