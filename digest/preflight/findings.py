"""What preflight says of an issue."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from digest.model import ArticleId


class Item(StrEnum):
    """What a finding is about: the desk leads there."""

    STORY = "story"
    SUBJECT = "subject"
    PREHEADER = "preheader"
    COVERAGE = "coverage"
    PAGE = "page"  # the HTML part as a whole
    TEXT = "text"
    HEADER = "header"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that an editor should know, and what to do.

    article_id: the story that it is about. url: the address that it speaks of, by which its story is known.
    """

    level: Literal["error", "warning"]
    message: str
    article_id: ArticleId | None = None
    item: Item = Item.PAGE
    url: str = ""


def error(
    wrong: str,
    todo: str,
    article_id: ArticleId | None = None,
    *,
    item: Item = Item.PAGE,
    url: str = "",
) -> Finding:
    """Forbids the approval. wrong, todo: a sentence each."""
    return Finding("error", f"{wrong} {todo}", article_id, _item(article_id, item), url)


def warning(
    wrong: str,
    todo: str,
    article_id: ArticleId | None = None,
    *,
    item: Item = Item.PAGE,
    url: str = "",
) -> Finding:
    """Is shown, and forbids nothing."""
    return Finding("warning", f"{wrong} {todo}", article_id, _item(article_id, item), url)


def _item(article_id: ArticleId | None, item: Item) -> Item:
    return item if article_id is None else Item.STORY
