"""Wishes to subscribe, between the door and whoever looks at them."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlmodel import Session, col

from digest.store import statements
from digest.store.tables import WishRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One wish. address: as it will be mailed. worked: it came with a proof of work."""

    newsletter: str
    address_hash: str
    address: str
    network: str
    method: str
    wording: str
    asked_at: dt.datetime
    language: str = ""
    timezone: str = ""
    worked: bool = False


def put(session: Session, wish: Wish) -> None:
    """Note a wish; the same one that is waiting already stays, and gains a proof of work if this one has it."""
    put_down = statements.insert(session, WishRow).values(**asdict(wish), due_at=wish.asked_at)
    keys = ["newsletter", "address_hash"]
    if wish.worked:
        known = put_down.on_conflict_do_update(
            index_elements=keys, set_={"worked": True, "due_at": wish.asked_at}
        )
    else:
        known = put_down.on_conflict_do_nothing(index_elements=keys)
    session.execute(known)


def due(session: Session, *, now: dt.datetime, limit: int) -> list[Wish]:
    """The oldest wishes that are due, each given to one process only for as long as the transaction lasts."""
    asked = (
        select(WishRow)
        .where(col(WishRow.due_at) <= now)
        .order_by(col(WishRow.due_at), col(WishRow.address_hash))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    fields = Wish.__dataclass_fields__
    rows = session.scalars(asked.execution_options(populate_existing=True))
    return [Wish(**{name: getattr(row, name) for name in fields}) for row in rows]


def postpone(session: Session, wish: Wish, *, until: dt.datetime) -> None:
    """Look at it later."""
    statements.moved(session, update(WishRow).where(_one(wish)).values(due_at=until))


def drop(session: Session, wish: Wish) -> None:
    """It was looked at: nothing of it stays here."""
    statements.moved(session, delete(WishRow).where(_one(wish)))


def drop_all(session: Session) -> int:
    """Forget every wish that nobody has looked at; how many."""
    return statements.moved(session, delete(WishRow))


def _one(wish: Wish) -> ColumnElement[bool]:
    return and_(
        col(WishRow.newsletter) == wish.newsletter,
        col(WishRow.address_hash) == wish.address_hash,
    )
