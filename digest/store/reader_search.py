"""Readers as the desk looks for them: some at a time, the newest first, however many there are.

Keyset pages over the numbers of readers, a window of them a statement. So a search for what hardly anybody
has costs one walk along the table, and no page ever costs more than LOOKED_AT readers.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select, text
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from digest.model import SubscriberId, SubscriptionStatus
from digest.segments import Slice
from digest.store import segments, suppressions
from digest.store.statements import among
from digest.store.tables import ConsentRow, SubscriberRow, SubscriptionRow, SuppressionRow

#: Readers whom one statement looks at, and one page at the most; then a person says whether to look further.
WINDOW, LOOKED_AT = 250_000, 2_000_000
#: Ways in which readers come.
CAME = ("form", "embed", "api", "import", "move")
#: Spelled out, as the partial index is: a bound value proves nothing to a planner.
_CAME = text("consent.kind IN ('asked', 'imported')")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Who is looked for; what is empty is not asked.

    key: one whole address, folded. words: each stands in the name, or in the address where `in_addresses`.
    method: the way they came. only: of `newsletter`, those of a segment.
    """

    key: str = ""
    words: tuple[str, ...] = ()
    in_addresses: bool = True
    newsletter: str = ""
    status: SubscriptionStatus | None = None
    suppressed: bool = False
    method: str = ""
    only: Slice | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A reader on the page. stands: by newsletter. suppressed: why they must not be mailed, else empty.

    came: the way they came by.
    """

    id: SubscriberId
    address: str
    name: str
    created_at: dt.datetime
    stands: Mapping[str, SubscriptionStatus]
    suppressed: str
    came: str


@dataclass(frozen=True, slots=True)
class Page:
    """before: where the next page begins; None where there is none. short: so many were looked at in vain
    that somebody should say whether to go on.
    """

    readers: Sequence[Found]
    before: int | None
    short: bool = False


def page(
    session: Session, wanted: Wanted, *, at: dt.datetime, before: int | None = None, size: int = 50
) -> Page:
    """The next readers below the number `before`, the newest first. at: who is suppressed then."""
    ids: list[int] = []
    windows = _windows(session, before)
    below = None
    for low, high in windows:
        below = low
        ids += session.scalars(_asked(session, wanted, at, (low, high)).limit(size + 1 - len(ids)))
        if len(ids) > size:
            return Page(_found(session, ids[:size], at), ids[size - 1])
    more = below if below is not None and below > 1 and not _is_exhausted(session, below) else None
    return Page(_found(session, ids, at), more, short=more is not None)


def _windows(session: Session, before: int | None) -> Iterator[tuple[int, int]]:
    """(from, below) of each window that one page may look at."""
    newest = session.scalar(select(func.max(col(SubscriberRow.id)))) or 0
    high = min(newest + 1, before) if before is not None else newest + 1
    last = max(high - LOOKED_AT, 1)
    while high > last:
        low = max(high - WINDOW, last)
        yield low, high
        high = low


def _is_exhausted(session: Session, below: int) -> bool:
    return not session.scalar(select(exists().where(col(SubscriberRow.id) < below)))


def _asked(
    session: Session, wanted: Wanted, at: dt.datetime, window: tuple[int, int]
) -> Select[tuple[int]]:
    """Numbers of those who are wanted within a window, the newest first.

    With a newsletter its subscriptions lead, so that an index gives those of a status in order.
    """
    reader: Any = col(SubscriberRow.id)
    asked = select(reader)
    if wanted.newsletter:
        lead = aliased(SubscriptionRow)  # a segment asks about a row of its own
        reader = col(lead.subscriber_id)
        asked = select(reader).join(SubscriberRow, col(SubscriberRow.id) == reader)
        asked = asked.where(col(lead.newsletter) == wanted.newsletter)
        if wanted.status:
            asked = asked.where(col(lead.status) == wanted.status.value)
    within = reader >= window[0], reader < window[1]
    return asked.where(*within, *_conditions(session, wanted, at, window)).order_by(reader.desc())


def _conditions(
    session: Session, wanted: Wanted, at: dt.datetime, window: tuple[int, int]
) -> Iterator[ColumnElement[bool]]:
    reader = col(SubscriberRow.id)
    if wanted.key:
        yield col(SubscriberRow.address_key) == wanted.key
    for word in wanted.words:
        yield _has(session, word, in_address=wanted.in_addresses)
    if wanted.status and not wanted.newsletter:
        yield exists().where(
            col(SubscriptionRow.subscriber_id) == reader,
            col(SubscriptionRow.status) == wanted.status.value,
        )
    if wanted.suppressed:
        hashes = select(col(SuppressionRow.address_hash)).where(suppressions.active(at))
        yield col(SubscriberRow.address_hash).in_(hashes)
    if wanted.method:
        yield reader.in_(_came_by(wanted, window))
    if wanted.only is not None:
        yield segments.condition(session, wanted.newsletter, wanted.only, at)


def _has(session: Session, word: str, *, in_address: bool) -> ColumnElement[bool]:
    """That a word stands somewhere, whatever its letters' case; as it is, and no pattern.

    SQLite folds the case of ASCII's letters alone, so another word is looked for in a few spellings.
    """
    find = func.instr if session.get_bind().dialect.name == "sqlite" else func.strpos
    name, small = col(SubscriberRow.name), word.lower()
    looked_in = name + literal("\n") + col(SubscriberRow.address) if in_address else name
    plain: ColumnElement[bool] = find(func.lower(looked_in), small) > 0
    if word.isascii():
        return plain
    spelled = dict.fromkeys((small, word, word.title(), word.upper()))
    return or_(plain, *(find(name, one) > 0 for one in spelled))


def _came_by(wanted: Wanted, window: tuple[int, int]) -> Select[tuple[int]]:
    reader = col(ConsentRow.subscriber_id)
    mine = [_CAME, col(ConsentRow.method) == wanted.method, reader >= window[0], reader < window[1]]
    if wanted.newsletter:
        mine.append(col(ConsentRow.newsletter) == wanted.newsletter)
    return select(reader).where(and_(*mine))


# ---------------------------------------------------------------- what the page shows of each


def _found(session: Session, ids: Sequence[int], at: dt.datetime) -> list[Found]:
    who, stands, came = SubscriberRow, _stands(session, ids), _came(session, ids)
    asked = select(
        col(who.id), col(who.address), col(who.name), col(who.created_at), _why(at)
    ).where(among(session, col(who.id), ids))
    return [
        Found(
            SubscriberId(number or 0),
            address,
            name,
            created,
            stands.get(number or 0, {}),
            why or "",
            came.get(number or 0, ""),
        )
        for number, address, name, created, why in session.execute(
            asked.order_by(col(who.id).desc())
        )
    ]


def _why(at: dt.datetime) -> Any:
    same = col(SuppressionRow.address_hash) == col(SubscriberRow.address_hash)
    asked = select(func.min(col(SuppressionRow.reason))).where(same, suppressions.active(at))
    return asked.scalar_subquery()


def _stands(session: Session, ids: Sequence[int]) -> dict[int, dict[str, SubscriptionStatus]]:
    row = SubscriptionRow
    asked = select(col(row.subscriber_id), col(row.newsletter), col(row.status)).where(
        among(session, col(row.subscriber_id), ids)
    )
    found: defaultdict[int, dict[str, SubscriptionStatus]] = defaultdict(dict)
    for reader, newsletter, status in session.execute(asked.order_by(col(row.newsletter))):
        found[reader][newsletter] = SubscriptionStatus(status)
    return found


def _came(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """The first way by which each came."""
    row = ConsentRow
    asked = select(col(row.subscriber_id), col(row.method)).where(
        _CAME, among(session, col(row.subscriber_id), ids)
    )
    found: dict[int, str] = {}
    for reader, method in session.execute(asked.order_by(col(row.id))):
        found.setdefault(reader, method)
    return found
