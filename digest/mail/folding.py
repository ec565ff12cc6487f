"""How much of a week one mail can show; the rest is on the web.

What gives way first: the briefs, from the last one on, into "and N more"; when none is left, the
older articles of each storyline; then whole stories, from the last one on. The first story stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from digest.model import ArticleId, IssueContent, Section, Story

#: How many articles of one storyline a mail lists when it has to be short: the newest ones.
THREAD = 8


@dataclass(frozen=True, slots=True)
class Fold:
    """What a mail prints. `folded`: the articles of the content that stand on the web page only."""

    lead: Story | None
    sections: tuple[Section, ...]
    briefs: tuple[Story, ...]
    folded: frozenset[ArticleId] = frozenset()

    @property
    def hidden(self) -> int:
        """How many articles are folded."""
        return len(self.folded)


def fitting(
    content: IssueContent, html: Callable[[Fold], str], limit: int | None
) -> tuple[Fold, str]:
    """The fullest fold whose HTML has at most `limit` bytes, and that HTML."""
    whole = shown(content, len(content.stories))
    page = html(whole)
    if limit is None or _fits(page, limit):
        return whole, page
    full = len(content.stories) - len(content.briefs)
    unbriefed = shown(content, max(full, 1))
    page = html(unbriefed)
    if _fits(page, limit):
        return _searched(content, html, limit, fewest=(unbriefed, page))
    least = shown(content, 1, short=True)
    return _searched(content, html, limit, fewest=(least, html(least)), short=True)


def _searched(
    content: IssueContent,
    html: Callable[[Fold], str],
    limit: int,
    *,
    fewest: tuple[Fold, str],
    short: bool = False,
) -> tuple[Fold, str]:
    """The largest number of stories that fits, found by halving; `fewest` fits."""
    full = len(content.stories) - len(content.briefs)
    low, high = (1, full + 1) if short else (max(full, 1), len(content.stories))
    best = fewest
    while high - low > 1:
        middle = (low + high) // 2
        fold = shown(content, middle, short=short)
        tried = html(fold)
        if _fits(tried, limit):
            low, best = middle, (fold, tried)
        else:
            high = middle
    return best


def _fits(page: str, limit: int) -> bool:
    return len(page.encode("utf-8")) <= limit


def shown(content: IssueContent, count: int, *, short: bool = False) -> Fold:
    """The first `count` stories in printed order; `short`: only the newest of each thread."""
    stories = tuple(_brief_thread(s) if short else s for s in content.stories[:count])
    rest = iter(stories)
    lead = next(rest, None) if content.lead else None
    sections = []
    for section in content.sections:
        inside = tuple(islice(rest, len(section.stories)))
        if inside:
            sections.append(Section(section.name, inside))
    folded = frozenset(_articles(content.stories)) - frozenset(_articles(stories))
    return Fold(lead, tuple(sections), tuple(rest), folded)


def _brief_thread(story: Story) -> Story:
    return replace(story, thread=story.thread[-THREAD:])


def _articles(stories: tuple[Story, ...]) -> Iterator[ArticleId]:
    for story in stories:
        yield story.article_id
        yield from (item.article_id for item in story.thread)
