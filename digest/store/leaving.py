"""After a reader left: coming back at once, the reason, and where a subscription went on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, insert, select, update
from sqlmodel import Session, col

from digest.model import SubscriberId, SubscriptionStatus
from digest.store import consents, statements
from digest.store.tables import ConsentRow, MembershipRow, SubscriptionRow

#: So many moves are followed from one address to the next.
_MOVES = 20


def come_back(
    session: Session,
    subscriber_id: int,
    newsletter: str,
    *,
    since: dt.datetime,
    now: dt.datetime,
    method: str,
) -> bool:
    """Take a leaving back that was not before `since`; False where there is none.

    Only who was confirmed is again. A new span begins: nobody was mailed in between, and that stays so.
    """
    spans = (
        col(MembershipRow.subscriber_id) == subscriber_id,
        col(MembershipRow.newsletter) == newsletter,
    )
    ended = session.scalar(select(func.max(col(MembershipRow.until))).where(*spans))
    if ended is None or ended < since:
        return False
    left = and_(
        _one(subscriber_id, newsletter),
        col(SubscriptionRow.status) == SubscriptionStatus.UNSUBSCRIBED.value,
        col(SubscriptionRow.changed_at) >= since,
    )
    values = {"status": SubscriptionStatus.CONFIRMED.value, "left_for": "", "moved_to": None}
    change = update(SubscriptionRow).where(left).values(changed_at=now, **values)
    if statements.moved(session, change) != 1:
        return False
    begins = max(now, ended)
    whose = {"subscriber_id": subscriber_id, "newsletter": newsletter}
    session.execute(insert(MembershipRow).values(**whose, since=begins, until=None))
    version = consents.last_version(session, subscriber_id, newsletter)
    consents.note(
        session, subscriber_id, newsletter, "confirmed", at=now, method=method, version=version
    )
    return True


def explain(session: Session, subscriber_id: int, newsletter: str, reason: str) -> bool:
    """Note why a reader left, once; False where they have not left, or have said so before."""
    left = and_(
        _one(subscriber_id, newsletter),
        col(SubscriptionRow.status) == SubscriptionStatus.UNSUBSCRIBED.value,
        col(SubscriptionRow.left_for) == "",
    )
    return (
        statements.moved(session, update(SubscriptionRow).where(left).values(left_for=reason)) == 1
    )


def reasons(session: Session, newsletter: str) -> dict[str, int]:
    """How many of those who left gave which reason, the commonest first."""
    counted = func.count()
    asked = (
        select(col(SubscriptionRow.left_for), counted)
        .where(col(SubscriptionRow.newsletter) == newsletter, col(SubscriptionRow.left_for) != "")
        .group_by(col(SubscriptionRow.left_for))
        .order_by(counted.desc(), col(SubscriptionRow.left_for))
    )
    return {why: count for why, count in session.execute(asked)}  # noqa: C416  typed so


def go_on_as(session: Session, subscriber_id: int, newsletter: str, other: int | None) -> None:
    """A subscription goes on as another reader: links in old mails still end it."""
    change = update(SubscriptionRow).where(_one(subscriber_id, newsletter))
    statements.moved(session, change.values(moved_to=other))


def moved(session: Session, subscriber_id: int) -> list[str]:
    """The newsletters that a reader moved to another address."""
    mine = col(SubscriptionRow.subscriber_id) == subscriber_id
    asked = select(col(SubscriptionRow.newsletter)).where(
        mine, col(SubscriptionRow.moved_to).is_not(None)
    )
    return list(session.scalars(asked.order_by(col(SubscriptionRow.newsletter))))


def now_at(session: Session, subscriber_id: int, newsletter: str) -> SubscriberId:
    """Who has a reader's subscription now, after any moves."""
    found = subscriber_id
    for _ in range(_MOVES):
        asked = select(col(SubscriptionRow.moved_to)).where(_one(found, newsletter))
        further = session.scalar(asked)
        if further is None:
            break
        found = further
    return SubscriberId(found)


def of_those_who_moved(session: Session, ids: Sequence[int], newsletter: str) -> list[SubscriberId]:
    """Those of these readers whose subscription went on at another address."""
    asked = select(col(SubscriptionRow.subscriber_id)).where(
        statements.among(session, col(SubscriptionRow.subscriber_id), ids),
        col(SubscriptionRow.newsletter) == newsletter,
        col(SubscriptionRow.moved_to).is_not(None),
    )
    return [SubscriberId(one) for one in session.scalars(asked)] if ids else []


def who_moved_to(session: Session, subscriber_id: int, newsletter: str) -> dict[SubscriberId, int]:
    """Everybody whose subscription came to a reader in the end, by whatever ways, and as the how manieth.

    By the numbers of the ledger of consents, which moves draw one after another (`in_turn`): clocks may be
    set back, and those of two machines differ.
    """
    found: dict[SubscriberId, int] = {}
    last: dict[SubscriberId, int] = {SubscriberId(subscriber_id): 0}
    row, said = SubscriptionRow, ConsentRow
    turn = (
        select(func.max(col(said.id)))
        .where(
            col(said.subscriber_id) == col(row.subscriber_id),
            col(said.newsletter) == newsletter,
            col(said.kind) == "left",
            col(said.method) == "move",
        )
        .scalar_subquery()
    )
    for _ in range(_MOVES):
        asked = select(col(row.subscriber_id), col(row.moved_to), turn).where(
            col(row.newsletter) == newsletter, col(row.moved_to).in_(last)
        )
        came = {
            SubscriberId(one): max(number or 0, last[SubscriberId(to)])
            for one, to, number in session.execute(asked)
            if one not in found
        }
        if not came:
            break
        found |= came
        last = dict(came)
    return found


def _one(subscriber_id: int, newsletter: str) -> ColumnElement[bool]:
    return and_(
        col(SubscriptionRow.subscriber_id) == subscriber_id,
        col(SubscriptionRow.newsletter) == newsletter,
    )
