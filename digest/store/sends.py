"""A send and its chunks: who is in the audience, frozen as lists of ids, and how far each list is.

Who was confirmed and not suppressed at the cut-off is asked once, and the answer is kept: an import
or a leaving that was stamped before the cut-off and committed after it changes no audience.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Table,
    and_,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlmodel import Session, col

from digest.errors import NotFound
from digest.model import DeliveryState, EditionId, IssueId, SubscriberId
from digest.store import audiences, chunk_statements, idlists, statements
from digest.store.tables import ChunkRow, DeliveryRow, SendRow

#: Readers in a chunk: one lock, one state map, one hand-over between processes.
CHUNK = 500

_CHUNKS: Table = ChunkRow.__table__  # type: ignore[attr-defined]

#: Rows as they are now, also where this session saw them before.
FRESH = {"populate_existing": True}


class SendStatus(StrEnum):
    """Where a send stands. A paused one goes on only when a person says so."""

    OPEN = "open"
    PAUSED = "paused"
    DONE = "done"


class ChunkState(StrEnum):
    """Where a chunk stands. `waiting`: only deferred readers are left; see `due_at`."""

    OPEN = "open"
    CLAIMED = "claimed"
    WAITING = "waiting"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """One edition to its audience, once."""

    id: int
    issue_id: IssueId
    edition_id: EditionId
    newsletter: str
    cut_off: dt.datetime
    audience: int
    status: SendStatus
    reason: str
    started_at: dt.datetime
    proven: bool = False
    resume_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """`size` readers of the audience, with ids from `lo` to `hi`; `reader_ids` names them."""

    send_id: int
    no: int
    lo: int
    hi: int
    size: int
    state: ChunkState
    owner: str
    due_at: dt.datetime | None
    ahead: int = 0
    claimed_at: dt.datetime | None = None
    beat_at: dt.datetime | None = None


def freeze(
    session: Session,
    *,
    issue_id: IssueId,
    edition_id: EditionId,
    newsletter: str,
    cut_off: dt.datetime,
    waves: Sequence[tuple[dt.datetime | None, Sequence[str] | None]] = ((None, None),),
) -> Send | None:
    """Freeze the audience at `cut_off` and make its chunks; None where the issue has a send already.

    waves: (when, the time zones of its readers): chunks wait until then; None is at once, and everybody.
    """
    if not statements.inserted(
        session,
        SendRow,
        issue_id=issue_id,
        edition_id=edition_id,
        newsletter=newsletter,
        cut_off=cut_off,
        audience=0,
        status=SendStatus.OPEN.value,
        reason="",
        proven=False,
        started_at=cut_off,
    ):
        return None
    send = of_issue(session, issue_id)
    _make_chunks(session, send, waves)
    total = select(func.coalesce(func.sum(col(ChunkRow.size)), 0))
    audience = session.scalar(total.where(col(ChunkRow.send_id) == send.id))
    session.execute(update(SendRow).where(col(SendRow.id) == send.id).values(audience=audience))
    return of_issue(session, issue_id)


def _make_chunks(
    session: Session, send: Send, waves: Sequence[tuple[dt.datetime | None, Sequence[str] | None]]
) -> None:
    rows: list[dict[str, object]] = []
    for due_at, zones in waves:
        found = audiences.at(session, send.newsletter, send.cut_off, size=CHUNK, zones=zones)
        state = ChunkState.OPEN if due_at is None else ChunkState.WAITING
        rows += [
            {
                "send_id": send.id,
                "no": no,
                "lo": ids[0],
                "hi": ids[-1],
                "size": len(ids),
                "readers": idlists.pack(ids),
                "state": state.value,
                "owner": "",
                "due_at": due_at,
            }
            for no, ids in enumerate(found, len(rows))
        ]
    if rows:
        session.connection().execute(insert(_CHUNKS), rows)


def reader_ids(session: Session, chunk: Chunk) -> tuple[SubscriberId, ...]:
    """Who is in a chunk, ascending: the same list whenever it is asked."""
    asked = {"send_id": chunk.send_id, "no": chunk.no}
    unpacked = idlists.unpack(
        session.connection().execute(chunk_statements.READERS, asked).scalar_one()
    )
    return cast(tuple[SubscriberId, ...], unpacked)


# ---------------------------------------------------------------- looking


def of_issue(session: Session, issue_id: IssueId) -> Send:
    """The issue's send. Raises NotFound where it has none."""
    asked = select(SendRow).where(col(SendRow.issue_id) == issue_id)
    found = session.scalars(asked, execution_options=FRESH).one_or_none()
    if found is None:
        raise NotFound(f"issue {issue_id} has no send")
    return _send(found)


def unfinished(session: Session) -> list[Send]:
    """Every send that is not done, oldest first, paused ones included."""
    asked = select(SendRow).where(col(SendRow.status) != SendStatus.DONE.value)
    return [
        _send(row)
        for row in session.scalars(asked.order_by(col(SendRow.id)), execution_options=FRESH)
    ]


def due_chunks(
    session: Session, send_id: int, *, now: dt.datetime, but: Collection[int] = (), limit: int = 0
) -> list[Chunk]:
    """The chunks that can be worked on now, in order; none of the numbers `but`, `limit` at the most."""
    asked = {"send_id": send_id, "now": now, "most": (limit or chunk_statements.ALL) + len(but)}
    found = [_chunk(row) for row in session.connection().execute(chunk_statements.DUE, asked)]
    left = [chunk for chunk in found if chunk.no not in but]
    return left[:limit] if limit else left


def again(session: Session, chunk: Chunk) -> Chunk:
    """A chunk as it stands now, also if it was changed since it was looked at."""
    return _chunk(session.execute(_chunks().where(_one(chunk))).one())


def orphans(session: Session, send_id: int, *, before: dt.datetime) -> list[Chunk]:
    """The claimed chunks whose holder gave no sign of life since `before`, in order."""
    asked = {"send_id": send_id, "before": before}
    return [_chunk(row) for row in session.connection().execute(chunk_statements.ORPHANS, asked)]


def left(session: Session, send_id: int) -> list[Chunk]:
    """The chunks that are not done, in order."""
    asked = _chunks().where(_unfinished_of(send_id)).order_by(col(ChunkRow.no))
    return [_chunk(row) for row in session.execute(asked)]


def _chunks() -> Select[tuple[Any, ...]]:
    """Everything of a chunk but its list of readers."""
    return select(*(c for c in _CHUNKS.c if c.name != "readers"))


def next_due(session: Session, send_id: int, *, owner: str, now: dt.datetime) -> dt.datetime | None:
    """When a chunk that `owner` may take is due, `now` if one is; None where none will ever be."""
    states = (
        select(col(ChunkRow.state), col(ChunkRow.due_at))
        .where(_unfinished_of(send_id), col(ChunkRow.owner).in_(["", owner]))
        .distinct()
    )
    dues = [
        due if state == ChunkState.WAITING.value and due else now
        for state, due in session.execute(states)
    ]
    return min(dues, default=None)


def is_worked_through(session: Session, send_id: int) -> bool:
    """True when every chunk is done."""
    return (
        session.scalar(select(func.count()).select_from(ChunkRow).where(_unfinished_of(send_id)))
        == 0
    )


def _unfinished_of(send_id: int) -> ColumnElement[bool]:
    return and_(col(ChunkRow.send_id) == send_id, col(ChunkRow.state) != ChunkState.DONE.value)


# ---------------------------------------------------------------- changing


def claim(
    session: Session, chunk: Chunk, *, owner: str, ahead: int, now: dt.datetime, take_over: bool
) -> bool:
    """Take a chunk; True if it is ours now. take_over: also from an owner whose lock is free.

    ahead: how many of its readers, in order, may be handed over before the next `beat`.
    """
    values = {
        "send_id": chunk.send_id,
        "no": chunk.no,
        "owner": owner,
        "other": chunk.owner if take_over else owner,
        "ahead": ahead,
        "now": now,
    }
    return session.connection().execute(chunk_statements.CLAIM, values).rowcount == 1


def beat(
    session: Session, send_id: int, ahead: Mapping[int, int], *, owner: str, now: dt.datetime
) -> bool:
    """The write-ahead of claimed chunks, by number; False where one of them is no longer ours."""
    if not ahead:
        return True
    same = {"send_id": send_id, "owner": owner, "now": now}
    values = [{**same, "no": no, "ahead": slots} for no, slots in ahead.items()]
    return session.connection().execute(chunk_statements.BEAT, values).rowcount == len(ahead)


def status(session: Session, send_id: int) -> SendStatus:
    """Where a send stands now, also if a person changed it a moment ago."""
    found = session.connection().execute(chunk_statements.STATUS, {"send_id": send_id}).scalar()
    return SendStatus(found) if found else SendStatus.DONE


def settle(
    session: Session, chunk: Chunk, *, owner: str, state: ChunkState, due_at: dt.datetime | None
) -> bool:
    """Put a claimed chunk down, free for anybody: open, waiting until `due_at`, or done.

    False if it is not ours.
    """
    change = update(ChunkRow).where(_one(chunk), col(ChunkRow.owner) == owner)
    values = {"state": state.value, "due_at": due_at, "owner": ""}
    return statements.moved(session, change.values(**values)) == 1


def settle_done(session: Session, send_id: int, numbers: Sequence[int], *, owner: str) -> bool:
    """Put claimed chunks down as done; False where one of them is not ours."""
    if not numbers:
        return True
    values = [{"send_id": send_id, "no": no, "owner": owner} for no in numbers]
    return session.connection().execute(chunk_statements.DONE, values).rowcount == len(numbers)


def pause(session: Session, send_id: int, reason: str, *, until: dt.datetime | None = None) -> bool:
    """Stop a send until a person resumes it, or `until`; True if this call did."""
    return _set_status(session, send_id, SendStatus.OPEN, SendStatus.PAUSED, reason, until=until)


def resume(session: Session, send_id: int, *, now: dt.datetime) -> bool:
    """Let a paused send go on, because a person says so; True if this call did.

    It is not stopped early again, and its time begins anew.
    """
    if not _set_status(session, send_id, SendStatus.PAUSED, SendStatus.OPEN, ""):
        return False
    change = update(SendRow).where(col(SendRow.id) == send_id)
    session.execute(change.values(proven=True, started_at=now))
    return True


def reopen(session: Session, send_id: int, *, now: dt.datetime) -> None:
    """A finished send goes on: its chunks with readers in line again are open, and its time begins anew."""
    session.execute(
        update(SendRow)
        .where(col(SendRow.id) == send_id)
        .values(status=SendStatus.OPEN.value, started_at=now, finished_at=None, proven=True)
    )
    again = exists().where(
        col(DeliveryRow.send_id) == send_id,
        col(DeliveryRow.state) == DeliveryState.QUEUED.value,
        col(DeliveryRow.subscriber_id).between(col(ChunkRow.lo), col(ChunkRow.hi)),
    )
    chunks = update(ChunkRow).where(
        col(ChunkRow.send_id) == send_id, col(ChunkRow.state) == ChunkState.DONE.value, again
    )
    statements.moved(session, chunks.values(state=ChunkState.OPEN.value, due_at=None))


def last_sign(session: Session, send: Send, *, now: dt.datetime) -> dt.datetime:
    """When a send last went on, or should have: its beginning, a sender's beat, a chunk that was due."""
    mine = col(ChunkRow.send_id) == send.id
    beat = session.scalar(select(func.max(col(ChunkRow.beat_at))).where(mine))
    due = func.max(col(ChunkRow.due_at))
    was_due = session.scalar(select(due).where(mine, col(ChunkRow.due_at) <= now))
    return max(one for one in (send.started_at, beat, was_due) if one is not None)


def any_rested(session: Session, *, now: dt.datetime) -> bool:
    """True where a pause is over by itself."""
    paused = col(SendRow.status) == SendStatus.PAUSED.value
    return bool(session.scalar(select(exists().where(paused, col(SendRow.resume_at) <= now))))


def resume_rested(session: Session, *, now: dt.datetime) -> int:
    """Let every send go on whose pause is over by itself; how many."""
    over = update(SendRow).where(
        col(SendRow.status) == SendStatus.PAUSED.value, col(SendRow.resume_at) <= now
    )
    values = {"status": SendStatus.OPEN.value, "reason": "", "resume_at": None}
    return statements.moved(session, over.values(**values))


def prove(session: Session, send_id: int) -> None:
    """It went well so far, or a person has looked: it is not stopped early any more."""
    session.execute(update(SendRow).where(col(SendRow.id) == send_id).values(proven=True))


def close(session: Session, send_id: int, *, now: dt.datetime) -> bool:
    """Mark a send as done; True if this call did."""
    if not _set_status(session, send_id, SendStatus.OPEN, SendStatus.DONE, ""):
        return False
    session.execute(update(SendRow).where(col(SendRow.id) == send_id).values(finished_at=now))
    return True


def _set_status(
    session: Session,
    send_id: int,
    before: SendStatus,
    after: SendStatus,
    reason: str,
    *,
    until: dt.datetime | None = None,
) -> bool:
    change = update(SendRow).where(col(SendRow.id) == send_id, col(SendRow.status) == before.value)
    values = {"status": after.value, "reason": reason, "resume_at": until}
    return statements.moved(session, change.values(**values)) == 1


def _one(chunk: Chunk) -> ColumnElement[bool]:
    return and_(col(ChunkRow.send_id) == chunk.send_id, col(ChunkRow.no) == chunk.no)


def _send(row: SendRow) -> Send:
    assert row.id is not None
    return Send(
        id=row.id,
        issue_id=IssueId(row.issue_id),
        edition_id=EditionId(row.edition_id),
        newsletter=row.newsletter,
        cut_off=row.cut_off,
        audience=row.audience,
        status=SendStatus(row.status),
        reason=row.reason,
        started_at=row.started_at,
        proven=row.proven,
        resume_at=row.resume_at,
    )


def _chunk(row: Row[Any]) -> Chunk:
    return Chunk(
        send_id=row.send_id,
        no=row.no,
        lo=row.lo,
        hi=row.hi,
        size=row.size,
        state=ChunkState(row.state),
        owner=row.owner,
        due_at=row.due_at,
        ahead=row.ahead,
        claimed_at=row.claimed_at,
        beat_at=row.beat_at,
    )
