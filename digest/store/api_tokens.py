"""Tokens of the API: the secret is told once, its SHA-256 stays here with what it opens and until when."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import insert, or_, select, update
from sqlmodel import Session, col

from digest.audience.tokens import hash_secret
from digest.errors import BadInput, NotFound
from digest.model import Scope
from digest.store import statements
from digest.store.tables import ApiTokenRow

#: How a secret begins, so that people and scanners of code know one when they see it; and how much of it is shown.
PREFIX, SHOWN = "sct_", 8
#: A token is good for so many days unless somebody says otherwise, and never for more than a year.
DAYS, MOST_DAYS = 90, 365
#: That a token was used is written down no more often than this.
USED_EVERY = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A token without its secret. opening: the secret's first letters. kept_by: see `ApiTokenRow`; empty for most."""

    id: int
    name: str
    opening: str
    scopes: frozenset[Scope]
    made_by: str
    kept_by: str
    created_at: dt.datetime
    expires_at: dt.datetime
    used_at: dt.datetime | None
    revoked_at: dt.datetime | None

    @property
    def actor(self) -> str:
        """Who this is in the audit log."""
        return f"token:{self.id}"

    @property
    def owner(self) -> str:
        """Who answers for it: with their seat it ends."""
        return self.kept_by or self.made_by

    def works(self, now: dt.datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


def make(
    session: Session,
    name: str,
    scopes: Collection[Scope],
    *,
    by: str,
    days: int = DAYS,
    now: dt.datetime,
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is told here and nowhere else. Raises BadInput."""
    spoken = " ".join(name.split())[:100]
    if not spoken:
        raise BadInput("name", "say which program it is for")
    if not scopes:
        raise BadInput("scopes", "say what it may do")
    if not 1 <= days <= MOST_DAYS:
        raise BadInput("days", f"from 1 to {MOST_DAYS}")
    secret = f"{PREFIX}{secrets.token_urlsafe(32)}"
    made = insert(ApiTokenRow).values(
        name=spoken,
        token_hash=hash_secret(secret),
        opening=secret[:SHOWN],
        scopes=" ".join(sorted(set(scopes))),
        made_by=by[:60],
        created_at=now,
        expires_at=now + dt.timedelta(days=days),
        used_at=None,
        revoked_at=None,
    )
    number = session.scalars(made.returning(col(ApiTokenRow.id))).one() or 0
    return by_id(session, number), secret


def by_id(session: Session, number: int) -> ApiToken:
    """Raises NotFound."""
    asked = select(ApiTokenRow).where(col(ApiTokenRow.id) == number)
    row = session.scalars(asked, execution_options={"populate_existing": True}).one_or_none()
    if row is None:
        raise NotFound(f"there is no token {number}")
    return _token(row)


def by_secret(session: Session, secret: str) -> ApiToken | None:
    """The token of a secret, working or not; None where it is nobody's.

    It is looked up by a hash of 256 random bits, so what time that takes tells nothing; compared in constant time
    all the same.
    """
    hashed = hash_secret(secret)
    asked = select(ApiTokenRow).where(col(ApiTokenRow.token_hash) == hashed)
    row = session.scalars(asked, execution_options={"populate_existing": True}).one_or_none()
    if row is None or not hmac.compare_digest(row.token_hash, hashed):
        return None
    return _token(row)


def all(session: Session) -> list[ApiToken]:
    """Every token that was ever made, the newest first."""
    return [
        _token(row)
        for row in session.scalars(select(ApiTokenRow).order_by(col(ApiTokenRow.id).desc()))
    ]


def working(session: Session, *, now: dt.datetime) -> dict[str, list[ApiToken]]:
    """Those that open something now, by who answers for them, the oldest first."""
    row = ApiTokenRow
    works = col(row.revoked_at).is_(None), col(row.expires_at) > now
    found: dict[str, list[ApiToken]] = {}
    for one in map(_token, session.scalars(select(row).where(*works).order_by(col(row.id)))):
        found.setdefault(one.owner, []).append(one)
    return found


def keep(session: Session, number: int, *, by: str) -> None:
    """Let a token go on, with somebody else to answer for it."""
    change = update(ApiTokenRow).where(col(ApiTokenRow.id) == number)
    statements.moved(session, change.values(kept_by=by[:60]))


def revoke(session: Session, number: int, *, now: dt.datetime) -> bool:
    """End a token at once; True if this call did. Raises NotFound."""
    by_id(session, number)
    standing = col(ApiTokenRow.id) == number, col(ApiTokenRow.revoked_at).is_(None)
    change = update(ApiTokenRow).where(*standing).values(revoked_at=now)
    return statements.moved(session, change) == 1


def note_used(session: Session, number: int, *, now: dt.datetime) -> None:
    """Note that it was used, unless that was noted just now."""
    used = col(ApiTokenRow.used_at)
    late = or_(used.is_(None), used <= now - USED_EVERY)
    change = update(ApiTokenRow).where(col(ApiTokenRow.id) == number, late)
    statements.moved(session, change.values(used_at=now))


def _token(row: ApiTokenRow) -> ApiToken:
    known = set(Scope)
    return ApiToken(
        id=row.id or 0,
        name=row.name,
        opening=row.opening,
        scopes=frozenset(Scope(one) for one in row.scopes.split() if one in known),
        made_by=row.made_by,
        kept_by=row.kept_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
