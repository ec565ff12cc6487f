"""How much of a week one mail can show; the rest is on the web.

What gives way first: the days to come, all at once; then the briefs, from the last one on, into "and N more"; when none is left, the
older articles of each storyline; then whole stories, from the last one on. The first story stays.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from digest.model import AgendaItem, ArticleId, IssueContent, Section, Story

#: How many articles of one storyline a mail lists when it has to be short: the newest ones.
THREAD = 8
#: About what a brief has beside its texts, in bytes.
BESIDE = 145
#: So often the weights of texts say what to try next; then the middle is taken.
AIMED = 4


@dataclass(frozen=True, slots=True)
class Fold:
    """What a mail prints. `folded`: the articles of the content that stand on the web page only."""

    lead: Story | None
    sections: tuple[Section, ...]
    briefs: tuple[Story, ...]
    agenda: tuple[AgendaItem, ...] = ()
    folded: frozenset[ArticleId] = frozenset()

    @property
    def stories(self) -> tuple[Story, ...]:
        """Every story that is printed, in order."""
        lead = (self.lead,) if self.lead else ()
        return (*lead, *(s for section in self.sections for s in section.stories), *self.briefs)

    @property
    def hidden(self) -> int:
        """How many articles are folded."""
        return len(self.folded)


@dataclass(frozen=True, slots=True)
class _Tried:
    """A fold of the first `count` of all stories, its HTML, and the bytes of that."""

    stories: tuple[Story, ...]
    count: int
    fold: Fold
    page: str
    size: int


def fitting(
    content: IssueContent,
    html: Callable[[Fold], str],
    limit: int | None,
    *,
    guess: int | None = None,
) -> tuple[Fold, str]:
    """The fullest fold whose HTML has at most `limit` bytes, and that HTML.

    guess: how many stories the last one showed: the search begins there, and finds the same.
    """
    if content.agenda:
        fold = replace(shown(content, len(content.stories)), agenda=content.agenda)
        page = html(fold)
        if limit is None or len(page.encode("utf-8")) <= limit:
            return fold, page

    @functools.cache
    def tried(count: int, *, short: bool = False) -> _Tried:
        fold = shown(content, count, short=short)
        page = html(fold)
        return _Tried(content.stories, count, fold, page, len(page.encode("utf-8")))

    stories = len(content.stories)
    full = max(stories - len(content.briefs), 1)
    if limit is None:
        best = tried(stories)
    elif guess is not None and full <= guess < stories:
        best = _around(guess, (full, stories), tried, limit)
    else:
        best = tried(stories)
    if limit is not None and best.size > limit:
        few = tried(full)
        if few.size <= limit:
            best = _searched(few, tried(stories), tried, limit)
        else:
            short = functools.partial(tried, short=True)
            best = _searched(short(1), short(full), short, limit)
    return best.fold, best.page


def _around(
    guess: int, bounds: tuple[int, int], tried: Callable[[int], _Tried], limit: int
) -> _Tried:
    """The fullest that fits, sought from a guess on; one that is too long where none fits. bounds: the fewest, all.

    Only the very last brief may be shorter than the line that it spares, so all is tried where all but one is too long.
    """
    full, stories = bounds
    fits, too_long, count = full - 1, stories + 1, guess
    for turn in itertools.count():
        here = tried(count)
        fits, too_long = (count, too_long) if here.size <= limit else (fits, count)
        if too_long - fits <= 1:
            break
        aim = _aim(here, full, limit) if turn < AIMED else (fits + too_long) // 2
        count = min(max(aim, fits + 1), too_long - 1)
    if fits == stories - 2 and tried(stories).size <= limit:
        return tried(stories)
    return tried(max(fits, full))


def _aim(here: _Tried, full: int, limit: int) -> int:
    """How many stories would fit, by what the texts of the briefs weigh: near, but only a guess."""
    count, size = here.count, here.size
    weights = [_weight(story) for story in here.stories]
    while count < len(weights) and size + weights[count] <= limit:
        size, count = size + weights[count], count + 1
    while count > full and size > limit:
        size, count = size - weights[count - 1], count - 1
    return count


def _weight(story: Story) -> int:
    return BESIDE + sum(
        len(text.encode()) for text in (story.title, story.summary.text, story.url or "")
    )


def _searched(fits: _Tried, too_long: _Tried, tried: Callable[[int], _Tried], limit: int) -> _Tried:
    """The largest number of stories that fits, between one that does and one that may not.

    Stories are about as long as each other: so the guess by their sizes is near, and every second time
    the middle is taken, for weeks in which they are not.
    """
    if too_long.size <= limit:
        return too_long
    by_size = True
    while too_long.count - fits.count > 1:
        gap = too_long.count - fits.count
        share = (limit - fits.size) / (too_long.size - fits.size) if by_size else 0.5
        here = tried(fits.count + min(max(round(gap * share), 1), gap - 1))
        fits, too_long = (here, too_long) if here.size <= limit else (fits, here)
        by_size = not by_size or gap < 8
    return fits


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
    return Fold(lead, tuple(sections), tuple(rest), folded=folded)


def _brief_thread(story: Story) -> Story:
    return replace(story, thread=story.thread[-THREAD:])


def _articles(stories: tuple[Story, ...]) -> Iterator[ArticleId]:
    for story in stories:
        yield story.article_id
        yield from (item.article_id for item in story.thread)
