"""What became of each reader in one send: one row, inserted when the first result is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, and_, func, select
from sqlmodel import Session, col

from digest.model import DeliveryState, SubscriberId
from digest.store import statements
from digest.store.tables import DeliveryRow, SubscriberRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One reader's state in a send. reply: None for a plain acceptance."""

    subscriber_id: SubscriberId
    state: DeliveryState
    attempts: int
    at: dt.datetime
    reply: str | None = None
    due_at: dt.datetime | None = None


#: Plain rows for the one path where speed counts: no row objects, no NULLs left out.
_TABLE: Table = DeliveryRow.__table__  # type: ignore[attr-defined]


def put(session: Session, send_id: int, results: Sequence[Delivery]) -> None:
    """Write results; a reader's newer one replaces what was there, but a final state is never undone.

    Writing the same results twice is harmless.
    """
    if not results:
        return
    statement = statements.insert(session, _TABLE)
    new = statement.excluded
    changed = {name: new[name] for name in ("state", "attempts", "reply", "at", "due_at")}
    statement = statement.on_conflict_do_update(
        index_elements=["send_id", "subscriber_id"],
        set_=changed,
        where=_TABLE.c.state == DeliveryState.QUEUED.value,
    )
    session.connection().execute(statement, [_values(send_id, one) for one in results])


def _values(send_id: int, one: Delivery) -> dict[str, object]:
    return {
        "send_id": send_id,
        "subscriber_id": one.subscriber_id,
        "state": one.state.value,
        "attempts": one.attempts,
        "reply": one.reply,
        "at": one.at,
        "due_at": one.due_at,
    }


def of_range(session: Session, send_id: int, lo: int, hi: int) -> dict[SubscriberId, Delivery]:
    """The rows of one chunk's range, by reader."""
    within = col(DeliveryRow.subscriber_id).between(lo, hi)
    rows = session.execute(_columns().where(col(DeliveryRow.send_id) == send_id, within))
    return {SubscriberId(row.subscriber_id): _delivery(row._mapping) for row in rows}


def _columns() -> select:  # type: ignore[valid-type]
    return select(*DeliveryRow.__table__.c)  # type: ignore[attr-defined]


def counts(session: Session, send_id: int) -> dict[DeliveryState, int]:
    """How many readers stand in each state, every state named."""
    grouped = (
        select(col(DeliveryRow.state), func.count())
        .where(col(DeliveryRow.send_id) == send_id)
        .group_by(col(DeliveryRow.state))
    )
    found = {state: n for state, n in session.execute(grouped)}
    return {state: found.get(state.value, 0) for state in DeliveryState}


@dataclass(frozen=True, slots=True)
class Line:
    """One reader of an audience, as the ledger prints it. A reader not tried yet is `queued`."""

    address: str
    state: str
    attempts: int
    reply: str


def lines(session: Session, send_id: int, audience: ColumnElement[bool]) -> Iterator[Line]:
    """Every reader whom `audience` picks, by id, streamed."""
    own = and_(
        col(DeliveryRow.subscriber_id) == col(SubscriberRow.id),
        col(DeliveryRow.send_id) == send_id,
    )
    asked = (
        select(
            col(SubscriberRow.address),
            col(DeliveryRow.state),
            col(DeliveryRow.attempts),
            col(DeliveryRow.reply),
        )
        .outerjoin(DeliveryRow, own)
        .where(audience)
        .order_by(col(SubscriberRow.id))
    )
    for address, state, attempts, reply in session.execute(
        asked, execution_options={"yield_per": 1000}
    ):
        plain = "250" if state == DeliveryState.ACCEPTED.value and reply is None else ""
        yield Line(address, state or DeliveryState.QUEUED.value, attempts or 0, reply or plain)


def in_state(session: Session, send_id: int, state: DeliveryState) -> list[tuple[str, str]]:
    """(address, reply) of the readers in one state, at most 1,000: for a person to look at."""
    asked = (
        select(col(SubscriberRow.address), col(DeliveryRow.reply))
        .join(DeliveryRow, col(DeliveryRow.subscriber_id) == col(SubscriberRow.id))
        .where(col(DeliveryRow.send_id) == send_id, col(DeliveryRow.state) == state.value)
        .order_by(col(SubscriberRow.id))
        .limit(1000)
    )
    return [(address, reply or "") for address, reply in session.execute(asked)]


def _delivery(row: Mapping[str, object]) -> Delivery:
    return Delivery(
        subscriber_id=SubscriberId(row["subscriber_id"]),  # type: ignore[arg-type]
        state=DeliveryState(str(row["state"])),
        attempts=row["attempts"],  # type: ignore[arg-type]
        at=row["at"],  # type: ignore[arg-type]
        reply=row["reply"],  # type: ignore[arg-type]
        due_at=row["due_at"],  # type: ignore[arg-type]
    )
