"""Segments as conditions of statements: the same that `digest.segments.holds` says of one reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, assert_never

from sqlalchemy import ColumnElement, and_, exists, func, literal, not_, or_, select
from sqlmodel import Session, col

from digest.segments import (
    Engaged,
    Every,
    Facts,
    JoinedAfter,
    JoinedBefore,
    Language,
    Section,
    Segment,
    Slice,
    Some,
    Tag,
    Without,
)
from digest.store import consents
from digest.store.statements import among
from digest.store.tables import ConsentRow, SubscriberRow, SubscriptionRow

#: Evidence of something that readers did themselves.
OWN_ACTS = ("asked", "confirmed", "changed")

Find = Callable[[ColumnElement[str], str], ColumnElement[int]]


def condition(
    session: Session, newsletter: str, wanted: Slice, at: dt.datetime
) -> ColumnElement[bool]:
    """That the reader of a row of `subscriber` is in a segment at a moment."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    find: Find = func.instr if sqlite else func.strpos
    mine = and_(
        col(SubscriptionRow.subscriber_id) == col(SubscriberRow.id),
        col(SubscriptionRow.newsletter) == newsletter,
    )
    asked = _Asked(newsletter, wanted, at, find)
    # also where the question around it asks of subscriptions: ours is one of its own
    return exists().where(mine, asked.of(wanted.segment)).correlate(SubscriberRow)


class _Asked:
    """One question: about which newsletter, at which moment, on which database."""

    def __init__(self, newsletter: str, wanted: Slice, at: dt.datetime, find: Find) -> None:
        self._newsletter, self._wanted, self._at, self._find = newsletter, wanted, at, find

    def of(self, segment: Segment) -> ColumnElement[bool]:  # noqa: PLR0911  a line a kind
        joined = col(SubscriptionRow.asked_at)
        match segment:
            case Section(name):
                return not_(self._has_line(col(SubscriptionRow.unwanted_sections), name))
            case Tag(name):
                return self._has_line(col(SubscriptionRow.tags), name)
            case Language(tag):
                return self._reads(tag.lower())
            case JoinedBefore(day):
                return joined < self._wanted.begins(day)
            case JoinedAfter(day):
                return joined >= self._wanted.begins(day)
            case Engaged(days):
                return self._acted_since(self._at - dt.timedelta(days=days))
            case Every(parts):
                return and_(*map(self.of, parts))
            case Some(parts):
                return or_(*map(self.of, parts))
            case Without(part):
                return not_(self.of(part))
            case _:
                assert_never(segment)

    def _has_line(self, column: Any, line: str) -> ColumnElement[bool]:
        """That a text of lines has this one: found as it is, no pattern, letters as they are."""
        edge = literal("\n")
        return self._find(edge + column + edge, f"\n{line}\n") > 0

    def _reads(self, tag: str) -> ColumnElement[bool]:
        chosen = (func.nullif(col(row.language), "") for row in (SubscriptionRow, SubscriberRow))
        language = func.lower(func.coalesce(*chosen, self._wanted.language))
        return or_(language == tag, func.substr(language, 1, len(tag) + 1) == f"{tag}-")

    def _acted_since(self, moment: dt.datetime) -> ColumnElement[bool]:
        acted = exists().where(
            col(ConsentRow.subscriber_id) == col(SubscriptionRow.subscriber_id),
            col(ConsentRow.newsletter) == self._newsletter,
            *_own_act(),
            col(ConsentRow.at) > moment,
            col(ConsentRow.at) <= self._at,
        )
        return acted.correlate(SubscriptionRow)


def _own_act() -> tuple[ColumnElement[bool], ...]:
    return (
        col(ConsentRow.kind).in_(OWN_ACTS),
        col(ConsentRow.method).not_in(consents.NOT_THEIRS),
    )


def facts(
    session: Session, newsletter: str, ids: Sequence[int], *, at: dt.datetime
) -> dict[int, Facts]:
    """What segments ask about these readers of a newsletter, at a moment."""
    who, state = SubscriberRow, SubscriptionRow
    acted = (
        select(func.max(col(ConsentRow.at)))
        .where(
            col(ConsentRow.subscriber_id) == col(who.id),
            col(ConsentRow.newsletter) == newsletter,
            *_own_act(),
            col(ConsentRow.at) <= at,
        )
        .scalar_subquery()
    )
    asked = (
        select(
            col(who.id),
            col(state.asked_at),
            col(state.language),
            col(who.language),
            col(state.unwanted_sections),
            col(state.tags),
            acted,
        )
        .join(state, col(state.subscriber_id) == col(who.id))
        .where(col(state.newsletter) == newsletter, among(session, col(who.id), ids))
    )
    return {
        reader: Facts(
            joined,
            chosen or told,
            frozenset(unwanted.splitlines()),
            frozenset(tags.splitlines()),
            last,
        )
        for reader, joined, chosen, told, unwanted, tags, last in session.execute(asked)
        if reader is not None
    }
