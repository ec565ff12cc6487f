"""The risks that stand: since when, and whether the operator has heard of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlmodel import Session, col

from digest.store import statements
from digest.store.tables import RiskRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One risk as it is remembered. seen_at: when it last stood; told_at: when the operator was told, if he was."""

    key: str
    subject: str
    detail: str
    began_at: dt.datetime
    seen_at: dt.datetime
    told_at: dt.datetime | None


def all(session: Session) -> dict[str, Standing]:
    """Every risk that is remembered, by its key."""
    rows = session.scalars(select(RiskRow).order_by(col(RiskRow.key)))
    return {row.key: _standing(row) for row in rows}


def _standing(row: RiskRow) -> Standing:
    return Standing(
        key=row.key,
        subject=row.subject,
        detail=row.detail,
        began_at=row.began_at,
        seen_at=row.seen_at,
        told_at=row.told_at,
    )


def seen(
    session: Session,
    key: str,
    subject: str,
    detail: str,
    *,
    now: dt.datetime,
    calm: dt.timedelta,
) -> None:
    """It stands now: begun now, or long since. calm: one that nobody was told of and nobody saw for so long begins anew."""
    quiet = (
        col(RiskRow.key) == key,
        col(RiskRow.told_at).is_(None),
        col(RiskRow.seen_at) < now - calm,
    )
    statements.moved(session, update(RiskRow).where(*quiet).values(began_at=now))
    values = {"subject": subject, "detail": detail, "seen_at": now}
    statement = statements.insert(session, RiskRow).values(key=key, began_at=now, **values)
    session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))


def tell(session: Session, key: str, *, now: dt.datetime) -> bool:
    """Mark it as told; True if this call did."""
    untold = col(RiskRow.key) == key, col(RiskRow.told_at).is_(None)
    return statements.moved(session, update(RiskRow).where(*untold).values(told_at=now)) == 1


def over(session: Session, key: str) -> bool:
    """Forget it; True if this call did."""
    return statements.moved(session, delete(RiskRow).where(col(RiskRow.key) == key)) == 1


def told(session: Session) -> int:
    """How many stand that the operator was told of."""
    asked = select(func.count()).select_from(RiskRow).where(col(RiskRow.told_at).is_not(None))
    return session.scalar(asked) or 0
