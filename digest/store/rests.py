"""Which provider is left alone until when, and why: what the senders know, for people to see."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlmodel import Session, col

from digest.store import heartbeats, statements
from digest.store.tables import RestRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """One provider that rests. instead: which one goes on; empty where none does."""

    provider: str
    until: dt.datetime
    why: str
    instead: str = ""


def begin(session: Session, rest: Rest) -> None:
    """A provider rests; what was known of it before is forgotten."""
    given = {"until": rest.until, "why": rest.why, "instead": rest.instead}
    statement = statements.insert(session, RestRow).values(provider=rest.provider, **given)
    new = {name: statement.excluded[name] for name in given}
    session.execute(statement.on_conflict_do_update(index_elements=["provider"], set_=new))


def end_all(session: Session) -> None:
    """A person has looked: nobody rests any more."""
    session.execute(delete(RestRow))


#: When a person last had all of them asked again, as a beat.
_ASKED_AGAIN = "providers asked again"


def ask_again(session: Session, *, now: dt.datetime) -> None:
    """A person has every provider asked again now, also by senders elsewhere, who hear of it at their next look."""
    end_all(session)
    heartbeats.beat(session, _ASKED_AGAIN, now=now)


def asked_again_at(session: Session) -> dt.datetime | None:
    """When a person last had every provider asked again."""
    return heartbeats.last(session, _ASKED_AGAIN)


def now_resting(session: Session, *, now: dt.datetime) -> list[Rest]:
    """Who is left alone now, by name."""
    asked = select(RestRow).where(col(RestRow.until) > now).order_by(col(RestRow.provider))
    return [
        Rest(provider=row.provider, until=row.until, why=row.why, instead=row.instead)
        for row in session.scalars(asked)
    ]
