"""Imports as they went: how far each is, what became of its rows, and which were undone."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, insert, select, update
from sqlmodel import Session, col

from digest.audience.admission import Outcome
from digest.errors import Conflict, NotFound
from digest.store import statements
from digest.store.tables import ConsentRow, ImportRow


class ImportState(StrEnum):
    """Where an import stands. One that broke off is still `running`: the same file again goes on."""

    RUNNING = "running"
    DONE = "done"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Import:
    """A file that was taken over. rows: how many of its rows are in. evidence: see `ImportRow`."""

    id: int
    newsletter: str
    file: str
    platform: str
    actor: str
    state: ImportState
    rows: int
    counts: Mapping[Outcome, int]
    evidence: tuple[int, int | None]
    started_at: dt.datetime
    changed_at: dt.datetime


def begin(
    session: Session,
    newsletter: str,
    fingerprint: str,
    *,
    file: str,
    platform: str,
    actor: str,
    now: dt.datetime,
) -> Import:
    """A new import, or the one of the same file that broke off."""
    broken = select(ImportRow).where(
        col(ImportRow.fingerprint) == fingerprint,
        col(ImportRow.newsletter) == newsletter,
        col(ImportRow.state) == ImportState.RUNNING.value,
    )
    row = session.scalars(broken.order_by(col(ImportRow.id).desc())).first()
    if row is not None:
        return _import(row)
    made = insert(ImportRow).values(
        newsletter=newsletter,
        file=file[:200],
        fingerprint=fingerprint,
        platform=platform,
        actor=actor[:60],
        state=ImportState.RUNNING.value,
        rows=0,
        counts={},
        evidence_from=session.scalar(select(func.max(col(ConsentRow.id)))) or 0,
        started_at=now,
        changed_at=now,
    )
    return by_id(session, session.scalars(made.returning(col(ImportRow.id))).one() or 0)


def advance(
    session: Session, found: Import, rows: int, counts: Counter[Outcome], *, now: dt.datetime
) -> Import:
    """Note that `rows` rows are in by now, in the transaction that took them in.

    Raises Conflict where another process is at the same file.
    """
    values = {"rows": rows, "counts": _kept(counts), "changed_at": now}
    _move(session, found, values)
    return by_id(session, found.id)


def finish(session: Session, found: Import, counts: Counter[Outcome], *, now: dt.datetime) -> None:
    """All of its rows are in. Raises Conflict where another process was at the same file."""
    last = session.scalar(select(func.max(col(ConsentRow.id)))) or 0
    values = {"state": ImportState.DONE.value, "evidence_to": last, "changed_at": now}
    _move(session, found, {**values, "counts": _kept(counts)})


def undone(session: Session, found: Import, *, now: dt.datetime) -> None:
    """What it brought is away again."""
    _move(session, found, {"state": ImportState.UNDONE.value, "changed_at": now})


def by_id(session: Session, number: int) -> Import:
    """Raises NotFound."""
    asked = select(ImportRow).where(col(ImportRow.id) == number)
    row = session.scalars(asked, execution_options={"populate_existing": True}).one_or_none()
    if row is None:
        raise NotFound(f"there is no import {number}; see digest subscribers imports")
    return _import(row)


def newest(session: Session, *, limit: int = 50) -> list[Import]:
    """The imports of all newsletters, the newest first."""
    asked = select(ImportRow).order_by(col(ImportRow.id).desc()).limit(limit)
    return [_import(row) for row in session.scalars(asked)]


def _move(session: Session, found: Import, values: Mapping[str, object]) -> None:
    as_seen = (
        col(ImportRow.id) == found.id,
        col(ImportRow.rows) == found.rows,
        col(ImportRow.state) == found.state.value,
    )
    if statements.moved(session, update(ImportRow).where(*as_seen).values(**values)) != 1:
        raise Conflict(f"another process is at import {found.id}; nothing was done twice")


def _kept(counts: Counter[Outcome]) -> dict[str, int]:
    return {one.value: number for one, number in counts.items() if number}


def _import(row: ImportRow) -> Import:
    return Import(
        row.id or 0,
        row.newsletter,
        row.file,
        row.platform,
        row.actor,
        ImportState(row.state),
        row.rows,
        {Outcome(name): number for name, number in row.counts.items()},
        (row.evidence_from, row.evidence_to),
        row.started_at,
        row.changed_at,
    )
