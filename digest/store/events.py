"""The audit log: who did what to which thing. Ids, never addresses, never tokens.

A line is never changed and never goes; `chain` links each to the one before it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlmodel import Session, col

from digest.store.chain import WAITING
from digest.store.tables import EventRow

#: The network that asks for what is being done now, shortened; set for each request of the web.
_ORIGIN: ContextVar[str] = ContextVar("origin", default="")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log. origin: where the act came from. number, hash: its place in the chain."""

    at: dt.datetime
    actor: str
    action: str
    subject: str
    data: Mapping[str, Any]
    origin: str = ""
    number: int = 0
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines. Empty is all. subject: a thing, or the newsletter or kind of thing that it begins with."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    below: int | None = None


def record(
    session: Session,
    *,
    at: dt.datetime,
    actor: str,
    action: str,
    subject: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Append a line; it stands or falls with the transaction that did the thing, and is written at its end."""
    origin = (
        "" if actor.startswith("subscriber:") else _ORIGIN.get()
    )  # an erasure could not take it
    line = {"at": at, "actor": actor, "action": action, "subject": subject, "origin": origin}
    line["data"] = dict(data or {})
    session.info.setdefault(WAITING, []).append(line)


@contextmanager
def from_network(shortened: str) -> Iterator[None]:
    """What is recorded in this block was asked for from there."""
    token = _ORIGIN.set(shortened)
    try:
        yield
    finally:
        _ORIGIN.reset(token)


def recent(session: Session, *, limit: int) -> list[Event]:
    """The newest lines by their time, newest first."""
    asked = select(EventRow).order_by(col(EventRow.at).desc(), col(EventRow.id).desc()).limit(limit)
    return [_event(row) for row in session.scalars(asked)]


def find(session: Session, wanted: Wanted, *, limit: int) -> list[Event]:
    """The lines that are wanted, the newest number first."""
    asked = select(EventRow).where(*_conditions(wanted)).order_by(col(EventRow.id).desc())
    return [_event(row) for row in session.scalars(asked.limit(limit))]


def each(session: Session, wanted: Wanted) -> Iterator[Event]:
    """All lines that are wanted, oldest first, however many there are."""
    asked, after = select(EventRow).where(*_conditions(wanted)).order_by(col(EventRow.id)), 0
    while rows := session.scalars(asked.where(col(EventRow.id) > after).limit(1000)).all():
        yield from map(_event, rows)
        after = rows[-1].id or 0


def actions(session: Session) -> list[str]:
    """Every kind of act that was ever recorded, in alphabetical order."""
    return list(session.scalars(select(col(EventRow.action)).distinct().order_by("action")))


def actors(session: Session) -> list[str]:
    """Everybody who ever did something that was recorded, but readers: they are too many to choose from."""
    known = ~col(EventRow.actor).startswith("subscriber:")
    return list(
        session.scalars(select(col(EventRow.actor)).where(known).distinct().order_by("actor"))
    )


def last_by(session: Session, actions: tuple[str, ...]) -> dict[str, dt.datetime]:
    """When each actor last did one of these."""
    asked = select(col(EventRow.actor), func.max(col(EventRow.at))).where(
        col(EventRow.action).in_(actions)
    )
    found = session.execute(asked.group_by(col(EventRow.actor)))
    return {str(actor): at for actor, at in found}


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.actor:
        found.append(col(EventRow.actor) == wanted.actor)
    if wanted.action:
        found.append(col(EventRow.action) == wanted.action)
    if wanted.subject:
        subject = col(EventRow.subject)
        below = [subject.startswith(f"{wanted.subject}{end}", autoescape=True) for end in "/:"]
        found.append(or_(subject == wanted.subject, *below))
    if wanted.since:
        found.append(col(EventRow.at) >= wanted.since)
    if wanted.until:
        found.append(col(EventRow.at) < wanted.until)
    if wanted.below is not None:
        found.append(col(EventRow.id) < wanted.below)
    return found


def _event(row: EventRow) -> Event:
    place = (row.origin, row.id or 0, row.hash)
    return Event(row.at, row.actor, row.action, row.subject, row.data, *place)
