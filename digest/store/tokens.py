"""One-purpose, expiring tokens: the secret goes out by mail, its SHA-256 stays here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlmodel import Session, col

from digest.audience.tokens import hash_secret, new_secret
from digest.store import statements
from digest.store.tables import TokenRow


@dataclass(frozen=True, slots=True)
class Token:
    """What a secret stands for. subject: an id; scope: the newsletter, or what it is bound to."""

    purpose: str
    subject: int
    scope: str
    expires_at: dt.datetime
    used: bool


def issue(
    session: Session,
    *,
    purpose: str,
    subject: int,
    scope: str = "",
    now: dt.datetime,
    lifetime: dt.timedelta,
) -> str:
    """Make a token; its secret is told once and never stored."""
    secret = new_secret()
    session.execute(
        insert(TokenRow).values(
            token_hash=hash_secret(secret),
            purpose=purpose,
            subject=subject,
            scope=scope,
            created_at=now,
            expires_at=now + lifetime,
            used_at=None,
        )
    )
    return secret


def look(session: Session, secret: str, purpose: str, *, now: dt.datetime) -> Token | None:
    """What a secret stands for, used or not; None where it is unknown, expired or for another purpose."""
    asked = select(TokenRow).where(
        col(TokenRow.token_hash) == hash_secret(secret),
        col(TokenRow.purpose) == purpose,
        col(TokenRow.expires_at) > now,
    )
    row = session.scalars(asked.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        return None
    return Token(row.purpose, row.subject, row.scope, row.expires_at, row.used_at is not None)


def use(session: Session, secret: str, purpose: str, *, now: dt.datetime) -> Token | None:
    """Use a token up; of all who try, one gets it. None where it is used, unknown or expired."""
    statement = (
        update(TokenRow)
        .where(
            col(TokenRow.token_hash) == hash_secret(secret),
            col(TokenRow.purpose) == purpose,
            col(TokenRow.expires_at) > now,
            col(TokenRow.used_at).is_(None),
        )
        .values(used_at=now)
    )
    if statements.moved(session, statement) != 1:
        return None
    return look(session, secret, purpose, now=now)


def revoke(session: Session, purpose: str, subject: int, *, now: dt.datetime) -> int:
    """End what was given out for one purpose and subject and is not used; says how many."""
    statement = update(TokenRow).where(
        col(TokenRow.purpose) == purpose,
        col(TokenRow.subject) == subject,
        col(TokenRow.used_at).is_(None),
    )
    return statements.moved(session, statement.values(used_at=now))
