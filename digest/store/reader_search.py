"""Readers as the desk looks for them: some at a time, the newest first, however many there are.

Keyset pages over the numbers of readers, a window of them a statement. So a search for what hardly anybody
has costs one walk along the table, and ends where the caller's patience does: the next page goes on from there.
"""

from __future__ import annotations

import datetime as dt
import re
import string
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, collate, exists, func, or_, select, text
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from digest.errors import NotFound
from digest.model import SubscriberId, SubscriptionStatus
from digest.segments import Slice
from digest.store import segments, suppressions
from digest.store.statements import among
from digest.store.tables import ConsentRow, SubscriberRow, SubscriptionRow, SuppressionRow

#: Readers whom one statement looks at, and the narrower first windows: most pages are full before long.
WINDOW, FIRST = 100_000, 5_000
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
    """before: where the next page begins; None where there is none. short: patience ended before the page was
    full, so somebody should say whether to go on.
    """

    readers: Sequence[Found]
    before: int | None
    short: bool = False


def endless() -> bool:
    """The patience of who looks until the end."""
    return True


def page(
    session: Session,
    wanted: Wanted,
    *,
    at: dt.datetime,
    before: int | None = None,
    size: int = 50,
    patient: Callable[[], bool] = endless,
) -> Page:
    """The next readers below the number `before`, the newest first. at: who is suppressed then.

    patient: asked after each window whether to look into another one.
    """
    newest = session.scalar(select(func.max(col(SubscriberRow.id)))) or 0
    low = newest + 1 if before is None else min(newest + 1, before)
    ids: list[int] = []
    for window in [(1, low)] if wanted.key else _windows(low):
        low = window[0]
        ids += session.scalars(_asked(session, wanted, at, window).limit(size + 1 - len(ids)))
        if len(ids) > size:
            return Page(_found(session, ids[:size], at), ids[size - 1])
        if not patient():
            break
    more = low if _is_anybody(session, below=low) else None
    return Page(_found(session, ids, at), more, short=more is not None)


def one(session: Session, number: int, *, at: dt.datetime) -> Found:
    """The reader with a number, as a page would show them. Raises NotFound."""
    found = _found(session, [number], at)
    if not found:
        raise NotFound(f"no reader has the number {number}")
    return found[0]


def _windows(below: int) -> Iterator[tuple[int, int]]:
    """(from, below) of each window, downwards."""
    width = FIRST
    while below > 1:
        low = max(below - width, 1)
        yield low, below
        below, width = low, min(2 * width, WINDOW)


def _is_anybody(session: Session, *, below: int) -> bool:
    return bool(session.scalar(select(exists().where(col(SubscriberRow.id) < below))))


def _asked(
    session: Session, wanted: Wanted, at: dt.datetime, window: tuple[int, int]
) -> Select[Any]:
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

    The case of ASCII's letters alone is folded, which is many times as quick; so another word is looked for in
    a few spellings.
    """
    sqlite = session.get_bind().dialect.name == "sqlite"
    small, name = word.lower(), col(SubscriberRow.name)
    spelled = [small] if word.isascii() else [small, word, word.title(), word.upper()]
    ways = [_holds(name, one, sqlite=sqlite) for one in dict.fromkeys(spelled)]
    if in_address:
        ways.append(_holds(col(SubscriberRow.address), small, sqlite=sqlite))
    return or_(*ways)


def _holds(column: Any, word: str, *, sqlite: bool) -> ColumnElement[bool]:
    """SQLite's LIKE folds ASCII by itself; elsewhere both sides are folded so."""
    looked_in = column if sqlite else func.lower(collate(column, "C"))
    plain = re.sub(r"([%_/])", r"/\1", word.translate(_SMALL))
    found: ColumnElement[bool] = looked_in.like(f"%{plain}%", escape="/")
    return found


_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def _came_by(wanted: Wanted, window: tuple[int, int]) -> Select[Any]:
    reader = col(ConsentRow.subscriber_id)
    asked = select(reader).where(_CAME, col(ConsentRow.method) == wanted.method)
    if wanted.newsletter:
        asked = asked.where(col(ConsentRow.newsletter) == wanted.newsletter)
    return asked.where(reader >= window[0], reader < window[1])


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
