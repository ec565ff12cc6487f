"""Readers: who asked, who is confirmed, who must not be mailed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    String,
    Text,
    text,
)
from sqlmodel import Field

from digest.store.tables.base import (
    BigId,
    Row,
    document,
    long_text,
    moment,
    row_id,
    row_key,
)


def _text(length: int) -> Any:
    """A short text, empty at first."""
    column: Column[str] = Column(String(length), nullable=False, server_default=text("''"))
    return Field(default="", sa_column=column)


def _lines() -> Any:
    """Lines of text, none at first."""
    column: Column[str] = Column(Text(), nullable=False, server_default=text("''"))
    return Field(default="", sa_column=column)


class SubscriberRow(Row, table=True):
    """A person with an address. `address_key` folds it for duplicates; mail goes to `address`.

    An id is never given twice, also not after an erasure: the ledger speaks of it for ever.
    """

    __tablename__ = "subscriber"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = row_id()
    address: str = Field(max_length=254)
    address_key: str = Field(max_length=254, unique=True)
    address_hash: str = Field(max_length=64, index=True)
    handle: str = Field(max_length=22, unique=True)  # 128 random bits; ids are never public
    name: str = Field(default="", max_length=200)
    language: str = Field(default="", max_length=20)
    created_at: dt.datetime = moment()
    timezone: str = Field(  # an IANA name; empty: the newsletter's own
        default="", sa_column=Column(String(40), nullable=False, server_default=text("''"))
    )


class SubscriptionRow(Row, table=True):
    """Where a subscriber stands now with one newsletter: a cache of the newest event."""

    __tablename__ = "subscription"
    __table_args__ = (  # for the desk's lists: readers of a status, the newest first
        Index("ix_subscription_standing", "newsletter", "status", "subscriber_id"),
        Index(  # few have moved, and a send looks where to
            "ix_subscription_moved",
            "moved_to",
            sqlite_where=text("moved_to IS NOT NULL"),
            postgresql_where=text("moved_to IS NOT NULL"),
        ),
    )
    subscriber_id: int = row_key("subscriber.id", primary=True)
    newsletter: str = Field(primary_key=True, max_length=40)
    status: str = Field(max_length=12)
    asked_at: dt.datetime = moment()
    changed_at: dt.datetime = moment()
    tags: str = Field(  # as the system that the reader came from had them, a line each
        default="", sa_column=Column(Text, nullable=False, server_default=text("''"))
    )
    # what the reader chose; empty: as the newsletter is
    language: str = _text(20)
    unwanted_sections: str = _lines()  # names, a line each
    theme: str = _text(20)
    first_sections: str = _lines()  # names in the reader's order, a line each
    # of who left: the reason, one of a closed list, where one was given; the reader it goes on as
    left_for: str = _text(20)
    moved_to: int | None = Field(default=None, sa_column=Column(BigId, nullable=True))


class SilenceRow(Row, table=True):
    """A span in which a confirmed reader wants no mail, or only big news: appended, closed once.

    So "who wanted this issue at moment T" has one answer for ever, as with memberships. kind: `snooze`,
    or `big`, of who wants only weeks with a big story.
    """

    __tablename__ = "silence"
    __table_args__ = (Index("ix_silence_reader", "subscriber_id", "newsletter", "kind"),)
    id: int | None = row_id()
    subscriber_id: int = row_key("subscriber.id")
    newsletter: str = Field(max_length=40)
    kind: str = Field(max_length=8)
    since: dt.datetime = moment()
    until: dt.datetime | None = moment(nullable=True)


class MoveRow(Row, table=True):
    """A wish to be mailed at another address; the address goes from here when it is decided."""

    __tablename__ = "move"
    id: int | None = row_id()
    subscriber_id: int = row_key("subscriber.id", index=True)
    newsletter: str = Field(max_length=40)
    address: str = Field(max_length=254)
    asked_at: dt.datetime = moment(index=True)
    state: str = Field(max_length=8)  # asked, done, stopped
    to_id: int | None = Field(default=None, sa_column=Column(BigId, nullable=True))


class MembershipRow(Row, table=True):
    """A span during which a reader was confirmed; spans of one reader never overlap.

    Appended at confirmation, closed once at leaving: so "who was confirmed at moment T" has one
    answer for ever (since <= T and (until is null or until > T)).
    """

    __tablename__ = "membership"
    __table_args__ = (
        Index("ix_membership_reader", "subscriber_id", "newsletter"),
        Index(
            "uq_membership_open",
            "subscriber_id",
            "newsletter",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )
    id: int | None = row_id()
    subscriber_id: int = row_key("subscriber.id")
    newsletter: str = Field(max_length=40)
    since: dt.datetime = moment()
    until: dt.datetime | None = moment(nullable=True)


class ConsentRow(Row, table=True):
    """The stored evidence of what a reader asked for: append-only, which the database itself sees to."""

    __tablename__ = "consent"
    __table_args__ = (  # by which way somebody came
        Index(
            "ix_consent_came",
            "method",
            "subscriber_id",
            sqlite_where=text("kind IN ('asked', 'imported')"),
            postgresql_where=text("kind IN ('asked', 'imported')"),
        ),
    )
    id: int | None = row_id()
    subscriber_id: int = row_key("subscriber.id", index=True)
    newsletter: str = Field(max_length=40)
    kind: str = Field(max_length=20)  # asked, confirmed, changed, left, imported, filled
    at: dt.datetime = moment()
    method: str = Field(
        max_length=20
    )  # form, embed, api, import, one-click, page, mailto, complaint, bounce
    network: str = Field(default="", max_length=50)  # shortened: /24 or /48
    wording_version: str = Field(  # the words that were shown: `wording`
        default="", sa_column=Column(String(64), nullable=False, server_default=text("''"))
    )
    # of an import: which one, when the reader consented elsewhere, and what was filled in (JSON)
    import_id: int | None = Field(default=None, sa_column=Column(BigId, nullable=True))
    given_at: dt.datetime | None = moment(nullable=True)
    gained: str | None = long_text(None)


class SuppressionRow(Row, table=True):
    """An address that must not be mailed, known by keyed hash only, so it survives erasure."""

    __tablename__ = "suppression"
    id: int | None = row_id()
    address_hash: str = Field(max_length=64, index=True)
    reason: str = Field(max_length=20)  # complaint, hard_bounce, soft_bounce, manual, imported
    since: dt.datetime = moment()
    until: dt.datetime | None = moment(nullable=True)
    detail: str = long_text()
    import_id: int | None = Field(default=None, sa_column=Column(BigId, nullable=True))


class ImportRow(Row, table=True):
    """A file of readers that was taken over, or is being so. `rows` of its rows are in.

    fingerprint: of the file and how it is read, by which a broken one is known again. counts: what became
    of the rows. evidence_from, evidence_to: rows of `consent` between which all of its own are.
    """

    __tablename__ = "import"
    id: int | None = row_id()
    newsletter: str = Field(max_length=40)
    file: str = Field(max_length=200)
    fingerprint: str = Field(max_length=64, index=True)
    platform: str = Field(max_length=20)
    actor: str = Field(max_length=60)
    state: str = Field(max_length=8)  # running, done, undone
    rows: int = Field(sa_column=Column(BigInteger, nullable=False))
    counts: dict[str, Any] = document()
    evidence_from: int = Field(sa_column=Column(BigId, nullable=False))
    evidence_to: int | None = Field(default=None, sa_column=Column(BigId, nullable=True))
    started_at: dt.datetime = moment()
    changed_at: dt.datetime = moment()


class TokenRow(Row, table=True):
    """A one-purpose, expiring token, stored as the SHA-256 of what was mailed."""

    __tablename__ = "token"
    token_hash: str = Field(primary_key=True, max_length=64)
    purpose: str = Field(max_length=20)
    subject: int = Field(sa_column=Column(BigId, nullable=False))
    scope: str = Field(default="", max_length=100)
    created_at: dt.datetime = moment()
    expires_at: dt.datetime = moment()
    used_at: dt.datetime | None = moment(nullable=True)
