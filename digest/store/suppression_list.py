"""The list of suppressions as the desk looks at it: known by keyed hash, with the address where a reader has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from digest.model import SubscriberId
from digest.store import suppressions
from digest.store.tables import SubscriberRow, SuppressionRow

#: How many lines are held in memory at once.
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One suppression. address: empty where nobody on file has it; so is reader."""

    id: int
    reason: str
    since: dt.datetime
    until: dt.datetime | None
    detail: str
    import_id: int | None
    address: str = ""
    reader: SubscriberId | None = None


def counts(session: Session, *, at: dt.datetime) -> dict[str, int]:
    """How many addresses are suppressed at a moment for which reason, the commonest first."""
    number = func.count(func.distinct(col(SuppressionRow.address_hash)))
    reason = col(SuppressionRow.reason)
    asked = select(reason, number).where(suppressions.active(at)).group_by(reason)
    found = session.execute(asked.order_by(number.desc(), reason))
    return {why: count for why, count in found}  # noqa: C416  typed so


def page(
    session: Session,
    *,
    at: dt.datetime,
    reason: str = "",
    before: int | None = None,
    size: int = 50,
) -> tuple[list[Line], int | None]:
    """The newest suppressions that hold, below the number `before`; and where the next page begins."""
    asked = _lines().where(suppressions.active(at))
    if reason:
        asked = asked.where(col(SuppressionRow.reason) == reason)
    if before is not None:
        asked = asked.where(col(SuppressionRow.id) < before)
    asked = asked.order_by(col(SuppressionRow.id).desc()).limit(size + 1)
    found = [_line(row) for row in session.execute(asked)]
    return found[:size], found[size - 1].id if len(found) > size else None


def every(session: Session, *, at: dt.datetime) -> Iterator[Line]:
    """All that hold, oldest first, a batch in memory at a time."""
    asked = _lines().where(suppressions.active(at)).order_by(col(SuppressionRow.id))
    return map(_line, session.execute(asked.execution_options(yield_per=_BATCH)))


def _lines() -> Any:
    row, who = SuppressionRow, SubscriberRow
    asked = select(
        col(row.id),
        col(row.reason),
        col(row.since),
        col(row.until),
        col(row.detail),
        col(row.import_id),
        col(who.address),
        col(who.id),
    )
    return asked.outerjoin(who, col(who.address_hash) == col(row.address_hash))


def _line(row: Any) -> Line:
    number, reason, since, until, detail, import_id, address, reader = row
    known = None if reader is None else SubscriberId(reader)
    return Line(number, reason, since, until, detail, import_id, address or "", known)
