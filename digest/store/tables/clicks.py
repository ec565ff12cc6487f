"""Links of ours in mails, and how often each was opened. Nothing here is about a reader."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column
from sqlmodel import Field

from digest.store.tables.base import BigId, Row, long_text, row_key


class LinkRow(Row, table=True):
    """A story link that was printed in an edition of an issue: it leads to `url` for ever.

    `code` is made of the article and its address, so the rows of all editions of an issue agree.
    """

    __tablename__ = "link"
    issue_id: int = row_key("issue.id", primary=True)
    code: str = Field(primary_key=True, max_length=12)
    article_id: int = Field(sa_column=Column(BigId, nullable=False))
    url: str = long_text()


class ClickRow(Row, table=True):
    """How often a link was opened by a kind of visitor (digest.clicks.Kind): a sum, without when or who."""

    __tablename__ = "click"
    issue_id: int = row_key("issue.id", primary=True)
    code: str = Field(primary_key=True, max_length=12)
    kind: str = Field(primary_key=True, max_length=10)
    count: int = Field(sa_column=Column(BigInteger, nullable=False))
