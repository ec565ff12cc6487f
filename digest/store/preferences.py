"""What readers chose: a row's words, and spans of silence, which the audience of an issue asks for."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update
from sqlmodel import Session, col

from digest.model import Cadence, Preferences, SubscriptionStatus
from digest.store import statements
from digest.store.tables import SilenceRow, SubscriberRow, SubscriptionRow

SNOOZE, BIG = "snooze", Cadence.BIG.value


def of(session: Session, subscriber_id: int, newsletter: str, *, now: dt.datetime) -> Preferences:
    """What a reader chose; the newsletter's own ways where nothing was."""
    asked = (
        select(
            col(SubscriberRow.name),
            col(SubscriberRow.timezone),
            col(SubscriptionRow.language),
            col(SubscriptionRow.theme),
            col(SubscriptionRow.unwanted_sections),
        )
        .join(SubscriptionRow, col(SubscriptionRow.subscriber_id) == col(SubscriberRow.id))
        .where(
            col(SubscriberRow.id) == subscriber_id, col(SubscriptionRow.newsletter) == newsletter
        )
    )
    name, timezone, language, theme, unwanted = session.execute(asked).one()
    spans = _silences(session, subscriber_id, newsletter, now=now)
    return Preferences(
        name=name,
        language=language,
        theme=theme,
        unwanted=frozenset(unwanted.splitlines()),
        cadence=Cadence.BIG if BIG in spans else Cadence.WEEKLY,
        snoozed_until=spans.get(SNOOZE),
        timezone=timezone,
    )


def keep(
    session: Session, subscriber_id: int, newsletter: str, wanted: Preferences, *, now: dt.datetime
) -> None:
    """Write down what a reader chose, from `now` on."""
    person = update(SubscriberRow).where(col(SubscriberRow.id) == subscriber_id)
    values = {"name": wanted.name[:200], "timezone": wanted.timezone[:40]}
    statements.moved(session, person.values(**values))
    subscription = update(SubscriptionRow).where(
        col(SubscriptionRow.subscriber_id) == subscriber_id,
        col(SubscriptionRow.newsletter) == newsletter,
    )
    unwanted = "\n".join(sorted(wanted.unwanted))
    values = {
        "language": wanted.language[:20],
        "theme": wanted.theme[:20],
        "unwanted_sections": unwanted,
    }
    statements.moved(session, subscription.values(**values))
    before = of(session, subscriber_id, newsletter, now=now)
    if before.snoozed_until != wanted.snoozed_until:
        _silence(session, subscriber_id, newsletter, SNOOZE, until=wanted.snoozed_until, now=now)
    if before.cadence is not wanted.cadence:
        until = None if wanted.cadence is Cadence.BIG else now
        _silence(session, subscriber_id, newsletter, BIG, until=until, now=now)


def wake(session: Session, subscriber_id: int, newsletter: str, *, now: dt.datetime) -> None:
    """End a snooze: who leaves and comes back is mailed."""
    mine = (*_holds(subscriber_id, newsletter, now), col(SilenceRow.kind) == SNOOZE)
    statements.moved(session, update(SilenceRow).where(*mine).values(until=now))


def waiting_for_big(session: Session, newsletter: str, *, now: dt.datetime) -> int:
    """How many who are with us want only weeks with a big story."""
    until = col(SilenceRow.until)
    member = exists().where(
        col(SubscriptionRow.subscriber_id) == col(SilenceRow.subscriber_id),
        col(SubscriptionRow.newsletter) == newsletter,
        col(SubscriptionRow.status) == SubscriptionStatus.CONFIRMED.value,
    )
    asked = (
        select(func.count(func.distinct(col(SilenceRow.subscriber_id))))
        .where(col(SilenceRow.newsletter) == newsletter, col(SilenceRow.kind) == BIG)
        .where(or_(until.is_(None), until > now), member)
    )
    return session.scalar(asked) or 0


def silent(newsletter: str, moment: dt.datetime, *, big: bool) -> ColumnElement[bool]:
    """The condition that a reader wants no issue at a moment, for statements of this room.

    big: the issue has a big story, so those who want only such ones want it.
    """
    until = col(SilenceRow.until)
    spans = and_(
        col(SilenceRow.subscriber_id) == col(SubscriberRow.id),
        col(SilenceRow.newsletter) == newsletter,
        col(SilenceRow.since) <= moment,
        or_(until.is_(None), until > moment),
    )
    return and_(spans, col(SilenceRow.kind) == SNOOZE) if big else spans


def _silences(
    session: Session, subscriber_id: int, newsletter: str, *, now: dt.datetime
) -> dict[str, dt.datetime | None]:
    """The spans that hold now, by their kind: until when."""
    asked = select(col(SilenceRow.kind), col(SilenceRow.until)).where(
        *_holds(subscriber_id, newsletter, now)
    )
    return {kind: until for kind, until in session.execute(asked)}  # noqa: C416  typed so


def _silence(
    session: Session,
    subscriber_id: int,
    newsletter: str,
    kind: str,
    *,
    until: dt.datetime | None,
    now: dt.datetime,
) -> None:
    """End the span of a kind that holds now; a new one begins unless it would be over at once."""
    mine = (*_holds(subscriber_id, newsletter, now), col(SilenceRow.kind) == kind)
    statements.moved(session, update(SilenceRow).where(*mine).values(until=now))
    begins = until is None if kind == BIG else until is not None and until > now
    if begins:
        values = {"subscriber_id": subscriber_id, "newsletter": newsletter, "kind": kind}
        session.execute(insert(SilenceRow).values(**values, since=now, until=until))


def _holds(
    subscriber_id: int, newsletter: str, now: dt.datetime
) -> tuple[ColumnElement[bool], ...]:
    until = col(SilenceRow.until)
    return (
        col(SilenceRow.subscriber_id) == subscriber_id,
        col(SilenceRow.newsletter) == newsletter,
        or_(until.is_(None), until > now),
    )
