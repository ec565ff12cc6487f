"""An import undone, a batch a transaction: exactly what it brought goes, but for readers who have acted since."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from digest import logs
from digest.errors import Conflict
from digest.protocols import Clock, Progress, silent
from digest.store import events, import_log, undoing
from digest.store.engine import Database
from digest.store.import_log import ImportState

log = logs.get(__name__)

#: Readers a transaction.
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing came to. removed: readers who are gone. begun: who had left by it and are back.

    emptied: of whom less is known again. lifted: suppressions that ended. kept: who have acted since.
    """

    removed: int
    begun: int
    emptied: int
    lifted: int
    kept: int


def undo(
    database: Database,
    number: int,
    *,
    clock: Clock,
    actor: str = "command line",
    progress: Progress = silent,
) -> Undone:
    """Undo an import, finished or broken off. Raises NotFound, and Conflict where it is undone already."""
    with database.read() as session:
        found = import_log.by_id(session, number)
    if found.state is ImportState.UNDONE:
        raise Conflict(f"import {number} was undone already")
    counts: Counter[str] = Counter()
    after: int | None = 0
    progress("undo", 0, found.rows)
    while after is not None:
        with database.write() as session:
            batch = undoing.undo_batch(session, found, after, size=BATCH, now=clock())
        counts += batch.counts
        after = batch.last
        progress("undo", min(found.rows, counts.total()), found.rows)
    with database.write() as session:
        now = clock()
        lifted = undoing.lift(session, found, now=now)
        import_log.undone(session, found, now=now)
        events.record(
            session,
            at=now,
            actor=actor,
            action="undid an import",
            subject=found.newsletter,
            data={"import": number, "lifted": lifted, **counts},
        )
    progress("undo", found.rows, found.rows)
    log.info("import undone", number=number, lifted=lifted, **counts)
    return Undone(
        counts[undoing.ADDED],
        counts[undoing.ENDED],
        counts[undoing.FILLED],
        lifted,
        counts["kept"],
    )
