"""The memory of the pace: one row a budget, locked for whoever reckons with it until he commits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Table, bindparam, delete, select, tuple_, update
from sqlmodel import Session

from digest.store import statements
from digest.store.tables import PaceRow


@dataclass(frozen=True, slots=True)
class Kept:
    """What is to be remembered of one budget. stale_at: None where it is for good."""

    state: str
    stale_at: dt.datetime | None


#: Plain rows: this is asked at every tick of every sender.
_TABLE: Table = PaceRow.__table__  # type: ignore[attr-defined]
_ROWS = _TABLE.c

_LOCKED = (
    select(_ROWS.name, _ROWS.state)
    .where(_ROWS.provider == bindparam("provider"))
    .where(_ROWS.name.in_(bindparam("names", expanding=True)))
    .order_by(_ROWS.name)
    .with_for_update()
)
_PUT = (
    update(_TABLE)
    .where(_ROWS.provider == bindparam("its_provider"), _ROWS.name == bindparam("its_name"))
    .values(state=bindparam("new_state"), stale_at=bindparam("new_stale_at"))
)


def locked(session: Session, provider: str, names: Collection[str]) -> dict[str, str]:
    """The states by name, "" where there was none, locked until the transaction ends.

    Rows are locked in the order of their names, so that two that ask for the same never wait for
    each other. On SQLite the session of `Database.write` holds the one write lock already.
    """
    found = _locked(session, provider, names)
    missing = sorted(set(names) - set(found))
    if missing:
        rows = [{"provider": provider, "name": name, "state": ""} for name in missing]
        make = statements.insert(session, _TABLE).on_conflict_do_nothing()
        session.connection().execute(make, rows)
        found.update(_locked(session, provider, missing))
    return found


def kept(session: Session, provider: str, *, now: dt.datetime) -> dict[str, str]:
    """All states by name that say something still, as they were last committed: to look at, not to reckon with."""
    fresh = (_ROWS.stale_at.is_(None)) | (_ROWS.stale_at > now)
    asked = select(_ROWS.name, _ROWS.state).where(_ROWS.provider == provider, fresh)
    rows = session.connection().execute(asked.order_by(_ROWS.name))
    return {row.name: row.state for row in rows if row.state}


def put(session: Session, provider: str, kept: Mapping[str, Kept]) -> None:
    """Remember new states of rows that `locked` gave."""
    rows = [
        {
            "its_provider": provider,
            "its_name": name,
            "new_state": one.state,
            "new_stale_at": one.stale_at,
        }
        for name, one in kept.items()
    ]
    if rows:
        session.connection().execute(_PUT, rows)


def forget(session: Session, *, now: dt.datetime) -> int:
    """Remove what says nothing any more; how many rows. What another process holds stays."""
    key = tuple_(_ROWS.provider, _ROWS.name)
    stale = (
        select(_ROWS.provider, _ROWS.name)
        .where(_ROWS.stale_at < now)
        .with_for_update(skip_locked=True)
    )
    return statements.moved(session, delete(_TABLE).where(key.in_(stale)))


def _locked(session: Session, provider: str, names: Collection[str]) -> dict[str, str]:
    asked = {"provider": provider, "names": sorted(names)}
    rows = session.connection().execute(_LOCKED, asked)
    return {row.name: row.state for row in rows}
