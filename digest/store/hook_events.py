"""What waits to be told to webhooks, attempt by attempt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import Session, col

from digest.errors import NotFound
from digest.store import statements
from digest.store.hooks import HookState
from digest.store.tables import HookEventRow, HookRow, HookTryRow


class EventState(StrEnum):
    """Where an event stands for its webhook."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class HookEvent:
    """One event for one webhook. body: JSON, without the address of the reader that it is about. due_at: of the next attempt."""

    id: int
    hook_id: int
    name: str
    kind: str
    reader: int | None
    body: str
    state: EventState
    attempts: int
    created_at: dt.datetime
    due_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt. status: the answer's, 0 for none. why: in words where it did not arrive."""

    at: dt.datetime
    status: int
    ms: int
    why: str


# ---------------------------------------------------------------- looking


def by_id(session: Session, number: int) -> HookEvent:
    """Raises NotFound."""
    asked = select(HookEventRow).where(col(HookEventRow.id) == number)
    row = session.scalars(asked, execution_options={"populate_existing": True}).one_or_none()
    if row is None:
        raise NotFound(f"there is no delivery {number}")
    return _event(row)


def page(
    session: Session, hook: int, *, below: int | None = None, size: int = 50
) -> tuple[list[HookEvent], int | None]:
    """A webhook's newest events below a number; and where the next page begins, where there is one."""
    asked = select(HookEventRow).where(col(HookEventRow.hook_id) == hook)
    if below is not None:
        asked = asked.where(col(HookEventRow.id) < below)
    rows = session.scalars(asked.order_by(col(HookEventRow.id).desc()).limit(size + 1)).all()
    found = [_event(row) for row in rows[:size]]
    return found, found[-1].id if len(rows) > size else None


def tries(session: Session, numbers: list[int]) -> Mapping[int, list[Try]]:
    """The attempts of each event, oldest first."""
    row = HookTryRow
    asked = select(row).where(col(row.event_id).in_(numbers)).order_by(col(row.id))
    found: dict[int, list[Try]] = {number: [] for number in numbers}
    for one in session.scalars(asked):
        found[one.event_id].append(Try(one.at, one.status, one.ms, one.why))
    return found


def waiting(session: Session) -> dict[int, int]:
    """How many events wait, by webhook."""
    asked = select(col(HookEventRow.hook_id), func.count()).where(
        col(HookEventRow.state) == EventState.WAITING.value
    )
    found = session.execute(asked.group_by(col(HookEventRow.hook_id)))
    return {hook: count for hook, count in found}  # noqa: C416  typed so


# ---------------------------------------------------------------- delivering


def due(session: Session, *, now: dt.datetime) -> list[int]:
    """The webhooks that are on and have something to hear now."""
    asked = (
        select(col(HookEventRow.hook_id))
        .join(HookRow, col(HookRow.id) == col(HookEventRow.hook_id))
        .where(col(HookRow.state) == HookState.ON.value)
        .where(col(HookEventRow.state) == EventState.WAITING.value, col(HookEventRow.due_at) <= now)
        .distinct()
    )
    return list(session.scalars(asked.order_by(col(HookEventRow.hook_id))))


def claim(
    session: Session, hook: int, *, most: int, now: dt.datetime, until: dt.datetime
) -> list[HookEvent]:
    """Take a webhook's events that are due in hand until a moment, the oldest first; nobody else gets them before."""
    ready = (
        col(HookEventRow.hook_id) == hook,
        col(HookEventRow.state) == EventState.WAITING.value,
        col(HookEventRow.due_at) <= now,
    )
    asked = select(HookEventRow).where(*ready).order_by(col(HookEventRow.id)).limit(most)
    found = [_event(row) for row in session.scalars(asked)]
    mine = update(HookEventRow).where(*ready)
    return [
        one
        for one in found
        if statements.moved(
            session, mine.where(col(HookEventRow.id) == one.id).values(due_at=until)
        )
        == 1
    ]


def tried(
    session: Session, number: int, attempt: Try, *, state: EventState, due_at: dt.datetime
) -> None:
    """Write an attempt down and what follows. due_at: of the next one."""
    change = update(HookEventRow).where(col(HookEventRow.id) == number)
    values = {"state": state.value, "due_at": due_at, "attempts": HookEventRow.attempts + 1}
    if (
        statements.moved(session, change.values(**values)) == 1
    ):  # the reader may be erased meanwhile
        said = {"at": attempt.at, "status": attempt.status, "ms": attempt.ms, "why": attempt.why}
        session.execute(insert(HookTryRow).values(event_id=number, **said))


def put_back(session: Session, numbers: list[int], *, now: dt.datetime) -> None:
    """They were not tried after all."""
    still = col(HookEventRow.id).in_(numbers), col(HookEventRow.state) == EventState.WAITING.value
    statements.moved(session, update(HookEventRow).where(*still).values(due_at=now))


def again(session: Session, number: int, *, now: dt.datetime) -> None:
    """Tell an event once more, as if it were new: also one that arrived. Raises NotFound."""
    change = update(HookEventRow).where(col(HookEventRow.id) == number)
    values = {"state": EventState.WAITING.value, "attempts": 0, "due_at": now}
    if statements.moved(session, change.values(**values)) != 1:
        raise NotFound(f"there is no delivery {number}")


def forget(session: Session, *, before: dt.datetime) -> int:
    """Drop what was written down before a moment, with its attempts."""
    old = delete(HookEventRow).where(col(HookEventRow.created_at) < before)
    return statements.moved(session, old)


def _event(row: HookEventRow) -> HookEvent:
    return HookEvent(
        id=row.id or 0,
        hook_id=row.hook_id,
        name=row.name,
        kind=row.kind,
        reader=row.subscriber_id,
        body=row.body,
        state=EventState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
    )
