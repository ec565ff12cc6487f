"""What became of an issue, in numbers that can be defended: sums of everybody, each beside what is usual.

No share is told without what it is a share of, and none in per cent where that is small. What is usual is the
median of the eight issues before, where there are at least three to take it from.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from digest.clicks import Kind
from digest.mail import routes
from digest.model import ArticleId, IssueContent, Story

#: How many issues are looked back to, and the fewest that tell what is usual.
BEFORE, FEWEST = 8, 3
#: Below so many a share is not told in per cent: one person more would move it by a whole one.
ROUND = 100
#: Weeks of the list's growth.
WEEKS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryNumbers:
    """A story with its storyline, as printed. place: from 1, in printed order.

    human, machine, again: how often it was opened; None where the mail had no link to it.
    """

    article_id: ArticleId
    title: str
    section: str
    kind: str  # lead, section or brief
    place: int
    human: int | None
    machine: int | None
    again: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueNumbers:
    """One issue that went out. bounced, complaints: copies that were handed over and came back since.

    left: who left from its send until the next one; why: the reasons of those who gave one; is_over: whether that span
    is. counted: whether clicks are.
    """

    period: str
    number: int
    subject: str
    audience: int
    accepted: int
    failed: int
    skipped: int
    uncertain: int
    waiting: int
    bounced: int
    complaints: int
    left: int
    why: Mapping[str, int] = field(default_factory=dict)
    is_over: bool = True
    counted: bool = False
    stories: tuple[StoryNumbers, ...] = ()

    @property
    def human(self) -> int:
        return sum(one.human or 0 for one in self.stories)

    @property
    def machine(self) -> int:
        return sum(one.machine or 0 for one in self.stories)

    @property
    def again(self) -> int:
        return sum(one.again or 0 for one in self.stories)


@dataclass(frozen=True, slots=True)
class Line:
    """A number beside what is usual. of: what it is a part of; usual: the median, None where too little is known."""

    name: str
    value: int
    of: int | None = None
    usual: float | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A section or a place of an issue: how many stories with links, and human clicks. usual: the median of clicks."""

    name: str
    stories: int
    clicks: int
    usual: float | None


@dataclass(frozen=True, slots=True)
class Week:
    """How a list grew in a week of its own zone. begins: the Monday."""

    begins: dt.date
    joined: int
    left: int

    @property
    def net(self) -> int:
        return self.joined - self.left


Clicks = Mapping[ArticleId, Counter[Kind]]


def of_stories(content: IssueContent, clicks: Clicks) -> tuple[StoryNumbers, ...]:
    """The stories in printed order; what two of them link is counted with the first."""
    taken: set[ArticleId] = set()
    briefs = {story.article_id for story in content.briefs}
    found = []
    for place, story in enumerate(content.stories, 1):
        mine = {one.article_id for one in routes.items_of(story)} - taken
        kind = "lead" if story is content.lead else "section"
        kind = "brief" if story.article_id in briefs else kind
        found.append(_story(story, kind, place, [clicks[one] for one in mine if one in clicks]))
        taken |= mine
    return tuple(found)


def _story(story: Story, kind: str, place: int, counts: Sequence[Counter[Kind]]) -> StoryNumbers:
    found = sum(counts, Counter[Kind]())
    machine = sum(count for one, count in found.items() if one.is_machine)
    return StoryNumbers(
        article_id=story.article_id,
        title=story.title,
        section=story.section,
        kind=kind,
        place=place,
        human=found[Kind.HUMAN] if counts else None,
        machine=machine if counts else None,
        again=found[Kind.REPEAT] if counts else None,
    )


def usual(values: Sequence[float]) -> float | None:
    """The median; None of too few."""
    return float(statistics.median(values)) if len(values) >= FEWEST else None


def lines(issue: IssueNumbers, before: Sequence[IssueNumbers]) -> tuple[Line, ...]:
    """The issue's totals beside those of the ones before it."""
    told = [
        ("Handed over", "accepted", issue.audience),
        ("Failed", "failed", issue.audience),
        ("Came back", "bounced", issue.accepted),
        ("Complaints", "complaints", issue.accepted),
    ]
    found = [
        Line(name, getattr(issue, key), of, usual([getattr(one, key) for one in before]))
        for name, key, of in told
    ]
    found.append(_left(issue, before))
    if issue.counted:
        known = [one for one in before if one.counted]
        found += [
            Line("Clicks by people", issue.human, None, usual([one.human for one in known])),
            Line("Clicks by machines", issue.machine, None, usual([one.machine for one in known])),
        ]
    return tuple(found)


def _left(issue: IssueNumbers, before: Sequence[IssueNumbers]) -> Line:
    """Beside what is usual only where its whole week is over."""
    if not issue.is_over:
        return Line("Left so far", issue.left, issue.accepted)
    return Line("Left after it", issue.left, issue.accepted, usual([one.left for one in before]))


def usual_at(place: int, before: Iterable[IssueNumbers]) -> float | None:
    """The human clicks that a story at this place usually gets."""
    found = [one.human for issue in before for one in issue.stories if one.place == place]
    return usual([count for count in found if count is not None])


def sections(issue: IssueNumbers, before: Sequence[IssueNumbers]) -> tuple[Part, ...]:
    """By section, the most read first; usual: of the issues that had it."""
    known = [by for one in before if one.counted for by in [_by_section(one)]]
    parts = [
        Part(name, stories, clicks, usual([by[name][1] for by in known if name in by]))
        for name, (stories, clicks) in _by_section(issue).items()
    ]
    return tuple(sorted(parts, key=lambda part: (-part.clicks, part.name)))


def _by_section(issue: IssueNumbers) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for one in issue.stories:
        if one.human is not None:
            stories, clicks = found.get(one.section, (0, 0))
            found[one.section] = (stories + 1, clicks + one.human)
    return found


#: How a place is told: the lead, the full stories by tens of a page, the briefs.
_PLACES = (("Lead", "lead"), ("Told in full", "section"), ("In brief", "brief"))


def places(issue: IssueNumbers, before: Sequence[IssueNumbers]) -> tuple[Part, ...]:
    """By the kind of place."""
    parts = []
    for name, kind in _PLACES:
        stories, clicks = _of_kind(issue, kind)
        past = [_of_kind(one, kind) for one in before if one.counted]
        if stories:
            parts.append(Part(name, stories, clicks, usual([sum_ for n, sum_ in past if n])))
    return tuple(parts)


def _of_kind(issue: IssueNumbers, kind: str) -> tuple[int, int]:
    found = [one.human for one in issue.stories if one.kind == kind and one.human is not None]
    return len(found), sum(found)


def share(part: int, of: int) -> str:
    """`of 12,034 (0.02 %)`; without per cent where it is of few, or none."""
    told = f"of {of:,}"
    if of < ROUND or not part:
        return told
    exact = 100 * part / of
    digits = 2 if exact < 0.1 else 1
    return f"{told} ({exact:.{digits}f} %)"


def weeks(now: dt.datetime, zone: ZoneInfo, count: int = WEEKS) -> tuple[dt.date, ...]:
    """The Mondays of the last weeks in a zone, oldest first; the last one is of the week that is on."""
    today = now.astimezone(zone).date()
    monday = today - dt.timedelta(days=today.weekday())
    return tuple(monday - dt.timedelta(days=7 * back) for back in reversed(range(count)))


def begins(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The first moment of a day in a zone."""
    return dt.datetime.combine(day, dt.time(), tzinfo=zone).astimezone(dt.UTC)
