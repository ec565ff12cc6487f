"""People who come by an import and are not here yet: their rows, as many as come at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select, text
from sqlmodel import Session, col

from digest.audience.admission import Incoming, Known, Outcome
from digest.audience.tokens import new_secrets
from digest.model import SubscriptionStatus
from digest.store import bulk, consents
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


def add(
    session: Session,
    newsletter: str,
    coming: Sequence[Decided],
    *,
    grounds: Grounds,
    now: dt.datetime,
) -> set[str]:
    """Insert what is missing of these people; the keys of those who are in by it."""
    if not coming:
        return set()
    strangers = [each for each in coming if each.known is None]
    fresh = dict(
        zip((each.one.key for each in strangers), _ids(session, len(strangers)), strict=True)
    )
    stored = bulk.stored(session)
    at = stored(now)
    handles = new_secrets(len(strangers))
    persons = [
        _person(fresh[each.one.key], each, handle, at)
        for each, handle in zip(strangers, handles, strict=True)
    ]
    made = bulk.put(session, SubscriberRow, _SUBSCRIBER, persons)
    if made < len(strangers):
        there = _there(session, SubscriberRow, list(fresh.values()))
        coming = [each for each in coming if each.known or fresh[each.one.key] in there]
    people = [
        _Coming(
            each.known.id if each.known else fresh[each.one.key], each, _joined(each, now, stored)
        )
        for each in coming
    ]
    rows = [_subscription(one, newsletter, at) for one in people]
    if bulk.put(session, SubscriptionRow, _SUBSCRIPTION, rows) < len(rows):
        mine = _since_now(session, newsletter, [one.reader for one in people], now)
        people = [one for one in people if one.reader in mine]
    new = [(one.reader, newsletter, at) for one in people if one.each.outcome is Outcome.NEW]
    bulk.put(session, MembershipRow, ("subscriber_id", "newsletter", "since"), new)
    said = (newsletter, "imported", at, "import")
    why = (consents.words(session, grounds.wording, now=now), grounds.import_id)
    evidence = [(one.reader, *said, one.each.one.network, *why, one.joined, None) for one in people]
    bulk.put(session, ConsentRow, EVIDENCE, evidence)
    return {one.each.one.key for one in people}


class _Coming(NamedTuple):
    """A person with the number of their row, and when they joined elsewhere as the database holds it."""

    reader: int
    each: Decided
    joined: Any


def _joined(each: Decided, now: dt.datetime, stored: Callable[[dt.datetime], Any]) -> Any:
    joined = each.one.joined
    return stored(joined) if joined is not None and joined < now else None


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
    who = (number, one.address, one.key, one.hashed, handle)
    if each.outcome is Outcome.LEFT:
        return (*who, "", "", at, "")
    return (*who, one.name[:200], "", at, one.timezone[:40])


def _subscription(one: _Coming, newsletter: str, at: Any) -> tuple[Any, ...]:
    """A row of `subscription`. Who never confirmed has asked now: that is how long they may still do so."""
    outcome = one.each.outcome
    asked = one.joined if outcome is Outcome.NEW and one.joined is not None else at
    of_person = one.each.one
    kept = ("", "") if outcome is Outcome.LEFT else (of_person.tags, of_person.language[:20])
    return (one.reader, newsletter, STATUSES[outcome], asked, at, *kept)


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
