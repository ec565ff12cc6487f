"""A send and its chunks: who is in the audience, frozen as ranges of ids, and how far each range is.

The audience is a question about the past: who was confirmed and not suppressed at the cut-off. Its
answer never changes, so it is asked again for each chunk instead of being copied out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlmodel import Session, col

from digest.errors import NotFound
from digest.model import EditionId, IssueId, Reader, SubscriberId
from digest.store import statements
from digest.store.tables import ChunkRow, MembershipRow, SendRow, SubscriberRow, SuppressionRow

#: Readers in a chunk: one lock, one state map, one hand-over between processes.
CHUNK = 500

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A range of subscriber ids, both ends inside, with `size` readers of the audience."""

    send_id: int
    no: int
    lo: int
    hi: int
    size: int
    state: ChunkState
    owner: str
    due_at: dt.datetime | None


def freeze(
    session: Session,
    *,
    issue_id: IssueId,
    edition_id: EditionId,
    newsletter: str,
    cut_off: dt.datetime,
) -> Send | None:
    """Freeze the audience at `cut_off` and make its chunks; None where the issue has a send already."""
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
        started_at=cut_off,
    ):
        return None
    send = of_issue(session, issue_id)
    _make_chunks(session, send)
    total = select(func.coalesce(func.sum(col(ChunkRow.size)), 0))
    audience = session.scalar(total.where(col(ChunkRow.send_id) == send.id))
    session.execute(update(SendRow).where(col(SendRow.id) == send.id).values(audience=audience))
    return of_issue(session, issue_id)


def _make_chunks(session: Session, send: Send) -> None:
    members = _audience(send.newsletter, send.cut_off).subquery()
    place = func.row_number().over(order_by=members.c.id) - 1
    placed = select(members.c.id, (place // CHUNK).label("no")).subquery()
    ranges = select(
        literal(send.id),
        placed.c.no,
        func.min(placed.c.id),
        func.max(placed.c.id),
        func.count(),
        literal(ChunkState.OPEN.value),
        literal(""),
    ).group_by(placed.c.no)
    columns = ["send_id", "no", "lo", "hi", "size", "state", "owner"]
    session.execute(insert(ChunkRow).from_select(columns, ranges))


def _audience(newsletter: str, at: dt.datetime) -> Select[tuple[int | None]]:
    member = and_(
        col(MembershipRow.newsletter) == newsletter,
        col(MembershipRow.since) <= at,
        or_(col(MembershipRow.until).is_(None), col(MembershipRow.until) > at),
    )
    return (
        select(col(SubscriberRow.id))
        .join(MembershipRow, col(MembershipRow.subscriber_id) == col(SubscriberRow.id))
        .where(member, ~_suppressed(at))
        .distinct()
    )


def _suppressed(at: dt.datetime) -> ColumnElement[bool]:
    return exists().where(
        col(SuppressionRow.address_hash) == col(SubscriberRow.address_hash),
        col(SuppressionRow.since) <= at,
        or_(col(SuppressionRow.until).is_(None), col(SuppressionRow.until) > at),
    )


def readers(session: Session, send: Send, chunk: Chunk) -> list[Reader]:
    """The audience's readers of one chunk, by id: the same list whenever it is asked."""
    asked = (
        select(
            col(SubscriberRow.id),
            col(SubscriberRow.address),
            col(SubscriberRow.handle),
            col(SubscriberRow.name),
        )
        .where(in_audience(send))
        .where(col(SubscriberRow.id).between(chunk.lo, chunk.hi))
        .order_by(col(SubscriberRow.id))
    )
    return [
        Reader(id=SubscriberId(one.id), address=one.address, handle=one.handle, name=one.name)
        for one in session.execute(asked)
    ]


def in_audience(send: Send) -> ColumnElement[bool]:
    """The condition that picks a send's audience among all subscribers."""
    return col(SubscriberRow.id).in_(_audience(send.newsletter, send.cut_off))


def gone(session: Session, newsletter: str, ids: list[int], *, now: dt.datetime) -> set[int]:
    """Which of these have left or been suppressed by `now`."""
    still = _audience(newsletter, now).where(col(SubscriberRow.id).in_(ids))
    return set(ids) - set(session.scalars(still))


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


def due_chunks(session: Session, send_id: int, *, now: dt.datetime) -> list[Chunk]:
    """The chunks that can be worked on now, in order."""
    due = or_(col(ChunkRow.state) != ChunkState.WAITING.value, col(ChunkRow.due_at) <= now)
    asked = select(ChunkRow).where(_unfinished_of(send_id), due).order_by(col(ChunkRow.no))
    return [_chunk(row) for row in session.scalars(asked, execution_options=FRESH)]


def next_due(session: Session, send_id: int) -> dt.datetime | None:
    """When the first waiting chunk of a send is due; None where none waits."""
    waiting = col(ChunkRow.state) == ChunkState.WAITING.value
    return session.scalar(
        select(func.min(col(ChunkRow.due_at))).where(_unfinished_of(send_id), waiting)
    )


def is_worked_through(session: Session, send_id: int) -> bool:
    """True when every chunk is done."""
    return (
        session.scalar(select(func.count()).select_from(ChunkRow).where(_unfinished_of(send_id)))
        == 0
    )


def _unfinished_of(send_id: int) -> ColumnElement[bool]:
    return and_(col(ChunkRow.send_id) == send_id, col(ChunkRow.state) != ChunkState.DONE.value)


# ---------------------------------------------------------------- changing


def claim(session: Session, chunk: Chunk, *, owner: str) -> bool:
    """Take a chunk that nobody else owns; True if it is ours now."""
    free = col(ChunkRow.owner).in_(["", owner])
    change = update(ChunkRow).where(_one(chunk), free, col(ChunkRow.state) != ChunkState.DONE.value)
    values = {"state": ChunkState.CLAIMED.value, "owner": owner}
    return statements.moved(session, change.values(**values)) == 1


def is_ours(session: Session, chunk: Chunk, *, owner: str) -> bool:
    """True while `owner` holds the chunk."""
    asked = select(col(ChunkRow.owner)).where(_one(chunk))
    return session.scalar(asked) == owner


def settle(
    session: Session, chunk: Chunk, *, owner: str, state: ChunkState, due_at: dt.datetime | None
) -> bool:
    """Put a claimed chunk down: open, waiting until `due_at`, or done. False if it is not ours."""
    change = update(ChunkRow).where(_one(chunk), col(ChunkRow.owner) == owner)
    return statements.moved(session, change.values(state=state.value, due_at=due_at)) == 1


def pause(session: Session, send_id: int, reason: str) -> bool:
    """Stop a send until a person resumes it; True if this call did."""
    return _set_status(session, send_id, SendStatus.OPEN, SendStatus.PAUSED, reason)


def resume(session: Session, send_id: int) -> bool:
    """Let a paused send go on; True if this call did."""
    return _set_status(session, send_id, SendStatus.PAUSED, SendStatus.OPEN, "")


def close(session: Session, send_id: int, *, now: dt.datetime) -> bool:
    """Mark a send as done; True if this call did."""
    if not _set_status(session, send_id, SendStatus.OPEN, SendStatus.DONE, ""):
        return False
    session.execute(update(SendRow).where(col(SendRow.id) == send_id).values(finished_at=now))
    return True


def _set_status(
    session: Session, send_id: int, before: SendStatus, after: SendStatus, reason: str
) -> bool:
    change = update(SendRow).where(col(SendRow.id) == send_id, col(SendRow.status) == before.value)
    return statements.moved(session, change.values(status=after.value, reason=reason)) == 1


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
    )


def _chunk(row: ChunkRow) -> Chunk:
    return Chunk(
        send_id=row.send_id,
        no=row.no,
        lo=row.lo,
        hi=row.hi,
        size=row.size,
        state=ChunkState(row.state),
        owner=row.owner,
        due_at=row.due_at,
    )
