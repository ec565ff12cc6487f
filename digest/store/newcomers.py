"""People who come by an import and are not here yet: their rows, as many as come at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, NamedTuple

from sqlalchemy import select, text
from sqlmodel import Session, col

from digest.audience.admission import Incoming, Known, Outcome
from digest.audience.tokens import new_secrets
from digest.model import SubscriptionStatus
from digest.store import bulk, consents
from digest.store.direct import as_text
from digest.store.statements import among
from digest.store.tables import (
    ConsentRow,
    MembershipRow,
    SubscriberRow,
    SubscriptionRow,
)

#: What a newcomer's subscription is.
STATUSES = {
    Outcome.NEW: SubscriptionStatus.CONFIRMED.value,
    Outcome.PENDING: SubscriptionStatus.PENDING.value,
    Outcome.LEFT: SubscriptionStatus.UNSUBSCRIBED.value,
}
_NEW, _LEFT, _CONFIRMED = Outcome.NEW, Outcome.LEFT, STATUSES[Outcome.NEW]  # slow to ask for


@dataclass(frozen=True, slots=True)
class Grounds:
    """On what grounds people are taken over, kept as evidence, and by which import."""

    wording: str = ""
    import_id: int | None = None


class Decided(NamedTuple):
    """A person, what is known of them, and what becomes of them."""

    one: Incoming
    known: Known | None
    outcome: Outcome


#: A person with the number of their row.
Arrived = tuple[int, Decided]


def add(
    session: Session,
    newsletter: str,
    coming: Sequence[Decided],
    *,
    grounds: Grounds,
    now: dt.datetime,
) -> list[Arrived]:
    """Insert what is missing of these people; those who are in by it.

    They are written in the order of their keys, as one index of readers stands.
    """
    if not coming:
        return []
    coming = sorted(coming, key=_key_of)
    at = bulk.stored(session)(now)
    arrived = _put_persons(session, coming, at)
    until = as_text(now)
    states = [_subscription(*one, newsletter, at, until) for one in arrived]
    if bulk.put(session, SubscriptionRow, _SUBSCRIPTION, states) < len(states):
        mine = _since_now(session, newsletter, [reader for reader, _ in arrived], now)
        arrived = [one for one in arrived if one[0] in mine]
    new = [(reader, newsletter, at) for reader, each in arrived if each.outcome is _NEW]
    bulk.put(session, MembershipRow, ("subscriber_id", "newsletter", "since"), new)
    said = (newsletter, "imported", at, "import")
    why = (consents.words(session, grounds.wording, now=now), grounds.import_id)
    evidence = [
        (reader, *said, one.network, *why, _joined(one, until), None)
        for reader, (one, *_) in arrived
    ]
    bulk.put(session, ConsentRow, EVIDENCE, evidence)
    return arrived


def _put_persons(session: Session, coming: Sequence[Decided], at: Any) -> list[Arrived]:
    """Insert the strangers among these people; all of them, but for strangers whom somebody else wrote just now."""
    strangers = [each for each in coming if each.known is None]
    fresh = list(_ids(session, len(strangers)))
    handles = new_secrets(len(strangers))
    persons = list(map(_person, fresh, strangers, handles, repeat(at)))
    numbers = iter(fresh)
    arrived = [(each.known.id if each.known else next(numbers), each) for each in coming]
    if bulk.put(session, SubscriberRow, _SUBSCRIBER, persons) < len(strangers):
        there = _there(session, SubscriberRow, fresh)
        arrived = [one for one in arrived if one[1].known or one[0] in there]
    return arrived


def _key_of(each: Decided) -> str:
    return each.one.key


def _joined(one: Incoming, until: str) -> str | None:
    """When they joined elsewhere, as the database takes it; None where that is not told, or not over."""
    return one.joined if "" < one.joined < until else None


_SUBSCRIBER = (
    "id",
    "address",
    "address_key",
    "address_hash",
    "handle",
    "name",
    "language",
    "created_at",
    "timezone",
)
_SUBSCRIPTION = (
    "subscriber_id", "newsletter", "status", "asked_at", "changed_at", "tags", "language",
)  # fmt: skip
EVIDENCE = (
    "subscriber_id",
    "newsletter",
    "kind",
    "at",
    "method",
    "network",
    "wording_version",
    "import_id",
    "given_at",
    "gained",
)


def _person(number: int, each: Decided, handle: str, at: Any) -> tuple[Any, ...]:
    """A row of `subscriber`. Of who left elsewhere no more is kept than the address."""
    one = each.one
    if each.outcome is _LEFT:
        return (number, one.address, one.key, one.hashed, handle, "", "", at, "")
    kept = one.name[:200], "", at, one.timezone[:40]
    return (number, one.address, one.key, one.hashed, handle, *kept)


def _subscription(
    reader: int, each: Decided, newsletter: str, at: Any, until: str
) -> tuple[Any, ...]:
    """A row of `subscription`. Who never confirmed has asked now: that is how long they may still do so."""
    one, _, outcome = each
    if outcome is _NEW:
        asked = _joined(one, until) or at
        return (reader, newsletter, _CONFIRMED, asked, at, one.tags, one.language[:20])
    kept = ("", "") if outcome is _LEFT else (one.tags, one.language[:20])
    return (reader, newsletter, STATUSES[outcome], at, at, *kept)


def _ids(session: Session, count: int) -> Iterable[int]:
    """Numbers for new readers, never given twice."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        asked = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'subscriber'), 0)"
        last = int(connection.exec_driver_sql(asked).scalar_one())
        return range(last + 1, last + 1 + count)
    drawn = text(
        "SELECT nextval(pg_get_serial_sequence('subscriber', 'id')) FROM generate_series(1, :n)"
    )
    return list(connection.execute(drawn, {"n": count}).scalars())


def _there(session: Session, row: type[SubscriberRow], ids: Sequence[int]) -> set[int]:
    asked = select(col(row.id)).where(among(session, col(row.id), ids))
    return {found for found in session.scalars(asked) if found is not None}


def _since_now(session: Session, newsletter: str, ids: Sequence[int], now: dt.datetime) -> set[int]:
    """Those of these readers whose subscription is of this very moment."""
    reader = col(SubscriptionRow.subscriber_id)
    asked = select(reader).where(
        among(session, reader, ids),
        col(SubscriptionRow.newsletter) == newsletter,
        col(SubscriptionRow.changed_at) == now,
    )
    return set(session.scalars(asked))
