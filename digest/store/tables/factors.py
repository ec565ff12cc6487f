"""What else an editor proves to be themselves with: passkeys, codes of an app, recovery codes."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Field

from digest.store.tables.base import Row, long_text, moment, row_id, row_key


class PasskeyRow(Row, table=True):
    """A key pair in an editor's device (WebAuthn): the public half."""

    __tablename__ = "passkey"
    id: int | None = row_id()
    editor_id: int = row_key("editor.id", index=True)
    known_by: str = Field(max_length=64, unique=True)  # the SHA-256 of the credential's id
    credential: str = long_text()  # the id itself, base64url
    public_key: str = long_text()  # COSE, base64url
    counter: int = 0
    name: str = Field(default="", max_length=60)
    created_at: dt.datetime = moment()
    used_at: dt.datetime | None = moment(nullable=True)


class CodeAppRow(Row, table=True):
    """The secret that an editor's app makes codes from (RFC 6238), sealed with the house's key.

    last_step: the time step of the newest code that was taken; none is taken twice.
    """

    __tablename__ = "code_app"
    editor_id: int = row_key("editor.id", primary=True)
    sealed: str = long_text()
    last_step: int = 0
    created_at: dt.datetime = moment()
    confirmed_at: dt.datetime | None = moment(nullable=True)


class RecoveryCodeRow(Row, table=True):
    """A code for the day on which the device is lost; its hash. It goes when it is used."""

    __tablename__ = "recovery_code"
    code_hash: str = Field(primary_key=True, max_length=64)
    editor_id: int = row_key("editor.id", index=True)
    created_at: dt.datetime = moment()
