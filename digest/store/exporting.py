"""Readers of a newsletter as they are exported: every one once, a batch in memory at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, func, select
from sqlmodel import Session, col

from digest.model import SubscriptionStatus
from digest.segments import Slice
from digest.store import segments, suppressions
from digest.store.tables import MembershipRow, SubscriberRow, SubscriptionRow, SuppressionRow

#: How many lines are held in memory at once.
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class SubscriberLine:
    """A reader of one newsletter. suppressed: why they must not be mailed; empty where they may."""

    address: str
    name: str
    status: SubscriptionStatus
    suppressed: str
    language: str
    timezone: str
    tags: tuple[str, ...]
    asked_at: dt.datetime
    confirmed_at: dt.datetime | None
    changed_at: dt.datetime


def lines(
    session: Session,
    newsletter: str,
    *,
    at: dt.datetime,
    statuses: Collection[SubscriptionStatus] = (),
    only: Slice | None = None,
) -> Iterator[SubscriberLine]:
    """The readers by id. statuses: only these; empty = whatever their status. only: those of a segment.

    at: who is suppressed at that moment, and in the segment.
    """
    who, state = SubscriberRow, SubscriptionRow
    asked = (
        select(
            col(who.address),
            col(who.name),
            col(state.status),
            _suppressed(at),
            func.coalesce(func.nullif(col(state.language), ""), col(who.language)),
            col(who.timezone),
            col(state.tags),
            col(state.asked_at),
            _confirmed_at(newsletter),
            col(state.changed_at),
        )
        .join(who, col(who.id) == col(state.subscriber_id))
        .where(col(state.newsletter) == newsletter)
        .order_by(col(state.subscriber_id))
        .execution_options(yield_per=_BATCH)
    )
    if statuses:
        asked = asked.where(col(state.status).in_([one.value for one in statuses]))
    if only is not None:
        asked = asked.where(segments.condition(session, newsletter, only, at))
    for address, name, status, why, language, timezone, tags, *times in session.execute(asked):
        yield SubscriberLine(
            address,
            name,
            SubscriptionStatus(status),
            why or "",
            language,
            timezone,
            tuple(tags.splitlines()),
            *times,
        )


def _confirmed_at(newsletter: str) -> ScalarSelect[dt.datetime]:
    return (
        select(func.max(col(MembershipRow.since)))
        .where(
            col(MembershipRow.subscriber_id) == col(SubscriptionRow.subscriber_id),
            col(MembershipRow.newsletter) == newsletter,
        )
        .scalar_subquery()
    )


def _suppressed(at: dt.datetime) -> ScalarSelect[str]:
    same = col(SuppressionRow.address_hash) == col(SubscriberRow.address_hash)
    return (
        select(func.min(col(SuppressionRow.reason)))
        .where(same, suppressions.active(at))
        .scalar_subquery()
    )
