"""Reports about copies: each event once, the gravest outcome of each copy, and what a score is read from."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, and_, func, or_, select, update
from sqlmodel import Session, col

from digest.model import DeliveryState, Report
from digest.storable import storable
from digest.store import statements
from digest.store.tables import (
    DeliveryRow,
    EditionRow,
    OutcomeRow,
    ReportRow,
    SendRow,
    SubscriberRow,
)

#: Characters kept of what was received, and of the other side's words.
RAW, DETAIL = 64_000, 500

#: Letters of a handle by which SQLite's index is asked where a server has changed their case.
_PREFIX = 3

# Plain tables for what happens to each report: a gone domain sends thousands of them at once.
_REPORTS: Table = ReportRow.__table__  # type: ignore[attr-defined]
_OUTCOMES: Table = OutcomeRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class SentEdition:
    """An edition on its way or delivered: what a ref is read against."""

    checksum: str
    send_id: int
    newsletter: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What is known of one reader's copy in one send. outcome: "" where nothing was reported."""

    sent_at: dt.datetime
    state: DeliveryState | None
    outcome: str


def insert(
    session: Session,
    report: Report,
    *,
    verdict: str,
    subscriber_id: int | None,
    send_id: int | None,
    now: dt.datetime,
    with_words: bool = True,
) -> bool:
    """Keep an event; False where it is kept already. with_words: also what may hold an address."""
    statement = statements.insert(session, _REPORTS).values(
        provider=report.provider[:20],
        event_id=_event_id(report.event_id),
        kind=report.kind.value,
        verdict=verdict,
        status=report.status[:12],
        at=report.at,
        received_at=now,
        subscriber_id=subscriber_id,
        send_id=send_id,
        detail=storable(report.detail[:DETAIL]) if with_words else "",
        raw=storable(report.raw[:RAW]) if with_words else "",
    )
    new = statement.on_conflict_do_nothing().returning(_REPORTS.c.id)
    return session.connection().execute(new).first() is not None


def _event_id(given: str) -> str:
    """As it is told, or the hash of one that is too long or odd for a column."""
    if len(given) <= 200 and given.isprintable():
        return given
    return hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()


# ---------------------------------------------------------------- whose it is


def sent_editions(session: Session, *, since: dt.datetime) -> list[SentEdition]:
    """The editions whose sends began after `since`, newest first."""
    asked = (
        select(col(EditionRow.checksum), col(SendRow.id), col(SendRow.newsletter))
        .join(EditionRow, col(EditionRow.id) == col(SendRow.edition_id))
        .where(col(SendRow.started_at) > since)
        .order_by(col(SendRow.id).desc())
    )
    return [SentEdition(*row) for row in session.execute(asked)]


def handles_like(session: Session, handle: str) -> list[str]:
    """The handles that are this one but for the case of letters; at most a few."""
    same = func.lower(col(SubscriberRow.handle)) == handle.lower()
    if session.get_bind().dialect.name == "sqlite":
        same = and_(same, _begins_like(handle[:_PREFIX]))
    return list(session.scalars(select(col(SubscriberRow.handle)).where(same).limit(5)))


def _begins_like(prefix: str) -> ColumnElement[bool]:
    """So that the index on handles is used: one range for each way to write the first letters."""
    ways = {""}
    for letter in prefix:
        ways = {way + one for way in ways for one in (letter.lower(), letter.upper())}
    handle = col(SubscriberRow.handle)
    return or_(*(and_(handle >= way, handle < way + "\x7f") for way in sorted(ways)))


def newest_copy(
    session: Session, subscriber_id: int, *, before: dt.datetime
) -> tuple[int, str] | None:
    """(send, newsletter) of the last copy that a reader was sent before a moment."""
    mine = and_(
        col(DeliveryRow.send_id) == col(SendRow.id),
        col(DeliveryRow.subscriber_id) == subscriber_id,
    )
    asked = (
        select(col(SendRow.id), col(SendRow.newsletter))
        .join(DeliveryRow, mine)
        .where(col(SendRow.started_at) <= before)
        .order_by(col(SendRow.started_at).desc())
        .limit(1)
    )
    found = session.execute(asked).first()
    return None if found is None else (found[0], found[1])


# ---------------------------------------------------------------- outcomes


def note_outcome(
    session: Session,
    send_id: int,
    subscriber_id: int,
    outcome: str,
    *,
    status: str,
    at: dt.datetime,
    lesser: Iterable[str],
) -> bool:
    """Put an outcome beside the ledger's row, unless one that is not of `lesser` stands there. True if it was put."""
    values = {"outcome": outcome, "status": status[:12], "at": at}
    statement = statements.insert(session, _OUTCOMES).values(
        send_id=send_id, subscriber_id=subscriber_id, **values
    )
    put = statement.on_conflict_do_update(
        index_elements=["send_id", "subscriber_id"],
        set_=values,
        where=_OUTCOMES.c.outcome.in_(list(lesser)),
    )
    found = session.connection().execute(put.returning(_OUTCOMES.c.send_id))
    return found.first() is not None


def outcomes(session: Session, send_id: int, ids: Sequence[int]) -> dict[int, str]:
    """What was reported about these readers' copies, as `hard 5.1.1`."""
    asked = select(col(OutcomeRow.subscriber_id), col(OutcomeRow.outcome), col(OutcomeRow.status))
    lo, hi = (min(ids), max(ids)) if ids else (0, -1)
    found = session.execute(
        asked.where(
            col(OutcomeRow.send_id) == send_id, col(OutcomeRow.subscriber_id).between(lo, hi)
        )
    )
    return {one: f"{outcome} {status}".rstrip() for one, outcome, status in found}


def outcome_counts(session: Session, send_id: int) -> dict[str, int]:
    """How many copies of a send came to which outcome."""
    grouped = (
        select(col(OutcomeRow.outcome), func.count())
        .where(col(OutcomeRow.send_id) == send_id)
        .group_by(col(OutcomeRow.outcome))
        .order_by(col(OutcomeRow.outcome))
    )
    return {row[0]: row[1] for row in session.execute(grouped)}


def state(session: Session, send_id: int, subscriber_id: int) -> DeliveryState | None:
    """Where the ledger has one copy; None where its turn has not come."""
    found = session.scalar(
        select(col(DeliveryRow.state)).where(
            col(DeliveryRow.send_id) == send_id, col(DeliveryRow.subscriber_id) == subscriber_id
        )
    )
    return None if found is None else DeliveryState(found)


def lock(session: Session, subscriber_id: int) -> None:
    """So that two transactions never judge one reader, each without what the other has just heard."""
    one = select(col(SubscriberRow.id)).where(col(SubscriberRow.id) == subscriber_id)
    session.execute(one.with_for_update(key_share=True))


def fates(session: Session, subscriber_id: int, *, since: dt.datetime) -> list[Fate]:
    """One reader's copies in the sends that began after `since`, by their time."""
    ledger = and_(
        col(DeliveryRow.send_id) == col(SendRow.id),
        col(DeliveryRow.subscriber_id) == subscriber_id,
    )
    beside = and_(
        col(OutcomeRow.send_id) == col(SendRow.id),
        col(OutcomeRow.subscriber_id) == subscriber_id,
    )
    asked = (
        select(
            col(SendRow.started_at),
            col(DeliveryRow.state),
            col(OutcomeRow.outcome),
        )
        .outerjoin(DeliveryRow, ledger)
        .outerjoin(OutcomeRow, beside)
        .where(col(SendRow.started_at) > since)
        .where(or_(col(DeliveryRow.state).is_not(None), col(OutcomeRow.outcome).is_not(None)))
        .order_by(col(SendRow.started_at))
    )
    return [
        Fate(at, DeliveryState(state) if state else None, outcome or "")
        for at, state, outcome in session.execute(asked)
    ]


# ---------------------------------------------------------------- forgetting


def empty_before(session: Session, moment: dt.datetime) -> int:
    """Empty the words of events received before a moment; how many had any."""
    full = or_(col(ReportRow.raw) != "", col(ReportRow.detail) != "")
    change = update(ReportRow).where(col(ReportRow.received_at) < moment, full)
    return statements.moved(session, change.values(raw="", detail=""))
