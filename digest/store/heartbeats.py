"""Heartbeats: when a part of the program was last alive."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, select
from sqlmodel import Session, col

from digest.store import statements
from digest.store.tables import HeartbeatRow


def beat(session: Session, name: str, *, now: dt.datetime, detail: str = "") -> None:
    """Note that `name` is alive now."""
    statement = statements.insert(session, HeartbeatRow).values(name=name, at=now, detail=detail)
    new = {"at": statement.excluded.at, "detail": statement.excluded.detail}
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=new))


def last(session: Session, name: str) -> dt.datetime | None:
    """When `name` was last alive; None where it never was."""
    return session.scalar(select(col(HeartbeatRow.at)).where(col(HeartbeatRow.name) == name))


def detail(session: Session, name: str) -> str:
    """What `name` said when it was last alive; empty where it never was, or said nothing."""
    asked = select(col(HeartbeatRow.detail)).where(col(HeartbeatRow.name) == name)
    return session.scalar(asked) or ""


def forget_before(session: Session, prefix: str, moment: dt.datetime) -> None:
    """Forget those whose name begins so and who were not heard of since then."""
    gone = col(HeartbeatRow.name).startswith(prefix, autoescape=True), col(HeartbeatRow.at) < moment
    session.execute(delete(HeartbeatRow).where(*gone))
