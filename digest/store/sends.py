"""A send: the edition, the audience that was frozen for it, and whether it may go on.

Who was confirmed and not suppressed at the cut-off is asked once, and the answer is kept: an import
or a leaving that was stamped before the cut-off and committed after it changes no audience.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import (
    exists,
    func,
    select,
    update,
)
from sqlmodel import Session, col

from digest.errors import NotFound
from digest.model import EditionId, IssueId
from digest.store import chunk_statements, chunks, deliveries, direct, statements
from digest.store.chunks import Terms
from digest.store.tables import ChunkRow, SendRow

#: All at once, whatever the week brought.
EVERYBODY = Terms()

#: Rows as they are now, also where this session saw them before.
FRESH = {"populate_existing": True}


class SendStatus(StrEnum):
    """Where a send stands. A paused one goes on when a person says so, or at its `resume_at`."""

    OPEN = "open"
    PAUSED = "paused"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """One edition to its audience, once.

    paused_by: who paused it, empty where the program did. paused_with: the provider that it was with then.
    """

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
    finished_at: dt.datetime | None = None
    resumed_at: dt.datetime | None = None
    paused_by: str = ""
    paused_with: str = ""
    paused_at: dt.datetime | None = None
    cancelled_by: str = ""

    @property
    def waits_for_a_person(self) -> bool:
        """Paused, and it does not go on by itself."""
        return self.status is SendStatus.PAUSED and self.resume_at is None


def freeze(
    session: Session,
    *,
    issue_id: IssueId,
    edition_id: EditionId,
    newsletter: str,
    cut_off: dt.datetime,
    terms: Terms = EVERYBODY,
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
        proven=False,
        started_at=cut_off,
    ):
        return None
    send = of_issue(session, issue_id)
    audience = chunks.make(session, send.id, newsletter, cut_off, terms)
    session.execute(update(SendRow).where(col(SendRow.id) == send.id).values(audience=audience))
    return of_issue(session, issue_id)


# ---------------------------------------------------------------- looking

_UNREPORTED = (
    col(SendRow.status) == SendStatus.DONE.value,
    col(SendRow.reported_at).is_(None),
)


def of_issue(session: Session, issue_id: IssueId) -> Send:
    """The issue's send. Raises NotFound where it has none."""
    found = if_begun(session, issue_id)
    if found is None:
        raise NotFound(f"issue {issue_id} has no send")
    return found


def if_begun(session: Session, issue_id: IssueId) -> Send | None:
    """The issue's send; None where it has none."""
    asked = select(SendRow).where(col(SendRow.issue_id) == issue_id)
    found = session.scalars(asked, execution_options=FRESH).one_or_none()
    return _send(found) if found is not None else None


def locked(session: Session, issue_id: IssueId) -> Send:
    """The issue's send, which nobody else changes until this transaction ends. Raises NotFound."""
    session.execute(
        select(col(SendRow.id)).where(col(SendRow.issue_id) == issue_id).with_for_update()
    )
    return of_issue(session, issue_id)


def unfinished(session: Session) -> list[Send]:
    """Every send that is not done, oldest first, paused ones included."""
    asked = select(SendRow).where(col(SendRow.status) != SendStatus.DONE.value)
    return [
        _send(row)
        for row in session.scalars(asked.order_by(col(SendRow.id)), execution_options=FRESH)
    ]


def unreported(session: Session, *, since: dt.datetime) -> list[Send]:
    """The sends that were done at `since` or later and are not reported, oldest first."""
    asked = select(SendRow).where(*_UNREPORTED, col(SendRow.finished_at) >= since)
    return [
        _send(row)
        for row in session.scalars(asked.order_by(col(SendRow.id)), execution_options=FRESH)
    ]


# ---------------------------------------------------------------- changing


def status(session: Session, send_id: int) -> SendStatus:
    """Where a send stands now, also if a person changed it a moment ago."""
    found = direct.rows(session, chunk_statements.STATUS, {"send_id": send_id})
    return SendStatus(found[0][0]) if found else SendStatus.DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Why a send stands. until: it goes on by itself then. by: a person; empty, the program.

    provider: the one it was with. at: since when.
    """

    reason: str
    until: dt.datetime | None = None
    by: str = ""
    provider: str = ""
    at: dt.datetime | None = None

    @property
    def values(self) -> dict[str, object]:
        return {
            "reason": self.reason,
            "resume_at": self.until,
            "paused_by": self.by[:60],
            "paused_with": self.provider,
            "paused_at": self.at,
        }


#: What stands in the row of a send that is not paused.
_NOT_PAUSED = Pause(reason="")


def pause(session: Session, send_id: int, why: Pause) -> bool:
    """Stop a send that is open, until a person resumes it, or `why.until`; True if this call did."""
    return _set_status(session, send_id, SendStatus.OPEN, SendStatus.PAUSED, why)


def hold(session: Session, send_id: int, why: Pause) -> bool:
    """A person stops a send, also one that the program paused; True if this call did."""
    if pause(session, send_id, why):
        return True
    programs = col(SendRow.status) == SendStatus.PAUSED.value, col(SendRow.paused_by) == ""
    change = update(SendRow).where(col(SendRow.id) == send_id, *programs)
    return statements.moved(session, change.values(**why.values)) == 1


def cancelled(session: Session, send_id: int, *, by: str) -> None:
    """Note who ended a send before its time."""
    change = update(SendRow).where(col(SendRow.id) == send_id)
    session.execute(change.values(cancelled_by=by[:60]))


def resume(session: Session, send_id: int, *, now: dt.datetime) -> bool:
    """Let a paused send go on, because a person says so; True if this call did.

    Plain refusals do not stop it early again, and who waits to be tried again has all the time anew.
    """
    if not _set_status(session, send_id, SendStatus.PAUSED, SendStatus.OPEN):
        return False
    _begin_anew(session, send_id, now=now)
    deliveries.begin_anew(session, send_id)
    return True


def reopen(session: Session, send_id: int, *, now: dt.datetime) -> None:
    """Readers are in line again: their chunks are open. A send that was done goes on; a paused one stays paused."""
    _begin_anew(session, send_id, now=now)
    chunks.open_again(session, send_id)
    if _set_status(session, send_id, SendStatus.DONE, SendStatus.OPEN):
        change = update(SendRow).where(col(SendRow.id) == send_id)
        session.execute(change.values(finished_at=None, reported_at=None))


def _begin_anew(session: Session, send_id: int, *, now: dt.datetime) -> None:
    change = update(SendRow).where(col(SendRow.id) == send_id)
    session.execute(change.values(proven=True, resumed_at=now))


def last_sign(session: Session, send: Send, *, now: dt.datetime) -> dt.datetime:
    """When a send last went on, or should have: begun, resumed, a sender's beat, a chunk that was due."""
    mine = col(ChunkRow.send_id) == send.id
    beat = session.scalar(select(func.max(col(ChunkRow.beat_at))).where(mine))
    due = func.max(col(ChunkRow.due_at))
    was_due = session.scalar(select(due).where(mine, col(ChunkRow.due_at) <= now))
    rested = send.resume_at if send.resume_at and send.resume_at <= now else None
    signs = send.started_at, send.resumed_at, beat, was_due, rested
    return max(one for one in signs if one is not None)


def any_rested(session: Session, *, now: dt.datetime) -> bool:
    """True where a pause is over by itself."""
    paused = col(SendRow.status) == SendStatus.PAUSED.value
    return bool(session.scalar(select(exists().where(paused, col(SendRow.resume_at) <= now))))


def resume_rested(session: Session, *, now: dt.datetime) -> int:
    """Let every send go on whose pause is over by itself; how many."""
    over = update(SendRow).where(
        col(SendRow.status) == SendStatus.PAUSED.value, col(SendRow.resume_at) <= now
    )
    values = _NOT_PAUSED.values
    del values["resume_at"]  # a sign of life: see last_sign
    return statements.moved(session, over.values(status=SendStatus.OPEN.value, **values))


def hasten(session: Session, providers: Collection[str], *, now: dt.datetime) -> int:
    """Let every send go on that the program paused for a while with one of these providers; how many."""
    rests = update(SendRow).where(
        col(SendRow.status) == SendStatus.PAUSED.value,
        col(SendRow.resume_at) > now,
        col(SendRow.paused_by) == "",
        col(SendRow.paused_with).in_(providers),
    )
    return statements.moved(session, rests.values(resume_at=now))


def prove(session: Session, send_id: int) -> None:
    """It went well so far, or a person has looked: it is not stopped early any more."""
    session.execute(update(SendRow).where(col(SendRow.id) == send_id).values(proven=True))


def close(session: Session, send_id: int, *, now: dt.datetime) -> bool:
    """Mark a send as done; True if this call did."""
    if not _set_status(session, send_id, SendStatus.OPEN, SendStatus.DONE):
        return False
    session.execute(update(SendRow).where(col(SendRow.id) == send_id).values(finished_at=now))
    return True


def report(session: Session, send_id: int, *, now: dt.datetime) -> bool:
    """Mark a send that is done as reported; True if this call did."""
    change = update(SendRow).where(col(SendRow.id) == send_id, *_UNREPORTED)
    return statements.moved(session, change.values(reported_at=now)) == 1


def _set_status(
    session: Session,
    send_id: int,
    before: SendStatus,
    after: SendStatus,
    why: Pause = _NOT_PAUSED,
) -> bool:
    change = update(SendRow).where(col(SendRow.id) == send_id, col(SendRow.status) == before.value)
    return statements.moved(session, change.values(status=after.value, **why.values)) == 1


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
        finished_at=row.finished_at,
        resumed_at=row.resumed_at,
        paused_by=row.paused_by,
        paused_with=row.paused_with,
        paused_at=row.paused_at,
        cancelled_by=row.cancelled_by,
    )
