"""Whether what an editor wrote of a story stands in its article. A person may know more: it is only a warning."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from digest.facts import gate
from digest.mail import cleaning
from digest.model import Article, Story
from digest.preflight.findings import Finding, warning

#: So many doubts of one story are told.
MOST = 3


def check(story: Story, article: Article, *, language: str) -> Iterator[Finding]:
    """The fact gate over a story's summary as it is printed. language: where the story says none."""
    text, title = article.text or article.teaser or "", article.title
    if not text.strip() or not story.summary.text.strip():
        return
    doubts = _doubts(story.summary.text, text, title, story.language or language)
    if doubts:
        told = "; ".join(cleaning.line(doubt.told, 160) for doubt in doubts[:MOST])
        yield warning(
            f"“{cleaning.line(story.title, 60)}” as it was written here: {told}.",
            "Compare it with the article; what you know from elsewhere may stay.",
            story.article_id,
        )


@lru_cache(
    maxsize=256
)  # each look at an issue asks for all that was written; twenty took more than a second
def _doubts(summary: str, source: str, title: str, language: str) -> tuple[gate.Doubt, ...]:
    return gate.check(summary, source, title=title, language=language)
