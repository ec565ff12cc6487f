"""What models wrote."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Field

from digest.store.tables.base import Row, long_text, moment


class ModelSummaryRow(Row, table=True):
    """One article told by one model. `issue`: the newsletter and period that asked, for the budget."""

    __tablename__ = "model_summary"
    key: str = Field(primary_key=True, max_length=64)
    article_id: int
    issue: str = Field(max_length=60, index=True)
    state: str = Field(max_length=10)
    text: str = long_text()
    why: str = long_text()
    requests: int = 0
    attempts: int = 0
    at: dt.datetime = moment()
    next_at: dt.datetime = moment()
