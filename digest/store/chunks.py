"""The chunks of a send: who is in each, frozen as lists of ids, who has it in hand, and how far it is."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Table,
    and_,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlmodel import Session, col

from digest.model import Arm, DeliveryState, SubscriberId
from digest.segments import Slice
from digest.store import audiences, chunk_statements, direct, idlists, statements
from digest.store.tables import ChunkRow, DeliveryRow

#: Readers in a chunk: one lock, one state map, one hand-over between processes.
CHUNK = 500

_CHUNKS: Table = ChunkRow.__table__  # type: ignore[attr-defined]


class ChunkState(StrEnum):
    """Where a chunk stands. `waiting`: only deferred readers are left; see `due_at`.

    `held`: nobody is handed over before it is decided which subject they get.
    """

    OPEN = "open"
    CLAIMED = "claimed"
    WAITING = "waiting"
    HELD = "held"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """`size` readers of the audience, with ids from `lo` to `hi`; `reader_ids` names them.

    arm: the subject that they get, where there are two. rest: they were not asked which is better.
    """

    send_id: int
    no: int
    lo: int
    hi: int
    size: int
    state: ChunkState
    owner: str
    due_at: dt.datetime | None
    ahead: int = 0
    claimed_at: dt.datetime | None = None
    beat_at: dt.datetime | None = None
    born: str = ""
    arm: Arm | None = None
    rest: bool = False


#: When readers of a time zone are due; None: at once.
DueOf = Callable[[str], dt.datetime | None]


@dataclass(frozen=True, slots=True)
class Split:
    """How an audience is parted for a contest. arm_of: a reader's arm by id; None: of the rest. rest_at: when that goes."""

    arm_of: Callable[[int], Arm | None]
    rest_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """What an issue's audience depends on beside its moment. due_of: None where all are due at once.

    big: it has a big story, so those who want only such issues get it, too. only: those of a segment.
    split: where two subjects are tried.
    """

    due_of: DueOf | None = None
    big: bool = True
    only: Slice | None = None
    split: Split | None = None


class _Place(NamedTuple):
    """What the readers of one chunk have in common."""

    due_at: dt.datetime | None = None
    arm: Arm | None = None
    rest: bool = False

    @property
    def state(self) -> ChunkState:
        if self.rest:
            return ChunkState.HELD
        return ChunkState.WAITING if self.due_at else ChunkState.OPEN


def make(
    session: Session,
    send_id: int,
    newsletter: str,
    cut_off: dt.datetime,
    terms: Terms,
) -> int:
    """The chunks of a new send; returns how many readers are in them.

    The audience is asked for in one question, so that it is of one moment on every database.
    """
    rows = [
        {
            "send_id": send_id,
            "no": no,
            "lo": ids[0],
            "hi": ids[-1],
            "size": len(ids),
            "readers": idlists.pack(ids),
            "state": place.state.value,
            "owner": "",
            "due_at": place.due_at,
            "arm": place.arm or "",
            "rest": place.rest,
        }
        for no, (place, ids) in enumerate(_parts(session, newsletter, cut_off, terms))
    ]
    if rows:
        session.connection().execute(insert(_CHUNKS), rows)
    return sum(cast(int, row["size"]) for row in rows)


def _parts(
    session: Session, newsletter: str, cut_off: dt.datetime, terms: Terms
) -> Iterator[tuple[_Place, list[int]]]:
    """The audience in lists of CHUNK readers who have their place in common, ascending in each."""
    who: Any = {"big": terms.big, "only": terms.only}
    if terms.due_of is None and terms.split is None:
        for ids in audiences.at(session, newsletter, cut_off, size=CHUNK, **who):
            yield _Place(), ids
        return
    together: defaultdict[_Place, list[int]] = defaultdict(list)
    found = audiences.at_home(session, newsletter, cut_off, size=CHUNK, **who)
    for reader, zone in found:
        place = _place_of(reader, zone, terms)
        together[place].append(reader)
        if len(together[place]) == CHUNK:
            yield place, together.pop(place)
    yield from together.items()


def _place_of(reader: int, zone: str, terms: Terms) -> _Place:
    """Who is mailed at a later hour of their own is of the rest: that is decided before their morning."""
    due_at, split = terms.due_of(zone) if terms.due_of else None, terms.split
    if split is None:
        return _Place(due_at)
    arm = split.arm_of(reader) if due_at is None else None
    if arm:
        return _Place(None, arm)
    return _Place(max(due_at or split.rest_at, split.rest_at), None, True)


def reader_ids(session: Session, chunk: Chunk) -> tuple[SubscriberId, ...]:
    """Who is in a chunk, ascending: the same list whenever it is asked."""
    asked = {"send_id": chunk.send_id, "no": chunk.no}
    [(packed,)] = direct.rows(session, chunk_statements.READERS, asked)
    return cast(tuple[SubscriberId, ...], idlists.unpack(packed))


def holds(session: Session, send_id: int, reader: int) -> bool:
    """True where a reader is in the audience of a send."""
    asked = select(col(ChunkRow.readers)).where(
        col(ChunkRow.send_id) == send_id, col(ChunkRow.lo) <= reader, col(ChunkRow.hi) >= reader
    )
    return any(reader in idlists.unpack(packed) for packed in session.scalars(asked))


def due_chunks(
    session: Session, send_id: int, *, now: dt.datetime, but: Collection[int] = (), limit: int = 0
) -> list[Chunk]:
    """The chunks that can be worked on now, in order; none of the numbers `but`, `limit` at the most."""
    asked = {"send_id": send_id, "now": now, "most": (limit or chunk_statements.ALL) + len(but)}
    found = [_chunk(row) for row in session.connection().execute(chunk_statements.DUE, asked)]
    left = [chunk for chunk in found if chunk.no not in but]
    return left[:limit] if limit else left


def again(session: Session, chunk: Chunk) -> Chunk:
    """A chunk as it stands now, also if it was changed since it was looked at."""
    return _chunk(session.execute(_chunks().where(_one(chunk))).one())


def orphans(session: Session, send_id: int, *, before: dt.datetime) -> list[Chunk]:
    """The claimed chunks whose holder gave no sign of life since `before`, in order."""
    asked = {"send_id": send_id, "before": before}
    return [_chunk(row) for row in session.connection().execute(chunk_statements.ORPHANS, asked)]


def left(session: Session, send_id: int) -> list[Chunk]:
    """The chunks that are not done, in order."""
    asked = _chunks().where(_unfinished_of(send_id)).order_by(col(ChunkRow.no))
    return [_chunk(row) for row in session.execute(asked)]


def all_of(session: Session, send_id: int) -> list[Chunk]:
    """Every chunk of a send, in order."""
    asked = _chunks().where(col(ChunkRow.send_id) == send_id).order_by(col(ChunkRow.no))
    return [_chunk(row) for row in session.execute(asked)]


def _chunks() -> Select[tuple[Any, ...]]:
    """Everything of a chunk but its list of readers."""
    return select(*(c for c in _CHUNKS.c if c.name != "readers"))


#: Not before their `due_at`.
_TIMED = (ChunkState.WAITING.value, ChunkState.HELD.value)


def next_due(session: Session, send_id: int, *, owner: str, now: dt.datetime) -> dt.datetime | None:
    """When a chunk that `owner` may take is due, `now` if one is; None where none will ever be."""
    states = (
        select(col(ChunkRow.state), col(ChunkRow.due_at))
        .where(_unfinished_of(send_id), col(ChunkRow.owner).in_(["", owner]))
        .distinct()
    )
    dues = [due if state in _TIMED and due else now for state, due in session.execute(states)]
    return min(dues, default=None)


def any_in_hand(session: Session, send_id: int) -> bool:
    """True where somebody has a chunk, or had it when he was lost."""
    claimed = col(ChunkRow.state) == ChunkState.CLAIMED.value
    return bool(session.scalar(select(exists().where(col(ChunkRow.send_id) == send_id, claimed))))


def open_again(session: Session, send_id: int) -> int:
    """Open the chunks that are done although readers of theirs are in line; how many."""
    in_line = exists().where(
        col(DeliveryRow.send_id) == send_id,
        col(DeliveryRow.state) == DeliveryState.QUEUED.value,
        col(DeliveryRow.subscriber_id).between(col(ChunkRow.lo), col(ChunkRow.hi)),
    )
    done = col(ChunkRow.state) == ChunkState.DONE.value
    change = update(ChunkRow).where(col(ChunkRow.send_id) == send_id, done, in_line)
    return statements.moved(session, change.values(state=ChunkState.OPEN.value, due_at=None))


def is_worked_through(session: Session, send_id: int) -> bool:
    """True when every chunk is done."""
    return (
        session.scalar(select(func.count()).select_from(ChunkRow).where(_unfinished_of(send_id)))
        == 0
    )


def _unfinished_of(send_id: int) -> ColumnElement[bool]:
    return and_(col(ChunkRow.send_id) == send_id, col(ChunkRow.state) != ChunkState.DONE.value)


def claim(
    session: Session,
    chunk: Chunk,
    *,
    owner: str,
    ahead: int,
    now: dt.datetime,
    take_over: bool,
    born: str,
) -> bool:
    """Take a chunk; True if it is ours now. take_over: also from an owner whose lock is free.

    ahead: how many of its readers, in order, may be handed over before the next `beat`. born: the map that
    says from now on who is on the wire.
    """
    values = {
        "send_id": chunk.send_id,
        "no": chunk.no,
        "owner": owner,
        "other": chunk.owner if take_over else owner,
        "ahead": ahead,
        "now": now,
        "born": born,
        "arm": chunk.arm or "",
    }
    return direct.change(session, chunk_statements.CLAIM, values) == 1


def beat(
    session: Session, send_id: int, ahead: Mapping[int, int], *, owner: str, now: dt.datetime
) -> bool:
    """The write-ahead of claimed chunks, by number; False where one of them is no longer ours."""
    if not ahead:
        return True
    same = {"send_id": send_id, "owner": owner, "now": now}
    values = [{**same, "no": no, "ahead": slots} for no, slots in ahead.items()]
    return direct.changes(session, chunk_statements.BEAT, values) == len(ahead)


def settle(
    session: Session, chunk: Chunk, *, owner: str, state: ChunkState, due_at: dt.datetime | None
) -> bool:
    """Put a claimed chunk down, free for anybody: open, waiting until `due_at`, or done.

    False if it is not ours.
    """
    change = update(ChunkRow).where(_one(chunk), col(ChunkRow.owner) == owner)
    values = {"state": state.value, "due_at": due_at, "owner": ""}
    return statements.moved(session, change.values(**values)) == 1


def let_go(session: Session, chunk: Chunk) -> None:
    """Put a chunk down whose holder is gone for good: open, and nobody's."""
    nobodys = {"state": ChunkState.OPEN.value, "due_at": None, "owner": "", "ahead": 0, "born": ""}
    session.execute(update(ChunkRow).where(_one(chunk)).values(**nobodys))


def settle_done(session: Session, send_id: int, numbers: Sequence[int], *, owner: str) -> bool:
    """Put claimed chunks down as done; False where one of them is not ours."""
    if not numbers:
        return True
    values = [{"send_id": send_id, "no": no, "owner": owner} for no in numbers]
    return direct.changes(session, chunk_statements.DONE, values) == len(numbers)


def _one(chunk: Chunk) -> ColumnElement[bool]:
    return and_(col(ChunkRow.send_id) == chunk.send_id, col(ChunkRow.no) == chunk.no)


def _chunk(row: Row[Any]) -> Chunk:
    return Chunk(
        send_id=row.send_id,
        no=row.no,
        lo=row.lo,
        hi=row.hi,
        size=row.size,
        state=ChunkState(row.state),
        owner=row.owner,
        due_at=row.due_at,
        ahead=row.ahead,
        claimed_at=row.claimed_at,
        beat_at=row.beat_at,
        born=row.born,
        arm=Arm(row.arm) if row.arm else None,
        rest=bool(row.rest),
    )
