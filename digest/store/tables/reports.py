"""What came back about copies: the events as they were told, and the gravest of them for each copy."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Column, UniqueConstraint
from sqlmodel import Field

from digest.store.tables.base import BigId, Row, long_text, moment, row_id, row_key


class ReportRow(Row, table=True):
    """One event, kept once: the same id of the same provider is the same event.

    `raw` and `detail` may hold an address; they are emptied after a while, and empty from the beginning
    where the reader was on file no more. `subscriber_id` and `send_id` are empty where the event named no copy of ours.
    """

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("provider", "event_id"),)
    id: int | None = row_id()
    provider: str = Field(max_length=20)
    event_id: str = Field(max_length=200)
    kind: str = Field(max_length=12)  # see digest.model.ReportKind
    verdict: str = Field(max_length=12)  # see digest.audience.bounces.Verdict
    status: str = Field(default="", max_length=12)  # RFC 3463, where one was told
    at: dt.datetime = moment()
    received_at: dt.datetime = moment(index=True)
    subscriber_id: int | None = Field(
        default=None, sa_column=Column(BigId, nullable=True, index=True)
    )
    send_id: int | None = Field(default=None, sa_column=Column(BigId, nullable=True))
    detail: str = long_text()
    raw: str = long_text()


class OutcomeRow(Row, table=True):
    """The gravest thing that was reported about one copy after it left. Beside the ledger, not in it.

    Holds no address, so it stays as long as the ledger; readers' bounce scores are read from it.
    """

    __tablename__ = "outcome"
    send_id: int = row_key("send.id", primary=True)
    subscriber_id: int = Field(
        sa_column=Column(BigId, primary_key=True, nullable=False, index=True)
    )
    outcome: str = Field(max_length=12)  # see digest.audience.bounces.Verdict
    status: str = Field(default="", max_length=12)
    at: dt.datetime = moment()
