"""Readers in, from an export of another system: a stream of rows, taken over a batch a transaction.

An import mails nobody and revives nobody. One that is killed goes on where it was when the same file
comes again, and one that was wrong can be undone. Every row that is not taken is named with its line.
"""

from __future__ import annotations

import dataclasses
import hashlib
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from digest import logs
from digest.audience import member_files
from digest.audience.admission import Outcome
from digest.audience.layouts import Layout, Member, RowError
from digest.audience.member_files import Table
from digest.audience.standings import Standing
from digest.audience.tokens import address_hash
from digest.protocols import Clock, Progress, silent
from digest.store import bulk, events, import_log, importing
from digest.store.engine import Database
from digest.store.import_log import Import
from digest.store.newcomers import Grounds, Incoming

log = logs.get(__name__)

#: Rows of the first transaction; later ones are as long as HOLD_S allows.
BATCH = 2000
SMALLEST, LARGEST = 200, 20_000
#: How long one transaction should hold SQLite's only lock, in seconds: a send beside it waits as long.
HOLD_S = 0.35
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
    tables = plan.tables()
    total = _count(tables)
    with database.write() as session:
        begun = import_log.begin(
            session,
            plan.newsletter,
            _fingerprint(plan),
            file=plan.path.name,
            platform=tables[0].layout.platform,
            actor=plan.actor,
            now=clock(),
        )
    reading = _Reading(key, tell)
    done = _write_all(database, plan, begun, _Work(tables, total, reading, progress), clock)
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
    report = reading.report(tables, counts, dry_run=False)
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
    tables = plan.tables()
    total, found = _count(tables), Counter[Outcome]()
    reading = _Reading(key, tell)
    progress("look", 0, total)
    for batch in _batches(tables, _Pace()):
        people = reading.take(batch)
        with database.read() as session:
            found += importing.foresee(session, plan.newsletter, people, now=clock())
        progress("look", reading.rows, total)
    return reading.report(tables, found + reading.counts, dry_run=True)


# ---------------------------------------------------------------- writing


@dataclass(frozen=True, slots=True)
class _Work:
    tables: list[Table]
    total: int
    reading: _Reading
    progress: Progress


def _write_all(database: Database, plan: Plan, begun: Import, work: _Work, clock: Clock) -> Import:
    """Batch after batch, each with the note of how far it is, so that a kill loses none and doubles none."""
    reading, done, pace = work.reading, begun, _Pace()
    found, grounds = Counter(begun.counts), Grounds(plan.wording, begun.id)
    work.progress("import", 0, work.total)
    for batch in _batches(work.tables, pace, begun.rows):
        people = reading.take(batch)
        if reading.rows > begun.rows:
            started = time.perf_counter()
            with database.write() as session:
                bulk.make_room(session)
                now = clock()
                found += importing.admit(session, plan.newsletter, people, grounds=grounds, now=now)
                done = import_log.advance(session, done, reading.rows, found, now=now)
            pace.took(len(batch), time.perf_counter() - started)
        work.progress("import", reading.rows, work.total)
    return done


@dataclass(slots=True)
class _Pace:
    """How many rows a transaction should have: what fits HOLD_S, by what the last one took."""

    size: int = BATCH

    def took(self, size: int, seconds: float) -> None:
        fitting = int(size * HOLD_S / max(seconds, 0.001))
        self.size = max(SMALLEST, min(LARGEST, fitting, size * 2))


# ---------------------------------------------------------------- reading


def _count(tables: list[Table]) -> int:
    """How many rows there are; a table that is broken somewhere is told before anything is written."""
    return sum(sum(1 for _ in table.rows()) for table in tables)


def _fingerprint(plan: Plan) -> str:
    """Of the file and how it is read: what is to be the same import must have the same."""
    read_as = plan.wanted if plan.everybody is None else f"{plan.wanted}\0{plan.everybody}"
    made = hashlib.blake2b(read_as.encode(), digest_size=32)
    with plan.path.open("rb") as stream:
        while block := stream.read(1 << 20):
            made.update(block)
    return made.hexdigest()


def _batches(
    tables: list[Table], pace: _Pace, boundary: int = 0
) -> Iterator[list[Member | RowError]]:
    """All rows in lists of the pace's size; none reaches over the boundary."""
    rest = rows(tables)
    number = 0
    while True:
        ahead = boundary - number
        batch = list(islice(rest, min(pace.size, ahead) if ahead > 0 else pace.size))
        if not batch:
            return
        number += len(batch)
        yield batch


def rows(tables: list[Table]) -> Iterator[Member | RowError]:
    """What each row tells, in order."""
    for table in tables:
        member = table.layout.member
        for line, cells in table.rows():
            found = member(line, cells)
            if len(tables) > 1 and isinstance(found, RowError):
                found = dataclasses.replace(found, file=table.name)
            yield found


class _Reading:
    """What was read so far: who stood in it, and what could not be used."""

    def __init__(self, key: bytes, tell: Tell | None) -> None:
        self.rows = 0
        self.counts = Counter[Outcome]()
        self._key, self._tell = key, tell
        self._seen = _Seen()
        self._refused = Counter[str]()
        self._errors: list[RowError] = []
        self._odd = 0

    def take(self, rows: list[Member | RowError]) -> list[Incoming]:
        """The people of these rows: none whom an earlier row told of already, unless this one is graver."""
        self.rows += len(rows)
        people = []
        for row in rows:
            if isinstance(row, RowError):
                self.counts[Outcome.REFUSED] += 1
                self._refused[row.kind] += 1
                self._say(row)
                continue
            hashed = address_hash(self._key, row.key)
            if self._seen.as_grave(hashed, row.standing):
                self.counts[Outcome.DOUBLE] += 1
                continue
            people.append(_incoming(row, hashed))
            if row.odd:
                self._odd += 1
                self._say(RowError(row.line, row.address, "something passed over", row.odd))
        return people

    def _say(self, error: RowError) -> None:
        if len(self._errors) < TOLD:
            self._errors.append(error)
        if self._tell:
            self._tell(error)

    def report(
        self, tables: list[Table], outcomes: Mapping[Outcome, int], *, dry_run: bool
    ) -> Report:
        platform = tables[0].layout.platform
        errors = tuple(self._errors)
        return Report(platform, self.rows, outcomes, self._refused, errors, self._odd, dry_run)


def _incoming(row: Member, hashed: str) -> Incoming:
    return Incoming(
        row.address,
        row.key,
        hashed,
        row.standing,
        row.name,
        row.language,
        row.timezone,
        "\n".join(row.tags),
        row.joined,
        row.left,
        row.network,
    )


@dataclass(slots=True)
class _Seen:
    """Whom a file told of already, and how gravely: eight bytes a reader, where a set takes a hundred.

    Open addressing by 60 bits of the keyed hash: among a million readers two share them once in two
    million files.
    """

    slots: array[int] = field(default_factory=lambda: array("Q", bytes(8 << 16)))
    count: int = 0

    def as_grave(self, hashed: str, standing: Standing) -> bool:
        """True where an earlier row said as grave a thing of this reader; else this one is noted."""
        if self.count * 2 > len(self.slots):
            self._grow()
        mark = int(hashed[:15], 16) << 4 | 8
        at = self._place(self.slots, mark)
        known = self.slots[at]
        if known and known & 7 >= standing.rank:
            return True
        self.count += not known
        self.slots[at] = mark | standing.rank
        return False

    def _grow(self) -> None:
        larger = array("Q", bytes(16 * len(self.slots)))
        for value in self.slots:
            if value:
                larger[self._place(larger, value & ~7)] = value
        self.slots = larger

    @staticmethod
    def _place(slots: array[int], mark: int) -> int:
        """Where a reader is, or would be."""
        mask = len(slots) - 1
        at = (mark >> 4) & mask
        while (there := slots[at]) and there & ~7 != mark:
            at = (at + 1) & mask
        return at
