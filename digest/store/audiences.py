"""Who is mailed: the audience at a moment, and who of it may still be mailed now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, exists, or_, select
from sqlmodel import Session, col

from digest.model import Reader, SubscriberId
from digest.store import statements, suppressions
from digest.store.tables import MembershipRow, SubscriberRow, SuppressionRow


def at(session: Session, newsletter: str, moment: dt.datetime, *, size: int) -> Iterator[list[int]]:
    """The ids of those who are mailed, `size` at a time; read as a stream, a million is no burden."""
    asked = (
        select(col(SubscriberRow.id))
        .join(MembershipRow, col(MembershipRow.subscriber_id) == col(SubscriberRow.id))
        .where(
            col(MembershipRow.newsletter) == newsletter,
            col(MembershipRow.since) <= moment,
            or_(col(MembershipRow.until).is_(None), col(MembershipRow.until) > moment),
            ~_suppressed(suppressions.active(moment)),
        )
        .distinct()
        .order_by(col(SubscriberRow.id))
    )
    found = session.scalars(asked, execution_options={"yield_per": size})
    return ([i for i in ids if i is not None] for ids in found.partitions())


def _suppressed(active: ColumnElement[bool]) -> ColumnElement[bool]:
    same = col(SuppressionRow.address_hash) == col(SubscriberRow.address_hash)
    return exists().where(same, active)


def readers(
    session: Session, newsletter: str, ids: Sequence[int], *, now: dt.datetime
) -> dict[SubscriberId, Reader]:
    """Those of `ids` who may be mailed now: not erased, not left, not suppressed since the freeze.

    Whoever has an open span is still with us, also after leaving and coming back; a suppression
    counts however its clock was set.
    """
    until = col(SuppressionRow.until)
    stays = exists().where(
        col(MembershipRow.subscriber_id) == col(SubscriberRow.id),
        col(MembershipRow.newsletter) == newsletter,
        col(MembershipRow.until).is_(None),
    )
    asked = select(
        col(SubscriberRow.id),
        col(SubscriberRow.address),
        col(SubscriberRow.handle),
        col(SubscriberRow.name),
    ).where(
        statements.among(session, col(SubscriberRow.id), ids),
        stays,
        ~_suppressed(or_(until.is_(None), until > now)),
    )
    found = session.execute(asked)
    return {one: Reader(one, address, handle, name) for one, address, handle, name in found}
