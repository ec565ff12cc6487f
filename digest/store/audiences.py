"""Who is mailed: the audience at a moment, and who of it may still be mailed now."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, TextClause, bindparam, exists, func, or_, select, text
from sqlmodel import Session, col

from digest.model import Reader, SubscriberId
from digest.segments import Slice
from digest.store import direct, preferences, segments, suppressions
from digest.store.tables import MembershipRow, SubscriberRow, SuppressionRow, UtcDateTime

#: The one question that is asked of every reader of every send, built once.
_MAY = """
SELECT {columns} FROM subscriber AS s WHERE s.id {among}
AND EXISTS (SELECT 1 FROM membership AS m WHERE m.subscriber_id = s.id
            AND m.newsletter = :newsletter AND m.until IS NULL)
AND NOT EXISTS (SELECT 1 FROM suppression AS x WHERE x.address_hash = s.address_hash
                AND (x.until IS NULL OR x.until > :now))
AND NOT EXISTS (SELECT 1 FROM silence AS q WHERE q.subscriber_id = s.id
                AND q.newsletter = :newsletter AND q.kind = 'snooze' AND q.until > :now)
"""
_COLUMNS = "s.id, s.address, s.handle, s.name"
#: As `model.Choice.text`; where nothing was chosen it names nothing.
_CHOICE = """COALESCE((SELECT p.language || '/' || p.theme || '\n' || p.unwanted_sections || '\n\n' || p.first_sections
FROM subscription AS p WHERE p.subscriber_id = s.id AND p.newsletter = :newsletter), '')"""


def _asked(columns: str) -> dict[str, TextClause]:
    """The question by the database's dialect.

    The driver of SQLite lets go of the interpreter's lock at each row, and beside a busy thread it waits for
    it as often: so there the rows come as one value.
    """
    listed = f"json_group_array(json_array({columns}))"
    among = "IN (SELECT value FROM json_each(:ids))"
    now = bindparam("now", type_=UtcDateTime())
    by_value = text(_MAY.format(columns=listed, among=among)).bindparams(now)
    by_row = _MAY.format(columns=columns, among="= ANY(CAST(:ids AS bigint[]))")
    return {"sqlite": by_value, "postgresql": text(by_row).bindparams(now)}


_PLAIN, _WITH_CHOICE = _asked(f"{_COLUMNS}, ''"), _asked(f"{_COLUMNS}, {_CHOICE}")


def at(
    session: Session,
    newsletter: str,
    moment: dt.datetime,
    *,
    size: int,
    big: bool = True,
    only: Slice | None = None,
) -> Iterator[list[int]]:
    """The ids of those who are mailed, `size` at a time; read as a stream, a million is no burden.

    big: the issue has a big story; without one, those who want only such issues are not mailed.
    only: those of a segment; what they chose counts as it stands in this transaction.
    """
    asked = select(col(SubscriberRow.id))
    asked = asked.where(*_mailed(session, newsletter, moment, big, only))
    asked = asked.order_by(col(SubscriberRow.id))
    found = session.scalars(asked, execution_options={"yield_per": size})
    return ([i for i in ids if i is not None] for ids in found.partitions())


def at_home(
    session: Session,
    newsletter: str,
    moment: dt.datetime,
    *,
    size: int,
    big: bool = True,
    only: Slice | None = None,
) -> Iterator[tuple[int, str]]:
    """The same readers by id, each with the time zone; read `size` at a time, all in one question."""
    asked = select(col(SubscriberRow.id), col(SubscriberRow.timezone))
    asked = asked.where(*_mailed(session, newsletter, moment, big, only))
    asked = asked.order_by(col(SubscriberRow.id))
    found = session.execute(asked, execution_options={"yield_per": size})
    return ((reader, zone) for reader, zone in found if reader is not None)


def zones(
    session: Session,
    newsletter: str,
    moment: dt.datetime,
    *,
    big: bool = True,
    only: Slice | None = None,
) -> dict[str, int]:
    """How many of those who are mailed live in which time zone."""
    zone = col(SubscriberRow.timezone)
    asked = select(zone, func.count()).where(*_mailed(session, newsletter, moment, big, only))
    return {zone: count for zone, count in session.execute(asked.group_by(zone))}  # noqa: C416  typed so


def count(
    session: Session,
    newsletter: str,
    moment: dt.datetime,
    *,
    only: Slice | None = None,
    big: bool = True,
) -> int:
    """How many would be mailed at a moment. big: in a week with a big story."""
    conditions = _mailed(session, newsletter, moment, big, only)
    asked = select(func.count()).select_from(SubscriberRow).where(*conditions)
    return session.scalar(asked) or 0


def _mailed(
    session: Session, newsletter: str, moment: dt.datetime, big: bool, only: Slice | None
) -> tuple[ColumnElement[bool], ...]:
    """The conditions of being mailed at a moment: a member then, not suppressed then, and not silent."""
    member = exists().where(
        col(MembershipRow.subscriber_id) == col(SubscriberRow.id),
        col(MembershipRow.newsletter) == newsletter,
        col(MembershipRow.since) <= moment,
        or_(col(MembershipRow.until).is_(None), col(MembershipRow.until) > moment),
    )
    silent = exists().where(preferences.silent(newsletter, moment, big=big))
    mailed = member, ~_suppressed(suppressions.active(moment)), ~silent
    if only is None:
        return mailed
    return *mailed, segments.condition(session, newsletter, only, moment)


def _suppressed(active: ColumnElement[bool]) -> ColumnElement[bool]:
    same = col(SuppressionRow.address_hash) == col(SubscriberRow.address_hash)
    return exists().where(same, active)


def readers(
    session: Session,
    newsletter: str,
    ids: Sequence[int],
    *,
    now: dt.datetime,
    choices: bool = False,
) -> dict[SubscriberId, Reader]:
    """Those of `ids` who may be mailed now: not erased, not left, suppressed or silent since the freeze.

    Whoever has an open span is still with us, also after leaving and coming back; a suppression
    counts however its clock was set. choices: with what each one chose.
    """
    asked = {"newsletter": newsletter, "now": now}
    dialect = session.get_bind().dialect.name
    question = (_WITH_CHOICE if choices else _PLAIN)[dialect]
    if dialect == "sqlite":
        [(listed,)] = direct.rows(session, question, {**asked, "ids": json.dumps(ids)})
        return {row[0]: Reader._make(row) for row in json.loads(listed)}
    rows = direct.rows(session, question, {**asked, "ids": list(ids)})
    return {row[0]: Reader._make(row) for row in rows}
