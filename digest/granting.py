"""Tokens of the API, given and taken back by people; each act with its line in the audit log."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from digest.model import Scope
from digest.store import api_tokens, events
from digest.store.api_tokens import DAYS, ApiToken
from digest.store.engine import Database


def give(
    database: Database,
    name: str,
    scopes: Collection[Scope],
    *,
    days: int = DAYS,
    by: str,
    now: dt.datetime,
) -> tuple[ApiToken, str]:
    """A new token and its secret, which nobody learns again. Raises BadInput.

    by: who gives it, in the log.
    """
    with database.write() as session:
        token, secret = api_tokens.make(session, name, scopes, by=by, days=days, now=now)
        data = {"name": token.name, "scopes": sorted(scopes), "days": days}
        events.record(
            session, at=now, actor=by, action="made a token", subject=token.actor, data=data
        )
    return token, secret


def take_back(database: Database, number: int, *, by: str, now: dt.datetime) -> bool:
    """End a token at once; True if this call did. Raises NotFound."""
    with database.write() as session:
        done = api_tokens.revoke(session, number, now=now)
        if done:
            subject = f"token:{number}"
            events.record(session, at=now, actor=by, action="revoked a token", subject=subject)
    return done
