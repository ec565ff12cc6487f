"""Tokens of the API, given and taken back by people; each act with its line in the audit log.

A token belongs to the house, but one that an admin made ends when they are no admin any more: they know its secret.
Whoever takes the seat away may let it go on, and answers for it then; nobody who leaves keeps their own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from digest.errors import Conflict
from digest.model import EditorId, Scope
from digest.store import api_tokens, editors, events
from digest.store.api_tokens import DAYS, ApiToken
from digest.store.engine import Database, Session

_EDITOR = "editor:"


def give(
    database: Database,
    name: str,
    scopes: Collection[Scope],
    *,
    days: int = DAYS,
    by: str,
    now: dt.datetime,
) -> tuple[ApiToken, str]:
    """A new token and its secret, which nobody learns again. Raises BadInput, and Conflict for who is no admin any more.

    by: who gives it, in the log.
    """
    with database.write() as session:
        if by.startswith(_EDITOR) and not _is_admin(session, by.removeprefix(_EDITOR)):
            raise Conflict("this seat may make no tokens any more")
        token, secret = api_tokens.make(session, name, scopes, by=by, days=days, now=now)
        data = {"name": token.name, "scopes": sorted(scopes), "days": days}
        events.record(
            session, at=now, actor=by, action="made a token", subject=token.actor, data=data
        )
    return token, secret


def _is_admin(session: Session, number: str) -> bool:
    """number: as it was typed, perhaps at the command line."""
    return number.isdecimal() and editors.is_admin(session, int(number))


def take_back(database: Database, number: int, *, by: str, now: dt.datetime) -> bool:
    """End a token at once; True if this call did. Raises NotFound."""
    with database.write() as session:
        done = api_tokens.revoke(session, number, now=now)
        if done:
            subject = f"token:{number}"
            events.record(session, at=now, actor=by, action="revoked a token", subject=subject)
    return done


def take_seat(
    session: Session, seat: EditorId, *, keep: bool = False, by: str, now: dt.datetime
) -> list[ApiToken]:
    """Take a seat away; the tokens that it answered for, which end with it.

    keep: they go on, and `by` answers for them.
    """
    editors.remove(session, seat, now=now)
    return _settled(session, seat, keep=keep, by=by, now=now)


def change_role(
    session: Session, seat: EditorId, role: str, *, keep: bool = False, by: str, now: dt.datetime
) -> list[ApiToken]:
    """Give a seat another role; the tokens that end because it is no admin's any more. keep: as of `take_seat`."""
    editors.change_role(session, seat, role)
    return [] if role == "admin" else _settled(session, seat, keep=keep, by=by, now=now)


def _settled(
    session: Session, seat: EditorId, *, keep: bool, by: str, now: dt.datetime
) -> list[ApiToken]:
    """After the seat's own change, for which a token that is being made waits, or it for the token."""
    owner = f"{_EDITOR}{seat}"
    found = api_tokens.working(session, now=now).get(owner, [])
    for one in found:
        if keep := keep and by != owner:
            api_tokens.keep(session, one.id, by=by)
        else:
            api_tokens.revoke(session, one.id, now=now)
        action = "kept a token" if keep else "revoked a token"
        data = {"was": owner}
        events.record(session, at=now, actor=by, action=action, subject=one.actor, data=data)
    return found
