"""Lay out the week: lead, sections, briefs, what was left out; and prove that nothing is missing.

The best story leads; the next of the first `stories` stand in sections of at most `per_section`;
all the rest follow as briefs of one sentence. Every article of the window is counted once.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from digest import phrases, sentences, signals, words
from digest.mail import cleaning
from digest.mail.wording import Wording
from digest.model import (
    Article,
    ArticleId,
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

#: Characters of a subject that a telephone shows.
SUBJECT = 70
#: Characters that stand behind the subject in the list of mails.
PREHEADER = 120
#: Votes that a "best rated" needs.
LEAST_VOTES = 5

#: The `method` of a summary that an editor wrote.
WRITTEN = "editor"

Marks = Mapping[ArticleId, tuple[str, ...]]


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
) -> IssueContent:
    """Every story in its place and in full, before an editor's hand: `finish` makes the mail's content of it."""
    table, language = schedule.compose, schedule.newsletter.language
    lead, sections, briefs = _placed(ranked, table, language)
    marks = _marks([r.storyline.lead for r in ranked], phrases.of(language))
    lead_story = _story(lead, summaries, marks) if lead else None
    printed = tuple(
        Section(name, tuple(_story(r, summaries, marks, section=name) for r in inside))
        for name, inside in sections
    )
    return IssueContent(
        newsletter=schedule.key,
        period=moments.period,
        number=number,
        window=moments.window,
        subject="",
        preheader="",
        lead=lead_story,
        sections=printed,
        briefs=tuple(_story(r, summaries, marks) for r in briefs),
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
    subject = written.get(Words.SUBJECT) or _subject(schedule, short)
    return replace(
        short,
        subject=subject,
        preheader=written.get(Words.PREHEADER) or _preheader(short.stories, subject, intro),
        intro=intro,
        outro=written.get(Words.OUTRO, ""),
        read_seconds=seconds,
    )


def is_thin(ranked: Sequence[Ranked], table: ComposeTable) -> bool:
    """True where a week has too few stories to be a mail."""
    return len(ranked) < table.minimum_stories


# ---------------------------------------------------------------- layout

Placed = tuple[Ranked | None, list[tuple[str, list[Ranked]]], list[Ranked]]


def _placed(ranked: Sequence[Ranked], table: ComposeTable, language: str) -> Placed:
    """Lead, sections in their order, briefs in order of rank. A site without sections has no bound."""
    if not ranked:
        return None, [], []
    more = phrases.of(language).more
    most = table.per_section if any(map(_section_name, ranked)) else table.stories
    names: dict[str, str] = {}
    inside: dict[str, list[Ranked]] = {}
    briefs: list[Ranked] = []
    for place, one in enumerate(ranked[1:], 2):
        name = _section_name(one) or more
        key = name.casefold()
        full = len(inside.get(key, ())) >= most
        if place > table.stories or full:
            briefs.append(one)
            continue
        names.setdefault(key, name)
        inside.setdefault(key, []).append(one)
    order = _section_keys(list(inside), table.section_order, more.casefold())
    return ranked[0], [(names[key], inside[key]) for key in order], briefs


def _section_keys(found: list[str], wanted: Sequence[str], more: str) -> list[str]:
    """The wanted ones first, then by their best story, those without a section last."""
    places = {name.strip().casefold(): place for place, name in enumerate(wanted)}
    last = len(places)
    return sorted(found, key=lambda key: (places.get(key, last + (key == more)), found.index(key)))


def _section_name(one: Ranked) -> str:
    return _line(one.storyline.lead.section or "")


def _story(
    one: Ranked,
    summaries: Mapping[ArticleId, Summary],
    marks: Marks,
    *,
    section: str | None = None,
) -> Story:
    article = one.storyline.lead
    return Story(
        article_id=article.id,
        title=article.title,
        url=article.url,
        summary=summaries.get(article.id, Summary("")),
        section=_section_name(one) if section is None else section,
        published_at=article.when,
        language=article.language,
        authors=article.authors,
        image=article.image,
        read_seconds=article.read_seconds or words.seconds(words.count(article.text)),
        thread=tuple(_thread_item(a) for a in one.storyline.followers),
        marks=marks.get(article.id, ()),
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
        Omission(article_id=o.article_id, title=o.title, url=o.url, reason=o.reason)
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


# ---------------------------------------------------------------- marks


def _marks(articles: Sequence[Article], said: phrases.Phrases) -> Marks:
    """Who stands out, where someone really does."""
    given: dict[ArticleId, list[str]] = {}
    comments = [(a.id, c) for a in articles if (c := signals.comments(a)) is not None]
    reactions = [(a.id, c) for a in articles if (c := signals.reactions(a)) is not None]
    for found, mark in (
        (_ahead(comments), said.most_discussed),
        (_best_rated(articles), said.best_rated),
        (_ahead(reactions), said.most_reactions),
    ):
        if found is not None:
            given.setdefault(found, []).append(mark)
    return {article: tuple(marks) for article, marks in given.items()}


def _ahead(counts: Sequence[tuple[ArticleId, float]]) -> ArticleId | None:
    """Who has at least five, and a fifth and three more than the next; None for a near thing."""
    if len(counts) < 2:
        return None
    first, second = sorted(counts, key=lambda item: (-item[1], item[0]))[:2]
    return first[0] if first[1] >= max(5.0, second[1] * 1.2, second[1] + 3) else None


def _best_rated(articles: Sequence[Article]) -> ArticleId | None:
    """Whose stars lead by two tenths, among those with enough votes; never a bad rating."""
    rated = [
        (article.id, rating.average)
        for article in articles
        if (rating := signals.rating(article)) and (rating.votes or 0) >= LEAST_VOTES
    ]
    if len(rated) < 2:
        return None
    first, second = sorted(rated, key=lambda item: (-item[1], item[0]))[:2]
    return first[0] if first[1] >= second[1] + 0.2 - 1e-9 and first[1] >= 3.5 else None


# ---------------------------------------------------------------- the mail's own words


def _read_seconds(stories: Sequence[Story]) -> int:
    """How long the mail itself takes, thread titles and all."""
    texts = [text for s in stories for text in (s.title, s.summary.text)]
    texts += [item.title for s in stories for item in s.thread]
    return words.seconds(sum(words.count(text) for text in texts))


def _intro(stories: int, seconds: int, language: str) -> str:
    if not stories:
        return ""
    return phrases.intro(stories, max(1, math.ceil(seconds / 60)), language)


_NAMED = re.compile(r"\{(lead|date|number|name)\}")


def _subject(schedule: Schedule, week: IssueContent) -> str:
    """The schedule's pattern filled; the lead's title gives way first where it gets too long."""
    lead = week.lead
    newsletter, pattern = schedule.newsletter, _line(schedule.compose.subject)
    values = {
        "lead": _line(lead.title) if lead else "",
        "date": Wording(newsletter.language, newsletter.timezone).long_date(week.period),
        "number": str(week.number),
        "name": _line(newsletter.name),
    }
    rest = len(_filled(pattern, {**values, "lead": ""}))
    times = pattern.count("{lead}")
    if times and SUBJECT - rest >= 20:
        values["lead"] = cut(values["lead"], (SUBJECT - rest) // times)
    return cut(_line(_filled(pattern, values)) or values["name"], SUBJECT)


def _filled(pattern: str, values: Mapping[str, str]) -> str:
    return _NAMED.sub(lambda match: values[match[1]], pattern)


def _preheader(stories: Sequence[Story], subject: str, intro: str) -> str:
    """The next titles, as many as fit whole; what the subject says is not said again."""
    titles = [title for s in stories if (title := _line(s.title))]
    if titles and subject.startswith(titles[0][: SUBJECT // 2]):
        titles = titles[1:]
    if not titles:
        return _line(intro)
    said = cut(titles[0], PREHEADER)
    for title in titles[1:]:
        longer = f"{said} · {title}"
        if len(longer) > PREHEADER:
            break
        said = longer
    return said


def cut(text: str, most: int) -> str:
    """At most `most` characters, cut where a word ends, with an ellipsis."""
    if len(text) <= most:
        return text
    short = text[: most - 1]
    space = short.rfind(" ")
    if not text[most - 1].isspace() and space > most // 2:
        short = short[:space]
    while short and unicodedata.combining(text[len(short)]):
        short = short[:-1]
    return short.rstrip(" ,;:–—-") + "…"


_KEPT_FORMATS = "\u200c\u200d"  # joiners: Persian, Indic scripts and emoji need them


def _line(text: str) -> str:
    """On one line, without control characters and without marks that turn the reading direction."""
    plain = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in text
        if c in _KEPT_FORMATS or unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn")
    )
    return cleaning.spaced(plain)
