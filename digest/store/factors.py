"""Passkeys, codes of an app and recovery codes: what is kept of them, and that nothing is taken twice."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, update
from sqlmodel import Session, col

from digest.model import EditorId
from digest.store import statements
from digest.store.tables import CodeAppRow, PasskeyRow, RecoveryCodeRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """The public half of a key pair. credential, public_key: base64url. used_at: None is never."""

    id: int
    editor_id: EditorId
    credential: str
    public_key: str
    counter: int
    name: str
    created_at: dt.datetime
    used_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class CodeApp:
    """The sealed secret of an editor's app; confirmed where a code of it was shown to work."""

    sealed: str
    confirmed_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """What an editor has beside the mailbox."""

    passkeys: int = 0
    app: bool = False
    codes: int = 0

    @property
    def any(self) -> bool:
        return bool(self.passkeys) or self.app


def held(session: Session, editor_id: EditorId) -> Held:
    """How many of what an editor has."""
    passkeys = select(func.count()).select_from(PasskeyRow)
    codes = select(func.count()).select_from(RecoveryCodeRow)
    app = code_app(session, editor_id)
    return Held(
        session.scalar(passkeys.where(col(PasskeyRow.editor_id) == editor_id)) or 0,
        app is not None and app.confirmed_at is not None,
        session.scalar(codes.where(col(RecoveryCodeRow.editor_id) == editor_id)) or 0,
    )


def drop_all(session: Session, editor_id: EditorId) -> int:
    """Take away everything but the mailbox; how much there was."""
    return sum(
        statements.moved(session, delete(table).where(col(table.editor_id) == editor_id))
        for table in (PasskeyRow, CodeAppRow, RecoveryCodeRow)
    )


# ---------------------------------------------------------------- passkeys


def passkeys(session: Session, editor_id: EditorId) -> list[Passkey]:
    """An editor's passkeys, the oldest first."""
    mine = select(PasskeyRow).where(col(PasskeyRow.editor_id) == editor_id)
    return [_passkey(row) for row in session.scalars(mine.order_by(col(PasskeyRow.id)))]


def passkey_of(session: Session, credential: str) -> Passkey | None:
    """The passkey with this credential's id (base64url)."""
    known = col(PasskeyRow.known_by) == _known_by(credential)
    row = session.scalars(select(PasskeyRow).where(known)).one_or_none()
    return _passkey(row) if row else None


def add_passkey(
    session: Session,
    editor_id: EditorId,
    credential: str,
    *,
    public_key: str,
    counter: int,
    name: str,
    now: dt.datetime,
) -> bool:
    """Keep a new passkey; False where it is known already."""
    return statements.inserted(
        session,
        PasskeyRow,
        editor_id=editor_id,
        known_by=_known_by(credential),
        credential=credential,
        public_key=public_key,
        counter=counter,
        name=name[:60],
        created_at=now,
        used_at=None,
    )


def passkey_used(session: Session, passkey: Passkey, *, counter: int, now: dt.datetime) -> bool:
    """Note a login; False where another one with the same count was faster."""
    change = update(PasskeyRow).where(
        col(PasskeyRow.id) == passkey.id, col(PasskeyRow.counter) == passkey.counter
    )
    return statements.moved(session, change.values(counter=counter, used_at=now)) == 1


def remove_passkey(session: Session, editor_id: EditorId, passkey_id: int) -> bool:
    """Forget one of an editor's passkeys; False where it is none of theirs."""
    mine = (col(PasskeyRow.editor_id) == editor_id, col(PasskeyRow.id) == passkey_id)
    return statements.moved(session, delete(PasskeyRow).where(*mine)) == 1


def _known_by(credential: str) -> str:
    return hashlib.sha256(credential.encode("ascii", "replace")).hexdigest()


def _passkey(row: PasskeyRow) -> Passkey:
    return Passkey(
        id=row.id or 0,
        editor_id=EditorId(row.editor_id),
        credential=row.credential,
        public_key=row.public_key,
        counter=row.counter,
        name=row.name,
        created_at=row.created_at,
        used_at=row.used_at,
    )


# ---------------------------------------------------------------- codes of an app


def code_app(session: Session, editor_id: EditorId) -> CodeApp | None:
    """An editor's app, confirmed or not."""
    row = session.get(CodeAppRow, editor_id, populate_existing=True)
    return CodeApp(row.sealed, row.confirmed_at) if row else None


def begin_code_app(session: Session, editor_id: EditorId, sealed: str, *, now: dt.datetime) -> bool:
    """Keep a secret that is not confirmed yet, in place of an earlier one; False where one is confirmed."""
    waits = (col(CodeAppRow.editor_id) == editor_id, col(CodeAppRow.confirmed_at).is_(None))
    statements.moved(session, delete(CodeAppRow).where(*waits))
    return statements.inserted(
        session,
        CodeAppRow,
        editor_id=editor_id,
        sealed=sealed,
        last_step=0,
        created_at=now,
        confirmed_at=None,
    )


def take_step(session: Session, editor_id: EditorId, step: int, *, now: dt.datetime) -> bool:
    """Use up the code of a time step; False where this one or a later one was used before. Confirms the app."""
    change = update(CodeAppRow).where(
        col(CodeAppRow.editor_id) == editor_id, col(CodeAppRow.last_step) < step
    )
    confirmed = func.coalesce(col(CodeAppRow.confirmed_at), now)
    return statements.moved(session, change.values(last_step=step, confirmed_at=confirmed)) == 1


def remove_code_app(session: Session, editor_id: EditorId) -> bool:
    """Forget an editor's app; False where there was none."""
    gone = delete(CodeAppRow).where(col(CodeAppRow.editor_id) == editor_id)
    return statements.moved(session, gone) == 1


# ---------------------------------------------------------------- recovery codes


def replace_codes(
    session: Session, editor_id: EditorId, hashes: Sequence[str], *, now: dt.datetime
) -> None:
    """New recovery codes, by their hashes; the old ones open nothing any more."""
    mine = col(RecoveryCodeRow.editor_id) == editor_id
    statements.moved(session, delete(RecoveryCodeRow).where(mine))
    rows = [{"code_hash": one, "editor_id": editor_id, "created_at": now} for one in hashes]
    session.execute(insert(RecoveryCodeRow), rows)


def use_code(session: Session, editor_id: EditorId, code_hash: str) -> bool:
    """Use a recovery code up; of all who try, one gets it."""
    mine = (
        col(RecoveryCodeRow.editor_id) == editor_id,
        col(RecoveryCodeRow.code_hash) == code_hash,
    )
    return statements.moved(session, delete(RecoveryCodeRow).where(*mine)) == 1
