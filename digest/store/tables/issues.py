"""Issues, editions and approvals."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    UniqueConstraint,
)
from sqlmodel import Field

from digest.store.tables.base import (
    Row,
    document,
    long_text,
    moment,
    row_id,
    row_key,
)


class IssueRow(Row, table=True):
    """One newsletter's week. Unique on (newsletter, period): building twice is harmless."""

    __tablename__ = "issue"
    __table_args__ = (UniqueConstraint("newsletter", "period"),)
    id: int | None = row_id()
    newsletter: str = Field(max_length=40)
    period: str = Field(max_length=10)
    number: int
    status: str = Field(max_length=10, index=True)
    reason: str = long_text()
    window_start: dt.datetime = moment()
    window_end: dt.datetime = moment()
    draft_at: dt.datetime = moment()
    remind_at: dt.datetime = moment()
    deadline_at: dt.datetime = moment()
    send_at: dt.datetime = moment()
    reminded_at: dt.datetime | None = moment(nullable=True)
    built_at: dt.datetime | None = moment(
        nullable=True
    )  # the newest build; drafts before draft_at are early
    content: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    checksum: str | None = Field(default=None, max_length=64)  # of the current edition
    created_at: dt.datetime = moment()
    changed_at: dt.datetime = moment()


class EditionRow(Row, table=True):
    """An issue rendered and frozen; the issue's `checksum` says which one is current."""

    __tablename__ = "edition"
    __table_args__ = (UniqueConstraint("issue_id", "checksum"),)
    id: int | None = row_id()
    issue_id: int = row_key("issue.id")
    checksum: str = Field(max_length=64)
    subject: str = long_text()
    preheader: str = long_text()
    html: str = long_text()
    body_text: str = long_text()
    created_at: dt.datetime = moment()


class VariantRow(Row, table=True):
    """An edition as readers may choose it; its `key` is as `de.plain`. place 0: as it comes, with its cuts."""

    __tablename__ = "edition_variant"
    edition_id: int = row_key("edition.id", primary=True)
    key: str = Field(primary_key=True, max_length=50)
    place: int
    subject: str = long_text()
    preheader: str = long_text()
    html: str = long_text()
    body_text: str = long_text()


class SecondRow(Row, table=True):
    """An edition under its second subject, where there are two: key "" as it comes, else a variant's."""

    __tablename__ = "edition_second"
    edition_id: int = row_key("edition.id", primary=True)
    key: str = Field(primary_key=True, max_length=50)
    place: int
    subject: str = long_text()
    preheader: str = long_text()
    html: str = long_text()
    body_text: str = long_text()


class WeekRow(Row, table=True):
    """An issue's week as the stages made it, before the editors' hand. mark: a hash of it; none of older ones.

    made_of: a hash of all that it was made of, where that is known.
    """

    __tablename__ = "week"
    issue_id: int = row_key("issue.id", primary=True)
    content: dict[str, Any] = document()
    mark: str | None = Field(default=None, max_length=64)
    made_of: str | None = Field(default=None, max_length=64)


class EditRow(Row, table=True):
    """One change by an editor, appended. version: its number in the issue; layout: as it was after it."""

    __tablename__ = "edit"
    issue_id: int = row_key("issue.id", primary=True)
    version: int = Field(primary_key=True)
    by: str = Field(max_length=200)
    at: dt.datetime = moment()
    kind: str = Field(max_length=10)
    data: dict[str, Any] = document()
    layout: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))


class ApprovalRow(Row, table=True):
    """A consent to one checksum. Appended; the newest counts while the issue is approved or later."""

    __tablename__ = "approval"
    id: int | None = row_id()
    issue_id: int = row_key("issue.id", index=True)
    checksum: str = Field(max_length=64)
    by: str = Field(max_length=254)
    at: dt.datetime = moment()
    note: str = long_text()


class LinkAnswerRow(Row, table=True):
    """What a server answered for a link of an issue; `mark` is a hash of its address. state: empty until it did.

    claimed_at: somebody asks now. wanted: an editor wants it asked anew.
    """

    __tablename__ = "link_answer"
    issue_id: int = row_key("issue.id", primary=True)
    mark: str = Field(primary_key=True, max_length=64)
    url: str = long_text()
    state: str = Field(max_length=10)
    said: str = long_text()
    asked_at: dt.datetime | None = moment(nullable=True)
    claimed_at: dt.datetime | None = moment(nullable=True)
    wanted: bool = False


class UnpublishedRow(Row, table=True):
    """One time that a sent issue was taken off the web; `back_at` is None while it is."""

    __tablename__ = "unpublished"
    id: int | None = row_id()
    issue_id: int = row_key("issue.id", index=True)
    at: dt.datetime = moment()
    by: str = Field(max_length=200)
    why: str = long_text()
    back_at: dt.datetime | None = moment(nullable=True)
    back_by: str = Field(default="", max_length=200)
