"""What preflight says of an issue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from digest.model import ArticleId


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that an editor should know, and what to do; `article_id` where it is about one story."""

    level: Literal["error", "warning"]
    message: str
    article_id: ArticleId | None = None


def error(wrong: str, todo: str, article_id: ArticleId | None = None) -> Finding:
    """Forbids the approval. wrong, todo: a sentence each."""
    return Finding("error", f"{wrong} {todo}", article_id)


def warning(wrong: str, todo: str, article_id: ArticleId | None = None) -> Finding:
    """Is shown, and forbids nothing."""
    return Finding("warning", f"{wrong} {todo}", article_id)
