"""What the rows of a file of readers tell, one after another. Nobody is told of twice, unless more gravely."""

from __future__ import annotations

import dataclasses
from array import array
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from digest.audience import told_times
from digest.audience.admission import Incoming
from digest.audience.layouts import Member, RowError
from digest.audience.member_files import Table
from digest.audience.standings import Standing
from digest.audience.tokens import address_hash


class Told(NamedTuple):
    """A row. person: None where it tells of nobody new. error: why it is not taken, or not wholly."""

    person: Incoming | None
    error: RowError | None


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
        told_times.as_kept(row.joined) if row.joined else "",
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
