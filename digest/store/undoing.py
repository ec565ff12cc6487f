"""An import undone: what it added goes, unless its reader has done something since; what it ended begins anew.

A batch is one transaction of the caller's. What is gone is not looked at again, so a broken undoing goes on.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from digest.model import SubscriptionStatus
from digest.store import bulk, consents, statements
from digest.store.import_log import Import
from digest.store.statements import among
from digest.store.tables import (
    ConsentRow,
    MembershipRow,
    SubscriberRow,
    SubscriptionRow,
    SuppressionRow,
)

#: What a line of evidence of an import is about, and what undoing it does.
ADDED, ENDED, FILLED = "imported", "left", "filled"


@dataclass(frozen=True, slots=True)
class Batch:
    """The readers of one batch. last: up to which line of evidence it went; None at the end.

    removed, begun, emptied: readers who are gone, are back, and are known less of again. kept: who
    have done something since and stay as they are.
    """

    last: int | None
    counts: Counter[str]


def undo_batch(
    session: Session, found: Import, after: int, *, size: int, now: dt.datetime
) -> Batch:
    """Undo what the next `size` lines of evidence after `after` tell of."""
    lines = _evidence(session, found, after, size)
    if not lines:
        return Batch(None, Counter())
    counts: Counter[str] = Counter()
    for kind, undo in ((ADDED, _remove), (ENDED, _begin_anew), (FILLED, _empty)):
        mine = [line for line in lines if line.kind == kind]
        if mine:
            done = undo(session, found, mine, now)
            counts[kind] += done
            counts["kept"] += len(mine) - done
    return Batch(lines[-1].id, counts)


def lift(session: Session, found: Import, *, now: dt.datetime) -> int:
    """End the suppressions that an import brought; how many. What somebody lifted since counts no more."""
    mine = update(SuppressionRow).where(
        col(SuppressionRow.import_id) == found.id,
        or_(col(SuppressionRow.until).is_(None), col(SuppressionRow.until) > now),
    )
    return statements.moved(session, mine.values(until=now))


@dataclass(frozen=True, slots=True)
class _Line:
    id: int
    reader: int
    kind: str
    at: dt.datetime
    gained: str | None


def _evidence(session: Session, found: Import, after: int, size: int) -> list[_Line]:
    row = ConsentRow
    first, last = found.evidence
    asked = select(
        col(row.id), col(row.subscriber_id), col(row.kind), col(row.at), col(row.gained)
    ).where(col(row.id) > max(first, after), col(row.import_id) == found.id)
    if last is not None:
        asked = asked.where(col(row.id) <= last)
    found_lines = session.execute(asked.order_by(col(row.id)).limit(size))
    return [_Line(*each) for each in found_lines]


def _untouched(session: Session, found: Import, lines: Sequence[_Line]) -> set[int]:
    """The readers of these lines with whom nothing has happened since, by their evidence and their state."""
    other = aliased(ConsentRow)
    later = exists().where(
        col(other.subscriber_id) == col(ConsentRow.subscriber_id),
        col(other.newsletter) == found.newsletter,
        col(other.id) > col(ConsentRow.id),
        or_(col(other.import_id).is_(None), col(other.import_id) != found.id),
    )
    state = SubscriptionRow
    moved = exists().where(
        col(state.subscriber_id) == col(ConsentRow.subscriber_id),
        col(state.newsletter) == found.newsletter,
        col(state.changed_at) > col(ConsentRow.at),
    )
    asked = select(col(ConsentRow.subscriber_id)).where(
        among(session, col(ConsentRow.id), [line.id for line in lines]), ~later, ~moved
    )
    return set(session.scalars(asked))


def _remove(session: Session, found: Import, lines: Sequence[_Line], now: dt.datetime) -> int:
    """Readers whom the import brought: their subscription goes, and the person with the last one."""
    ids = sorted(_untouched(session, found, lines))
    with consents.erasing(session, ids):
        _take_away(session, found, ids)
    return len(ids)


def _take_away(session: Session, found: Import, ids: Sequence[int]) -> None:
    _delete(session, SubscriptionRow, found, ids)
    _delete(session, MembershipRow, found, ids)
    _delete(session, ConsentRow, found, ids)
    elsewhere = exists().where(col(SubscriptionRow.subscriber_id) == col(SubscriberRow.id))
    of_import = col(SubscriberRow.created_at) >= found.started_at
    alone = among(session, col(SubscriberRow.id), ids)
    statements.moved(session, delete(SubscriberRow).where(alone, of_import, ~elsewhere))


def _begin_anew(session: Session, found: Import, lines: Sequence[_Line], now: dt.datetime) -> int:
    """Readers whom the import had made leave are with us again, from now on."""
    ids = sorted(_untouched(session, found, lines))
    back = update(SubscriptionRow).where(*_mine(session, SubscriptionRow, found, ids))
    confirmed = SubscriptionStatus.CONFIRMED.value
    ended = exists().where(  # by this import: who had left before it and asked anew was waiting
        col(ConsentRow.subscriber_id) == col(MembershipRow.subscriber_id),
        among(session, col(ConsentRow.id), [line.id for line in lines]),
        col(MembershipRow.until) >= col(ConsentRow.at),
    )
    members = select(col(MembershipRow.subscriber_id)).where(
        *_mine(session, MembershipRow, found, ids), ended
    )
    were = sorted(set(session.scalars(members)))
    statements.moved(
        session,
        back.where(among(session, col(SubscriptionRow.subscriber_id), were)).values(
            status=confirmed, changed_at=now
        ),
    )
    waited = [one for one in ids if one not in set(were)]
    pending = update(SubscriptionRow).where(*_mine(session, SubscriptionRow, found, waited))
    statements.moved(
        session, pending.values(status=SubscriptionStatus.PENDING.value, changed_at=now)
    )
    at = bulk.stored(session)(now)
    spans = [(reader, found.newsletter, at) for reader in were]
    bulk.put(session, MembershipRow, ("subscriber_id", "newsletter", "since"), spans)
    words = f"import {found.id}, by which they had left, was undone"
    said = (
        found.newsletter,
        "confirmed",
        at,
        "undo-import",
        "",
        consents.words(session, words, now=now),
    )
    columns = ("subscriber_id", "newsletter", "kind", "at", "method", "network", "wording_version")
    bulk.put(session, ConsentRow, columns, [(one, *said) for one in were])
    return len(ids)


def _empty(session: Session, found: Import, lines: Sequence[_Line], now: dt.datetime) -> int:
    """What the import told of readers who were here goes, where it still stands as it came."""
    emptied = 0
    for line in lines:
        gained: dict[str, str] = json.loads(line.gained or "{}")
        done = [_emptied(session, found, line.reader, *each) for each in gained.items()]
        emptied += any(done)  # each of them was tried
    with consents.erasing(session, sorted({line.reader for line in lines})):
        mine = among(session, col(ConsentRow.id), [line.id for line in lines])
        statements.moved(session, delete(ConsentRow).where(mine))
    return emptied


def _emptied(session: Session, found: Import, reader: int, column: str, value: str) -> bool:
    if column in ("tags", "language"):
        state = SubscriptionRow
        mine: ColumnElement[bool] = and_(
            col(state.subscriber_id) == reader, col(state.newsletter) == found.newsletter
        )
        change = update(state).where(mine, col(getattr(state, column)) == value)
    else:
        mine = col(SubscriberRow.id) == reader
        change = update(SubscriberRow).where(mine, col(getattr(SubscriberRow, column)) == value)
    return statements.moved(session, change.values({column: ""})) == 1


def _delete(session: Session, row: Any, found: Import, ids: Sequence[int]) -> None:
    statements.moved(session, delete(row).where(*_mine(session, row, found, ids)))


def _mine(
    session: Session, row: Any, found: Import, ids: Sequence[int]
) -> tuple[ColumnElement[bool], ...]:
    return among(session, col(row.subscriber_id), ids), col(row.newsletter) == found.newsletter
