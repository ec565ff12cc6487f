"""Long work that the desk asked for: where each errand stands, so that any page can tell and nothing is done twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from digest.errors import Conflict, NotFound
from digest.store import statements
from digest.store.tables import ErrandRow


class Kind(StrEnum):
    """What is to be done."""

    IMPORT = "import"  # a file of readers: looked at, then taken over
    BAR = "bar"  # a file of addresses that must not be mailed, likewise
    UNDO = "undo"  # an import
    ERASE = "erase"  # a reader


class State(StrEnum):
    """Where an errand stands. What is `looking` or `running` is in a process's hands, as long as it says so."""

    LOOKING = "looking"  # the dry run
    LOOKED = "looked"  # waits for a person's yes
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # with `why`; may be begun again
    DROPPED = "dropped"


#: From where to where an errand may go.
MOVES: Mapping[State, frozenset[State]] = {
    State.LOOKING: frozenset({State.LOOKED, State.FAILED, State.DROPPED, State.LOOKING}),
    State.LOOKED: frozenset({State.RUNNING, State.DROPPED, State.LOOKING}),
    State.RUNNING: frozenset({State.DONE, State.FAILED, State.RUNNING}),
    State.FAILED: frozenset({State.LOOKING, State.RUNNING, State.DROPPED}),
    State.DONE: frozenset(),
    State.DROPPED: frozenset(),
}
#: In somebody's hands.
BUSY = frozenset({State.LOOKING, State.RUNNING})
#: Whoever has it says so at least every few seconds; after this it has stopped.
STOPPED = dt.timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One errand. See `ErrandRow`."""

    id: int
    kind: Kind
    newsletter: str
    file: str
    columns: str
    actor: str
    state: State
    subject: int | None
    rows: int
    total: int
    told: Mapping[str, Any]
    why: str
    created_at: dt.datetime
    changed_at: dt.datetime

    def has_stopped(self, now: dt.datetime) -> bool:
        """True for one whose process is gone."""
        return self.state in BUSY and now - self.changed_at > STOPPED


def begin(
    session: Session,
    kind: Kind,
    *,
    actor: str,
    state: State,
    now: dt.datetime,
    newsletter: str = "",
    file: str = "",
    subject: int | None = None,
) -> Errand:
    """A new errand."""
    made = insert(ErrandRow).values(
        kind=kind.value,
        newsletter=newsletter,
        file=file[:200],
        columns="",
        actor=actor[:60],
        state=state.value,
        subject=subject,
        rows=0,
        total=0,
        told={},
        why="",
        created_at=now,
        changed_at=now,
    )
    return by_id(session, session.scalars(made.returning(col(ErrandRow.id))).one() or 0)


def by_id(session: Session, number: int) -> Errand:
    """Raises NotFound."""
    asked = select(ErrandRow).where(col(ErrandRow.id) == number)
    row = session.scalars(asked, execution_options={"populate_existing": True}).one_or_none()
    if row is None:
        raise NotFound(f"there is no errand {number}")
    return _errand(row)


def open_ones(session: Session) -> list[Errand]:
    """Those that are not over, the newest first."""
    over = [State.DONE.value, State.DROPPED.value]
    asked = select(ErrandRow).where(col(ErrandRow.state).not_in(over))
    return [_errand(row) for row in session.scalars(asked.order_by(col(ErrandRow.id).desc()))]


def move(session: Session, found: Errand, to: State, *, now: dt.datetime, **values: Any) -> Errand:
    """Another state, if it is still as it was seen. Raises Conflict where somebody was first, or it cannot be."""
    if to not in MOVES[found.state]:
        raise Conflict(f"it is {found.state} by now")
    as_seen = (
        col(ErrandRow.id) == found.id,
        col(ErrandRow.state) == found.state.value,
        col(ErrandRow.changed_at) == found.changed_at,
    )
    change = update(ErrandRow).where(*as_seen).values(state=to.value, changed_at=now, **values)
    if statements.moved(session, change) != 1:
        raise Conflict("somebody else was first")
    return by_id(session, found.id)


def advance(session: Session, number: int, rows: int, total: int, *, now: dt.datetime) -> bool:
    """Say how far it is; False where it is in nobody's hands any more."""
    mine = col(ErrandRow.id) == number, col(ErrandRow.state).in_([one.value for one in BUSY])
    values = {"rows": rows, "total": total, "changed_at": now}
    return statements.moved(session, update(ErrandRow).where(*mine).values(**values)) == 1


def forget(session: Session, *, before: dt.datetime) -> list[int]:
    """Drop what nobody has touched since then; their numbers."""
    old = col(ErrandRow.changed_at) < before
    found = [one for one in session.scalars(select(col(ErrandRow.id)).where(old)) if one]
    statements.moved(session, delete(ErrandRow).where(old))
    return found


def _errand(row: ErrandRow) -> Errand:
    return Errand(
        id=row.id or 0,
        kind=Kind(row.kind),
        newsletter=row.newsletter,
        file=row.file,
        columns=row.columns,
        actor=row.actor,
        state=State(row.state),
        subject=row.subject,
        rows=row.rows,
        total=row.total,
        told=row.told,
        why=row.why,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
