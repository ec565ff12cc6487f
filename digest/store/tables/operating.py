"""What an operator watches: counts that only grow, and the risks that stand."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Column
from sqlmodel import Field

from digest.store.tables.base import Row, long_text, moment


class TallyRow(Row, table=True):
    """How often something happened, since the beginning: what a ledger of a million rows is not asked for."""

    __tablename__ = "tally"
    name: str = Field(primary_key=True, max_length=20)
    provider: str = Field(primary_key=True, max_length=40)
    state: str = Field(primary_key=True, max_length=20)
    count: int = Field(sa_column=Column(BigInteger, nullable=False))


class RiskRow(Row, table=True):
    """One thing that threatens a Sunday. told_at: the operator heard of it; seen_at: it stood then."""

    __tablename__ = "risk"
    key: str = Field(primary_key=True, max_length=120)
    subject: str = long_text()
    detail: str = long_text()
    began_at: dt.datetime = moment()
    seen_at: dt.datetime = moment()
    told_at: dt.datetime | None = moment(nullable=True)
