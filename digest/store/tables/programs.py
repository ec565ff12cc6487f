"""Programs that speak with the house: tokens of the API, its calls, webhooks, and what is told to them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Column, Index, Integer, String, UniqueConstraint, text
from sqlmodel import Field

from digest.store.tables.base import BigId, Row, long_text, moment, row_id, row_key


class ApiTokenRow(Row, table=True):
    """A token of the API, known by the SHA-256 of its secret. An id is never given twice: the audit log speaks of it.

    opening: the first letters of the secret, by which its owner knows it again. scopes: with spaces between.
    kept_by: who lets it go on since its maker is no admin any more.
    """

    __tablename__ = "api_token"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = row_id()
    name: str = Field(max_length=100)
    token_hash: str = Field(max_length=64, unique=True)
    opening: str = Field(max_length=12)
    scopes: str = long_text()
    made_by: str = Field(max_length=60)
    kept_by: str = Field(
        default="", sa_column=Column(String(60), nullable=False, server_default=text("''"))
    )
    created_at: dt.datetime = moment()
    expires_at: dt.datetime = moment()
    used_at: dt.datetime | None = moment(nullable=True)
    revoked_at: dt.datetime | None = moment(nullable=True)


class ApiCallRow(Row, table=True):
    """A call with an idempotency key, and its answer once there is one. Both sealed or hashed: a reader may stand in them.

    key_hash: of the token and the key. request_hash: of what was asked. status: 0 while it is running.
    """

    __tablename__ = "api_call"
    key_hash: str = Field(primary_key=True, max_length=64)
    request_hash: str = Field(max_length=64)
    begun_at: dt.datetime = moment(index=True)
    status: int = Field(sa_column=Column(Integer, nullable=False))
    answer: str = long_text()


class HookRow(Row, table=True):
    """A webhook: where a newsletter's events are told. secret: sealed with the house's key.

    events: with spaces between. with_addresses: whether readers' addresses are told as well. state: `on`, `off` (a person
    said so) or `failed` (it was given up, since `why`). failing_since: nothing has arrived since then.
    """

    __tablename__ = "hook"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = row_id()
    newsletter: str = Field(max_length=40, index=True)
    url: str = long_text()
    events: str = long_text()
    with_addresses: bool
    secret: str = long_text()
    state: str = Field(max_length=8)
    why: str = long_text()
    made_by: str = Field(max_length=60)
    created_at: dt.datetime = moment()
    changed_at: dt.datetime = moment()
    failing_since: dt.datetime | None = moment(nullable=True)


class HookEventRow(Row, table=True):
    """One event for one webhook, written with what happened, and delivered later.

    name: the webhook-id, the same on every attempt. body: JSON without the reader's address, which is looked up when it is
    told. due_at: when it is tried next; final where it is `delivered` or `failed`.
    """

    __tablename__ = "hook_event"
    __table_args__ = (
        UniqueConstraint("name"),
        Index(
            "ix_hook_event_due",
            "hook_id",
            "due_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )
    id: int | None = row_id()
    hook_id: int = row_key("hook.id", index=True)
    name: str = Field(max_length=40)
    kind: str = Field(max_length=30)
    subscriber_id: int | None = Field(default=None, sa_column=Column(BigId, nullable=True))
    body: str = long_text()
    state: str = Field(sa_column=Column(String(10), nullable=False))
    attempts: int
    created_at: dt.datetime = moment(index=True)
    due_at: dt.datetime = moment()


class HookTryRow(Row, table=True):
    """One attempt to deliver an event. status: the answer's, 0 for none. why: in words where it did not arrive."""

    __tablename__ = "hook_try"
    id: int | None = row_id()
    event_id: int = row_key("hook_event.id", index=True)
    at: dt.datetime = moment()
    status: int
    ms: int
    why: str = long_text()
