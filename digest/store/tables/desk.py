"""Editors, their sessions, the audit log, counters and heartbeats."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    Column,
)
from sqlmodel import Field

from digest.store.tables.base import (
    Row,
    UtcDateTime,
    document,
    long_text,
    moment,
    row_id,
    row_key,
)


class EditorRow(Row, table=True):
    """A person with a seat at the desk. An id is never given twice: the audit log speaks of it for ever."""

    __tablename__ = "editor"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = row_id()
    email: str = Field(max_length=254, unique=True)
    name: str = Field(default="", max_length=200)
    role: str = Field(default="editor", max_length=10)  # viewer, editor, publisher, admin
    created_at: dt.datetime = moment()


class SessionRow(Row, table=True):
    """A browser that an editor has logged in with; known by the hash of its cookie.

    how: by what, as `link` or `passkey`. strong: with more than the mailbox. proved_at: when they last showed
    that they are themselves. browser, network: as told to its editor, for them to know it again.
    """

    __tablename__ = "session"
    token_hash: str = Field(primary_key=True, max_length=64)
    editor_id: int = row_key("editor.id", index=True)
    csrf: str = Field(max_length=64)
    created_at: dt.datetime = moment()
    seen_at: dt.datetime = moment()
    expires_at: dt.datetime = moment()
    how: str = Field(max_length=20)
    strong: bool
    proved_at: dt.datetime = moment()
    browser: str = Field(max_length=60)
    network: str = Field(max_length=50)


class EventRow(Row, table=True):
    """The audit log: who did what to which thing. Ids, never addresses.

    Each row's hash covers it and the hash of the row before it (`store/chain.py`); triggers refuse every change.
    """

    __tablename__ = "event"
    id: int | None = row_id()
    at: dt.datetime = moment(index=True)
    actor: str = Field(max_length=60)
    action: str = Field(max_length=40)
    subject: str = Field(default="", max_length=100)
    data: dict[str, Any] = document()
    origin: str = Field(default="", max_length=60)  # a shortened network, or `cli:` and a user
    former: str = Field(max_length=64, unique=True)
    hash: str = Field(max_length=64)


class LimitRow(Row, table=True):
    """How often something was done in a span of time: the counters behind sign-up limits."""

    __tablename__ = "counter"
    bucket: str = Field(primary_key=True, max_length=120)
    starts_at: dt.datetime = Field(sa_column=Column(UtcDateTime(), primary_key=True))
    count: int = 0


class FingerprintRow(Row, table=True):
    """What a secret is known by without being told: which key the hashes of this database are of."""

    __tablename__ = "fingerprint"
    name: str = Field(primary_key=True, max_length=40)
    value: str = Field(max_length=64)
    at: dt.datetime = moment()


class HeartbeatRow(Row, table=True):
    """When a part of the program was last alive: the scheduler's reconcile, a worker."""

    __tablename__ = "heartbeat"
    name: str = Field(primary_key=True, max_length=60)
    at: dt.datetime = moment()
    detail: str = long_text()
