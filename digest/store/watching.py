"""What can be asked of a house every few seconds: each question looks at some rows by an index, however large it grows."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlmodel import Session, col

from digest.model import DeliveryState
from digest.store.chunks import ChunkState
from digest.store.sends import SendStatus
from digest.store.tables import ChunkRow, HeartbeatRow, NoticeRow, ReportRow, SendRow

_OPEN = col(SendRow.status) == SendStatus.OPEN.value
_MINE = col(ChunkRow.send_id) == col(SendRow.id)


def oldest_notice(session: Session, *, now: dt.datetime) -> dt.datetime | None:
    """Since when the notice that waits longest has been due; None where none is."""
    waits = col(NoticeRow.state) == DeliveryState.QUEUED.value, col(NoticeRow.due_at) <= now
    return session.scalar(select(func.min(col(NoticeRow.due_at))).where(*waits))


def oldest_reader(session: Session, *, now: dt.datetime) -> dt.datetime | None:
    """Since when readers of a send that may go on have been due: its start, or their next try."""
    due = func.coalesce(col(ChunkRow.due_at), col(SendRow.started_at))
    asked = select(func.min(due)).select_from(ChunkRow).join(SendRow, _MINE)
    waits = col(ChunkRow.state).in_([ChunkState.OPEN.value, ChunkState.WAITING.value])
    return session.scalar(asked.where(_OPEN, waits, due <= now))


def oldest_beat(session: Session) -> dt.datetime | None:
    """When the chunk in hand that was heard of longest ago was last written about; None where none is in hand."""
    beat = func.min(func.coalesce(col(ChunkRow.beat_at), col(ChunkRow.claimed_at)))
    asked = select(beat).select_from(ChunkRow).join(SendRow, _MINE)
    return session.scalar(asked.where(_OPEN, col(ChunkRow.state) == ChunkState.CLAIMED.value))


def workers(session: Session, *, since: dt.datetime) -> int:
    """How many workers gave a sign of life since then."""
    return len(worker_names(session, since=since))


def worker_names(session: Session, *, since: dt.datetime) -> list[str]:
    """The owner and the process of each, as `3f0a… 4711`."""
    mine = col(HeartbeatRow.name).startswith(WORKER, autoescape=True), col(HeartbeatRow.at) >= since
    found = session.scalars(select(col(HeartbeatRow.name)).where(*mine))
    return [name.removeprefix(WORKER) for name in found]


#: How the heartbeat of a worker is called, before its own name.
WORKER = "worker "


def newest_sends(session: Session) -> list[tuple[str, int, bool, int]]:
    """(newsletter, id, whether it is done, audience) of each newsletter's newest send."""
    newest = select(func.max(col(SendRow.id))).group_by(col(SendRow.newsletter))
    asked = select(
        col(SendRow.newsletter), col(SendRow.id), col(SendRow.status), col(SendRow.audience)
    ).where(col(SendRow.id).in_(newest))
    return [
        (name, number or 0, status == SendStatus.DONE.value, audience)
        for name, number, status, audience in session.execute(asked.order_by(col(SendRow.id)))
    ]


def reports_since(session: Session, since: dt.datetime) -> dict[str, int]:
    """How many reports of which kind came in since then."""
    asked = select(col(ReportRow.kind), func.count()).where(col(ReportRow.received_at) >= since)
    return {row[0]: row[1] for row in session.execute(asked.group_by(col(ReportRow.kind)))}
