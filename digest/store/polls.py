"""Polls: what a source was told last time, how it went, when it is asked again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select, update
from sqlmodel import Session, col

from digest.protocols import PollState
from digest.store import statements
from digest.store.tables import SourceStateRow


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How a source is. failures: polls that went wrong since the last good one; moved: where to for good.

    memory: what the source wants to know again. reading_until: somebody is reading it, at most until then.
    """

    source: str
    polled_at: dt.datetime | None = None
    succeeded_at: dt.datetime | None = None
    next_poll_at: dt.datetime | None = None
    failures: int = 0
    error: str = ""
    moved: str | None = None
    memory: str | None = None
    reading_until: dt.datetime | None = None

    def is_being_read(self, now: dt.datetime) -> bool:
        return self.reading_until is not None and self.reading_until > now


def state(session: Session, source: str) -> PollState:
    """What to tell the source so that it may answer "nothing new"; empty where it was never asked."""
    return states(session, [source])[source]


def states(session: Session, sources: Sequence[str]) -> dict[str, PollState]:
    """`state` of each of `sources`."""
    asked = select(SourceStateRow).where(col(SourceStateRow.source).in_(sources))
    rows = session.scalars(asked.execution_options(populate_existing=True))
    known = {row.source: _state(row) for row in rows}
    return {source: known.get(source, PollState()) for source in sources}


def _state(row: SourceStateRow) -> PollState:
    return PollState(row.etag, row.last_modified, row.body_hash, row.moved, row.memory)


def record_success(
    session: Session,
    source: str,
    state: PollState,
    *,
    now: dt.datetime,
    next_poll_at: dt.datetime,
) -> None:
    """Note a poll that went well and what the source said."""
    statement = statements.insert(session, SourceStateRow).values(
        source=source,
        etag=state.etag,
        last_modified=state.last_modified,
        body_hash=state.body_hash,
        moved=state.moved,
        memory=state.memory,
        polled_at=now,
        succeeded_at=now,
        next_poll_at=next_poll_at,
        failures=0,
        error="",
        reading_until=None,
    )
    new = {c.name: c for c in statement.excluded if c.name != "source"}
    session.execute(statement.on_conflict_do_update(index_elements=["source"], set_=new))


def record_failure(
    session: Session, source: str, error: str, *, now: dt.datetime, next_poll_at: dt.datetime
) -> None:
    """Note a poll that went wrong; what the source said before is kept."""
    statement = statements.insert(session, SourceStateRow).values(
        source=source, polled_at=now, next_poll_at=next_poll_at, failures=1, error=error[:500]
    )
    new = {
        "polled_at": now,
        "next_poll_at": next_poll_at,
        "failures": col(SourceStateRow.failures) + 1,
        "error": error[:500],
        "reading_until": None,
    }
    session.execute(statement.on_conflict_do_update(index_elements=["source"], set_=new))


def begin(
    session: Session, sources: Sequence[str], *, now: dt.datetime, until: dt.datetime
) -> set[str]:
    """Take these sources in hand to read them; those that are ours now. What another reads is left to it.

    A result ends it, whose ever it is; without one it ends by itself at `until`.
    """
    if not sources:
        return set()
    new = [{"source": source, "failures": 0, "error": ""} for source in sorted(set(sources))]
    session.execute(statements.insert(session, SourceStateRow).on_conflict_do_nothing(), new)
    mine = update(SourceStateRow).where(col(SourceStateRow.source).in_(sources), _free(now))
    taken = mine.values(reading_until=until).returning(col(SourceStateRow.source))
    return set(session.scalars(taken.execution_options(synchronize_session=False)))


def let_go(session: Session, source: str) -> None:
    """Nobody reads it any more; of who began to and could not."""
    change = update(SourceStateRow).where(col(SourceStateRow.source) == source)
    statements.moved(session, change.values(reading_until=None))


def _free(now: dt.datetime) -> ColumnElement[bool]:
    until = col(SourceStateRow.reading_until)
    return or_(until.is_(None), until <= now)


def due(session: Session, sources: Sequence[str], *, now: dt.datetime) -> list[str]:
    """Those of `sources` whose hour has come, in the order given; one never asked is due."""
    asked = select(col(SourceStateRow.source)).where(
        col(SourceStateRow.source).in_(sources), col(SourceStateRow.next_poll_at) > now
    )
    waiting = set(session.scalars(asked))
    return [source for source in sources if source not in waiting]


def health(session: Session, sources: Sequence[str]) -> list[SourceHealth]:
    """How each of `sources` is, in the order given."""
    asked = select(SourceStateRow).where(col(SourceStateRow.source).in_(sources))
    rows = {row.source: row for row in session.scalars(asked)}
    return [_health(source, rows.get(source)) for source in sources]


def _health(source: str, row: SourceStateRow | None) -> SourceHealth:
    if row is None:
        return SourceHealth(source)
    return SourceHealth(
        source,
        row.polled_at,
        row.succeeded_at,
        row.next_poll_at,
        row.failures,
        row.error,
        row.moved,
        row.memory,
        row.reading_until,
    )
