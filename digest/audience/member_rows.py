"""What the rows of a file of readers tell, one after another. Nobody is told of twice, unless more gravely.

A long file is read in a process of its own, ahead of the one that writes: reading takes a third of an import's
time, and a Python process uses one processor.
"""

from __future__ import annotations

import contextlib
import dataclasses
import pickle
import subprocess
import sys
from array import array
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from digest.audience.admission import Incoming
from digest.audience.layouts import Member, RowError
from digest.audience.member_files import Table
from digest.audience.standings import Standing
from digest.audience.tokens import address_hash
from digest.errors import BadInput

#: A file of fewer rows is read sooner than another process has begun.
LONG = 5_000
#: So many rows are handed over at once; so many are put in order before.
_BLOCK, _WINDOW = 500, 30_000
_START = "import sys; sys.path[:] = sys.argv[1:]; from digest.audience import member_rows; member_rows.serve()"


class Told(NamedTuple):
    """A row. person: None where it tells of nobody new. error: why it is not taken, or not wholly."""

    person: Incoming | None
    error: RowError | None


class _Broken(NamedTuple):
    """Where a file cannot be read on, and why."""

    item: str
    reason: str


def told(tables: Sequence[Table], key: bytes) -> Generator[Told, None, None]:
    """What each row tells, in the file's order. key: of the addresses' hashes."""
    seen = _Seen()
    for row in rows(tables):
        if isinstance(row, RowError):
            yield Told(None, row)
            continue
        hashed = address_hash(key, row.key)
        if seen.as_grave(hashed, row.standing):
            yield Told(None, None)
        else:
            yield Told(_incoming(row, hashed), _oddity(row))


def told_ahead(tables: Sequence[Table], key: bytes) -> Generator[Told, None, None]:
    """The same by another process, which ends with this iterator. Raises BadInput as `told` does.

    Of every 30,000 rows those that tell of nobody come first, then the others by their hash: what is written
    together then stands together in an index of hashes, which else would write a page for every reader.
    """
    command = [sys.executable, "-I", "-B", "-c", _START, *sys.path]
    with subprocess.Popen(  # noqa: S603 — our own program, no shell
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            with process.stdin as order:
                pickle.dump((tables, key), order)
            while block := pickle.load(process.stdout):  # nosec B301  # noqa: S301  our own child's, by a pipe
                if isinstance(block, _Broken):
                    raise BadInput(*block)
                yield from block
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            raise BadInput(
                str(tables[0].path), "the process that reads it has ended: try again"
            ) from None
        finally:
            process.kill()


def serve() -> None:
    """The reading process's own life: one order, and its rows in blocks; an empty one at the end."""
    tables, key = pickle.load(sys.stdin.buffer)  # nosec B301  # noqa: S301  our own parent's, by a pipe
    with contextlib.suppress(BrokenPipeError):  # nobody is there to hear the rest
        try:
            for block in _blocks(told(tables, key)):
                _hand_over(block)
            _hand_over([])
        except BadInput as error:
            _hand_over(_Broken(error.item, error.reason))


def _blocks(found: Iterator[Told]) -> Iterator[list[Told]]:
    while window := list(islice(found, _WINDOW)):
        window.sort(key=lambda row: row.person.hashed if row.person else "")
        for start in range(0, len(window), _BLOCK):
            yield window[start : start + _BLOCK]


def _hand_over(block: object) -> None:
    pickle.dump(block, sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
    sys.stdout.buffer.flush()


def rows(tables: Sequence[Table]) -> Iterator[Member | RowError]:
    """Each row by itself, in order."""
    for table in tables:
        member = table.layout.member
        for line, cells in table.rows():
            found = member(line, cells)
            if len(tables) > 1 and isinstance(found, RowError):
                found = dataclasses.replace(found, file=table.name)
            yield found


def _oddity(row: Member) -> RowError | None:
    if not row.odd:
        return None
    return RowError(row.line, row.address, "something passed over", row.odd)


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
