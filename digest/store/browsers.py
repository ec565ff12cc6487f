"""The browsers in which editors are logged in, as they see and end them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlmodel import Session, col

from digest.audience.tokens import hash_secret
from digest.model import EditorId
from digest.store import statements
from digest.store.editors import IDLE
from digest.store.tables import SessionRow

#: So much of a session's hash names it in a form; it opens nothing.
_HANDLE = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """One of an editor's open sessions. handle: names it and opens nothing. here: the one that asks."""

    handle: str
    browser: str
    network: str
    how: str
    created_at: dt.datetime
    seen_at: dt.datetime
    here: bool


def of(
    session: Session, editor_id: EditorId, *, now: dt.datetime, secret: str = ""
) -> list[Browser]:
    """An editor's open sessions, the last used first. secret: of the one that asks."""
    asked = select(SessionRow).where(_open(now), col(SessionRow.editor_id) == editor_id)
    return [
        Browser(
            handle=row.token_hash[:_HANDLE],
            browser=row.browser,
            network=row.network,
            how=row.how,
            created_at=row.created_at,
            seen_at=row.seen_at,
            here=row.token_hash == hash_secret(secret),
        )
        for row in session.scalars(asked.order_by(col(SessionRow.seen_at).desc()))
    ]


def counts(session: Session, *, now: dt.datetime) -> Mapping[int, int]:
    """How many open sessions each editor has."""
    asked = select(col(SessionRow.editor_id), func.count()).where(_open(now))
    found = session.execute(asked.group_by(col(SessionRow.editor_id)))
    return {int(editor): int(count) for editor, count in found}


def end(session: Session, editor_id: EditorId, handle: str) -> bool:
    """End one of an editor's sessions; False where it is none of theirs, or over."""
    named = col(SessionRow.token_hash).startswith(handle, autoescape=True)
    mine = (col(SessionRow.editor_id) == editor_id, named)
    if len(handle) != _HANDLE:
        return False
    return statements.moved(session, delete(SessionRow).where(*mine)) == 1


def end_others(session: Session, editor_id: EditorId, secret: str = "") -> int:
    """End all of an editor's sessions but the one that asks; how many."""
    others = (
        col(SessionRow.editor_id) == editor_id,
        col(SessionRow.token_hash) != hash_secret(secret),
    )
    return statements.moved(session, delete(SessionRow).where(*others))


def proved(session: Session, secret: str, *, now: dt.datetime, strong: bool = True) -> None:
    """Note that whoever sits in this browser has just shown who they are. strong: with more than their mail."""
    mine = update(SessionRow).where(col(SessionRow.token_hash) == hash_secret(secret))
    more = {"strong": True} if strong else {}
    statements.moved(session, mine.values(proved_at=now, **more))


def _open(now: dt.datetime) -> ColumnElement[bool]:
    alive: ColumnElement[bool] = col(SessionRow.seen_at) > now - IDLE
    return alive & (col(SessionRow.expires_at) > now)
