"""What was granted of each common budget: the memory of the pace."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Field

from digest.store.tables.base import Row, long_text, moment


class PaceRow(Row, table=True):
    """One budget of a provider: its own (`name` is empty) or that of a recipient domain.

    state: the budget as `digest.delivery` wrote it. stale_at: from when it says nothing any more;
    NULL for what must be remembered for good.
    """

    __tablename__ = "pace"
    provider: str = Field(primary_key=True, max_length=40)
    name: str = Field(primary_key=True, max_length=255)
    state: str = long_text()
    stale_at: dt.datetime | None = moment(nullable=True, index=True)
