"""Editors: who has a seat at the desk, and the browsers in which they are logged in."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import IntEnum

from sqlalchemy import delete, func, insert, select, text, update
from sqlmodel import Session, col

from digest.audience.tokens import hash_secret, new_secret
from digest.errors import BadInput
from digest.model import EditorId
from digest.store import statements, tokens
from digest.store.tables import EditorRow, SessionRow


class Role(IntEnum):
    """What a seat may do; each role may also do what the ones before it may."""

    VIEWER = 1  # reads
    EDITOR = 2  # shapes an issue
    PUBLISHER = 3  # approves, holds, skips
    ADMIN = 4


#: Who may consent to an edition.
APPROVERS = ("publisher", "admin")

#: The roles as they are stored and typed.
ROLES = tuple(role.name.lower() for role in Role)

#: A session ends after so much time without a request, and after so much in all.
IDLE, LONGEST = dt.timedelta(hours=12), dt.timedelta(days=7)
#: A session's last request is noted at most this often: to look at a page takes no write.
SEEN_EVERY = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Editor:
    """A person with a seat at the desk. email: in small letters. role: one of ROLES."""

    id: EditorId
    email: str
    name: str
    role: str
    created_at: dt.datetime


@dataclass(frozen=True, slots=True)
class EditorSession:
    """A browser in which an editor is logged in, and the word that its forms must carry.

    strong: they showed more than that they read their mail. proved_at: when they last showed who they are.
    """

    editor: Editor
    csrf: str
    seen_at: dt.datetime
    expires_at: dt.datetime
    strong: bool
    proved_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a browser was logged in. how: by what. browser, network: for its editor to know it again."""

    how: str = "link"
    strong: bool = False
    browser: str = ""
    network: str = ""


def add(
    session: Session, email: str, *, name: str = "", role: str = "admin", now: dt.datetime
) -> EditorId:
    """Give somebody a seat. Raises BadInput where they have one or the role is unknown."""
    _known(role)
    folded = _folded(email)
    if not statements.inserted(
        session, EditorRow, email=folded, name=name[:200], role=role, created_at=now
    ):
        raise BadInput(folded, "has a seat at the desk already")
    found = by_email(session, folded)
    assert found is not None
    return found.id


def change_role(session: Session, editor_id: EditorId, role: str) -> None:
    """Give a seat another role; their open browsers have it at the next request. Raises BadInput."""
    _known(role)
    change = update(EditorRow).where(col(EditorRow.id) == editor_id)
    statements.moved(session, change.values(role=role))


def remove(session: Session, editor_id: EditorId, *, now: dt.datetime) -> None:
    """Take a seat away: their browsers are logged out, and no link in their mail opens anything."""
    tokens.revoke(session, "login", editor_id, now=now)
    statements.moved(session, delete(SessionRow).where(col(SessionRow.editor_id) == editor_id))
    statements.moved(session, delete(EditorRow).where(col(EditorRow.id) == editor_id))


def _known(role: str) -> None:
    if role not in ROLES:
        raise BadInput(role, f"no such role; there are {', '.join(ROLES)}")


def none_yet(session: Session) -> bool:
    """True while nobody has a seat; nobody else gets one before this transaction ends.

    SQLite has one writer at a time anyway.
    https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-TABLES
    """
    _locked(session)
    return count(session) == 0


def _locked(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        name = EditorRow.__tablename__
        session.connection().execute(text(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"))


def add_first(session: Session, email: str, *, name: str, now: dt.datetime) -> EditorId | None:
    """Give the first admin a seat; of all who try at once one gets it. None where somebody has one."""
    return add(session, email, name=name, role="admin", now=now) if none_yet(session) else None


def leaves_an_admin(session: Session, editor_id: EditorId) -> bool:
    """True where somebody else is an admin; nobody's role changes before this transaction ends."""
    _locked(session)
    return any(one.role == "admin" and one.id != editor_id for one in all(session))


def is_admin(session: Session, editor_id: int) -> bool:
    """Whether somebody is an admin; their seat and role stay as they are before this transaction ends.

    SQLite has one writer at a time anyway.
    https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS
    """
    asked = select(col(EditorRow.role)).where(col(EditorRow.id) == editor_id)
    return session.scalar(asked.with_for_update(read=True)) == "admin"


def by_email(session: Session, email: str) -> Editor | None:
    """The editor with this address, in whatever letters it is written."""
    row = session.scalars(select(EditorRow).where(col(EditorRow.email) == _folded(email))).first()
    return _editor(row) if row else None


def by_id(session: Session, editor_id: int) -> Editor | None:
    """The editor with this id."""
    row = session.get(EditorRow, editor_id)
    return _editor(row) if row else None


def all(session: Session) -> list[Editor]:
    """Everybody with a seat, in the order in which they came."""
    return [_editor(row) for row in session.scalars(select(EditorRow).order_by(col(EditorRow.id)))]


def count(session: Session) -> int:
    """How many have a seat."""
    return session.scalar(select(func.count()).select_from(EditorRow)) or 0


def open_session(
    session: Session, editor_id: EditorId, *, now: dt.datetime, way: Way = Way()
) -> tuple[str, str]:
    """Log an editor in: the secret for the cookie and the word for its forms."""
    secret, csrf = new_secret(), new_secret()
    session.execute(
        insert(SessionRow).values(
            token_hash=hash_secret(secret),
            editor_id=editor_id,
            csrf=csrf,
            created_at=now,
            seen_at=now,
            expires_at=now + LONGEST,
            how=way.how,
            strong=way.strong,
            proved_at=now,
            browser=way.browser[:60],
            network=way.network[:50],
        )
    )
    statements.moved(session, delete(SessionRow).where(col(SessionRow.expires_at) <= now))
    return secret, csrf


def session_of(session: Session, secret: str, *, now: dt.datetime) -> EditorSession | None:
    """Who is logged in with this cookie; None where it opens nothing any more. Changes nothing."""
    known = col(SessionRow.token_hash) == hash_secret(secret)
    asked = (
        select(SessionRow, EditorRow)
        .join(EditorRow, col(EditorRow.id) == col(SessionRow.editor_id))
        .where(known, col(SessionRow.expires_at) > now, col(SessionRow.seen_at) > now - IDLE)
        .execution_options(populate_existing=True)
    )
    found = session.execute(asked).one_or_none()
    if found is None:
        return None
    row, editor = found
    times = (row.seen_at, row.expires_at)
    return EditorSession(_editor(editor), row.csrf, *times, row.strong, row.proved_at)


def note_seen(session: Session, secret: str, *, now: dt.datetime) -> None:
    """Note a session's request, so that it does not end as idle; needed every SEEN_EVERY only."""
    known = col(SessionRow.token_hash) == hash_secret(secret)
    earlier = col(SessionRow.seen_at) < now
    statements.moved(session, update(SessionRow).where(known, earlier).values(seen_at=now))


def close_session(session: Session, secret: str) -> None:
    """Log out: the cookie opens nothing any more."""
    known = col(SessionRow.token_hash) == hash_secret(secret)
    statements.moved(session, delete(SessionRow).where(known))


def _folded(email: str) -> str:
    return email.strip().casefold()


def _editor(row: EditorRow) -> Editor:
    return Editor(EditorId(row.id or 0), row.email, row.name, row.role, row.created_at)
