"""The audit log: who did what to which thing. Ids, never addresses, never tokens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session, col

from digest.store.tables import EventRow


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log."""

    at: dt.datetime
    actor: str
    action: str
    subject: str
    data: Mapping[str, Any]


def record(
    session: Session,
    *,
    at: dt.datetime,
    actor: str,
    action: str,
    subject: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Append a line; it stands or falls with the transaction that did the thing."""
    session.execute(
        insert(EventRow).values(
            at=at,
            actor=actor[:60],
            action=action[:40],
            subject=subject[:100],
            data=dict(data or {}),
        )
    )


def recent(session: Session, *, limit: int) -> list[Event]:
    """The newest lines, newest first."""
    asked = select(EventRow).order_by(col(EventRow.at).desc(), col(EventRow.id).desc()).limit(limit)
    return [
        Event(row.at, row.actor, row.action, row.subject, row.data)
        for row in session.scalars(asked)
    ]
