"""What became of each reader in one send: one row, inserted when the first result is known."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Table,
    bindparam,
    exists,
    func,
    select,
    text,
    update,
)
from sqlmodel import Session, col

from digest.model import DeliveryState, SubscriberId
from digest.store import direct, idlists, reports, statements, suppressions
from digest.store.tables import ChunkRow, DeliveryRow, SubscriberRow, SuppressionRow
from digest.store.tables.base import EPOCH, ShortDateTime, milliseconds, moment_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One reader's state in a send. reply: None for a plain acceptance. first_at: of one who waits."""

    subscriber_id: SubscriberId
    state: DeliveryState
    attempts: int
    at: dt.datetime
    reply: str | None = None
    due_at: dt.datetime | None = None
    first_at: dt.datetime | None = None


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
    changed = {
        name: new[name] for name in ("state", "attempts", "reply", "at", "due_at", "first_at")
    }
    statement = statement.on_conflict_do_update(
        index_elements=["send_id", "subscriber_id"],
        set_=changed,
        where=_TABLE.c.state == DeliveryState.QUEUED.value,
    )
    session.connection().execute(statement, [_values(send_id, one) for one in results])


#: The plain case in one statement, its readers as one array: a million of them say the same.
_PLAIN = """
INSERT INTO delivery (send_id, subscriber_id, state, attempts, reply, at, due_at)
SELECT :send_id, {value}, 'accepted', 1, NULL, :at, NULL {source}
ON CONFLICT (send_id, subscriber_id) DO UPDATE SET state = 'accepted', reply = NULL,
attempts = delivery.attempts + 1, at = excluded.at, due_at = NULL WHERE delivery.state = 'queued'
"""
_PLAIN_SQLITE = text(_PLAIN.format(value="value", source="FROM json_each(:ids) WHERE true"))
_PLAIN_POSTGRES = text(_PLAIN.format(value="unnest(CAST(:ids AS bigint[]))", source="")).bindparams(
    bindparam("at", type_=ShortDateTime())
)


def put_accepted(
    session: Session, send_id: int, ids: Sequence[SubscriberId], *, at: dt.datetime
) -> None:
    """Write plain acceptances of first attempts; the same as `put`, only quicker."""
    if not ids:
        return
    if session.get_bind().dialect.name == "sqlite":
        values = {"send_id": send_id, "ids": json.dumps(ids), "at": milliseconds(at)}
        direct.change(session, _PLAIN_SQLITE, values)
    else:
        direct.change(session, _PLAIN_POSTGRES, {"send_id": send_id, "ids": list(ids), "at": at})


def _values(send_id: int, one: Delivery) -> dict[str, object]:
    return {
        "send_id": send_id,
        "subscriber_id": one.subscriber_id,
        "state": one.state.value,
        "attempts": one.attempts,
        "reply": one.reply,
        "at": one.at,
        "due_at": one.due_at,
        "first_at": one.first_at,
    }


def requeue(
    session: Session, send_id: int, state: DeliveryState, *, note: str | None, now: dt.datetime
) -> int:
    """Put every reader in a final state in line again, because a person says so; how many.

    Who is suppressed keeps state and reply. The time after which they are given up begins anew.
    """
    change = update(_TABLE).where(*_in(send_id, state), ~_suppressed(now))
    values = {"state": DeliveryState.QUEUED.value, "reply": note, "due_at": now, "at": now}
    values["first_at"] = None
    found: CursorResult[Any] = session.connection().execute(change.values(**values))
    return found.rowcount


def suppressed_in(session: Session, send_id: int, state: DeliveryState, *, now: dt.datetime) -> int:
    """How many readers in a state may not be mailed, for they are suppressed."""
    asked = select(func.count()).select_from(_TABLE).where(*_in(send_id, state), _suppressed(now))
    return session.scalar(asked) or 0


def _in(send_id: int, state: DeliveryState) -> tuple[ColumnElement[bool], ...]:
    return _TABLE.c.send_id == send_id, _TABLE.c.state == state.value


def _suppressed(now: dt.datetime) -> ColumnElement[bool]:
    return exists().where(
        col(SubscriberRow.id) == _TABLE.c.subscriber_id,
        col(SuppressionRow.address_hash) == col(SubscriberRow.address_hash),
        suppressions.active(now),
    )


def begin_anew(session: Session, send_id: int) -> None:
    """Who waits to be tried again has all the time again that anybody has."""
    columns = _TABLE.c
    waiting = columns.state == DeliveryState.QUEUED.value
    change = update(_TABLE).where(columns.send_id == send_id, waiting)
    session.connection().execute(change.values(first_at=None))


_OF_RANGE = text("""
SELECT subscriber_id, state, attempts, at, reply, due_at, first_at FROM delivery
WHERE send_id = :send_id AND subscriber_id BETWEEN :lo AND :hi
""")


def of_range(session: Session, send_id: int, lo: int, hi: int) -> dict[SubscriberId, Delivery]:
    """The rows of one chunk's range, by reader."""
    asked = {"send_id": send_id, "lo": lo, "hi": hi}
    return {
        reader: Delivery(
            subscriber_id=reader,
            state=DeliveryState(state),
            attempts=attempts,
            at=moment_of(at) or EPOCH,
            reply=reply,
            due_at=moment_of(due_at),
            first_at=moment_of(first_at),
        )
        for reader, state, attempts, at, reply, due_at, first_at in direct.rows(
            session, _OF_RANGE, asked
        )
    }


def counts(session: Session, send_id: int) -> dict[DeliveryState, int]:
    """How many readers stand in each state, every state named."""
    grouped = (
        select(col(DeliveryRow.state), func.count().label("n"))
        .where(col(DeliveryRow.send_id) == send_id)
        .group_by(col(DeliveryRow.state))
    )
    found = {row.state: row.n for row in session.execute(grouped)}
    return {state: found.get(state.value, 0) for state in DeliveryState}


@dataclass(frozen=True, slots=True)
class Deferred:
    """How many wait to be tried again, the first of them when, and what most were told."""

    readers: int
    next_at: dt.datetime
    reply: str


def deferred(session: Session, send_id: int) -> Deferred | None:
    """Who waits to be tried again; None where nobody does."""
    waits = (
        col(DeliveryRow.send_id) == send_id,
        col(DeliveryRow.state) == DeliveryState.QUEUED.value,
        col(DeliveryRow.due_at).is_not(None),
    )
    due, number = func.min(col(DeliveryRow.due_at)), func.count()
    asked = select(due, number, col(DeliveryRow.reply)).where(*waits)
    rows = session.execute(asked.group_by(col(DeliveryRow.reply))).all()
    if not rows:
        return None
    readers, most = sum(row[1] for row in rows), max(rows, key=lambda row: row[1])
    return Deferred(readers, min(row[0] for row in rows), most[2] or "")


#: What the ledger prints instead of the address of somebody who is on file no more.
ERASED = "(erased)"


@dataclass(frozen=True, slots=True)
class Line:
    """One reader of an audience, as the ledger prints it. A reader not tried yet is `queued`.

    after: what was reported about the copy since, as `hard 5.1.1`; the state stays the next server's word.
    """

    address: str
    state: str
    attempts: int
    reply: str
    after: str = ""


def lines(session: Session, send_id: int) -> Iterator[Line]:
    """Every reader of the frozen audience, by id, a chunk at a time; also those erased since."""
    asked = select(col(ChunkRow.lo), col(ChunkRow.hi), col(ChunkRow.readers))
    of_send = asked.where(col(ChunkRow.send_id) == send_id).order_by(col(ChunkRow.no))
    for lo, hi, packed in session.execute(of_send).all():
        ids = idlists.unpack(packed)
        rows = of_range(session, send_id, lo, hi)
        addresses = _addresses(session, ids)
        after = reports.outcomes(session, send_id, ids)
        for one in ids:
            address, row = addresses.get(one, ERASED), rows.get(SubscriberId(one))
            yield _line(address, row, after.get(one, ""))


def _addresses(session: Session, ids: Sequence[int]) -> dict[int, str]:
    asked = select(col(SubscriberRow.id), col(SubscriberRow.address))
    found = session.execute(asked.where(col(SubscriberRow.id).in_(ids)))
    return {one: address for one, address in found if one is not None}


def _line(address: str, row: Delivery | None, after: str) -> Line:
    if row is None:
        return Line(address, DeliveryState.QUEUED.value, 0, "", after)
    plain = "250" if row.state is DeliveryState.ACCEPTED else ""
    return Line(address, row.state.value, row.attempts, row.reply or plain, after)


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
