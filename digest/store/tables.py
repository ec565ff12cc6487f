"""The tables. `table=True` does not validate: what comes in here is already plain `digest.model` data.

Times are aware in Python and UTC in the database (`UtcDateTime`). Long texts and documents are
JSON where nobody asks the database about their inside. Migrations must match these tables: a
test compares them on both databases.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An aware time, stored as UTC without zone; a naive one is refused at the door."""

    impl = DateTime(timezone=False)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        return value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(
        self, value: dt.datetime | None, dialect: Dialect
    ) -> dt.datetime | None:
        return None if value is None else value.replace(tzinfo=dt.UTC)


class Row(SQLModel):
    """The base of all tables, with names for every constraint so that migrations can speak of them."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)


# SQLite counts up by itself only for INTEGER; PostgreSQL wants 64 bits.
BigId = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Any:
    return Field(default=None, sa_column=Column(BigId, primary_key=True, autoincrement=True))


def _key(target: str, *, primary: bool = False, index: bool = False) -> Any:
    column: Column[int] = Column(
        BigId,
        ForeignKey(target, ondelete="CASCADE"),
        nullable=False,
        primary_key=primary,
        index=index,
    )
    return Field(sa_column=column)


def _at(*, nullable: bool = False, index: bool = False) -> Any:
    column: Column[dt.datetime] = Column(UtcDateTime(), nullable=nullable, index=index)
    return Field(default=None, sa_column=column) if nullable else Field(sa_column=column)


def _text(default: str | None = "") -> Any:
    return Field(default=default, sa_column=Column(Text, nullable=default is None))


def _json() -> Any:
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


# ---------------------------------------------------------------- newsletters and sources


class NewsletterRow(Row, table=True):
    """A newsletter the program has seen; sends planned before that moment are nobody's debt."""

    __tablename__ = "newsletter"
    key: str = Field(primary_key=True, max_length=40)
    first_seen_at: dt.datetime = _at()


class SourceStateRow(Row, table=True):
    """How a source's last poll went and when the next is due."""

    __tablename__ = "source_state"
    source: str = Field(primary_key=True, max_length=80)
    etag: str | None = _text(None)
    last_modified: str | None = _text(None)
    body_hash: str | None = _text(None)
    polled_at: dt.datetime | None = _at(nullable=True)
    succeeded_at: dt.datetime | None = _at(nullable=True)
    next_poll_at: dt.datetime | None = _at(nullable=True)
    failures: int = 0
    error: str = _text()


# ---------------------------------------------------------------- articles


class ArticleRow(Row, table=True):
    """An article in its newest revision. `content` is the rest of `model.IncomingArticle` as JSON."""

    __tablename__ = "article"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        UniqueConstraint("source", "url_key"),
        Index("ix_article_when", "source", "happened_at"),
    )
    id: int | None = _id()
    source: str = Field(max_length=80)
    source_id: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    url: str | None = _text(None)
    url_key: str | None = _text(None)
    title: str = _text()
    body: str = _text()
    content: dict[str, Any] = _json()
    content_hash: str = Field(max_length=64)
    revision: int = 1
    happened_at: dt.datetime = _at()
    first_seen_at: dt.datetime = _at()
    changed_at: dt.datetime = _at()


class ArticleRevisionRow(Row, table=True):
    """What an article said before an edit."""

    __tablename__ = "article_revision"
    article_id: int = _key("article.id", primary=True)
    revision: int = Field(primary_key=True)
    title: str = _text()
    body: str = _text()
    content: dict[str, Any] = _json()
    seen_at: dt.datetime = _at()


class EngagementRow(Row, table=True):
    """A signal of readers at one moment; appended when it changes, never overwritten."""

    __tablename__ = "engagement"
    __table_args__ = (Index("ix_engagement_newest", "article_id", "kind", "taken_at"),)
    id: int | None = _id()
    article_id: int = _key("article.id")
    kind: str = Field(max_length=40)
    value: float
    unit: str = Field(max_length=10)
    n: int | None = None
    taken_at: dt.datetime = _at()


# ---------------------------------------------------------------- issues


class IssueRow(Row, table=True):
    """One newsletter's week. Unique on (newsletter, period): building twice is harmless."""

    __tablename__ = "issue"
    __table_args__ = (UniqueConstraint("newsletter", "period"),)
    id: int | None = _id()
    newsletter: str = Field(max_length=40)
    period: str = Field(max_length=10)
    number: int
    status: str = Field(max_length=10, index=True)
    reason: str = _text()
    window_start: dt.datetime = _at()
    window_end: dt.datetime = _at()
    draft_at: dt.datetime = _at()
    remind_at: dt.datetime = _at()
    deadline_at: dt.datetime = _at()
    send_at: dt.datetime = _at()
    reminded_at: dt.datetime | None = _at(nullable=True)
    content: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    created_at: dt.datetime = _at()
    changed_at: dt.datetime = _at()


class EditionRow(Row, table=True):
    """An issue rendered and frozen; the newest one of an issue is the current one."""

    __tablename__ = "edition"
    __table_args__ = (UniqueConstraint("issue_id", "checksum"),)
    id: int | None = _id()
    issue_id: int = _key("issue.id")
    checksum: str = Field(max_length=64)
    subject: str = _text()
    preheader: str = _text()
    html: str = _text()
    body_text: str = _text()
    created_at: dt.datetime = _at()


class ApprovalRow(Row, table=True):
    """A consent to one checksum. Appended; the newest that fits the current edition counts."""

    __tablename__ = "approval"
    id: int | None = _id()
    issue_id: int = _key("issue.id", index=True)
    checksum: str = Field(max_length=64)
    by: str = Field(max_length=254)
    at: dt.datetime = _at()
    note: str = _text()


# ---------------------------------------------------------------- readers


class SubscriberRow(Row, table=True):
    """A person with an address. `address_key` folds it for duplicates; mail goes to `address`."""

    __tablename__ = "subscriber"
    id: int | None = _id()
    address: str = Field(max_length=254)
    address_key: str = Field(max_length=254, unique=True)
    address_hash: str = Field(max_length=64, index=True)
    handle: str = Field(max_length=22, unique=True)  # 128 random bits; ids are never public
    name: str = Field(default="", max_length=200)
    language: str = Field(default="", max_length=20)
    created_at: dt.datetime = _at()


class SubscriptionRow(Row, table=True):
    """Where a subscriber stands now with one newsletter: a cache of the newest event."""

    __tablename__ = "subscription"
    subscriber_id: int = _key("subscriber.id", primary=True)
    newsletter: str = Field(primary_key=True, max_length=40)
    status: str = Field(max_length=12)
    asked_at: dt.datetime = _at()
    changed_at: dt.datetime = _at()


class MembershipRow(Row, table=True):
    """A span during which a reader was confirmed; spans of one reader never overlap.

    Appended at confirmation, closed once at leaving: so "who was confirmed at moment T" has one
    answer for ever (since <= T and (until is null or until > T)).
    """

    __tablename__ = "membership"
    __table_args__ = (Index("ix_membership_audience", "newsletter", "subscriber_id"),)
    id: int | None = _id()
    subscriber_id: int = _key("subscriber.id", index=True)
    newsletter: str = Field(max_length=40)
    since: dt.datetime = _at()
    until: dt.datetime | None = _at(nullable=True)


class ConsentRow(Row, table=True):
    """The stored evidence of what a reader asked for, append-only."""

    __tablename__ = "consent"
    id: int | None = _id()
    subscriber_id: int = _key("subscriber.id", index=True)
    newsletter: str = Field(max_length=40)
    kind: str = Field(max_length=20)  # asked, confirmed, left, imported
    at: dt.datetime = _at()
    method: str = Field(
        max_length=20
    )  # form, api, import, one-click, page, mailto, complaint, bounce
    network: str = Field(default="", max_length=50)  # shortened: /24 or /48
    wording: str = _text()


class SuppressionRow(Row, table=True):
    """An address that must not be mailed, known by keyed hash only, so it survives erasure."""

    __tablename__ = "suppression"
    id: int | None = _id()
    address_hash: str = Field(max_length=64, index=True)
    reason: str = Field(max_length=20)  # complaint, hard_bounce, manual, imported
    since: dt.datetime = _at()
    until: dt.datetime | None = _at(nullable=True)
    detail: str = _text()


class TokenRow(Row, table=True):
    """A one-purpose, expiring token, stored as the SHA-256 of what was mailed."""

    __tablename__ = "token"
    token_hash: str = Field(primary_key=True, max_length=64)
    purpose: str = Field(max_length=20)
    subject: int = Field(sa_column=Column(BigId, nullable=False))
    scope: str = Field(default="", max_length=100)
    created_at: dt.datetime = _at()
    expires_at: dt.datetime = _at()
    used_at: dt.datetime | None = _at(nullable=True)


# ---------------------------------------------------------------- delivery


class SendRow(Row, table=True):
    """One edition to its audience, once: unique on the issue. `audience` is frozen with it."""

    __tablename__ = "send"
    __table_args__ = (UniqueConstraint("issue_id"),)
    id: int | None = _id()
    issue_id: int = _key("issue.id")
    edition_id: int = _key("edition.id")
    newsletter: str = Field(max_length=40)
    cut_off: dt.datetime = _at()
    audience: int = Field(sa_column=Column(BigInteger, nullable=False))
    status: str = Field(max_length=10)  # open, paused, done
    reason: str = _text()
    started_at: dt.datetime = _at()
    finished_at: dt.datetime | None = _at(nullable=True)


class ChunkRow(Row, table=True):
    """A range of subscriber ids, `lo` to `hi` inclusive, with `size` readers of the audience in it."""

    __tablename__ = "chunk"
    __table_args__ = (
        Index(
            "ix_chunk_open",
            "send_id",
            sqlite_where=text("state != 'done'"),
            postgresql_where=text("state != 'done'"),
        ),
        CheckConstraint("lo <= hi", name="range"),
    )
    send_id: int = _key("send.id", primary=True)
    no: int = Field(primary_key=True)
    lo: int = Field(sa_column=Column(BigId, nullable=False))
    hi: int = Field(sa_column=Column(BigId, nullable=False))
    size: int
    state: str = Field(default="open", max_length=8)  # open, claimed, waiting, done
    owner: str = Field(default="", max_length=80)
    due_at: dt.datetime | None = _at(nullable=True)


class DeliveryRow(Row, table=True):
    """What became of one reader in one send: inserted when the first result is known."""

    __tablename__ = "delivery"
    send_id: int = _key("send.id", primary=True)
    subscriber_id: int = Field(sa_column=Column(BigId, primary_key=True, nullable=False))
    state: str = Field(max_length=9)
    attempts: int = 1
    reply: str | None = _text(None)  # NULL for the plain 250 of most readers
    at: dt.datetime = _at()
    due_at: dt.datetime | None = _at(nullable=True)


class NoticeRow(Row, table=True):
    """A mail that is not the digest (confirmation, login, reminder): same way out, goes first.

    `dedupe` makes asking twice harmless. `data` is emptied once the notice is final, since it
    may hold a link that opens a door.
    """

    __tablename__ = "notice"
    id: int | None = _id()
    kind: str = Field(max_length=30)
    newsletter: str = Field(max_length=40)
    address: str = Field(max_length=254)
    dedupe: str = Field(max_length=200, unique=True)
    data: dict[str, Any] = _json()
    state: str = Field(default="queued", max_length=9, index=True)
    attempts: int = 0
    reply: str | None = _text(None)
    created_at: dt.datetime = _at()
    due_at: dt.datetime = _at()
    claimed_by: str = Field(default="", max_length=80)


# ---------------------------------------------------------------- editors and audit


class EditorRow(Row, table=True):
    """A person with a seat at the desk."""

    __tablename__ = "editor"
    id: int | None = _id()
    email: str = Field(max_length=254, unique=True)
    name: str = Field(default="", max_length=200)
    role: str = Field(default="editor", max_length=10)  # viewer, editor, publisher, admin
    created_at: dt.datetime = _at()


class SessionRow(Row, table=True):
    """A browser that an editor has logged in with; known by the hash of its cookie."""

    __tablename__ = "session"
    token_hash: str = Field(primary_key=True, max_length=64)
    editor_id: int = _key("editor.id", index=True)
    csrf: str = Field(max_length=64)
    created_at: dt.datetime = _at()
    seen_at: dt.datetime = _at()
    expires_at: dt.datetime = _at()


class EventRow(Row, table=True):
    """The audit log: who did what to which thing. Ids, never addresses."""

    __tablename__ = "event"
    id: int | None = _id()
    at: dt.datetime = _at(index=True)
    actor: str = Field(max_length=60)
    action: str = Field(max_length=40)
    subject: str = Field(default="", max_length=100)
    data: dict[str, Any] = _json()


class LimitRow(Row, table=True):
    """How often something was done in a span of time: the counters behind sign-up limits."""

    __tablename__ = "counter"
    bucket: str = Field(primary_key=True, max_length=120)
    starts_at: dt.datetime = Field(sa_column=Column(UtcDateTime(), primary_key=True))
    count: int = 0


class HeartbeatRow(Row, table=True):
    """When a part of the program was last alive: the scheduler's reconcile, a worker."""

    __tablename__ = "heartbeat"
    name: str = Field(primary_key=True, max_length=60)
    at: dt.datetime = _at()
    detail: str = _text()
