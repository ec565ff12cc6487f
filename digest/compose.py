"""Lay out the week: lead, sections, briefs, what was left out; and prove that nothing is missing.

The best story leads; the next of the first `stories` stand in sections of at most `per_section`;
all the rest follow as briefs of one sentence. Every article of the window is counted once.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass, replace
from types import MappingProxyType

from digest import agenda, contests, marks, phrases, sentences, subjects, words
from digest.marks import Marks
from digest.model import (
    Article,
    ArticleId,
    Continued,
    Coverage,
    IssueContent,
    Moments,
    Omission,
    Ranked,
    Section,
    Selection,
    Story,
    Summary,
    ThreadItem,
    Words,
)
from digest.schedules import ComposeTable, Schedule

#: The `method` of a summary that an editor wrote.
WRITTEN = "editor"


def compose(
    ranked: Sequence[Ranked],
    summaries: Mapping[ArticleId, Summary],
    selection: Selection,
    *,
    schedule: Schedule,
    moments: Moments,
    number: int,
) -> IssueContent:
    """The week's content. `ranked` is best first and holds every article that `selection` kept."""
    week = lay(ranked, summaries, selection, schedule=schedule, moments=moments, number=number)
    return finish(week, schedule)


def lay(
    ranked: Sequence[Ranked],
    summaries: Mapping[ArticleId, Summary],
    selection: Selection,
    *,
    schedule: Schedule,
    moments: Moments,
    number: int,
    continued: Mapping[ArticleId, Continued] = MappingProxyType({}),
) -> IssueContent:
    """Every story in its place and in full, before an editor's hand: `finish` makes the mail's content of it."""
    table, language = schedule.compose, schedule.newsletter.language
    lead, sections, briefs = _placed(ranked, table, language)
    zone = schedule.calendar.zone
    told = _Told(
        summaries,
        marks.of([r.storyline for r in ranked], phrases.of(language)),
        continued,
        agenda.Ahead(moments.send_at, zone, language) if table.agenda else None,
    )
    printed = tuple(
        Section(name, tuple(told.story(r, section=name) for r in inside))
        for name, inside in sections
    )
    return IssueContent(
        newsletter=schedule.key,
        period=moments.period,
        number=number,
        window=moments.window,
        subject="",
        preheader="",
        lead=told.story(lead) if lead else None,
        sections=printed,
        briefs=tuple(told.story(r) for r in briefs),
        left_out=_omissions(selection),
        coverage=_coverage(selection, ranked, sections, briefs),
    )


def finish(
    week: IssueContent, schedule: Schedule, written: Mapping[Words, str] = MappingProxyType({})
) -> IssueContent:
    """The week as it is mailed: briefs of one sentence, and the mail's own words.

    written: what an editor wrote of these instead.
    """
    short = replace(week, briefs=tuple(map(_brief, week.briefs)))
    seconds = _read_seconds(short.stories)
    intro = written.get(Words.INTRO) or _intro(
        len(short.stories), seconds, schedule.newsletter.language
    )
    subject = written.get(Words.SUBJECT) or subjects.subject(schedule, short)
    return replace(
        short,
        subject=subject,
        preheader=written.get(Words.PREHEADER) or subjects.preheader(short.stories, subject, intro),
        intro=intro,
        outro=written.get(Words.OUTRO, ""),
        read_seconds=seconds,
        contest=contests.wanted(written, schedule.deliver.ab, subject),
    )


def is_thin(stories: Sized, table: ComposeTable) -> bool:
    """True where a week has too few stories to be a mail."""
    return len(stories) < table.minimum_stories


# ---------------------------------------------------------------- layout

Placed = tuple[Ranked | None, list[tuple[str, list[Ranked]]], list[Ranked]]


def _placed(ranked: Sequence[Ranked], table: ComposeTable, language: str) -> Placed:
    """Lead, sections in their order, briefs in order of rank. A site without sections has no bound."""
    if not ranked:
        return None, [], []
    more = phrases.of(language).more
    chosen = _chosen(ranked, table, more)
    names: dict[str, str] = {}
    inside: dict[str, list[Ranked]] = {}
    for one in (r for n, r in enumerate(ranked[1:], 1) if n in chosen):
        name = _section_name(one) or more
        names.setdefault(name.casefold(), name)
        inside.setdefault(name.casefold(), []).append(one)
    order = _section_keys(list(inside), table.section_order, more.casefold())
    briefs = [one for n, one in enumerate(ranked[1:], 1) if n not in chosen]
    return ranked[0], [(names[key], inside[key]) for key in order], briefs


def _chosen(ranked: Sequence[Ranked], table: ComposeTable, more: str) -> set[int]:
    """Who of the first `stories` is told in full: the best that keep the bounds of sections and authors.

    Bounds make room for others: a site without sections, or with one author, has none.
    """
    by_section: Counter[str] = Counter()
    by_author: Counter[str] = Counter(_authors(ranked[0]))
    sections = any(map(_section_name, ranked))
    several = len({author for one in ranked for author in _authors(one)}) > 1
    chosen: set[int] = set()
    for place, one in enumerate(ranked[1 : table.stories], 1):
        section = (_section_name(one) or more).casefold()
        if sections and by_section[section] >= table.per_section:
            continue
        if several and any(by_author[name] >= table.per_author for name in _authors(one)):
            continue
        chosen.add(place)
        by_section[section] += 1
        by_author.update(_authors(one))
    return chosen


def _authors(one: Ranked) -> list[str]:
    named = map(words.folded, one.storyline.lead.authors)
    return [name for name in dict.fromkeys(named) if name]


def _section_keys(found: list[str], wanted: Sequence[str], more: str) -> list[str]:
    """The wanted ones first, then by their best story, those without a section last."""
    places = {name.strip().casefold(): place for place, name in enumerate(wanted)}
    last = len(places)
    return sorted(found, key=lambda key: (places.get(key, last + (key == more)), found.index(key)))


def _section_name(one: Ranked) -> str:
    return subjects.line(one.storyline.lead.section or "")


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known of the week's stories beside their rank."""

    summaries: Mapping[ArticleId, Summary]
    marks: Marks
    continued: Mapping[ArticleId, Continued]
    ahead: agenda.Ahead | None

    def story(self, one: Ranked, *, section: str | None = None) -> Story:
        """A storyline as it is printed. section: its name there; left out: its lead's own."""
        article = one.storyline.lead
        return Story(
            article_id=article.id,
            title=article.title,
            url=article.url,
            summary=self.summaries.get(article.id, Summary("")),
            section=_section_name(one) if section is None else section,
            published_at=article.when,
            language=article.language,
            authors=article.authors,
            image=article.image,
            read_seconds=article.read_seconds or words.seconds(words.count(article.text)),
            thread=tuple(_thread_item(a) for a in one.storyline.followers),
            continues=self.continued.get(article.id),
            marks=self.marks.get(article.id, ()),
            coming=agenda.coming(article, self.ahead) if self.ahead else (),
            score=one.score,
            reasons=one.reasons,
        )


def _thread_item(article: Article) -> ThreadItem:
    return ThreadItem(
        article_id=article.id, title=article.title, url=article.url, published_at=article.when
    )


def _brief(story: Story) -> Story:
    """The story with the first sentence of its summary; what an editor wrote stays whole."""
    summary = story.summary
    if summary.method == WRITTEN:
        return story
    if summary.sentences:
        first = summary.sentences[0]
        alone = len(summary.sentences) == 1  # then its text may end in an ellipsis
        text = summary.text if alone else " ".join(first.text.split())
        return replace(story, summary=replace(summary, text=text, sentences=(first,)))
    found = sentences.split(summary.text)
    text = found[0].text if found else ""
    return replace(story, summary=replace(summary, text=text, sentences=()))


# ---------------------------------------------------------------- coverage


def _omissions(selection: Selection) -> tuple[Omission, ...]:
    return tuple(
        Omission(
            article_id=o.article_id, title=o.title, url=o.url, reason=o.reason, copy_of=o.copy_of
        )
        for o in selection.left_out
    )


def _coverage(
    selection: Selection,
    ranked: Sequence[Ranked],
    sections: Sequence[tuple[str, list[Ranked]]],
    briefs: Sequence[Ranked],
) -> Coverage:
    """Counted from what is printed, and the total from the selection: it adds up or it shows."""
    return Coverage(
        total=selection.total,
        lead=1 if ranked else 0,
        storyline_members=sum(len(r.storyline.followers) for r in ranked),
        section_items=sum(len(inside) for _, inside in sections),
        briefs=len(briefs),
        left_out=len(selection.left_out),
    )


# ---------------------------------------------------------------- the mail's own words


def _read_seconds(stories: Sequence[Story]) -> int:
    """How long the mail itself takes, thread titles and all."""
    texts = [text for s in stories for text in (s.title, s.summary.text)]
    texts += [item.title for s in stories for item in s.thread]
    texts += [s.continues.item.title for s in stories if s.continues]
    return words.seconds(sum(words.count(text) for text in texts))


def _intro(stories: int, seconds: int, language: str) -> str:
    if not stories:
        return ""
    return phrases.intro(stories, max(1, math.ceil(seconds / 60)), language)
