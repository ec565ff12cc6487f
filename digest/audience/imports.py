"""Readers in, from an export of another system: a stream of rows, taken over a batch a transaction.

An import mails nobody and revives nobody. One that is killed goes on where it was when the same file
comes again, and one that was wrong can be undone. Every row that is not taken is named with its line.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from digest import logs
from digest.audience import member_files, member_rows, reading_ahead
from digest.audience.admission import Incoming, Outcome
from digest.audience.layouts import Layout, RowError
from digest.audience.member_files import Table
from digest.audience.member_rows import Told
from digest.audience.standings import Standing
from digest.protocols import Clock, Progress, silent
from digest.store import bulk, events, import_log, importing
from digest.store.engine import Database
from digest.store.import_log import Import
from digest.store.newcomers import Grounds

log = logs.get(__name__)

#: Rows of the first transaction; later ones are as long as HOLD_S allows.
BATCH = 2000
SMALLEST, LARGEST = 200, 5_000
#: How long one transaction should hold SQLite's only lock, in seconds: a send beside it waits as long.
HOLD_S = 0.25
#: How long it lets go of the lock between two of them at the least: who waits looks more often than that.
FREE_S = 0.012
#: How many of the rows that are not taken a report holds; `tell` hears of all.
TOLD = 20

Tell = Callable[[RowError], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """An import as it is asked for. wanted: the columns as a person named them, or empty.

    wording: on what grounds the readers are taken over, kept as evidence. actor: who says so. everybody: how
    all of the file stand, whatever it says of each; None where it is to be believed.
    """

    newsletter: str
    path: Path
    wanted: str = ""
    wording: str = ""
    actor: str = "command line"
    everybody: Standing | None = None

    def tables(self) -> list[Table]:
        """The tables of the file as they are to be read. Raises BadInput."""
        found = member_files.open_tables(self.path, self.wanted)
        if self.everybody is None:
            return found
        return [dataclasses.replace(one, layout=self._alike(one.layout)) for one in found]

    def _alike(self, layout: Layout) -> Layout:
        columns = dataclasses.replace(layout.columns, signs=())
        everybody = self.everybody or layout.everybody
        return dataclasses.replace(layout, columns=columns, everybody=everybody)


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or with `dry_run` what it would do.

    outcomes: how many rows came to what. refused: how many were not taken for which reason. errors:
    the first of those. odd: rows that were taken without something of theirs, likewise counted.
    """

    platform: str
    total: int
    outcomes: Mapping[Outcome, int]
    refused: Mapping[str, int]
    errors: tuple[RowError, ...]
    odd: int
    dry_run: bool
    number: int | None = None
    resumed_at: int = 0


def take_over(
    database: Database,
    plan: Plan,
    *,
    key: bytes,
    clock: Clock,
    progress: Progress = silent,
    tell: Tell | None = None,
) -> Report:
    """Take the readers of a file over. Raises BadInput where it is no such file, before anything is written.

    tell: hears of every row that is not taken, or not wholly. Doing it twice is harmless.
    """
    reading = _Reading(tell)
    with _work(plan, key, reading, progress) as work:
        with database.write() as session:
            begun = import_log.begin(
                session,
                plan.newsletter,
                _fingerprint(plan),
                file=plan.path.name,
                platform=work.platform,
                actor=plan.actor,
                now=clock(),
            )
        done = _write_all(database, plan, begun, work, clock)
    counts = Counter(done.counts) + reading.counts
    spoken = {one.value: number for one, number in counts.items()}
    with database.write() as session:
        now = clock()
        import_log.finish(session, done, counts, now=now)
        events.record(
            session,
            at=now,
            actor=plan.actor,
            action="imported readers",
            subject=plan.newsletter,
            data={"import": done.id, **spoken},
        )
    log.info("readers imported", newsletter=plan.newsletter, number=done.id, **spoken)
    report = reading.report(work.platform, counts, dry_run=False)
    return dataclasses.replace(report, number=done.id, resumed_at=begun.rows)


def try_dry(
    database: Database,
    plan: Plan,
    *,
    key: bytes,
    clock: Clock,
    progress: Progress = silent,
    tell: Tell | None = None,
) -> Report:
    """What `take_over` would do; nothing is written."""
    found, reading = Counter[Outcome](), _Reading(tell)
    with _work(plan, key, reading, progress) as work:
        progress("look", 0, work.total)
        for batch in _batches(work, _Pace()):
            people = reading.take(batch)
            with database.read() as session:
                found += importing.foresee(session, plan.newsletter, people, now=clock())
            progress("look", reading.rows, work.total)
    return reading.report(work.platform, found + reading.counts, dry_run=True)


# ---------------------------------------------------------------- writing


@dataclass(frozen=True, slots=True)
class _Work:
    """A file that is being read. told: its rows, so many as `total`."""

    platform: str
    total: int
    told: Iterator[Told]
    reading: _Reading
    progress: Progress


def _write_all(database: Database, plan: Plan, begun: Import, work: _Work, clock: Clock) -> Import:
    """Batch after batch, each with the note of how far it is, so that a kill loses none and doubles none."""
    reading, done, pace = work.reading, begun, _Pace()
    found, grounds = Counter(begun.counts), Grounds(plan.wording, begun.id)
    work.progress("import", 0, work.total)
    for batch in _batches(work, pace, begun.rows):
        people = reading.take(batch)
        if reading.rows > begun.rows:
            pace.leave_room()
            started = time.perf_counter()
            with database.write(durable=False) as session:  # the file has what a loss of power took
                bulk.make_room(session)
                now = clock()
                found += importing.admit(session, plan.newsletter, people, grounds=grounds, now=now)
                done = import_log.advance(session, done, reading.rows, found, now=now)
            pace.took(len(batch), time.perf_counter() - started)
        work.progress("import", reading.rows, work.total)
    return done


@dataclass(slots=True)
class _Pace:
    """How many rows a transaction should have: what fits HOLD_S, by what the last one took. free: since when
    the lock is nobody's."""

    size: int = BATCH
    free: float = 0.0

    def took(self, size: int, seconds: float) -> None:
        fitting = int(size * HOLD_S / max(seconds, 0.001))
        slowly = size + size // 4  # one quick one says little of a machine that others work on
        self.size = max(SMALLEST, min(LARGEST, fitting, slowly))
        self.free = time.perf_counter()

    def leave_room(self) -> None:
        """Wait until others had their chance: the next rows are read in that time, mostly."""
        time.sleep(max(0.0, self.free + FREE_S - time.perf_counter()))


# ---------------------------------------------------------------- reading


@contextlib.contextmanager
def _work(plan: Plan, key: bytes, reading: _Reading, progress: Progress) -> Iterator[_Work]:
    """The file, opened and counted; a table that is broken somewhere is told before anything is written.

    A long one is read by another process while this one counts.
    """
    tables = plan.tables()
    counted = chain.from_iterable(table.rows() for table in tables)
    first = _count(islice(counted, reading_ahead.LONG))
    read = reading_ahead.told_ahead if first == reading_ahead.LONG else _told
    with read(tables, key) as rows:
        total = first + _count(counted)
        yield _Work(tables[0].layout.platform, total, rows, reading, progress)


@contextlib.contextmanager
def _told(tables: list[Table], key: bytes) -> Iterator[Iterator[Told]]:
    with contextlib.closing(member_rows.told(tables, key)) as rows:
        yield rows


def _count(rows: Iterable[object]) -> int:
    return sum(1 for _ in rows)


def _fingerprint(plan: Plan) -> str:
    """Of the file, how it is read and in which order: what is to be the same import must have the same."""
    read_as = f"{plan.wanted}\0{plan.everybody or ''}\0{reading_ahead.WINDOWS}"
    made = hashlib.blake2b(read_as.encode(), digest_size=32)
    with plan.path.open("rb") as stream:
        while block := stream.read(1 << 20):
            made.update(block)
    return made.hexdigest()


def _batches(work: _Work, pace: _Pace, boundary: int = 0) -> Iterator[list[Told]]:
    """All rows in lists of the pace's size; none reaches over the boundary."""
    number = 0
    while True:
        ahead = boundary - number
        batch = list(islice(work.told, min(pace.size, ahead) if ahead > 0 else pace.size))
        if not batch:
            return
        number += len(batch)
        yield batch


class _Reading:
    """What was read so far: how many rows, and what could not be used."""

    def __init__(self, tell: Tell | None) -> None:
        self.rows = 0
        self.counts = Counter[Outcome]()
        self._tell = tell
        self._refused = Counter[str]()
        self._errors: list[RowError] = []
        self._odd = 0

    def take(self, rows: list[Told]) -> list[Incoming]:
        """The people of these rows."""
        self.rows += len(rows)
        people = [row.person for row in rows if row.person]
        for row in rows:
            if row.error:
                self._note(row.error, taken=row.person is not None)
        lost = sum(row.error is not None for row in rows if row.person is None)
        self.counts[Outcome.REFUSED] += lost
        self.counts[Outcome.DOUBLE] += len(rows) - len(people) - lost
        return people

    def _note(self, error: RowError, *, taken: bool) -> None:
        if taken:
            self._odd += 1
        else:
            self._refused[error.kind] += 1
        self._say(error)

    def _say(self, error: RowError) -> None:
        if len(self._errors) < TOLD:
            self._errors.append(error)
        if self._tell:
            self._tell(error)

    def report(self, platform: str, outcomes: Mapping[Outcome, int], *, dry_run: bool) -> Report:
        errors = tuple(self._errors)
        return Report(platform, self.rows, outcomes, self._refused, errors, self._odd, dry_run)
