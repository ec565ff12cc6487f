"""Readers: who asked, who is confirmed and since when, who left. Evidence is only ever appended.

`subscription` says where a reader stands now, `membership` who was confirmed at any moment.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, insert, select, update
from sqlmodel import Session, col

from digest.audience.addresses import Address
from digest.audience.tokens import new_secret
from digest.model import HookKind, SubscriberId, SubscriptionStatus
from digest.store import consents, hooks, preferences, statements, suppressions
from digest.store.importing import Imported, import_confirmed
from digest.store.tables import MembershipRow, SubscriberRow, SubscriptionRow

__all__ = [
    "Asked",
    "Imported",
    "Subscriber",
    "ask",
    "by_address",
    "by_handle",
    "by_id",
    "confirm",
    "counts",
    "import_confirmed",
    "leave",
    "newsletters",
    "standing",
    "status",
]

PENDING, CONFIRMED, UNSUBSCRIBED = SubscriptionStatus


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person with an address. handle: 128 random bits; it stands in links, the id never does."""

    id: SubscriberId
    address: str
    handle: str
    name: str
    language: str
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What a wish to subscribe found. subscriber_id is 0 where a suppressed address left no row."""

    subscriber_id: SubscriberId
    outcome: Literal["new", "pending", "confirmed", "suppressed"]


# ---------------------------------------------------------------- coming and going


def ask(
    session: Session,
    newsletter: str,
    address: Address,
    *,
    address_hash: str,
    now: dt.datetime,
    method: str,
    network: str = "",
    wording: str = "",
    language: str = "",
) -> Asked:
    """Note the wish to subscribe: pending until confirmed, also for somebody who left before.

    A suppressed address is only reported; nothing is written about it.
    """
    if suppressions.is_suppressed(session, address_hash, at=now, but=(suppressions.ERASED,)):
        return Asked(SubscriberId(0), "suppressed")
    subscriber_id = _subscriber(session, address, address_hash, language=language, now=now)
    before = status(session, subscriber_id, newsletter)
    if before is CONFIRMED:
        return Asked(subscriber_id, "confirmed")
    if before is PENDING:
        return Asked(subscriber_id, "pending")
    if not _become_pending(session, subscriber_id, newsletter, now=now):
        return Asked(subscriber_id, "pending")  # the same wish arrived twice at once
    consents.note(
        session,
        subscriber_id,
        newsletter,
        "asked",
        at=now,
        method=method,
        network=network,
        version=consents.words(session, wording, now=now),
    )
    return Asked(subscriber_id, "new")


def confirm(
    session: Session,
    subscriber_id: int,
    newsletter: str,
    *,
    now: dt.datetime,
    method: str,
    network: str = "",
) -> bool:
    """Confirm a pending subscription; False where there is none (any more). From now on it is mailed."""
    pending = and_(_one(subscriber_id, newsletter), col(SubscriptionRow.status) == PENDING.value)
    # Their own again: links end this subscription, and why an earlier one ended is over.
    values = {"status": CONFIRMED.value, "moved_to": None, "left_for": ""}
    change = update(SubscriptionRow).where(pending).values(changed_at=now, **values)
    if statements.moved(session, change) != 1:
        return False
    _forgive_erasure(session, subscriber_id, now=now)
    since = max(now, _last_left(session, subscriber_id, newsletter) or now)
    session.execute(
        insert(MembershipRow).values(
            subscriber_id=subscriber_id, newsletter=newsletter, since=since, until=None
        )
    )
    consents.note(
        session,
        subscriber_id,
        newsletter,
        "confirmed",
        at=now,
        method=method,
        network=network,
        version=consents.last_version(session, subscriber_id, newsletter),
    )
    confirmed, data = HookKind.READER_CONFIRMED, {"how": method}
    hooks.tell(session, newsletter, confirmed, now=now, reader=subscriber_id, data=data)
    return True


def leave(
    session: Session, subscriber_id: int, newsletter: str, *, now: dt.datetime, method: str
) -> bool:
    """End a subscription, pending or confirmed; False where there was none to end."""
    standing = col(SubscriptionRow.status).in_([PENDING.value, CONFIRMED.value])
    change = update(SubscriptionRow).where(_one(subscriber_id, newsletter), standing)
    if statements.moved(session, change.values(status=UNSUBSCRIBED.value, changed_at=now)) != 1:
        return False
    member = and_(
        col(MembershipRow.subscriber_id) == subscriber_id,
        col(MembershipRow.newsletter) == newsletter,
        col(MembershipRow.until).is_(None),
    )
    # A clock that was set back must not end a span before it began.
    late = update(MembershipRow).where(member, col(MembershipRow.since) > now)
    statements.moved(session, late.values(until=col(MembershipRow.since)))
    was_ours = statements.moved(session, update(MembershipRow).where(member).values(until=now))
    preferences.wake(session, subscriber_id, newsletter, now=now)
    consents.note(session, subscriber_id, newsletter, "left", at=now, method=method)
    if was_ours:
        left, data = HookKind.READER_LEFT, {"how": method}
        hooks.tell(session, newsletter, left, now=now, reader=subscriber_id, data=data)
    return True


# ---------------------------------------------------------------- looking


def by_handle(session: Session, handle: str) -> Subscriber | None:
    """The reader whose links carry this handle."""
    return _find(session, col(SubscriberRow.handle) == handle)


def by_id(session: Session, subscriber_id: int) -> Subscriber | None:
    """The reader with this id."""
    return _find(session, col(SubscriberRow.id) == subscriber_id)


def by_address(session: Session, key: str) -> Subscriber | None:
    """The reader whose address folds to this key."""
    return _find(session, col(SubscriberRow.address_key) == key)


def standing(
    session: Session, newsletter: str, key: str, address_hash: str, *, at: dt.datetime
) -> Literal["suppressed"] | SubscriptionStatus | None:
    """Where an address stands: it must not be mailed, or its status; None where it never asked."""
    if suppressions.is_suppressed(session, address_hash, at=at, but=(suppressions.ERASED,)):
        return "suppressed"
    known = by_address(session, key)
    return status(session, known.id, newsletter) if known else None


def status(session: Session, subscriber_id: int, newsletter: str) -> SubscriptionStatus | None:
    """Where a reader stands with a newsletter now; None where they never asked."""
    found = session.scalar(
        select(col(SubscriptionRow.status)).where(_one(subscriber_id, newsletter))
    )
    return None if found is None else SubscriptionStatus(found)


def newsletters(session: Session, subscriber_id: int) -> list[str]:
    """The newsletters that a reader has asked for and not left."""
    asked = select(col(SubscriptionRow.newsletter)).where(
        col(SubscriptionRow.subscriber_id) == subscriber_id,
        col(SubscriptionRow.status) != UNSUBSCRIBED.value,
    )
    return list(session.scalars(asked.order_by(col(SubscriptionRow.newsletter))))


def counts(session: Session, newsletter: str) -> dict[SubscriptionStatus, int]:
    """How many readers stand where; every status has its number."""
    asked = (
        select(col(SubscriptionRow.status), func.count())
        .where(col(SubscriptionRow.newsletter) == newsletter)
        .group_by(col(SubscriptionRow.status))
    )
    found = {row[0]: row[1] for row in session.execute(asked)}
    return {one: found.get(one.value, 0) for one in SubscriptionStatus}


# ---------------------------------------------------------------- rows


def _subscriber(
    session: Session, address: Address, address_hash: str, *, language: str, now: dt.datetime
) -> SubscriberId:
    """The row of this address, made where there is none.

    Until a reader is confirmed somewhere, mail goes to the spelling that was asked for last.
    """
    new = statements.inserted(
        session,
        SubscriberRow,
        address=address.address,
        address_key=address.key,
        address_hash=address_hash,
        handle=new_secret(),
        name="",
        language=language[:20],
        created_at=now,
    )
    asked = select(col(SubscriberRow.id)).where(col(SubscriberRow.address_key) == address.key)
    subscriber_id = SubscriberId(session.scalars(asked).one() or 0)
    if not new:
        confirmed = exists().where(
            col(SubscriptionRow.subscriber_id) == subscriber_id,
            col(SubscriptionRow.status) == CONFIRMED.value,
        )
        respell = update(SubscriberRow).where(col(SubscriberRow.id) == subscriber_id, ~confirmed)
        statements.moved(session, respell.values(address=address.address))
    return subscriber_id


def _become_pending(
    session: Session, subscriber_id: int, newsletter: str, *, now: dt.datetime
) -> bool:
    if statements.inserted(
        session,
        SubscriptionRow,
        subscriber_id=subscriber_id,
        newsletter=newsletter,
        status=PENDING.value,
        asked_at=now,
        changed_at=now,
    ):
        return True
    left = and_(_one(subscriber_id, newsletter), col(SubscriptionRow.status) == UNSUBSCRIBED.value)
    again = update(SubscriptionRow).where(left)
    changed = again.values(status=PENDING.value, asked_at=now, changed_at=now)
    return statements.moved(session, changed) == 1


def _forgive_erasure(session: Session, subscriber_id: int, *, now: dt.datetime) -> None:
    """Who was forgotten and confirms anew is mailed again."""
    asked = select(col(SubscriberRow.address_hash)).where(col(SubscriberRow.id) == subscriber_id)
    suppressions.lift(session, session.scalars(asked), (suppressions.ERASED,), now=now)


def _last_left(session: Session, subscriber_id: int, newsletter: str) -> dt.datetime | None:
    ended = select(func.max(col(MembershipRow.until))).where(
        col(MembershipRow.subscriber_id) == subscriber_id,
        col(MembershipRow.newsletter) == newsletter,
    )
    return session.scalar(ended)


def _one(subscriber_id: int, newsletter: str) -> ColumnElement[bool]:
    return and_(
        col(SubscriptionRow.subscriber_id) == subscriber_id,
        col(SubscriptionRow.newsletter) == newsletter,
    )


def _find(session: Session, condition: ColumnElement[bool]) -> Subscriber | None:
    row = session.scalars(select(SubscriberRow).where(condition)).one_or_none()
    if row is None:
        return None
    return Subscriber(
        SubscriberId(row.id or 0), row.address, row.handle, row.name, row.language, row.created_at
    )


def live_in(session: Session, zones: Mapping[str, str]) -> None:
    """Note the time zones of readers, by their folded address; who has one keeps it."""
    if zones:
        table = SubscriberRow.__table__  # type: ignore[attr-defined]
        known, empty = table.c.address_key == bindparam("folded"), table.c.timezone == ""
        change = update(table).where(known, empty)
        rows = [{"folded": key, "zone": zone} for key, zone in zones.items()]
        session.connection().execute(change.values(timezone=bindparam("zone")), rows)
