"""How much of a week one mail can show: the first stories in printed order; the rest is on the web."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import islice

from digest.model import IssueContent, Section, Story, Summary

#: How many articles of one storyline a mail lists when it has to be short: the newest ones.
THREAD = 8


@dataclass(frozen=True, slots=True)
class Fold:
    """What a mail prints. `hidden`: articles of the content that stand on the web page only."""

    lead: Story | None
    sections: tuple[Section, ...]
    briefs: tuple[Story, ...]
    hidden: int = 0


def fitting(
    content: IssueContent, html: Callable[[Fold], str], limit: int | None
) -> tuple[Fold, str]:
    """The fullest fold whose HTML has at most `limit` bytes, and that HTML.

    First everything; then briefs without their sentence; then as many stories as fit, from the
    front. At least the first one is printed, which always fits.
    """
    whole = shown(content, len(content.stories))
    page = html(whole)
    if limit is None or _fits(page, limit):
        return whole, page
    bare = shown(content, len(content.stories), short=True)
    page = html(bare)
    return (bare, page) if _fits(page, limit) else _searched(content, html, limit)


def _searched(content: IssueContent, html: Callable[[Fold], str], limit: int) -> tuple[Fold, str]:
    """The largest number of stories that fits, found by halving."""
    low, high = 1, len(content.stories)
    best = shown(content, low, short=True)
    page = html(best)
    while high - low > 1:
        middle = (low + high) // 2
        fold = shown(content, middle, short=True)
        tried = html(fold)
        if _fits(tried, limit):
            low, best, page = middle, fold, tried
        else:
            high = middle
    return best, page


def _fits(page: str, limit: int) -> bool:
    return len(page.encode("utf-8")) <= limit


def shown(content: IssueContent, count: int, *, short: bool = False) -> Fold:
    """The first `count` stories in printed order; `short`: only the newest of each thread, bare briefs."""
    stories = tuple(_brief_thread(s) if short else s for s in content.stories[:count])
    rest = iter(stories)
    lead = next(rest, None) if content.lead else None
    sections = []
    for section in content.sections:
        inside = tuple(islice(rest, len(section.stories)))
        if inside:
            sections.append(Section(section.name, inside))
    briefs = tuple(replace(s, summary=Summary("")) if short else s for s in rest)
    hidden = _articles(content.stories) - _articles(stories)
    return Fold(lead, tuple(sections), briefs, hidden)


def _brief_thread(story: Story) -> Story:
    return replace(story, thread=story.thread[-THREAD:])


def _articles(stories: tuple[Story, ...]) -> int:
    return sum(1 + len(story.thread) for story in stories)
