"""Contests of two subjects: decided once, what their readers did, and the chunks of the rest that wait for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlmodel import Session, col

from digest.model import Arm, Contest, Count, DeliveryState, Issue, IssueId, Measure
from digest.store import deliveries, editions, idlists, statements
from digest.store.chunks import ChunkState
from digest.store.sends import SendStatus
from digest.store.tables import (
    ArmVisitRow,
    ChunkRow,
    ContestRow,
    DeliveryRow,
    EditionRow,
    IssueRow,
    SendRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A contest of one send. share: 0 where nobody was asked, and `why` says why. winner: None until it is decided.

    decided_by: empty where the program did. counts: what it was decided on.
    """

    send_id: int
    share: int
    measure: Measure
    decide_at: dt.datetime
    rest_at: dt.datetime
    winner: Arm | None = None
    decided_at: dt.datetime | None = None
    decided_by: str = ""
    why: str = ""
    counts: tuple[Count, Count] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What goes to the rest. by: empty for the program. counts: of A and B, as they stood."""

    winner: Arm
    at: dt.datetime
    why: str
    by: str = ""
    counts: tuple[Count, Count] | None = None

    @property
    def values(self) -> dict[str, object]:
        return {
            "winner": self.winner.value,
            "decided_at": self.at,
            "decided_by": self.by[:60],
            "why": self.why,
            "figures": _figures(self.counts) if self.counts else None,
        }


def _figures(counts: tuple[Count, Count]) -> dict[str, dict[str, int]]:
    return {
        arm.value: {"hits": one.hits, "reached": one.reached}
        for arm, one in zip(Arm, counts, strict=True)
    }


def begin(
    session: Session,
    send_id: int,
    contest: Contest,
    *,
    decide_at: dt.datetime,
    rest_at: dt.datetime,
    instead: Choice | None = None,
) -> None:
    """Write a contest down with its send. instead: it is not held, and this is why."""
    row = ContestRow(
        send_id=send_id,
        share=0 if instead else contest.share,
        measure=contest.measure.value,
        decide_at=decide_at,
        rest_at=rest_at,
        **(instead.values if instead else {}),  # type: ignore[arg-type]
    )
    session.add(row)
    session.flush()


# ---------------------------------------------------------------- looking


def of_send(session: Session, send_id: int) -> Held | None:
    """The contest of a send; None where there is one subject."""
    asked = select(ContestRow).where(col(ContestRow.send_id) == send_id)
    row = session.scalars(asked, execution_options={"populate_existing": True}).one_or_none()
    return _held(row) if row else None


def as_told(session: Session, issues: Sequence[Issue]) -> list[Issue]:
    """The issues as most of their readers got them: under the second subject where that went to the rest."""
    won = _won_by_b(session, [issue.id for issue in issues])
    return [_under_b(session, issue) if issue.id in won else issue for issue in issues]


def _won_by_b(session: Session, issues: list[IssueId]) -> frozenset[int]:
    asked = (
        select(col(SendRow.issue_id))
        .join(ContestRow, col(ContestRow.send_id) == col(SendRow.id))
        .where(statements.among(session, col(SendRow.issue_id), issues))
        .where(col(ContestRow.winner) == Arm.B.value)
    )
    return frozenset(session.scalars(asked))


def _under_b(session: Session, issue: Issue) -> Issue:
    second = editions.second(session, issue.edition.id) if issue.edition else None
    if second is None or issue.edition is None:
        return issue
    content = issue.content and replace(issue.content, subject=second.rendered.subject)
    return replace(issue, edition=replace(issue.edition, rendered=second.rendered), content=content)


def undecided(session: Session, *, now: dt.datetime) -> list[int]:
    """The issues whose send is open and whose contest is to be decided by now."""
    asked = (
        select(col(SendRow.issue_id))
        .join(ContestRow, col(ContestRow.send_id) == col(SendRow.id))
        .where(col(ContestRow.winner) == "", col(ContestRow.decide_at) <= now)
        .where(col(SendRow.status) == SendStatus.OPEN.value)
        .order_by(col(SendRow.id))
    )
    return list(session.scalars(asked))


def counts(session: Session, send_id: int) -> tuple[Count, Count]:
    """Both arms as they stand: those who did it, of those whom a copy reached."""
    a, b = (_count(session, send_id, arm) for arm in Arm)
    return a, b


def _count(session: Session, send_id: int, arm: Arm) -> Count:
    reached = _reached(session, send_id, arm)
    return Count(min(hits(session, send_id, arm), reached), reached)


def hits(session: Session, send_id: int, arm: Arm) -> int:
    """Visitors of an arm, each once. The seam: whoever counts clicks better answers here."""
    asked = select(func.count()).select_from(ArmVisitRow).where(*_visits(send_id, arm))
    return session.scalar(asked) or 0


def _visits(send_id: int, arm: Arm) -> tuple[ColumnElement[bool], ...]:
    return col(ArmVisitRow.send_id) == send_id, col(ArmVisitRow.arm) == arm.value


def _reached(session: Session, send_id: int, arm: Arm) -> int:
    """Copies of the test that were accepted. Few are not: their readers are asked for, not the others."""
    asked = select(
        col(ChunkRow.state), col(ChunkRow.size), col(ChunkRow.lo), col(ChunkRow.hi),
        col(ChunkRow.readers),
    ).where(*_asked(send_id), col(ChunkRow.arm) == arm.value)  # fmt: skip
    bad, reached = _not_accepted(session, send_id), 0
    for state, size, lo, hi, packed in session.execute(asked):
        if state == ChunkState.DONE.value:
            reached += size - (len(bad.intersection(idlists.unpack(packed))) if bad else 0)
            continue
        ids = frozenset(idlists.unpack(packed))
        rows = deliveries.of_range(session, send_id, lo, hi)
        reached += sum(row.state is DeliveryState.ACCEPTED for r, row in rows.items() if r in ids)
    return reached


def _not_accepted(session: Session, send_id: int) -> frozenset[int]:
    asked = select(col(DeliveryRow.subscriber_id)).where(
        col(DeliveryRow.send_id) == send_id,
        col(DeliveryRow.state) != DeliveryState.ACCEPTED.value,
    )
    return frozenset(session.scalars(asked))


def sizes(session: Session, send_id: int) -> dict[Arm | None, int]:
    """Readers of each arm of the test; those of the rest by None."""
    asked = select(col(ChunkRow.arm), col(ChunkRow.rest), func.sum(col(ChunkRow.size)))
    grouped = asked.where(col(ChunkRow.send_id) == send_id).group_by(
        col(ChunkRow.arm), col(ChunkRow.rest)
    )
    found: dict[Arm | None, int] = {Arm.A: 0, Arm.B: 0, None: 0}
    for arm, rest, readers in session.execute(grouped):
        found[None if rest else Arm(arm)] += readers
    return found


# ---------------------------------------------------------------- counting


@dataclass(frozen=True, slots=True)
class Counting:
    """A contest that still counts. checksum: of its edition."""

    send_id: int
    measure: Measure
    checksum: str


def counting(session: Session, newsletter: str, *, period: str | None = None) -> list[Counting]:
    """The contests of a newsletter that are not decided; of one period, where it is said."""
    asked = (
        select(col(ContestRow.send_id), col(ContestRow.measure), col(EditionRow.checksum))
        .join(SendRow, col(SendRow.id) == col(ContestRow.send_id))
        .join(EditionRow, col(EditionRow.id) == col(SendRow.edition_id))
        .where(col(SendRow.newsletter) == newsletter, col(ContestRow.winner) == "")
        .where(col(SendRow.status) != SendStatus.DONE.value)
    )
    if period is not None:
        asked = asked.join(IssueRow, col(IssueRow.id) == col(SendRow.issue_id))
        asked = asked.where(col(IssueRow.period) == period)
    return [
        Counting(send_id, Measure(measure), checksum)
        for send_id, measure, checksum in session.execute(asked)
    ]


def note_visit(session: Session, send_id: int, arm: Arm, visitor: bytes) -> bool:
    """Somebody did it, while that still counts; False where it does not, or was noted before.

    No arm has more visitors than readers: a machine that asks again and again moves it no further.
    """
    held = of_send(session, send_id)
    if held is None or held.winner or not held.share:
        return False
    if hits(session, send_id, arm) >= sizes(session, send_id)[arm]:
        return False
    return statements.inserted(
        session, ArmVisitRow, send_id=send_id, arm=arm.value, visitor=visitor
    )


# ---------------------------------------------------------------- deciding


def decide(session: Session, send_id: int, choice: Choice, *, at_once: bool = False) -> bool:
    """Choose for the rest, and let it go at its hour; True for the one call that did. at_once: its hour is now.

    Who did what is forgotten with that: the figures stay.
    """
    mine = col(ContestRow.send_id) == send_id
    change = update(ContestRow).where(mine, col(ContestRow.winner) == "").values(**choice.values)
    if statements.moved(session, change) != 1:
        return False
    held = col(ChunkRow.state) == ChunkState.HELD.value
    new = {"state": ChunkState.WAITING.value, "arm": choice.winner.value}
    session.execute(update(ChunkRow).where(*_rest(send_id), held).values(**new))
    if at_once:
        _hurry(session, send_id, choice.at)
    _forget(session, send_id)
    return True


def end(session: Session, send_id: int) -> None:
    """The send is over: where nothing was decided the figures stay, and who did what is forgotten."""
    held = of_send(session, send_id)
    if held is None:
        return
    if held.winner is None:
        mine = update(ContestRow).where(col(ContestRow.send_id) == send_id)
        session.execute(mine.values(figures=_figures(counts(session, send_id))))
    _forget(session, send_id)


def _forget(session: Session, send_id: int) -> None:
    session.execute(delete(ArmVisitRow).where(col(ArmVisitRow.send_id) == send_id))


def change(session: Session, send_id: int, choice: Choice) -> bool:
    """Choose the other one, as long as nobody of the rest was in hand; False where it is too late.

    A chunk is claimed only as the arm that its claimer read, so that no copy leaves with the one that was left.
    The figures stay those that it was decided on.
    """
    row, values = col(ContestRow.send_id) == send_id, choice.values
    del values["figures"]
    old = choice.winner.other.value
    turned = update(ContestRow).where(row, col(ContestRow.winner) == old).values(**values)
    if statements.moved(session, turned) != 1:
        return False
    untouched = col(ChunkRow.state) == ChunkState.WAITING.value, col(ChunkRow.claimed_at).is_(None)
    moved = update(ChunkRow).where(*_rest(send_id), *untouched).values(arm=choice.winner.value)
    every = select(func.count()).select_from(ChunkRow).where(*_rest(send_id))
    return statements.moved(session, moved) == session.scalar(every)


def _hurry(session: Session, send_id: int, now: dt.datetime) -> None:
    """The rest's hour is now; who waits for a morning of their own still does."""
    mine = col(ContestRow.send_id) == send_id
    hour = session.scalar(select(col(ContestRow.rest_at)).where(mine))
    due = update(ChunkRow).where(*_rest(send_id), col(ChunkRow.due_at) == hour)
    session.execute(due.values(due_at=now))
    session.execute(update(ContestRow).where(mine).values(rest_at=now))


def can_change(session: Session, send_id: int) -> bool:
    """True while nobody of the rest was in hand."""
    begun = col(ChunkRow.claimed_at).is_not(None)
    asked = select(func.count()).select_from(ChunkRow).where(*_rest(send_id), begun)
    return not session.scalar(asked)


def _rest(send_id: int) -> tuple[ColumnElement[bool], ...]:
    return col(ChunkRow.send_id) == send_id, col(ChunkRow.rest).is_(True)


def _asked(send_id: int) -> tuple[ColumnElement[bool], ...]:
    return col(ChunkRow.send_id) == send_id, col(ChunkRow.rest).is_(False)


def _held(row: ContestRow) -> Held:
    figures = row.figures or {}
    known = [Count(one["hits"], one["reached"]) for one in map(figures.get, Arm) if one]
    return Held(
        send_id=row.send_id,
        share=row.share,
        measure=Measure(row.measure),
        decide_at=row.decide_at,
        rest_at=row.rest_at,
        winner=Arm(row.winner) if row.winner else None,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        why=row.why,
        counts=(known[0], known[1]) if len(known) == 2 else None,
    )
