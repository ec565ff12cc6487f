"""The week's articles: which count, and for each that does not, why.

Pure: the same articles and rules give the same selection, in the order of publication. A story
told again is known by its text (`digest.copies`) and joined under the earliest; an editor can take the two apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple

from digest import copies, topics, words
from digest.forms import Forms
from digest.frames import Frame, Questions
from digest.model import Article, ArticleId, LeftOut, Selection, Window
from digest.schedules import CollectTable

#: Two articles, whichever is named first.
Pair = frozenset[ArticleId]
#: An article that fills in the same form as so many others is not held against more.
_FORM_IS_KNOWN = 64


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the week. before: articles that earlier issues told, as far as the week may repeat
    them (`likely_repeated`); apart: pairs that an editor says are no copies of one another, whatever their texts say.
    """

    before: tuple[Article, ...] = ()
    apart: Collection[Pair] = frozenset()


_NOTHING = Known()


class Copy(NamedTuple):
    """What an article is a copy of, and in words."""

    of: ArticleId
    reason: str


def select(
    articles: Sequence[Article],
    window: Window,
    rules: CollectTable,
    *,
    known: Known = _NOTHING,
) -> Selection:
    """The articles, kept or left out with a reason; sections by the newsletter's names.

    Which articles are the window's was decided when they were first seen: all that are given count.
    What repeats an article that an earlier issue told is left out as well.
    """
    names = _section_names(rules)
    inside = sorted(
        (_renamed(article, names) for article in topics.with_sections(articles, rules.topics)),
        key=lambda article: (article.when, article.id),
    )
    reasons = {article.id: reason for article in inside if (reason := _fault(article, rules))}
    whole = [article for article in inside if article.id not in reasons]
    copied = _told_again(whole, known.before, known.apart)
    reasons |= {number: copy.reason for number, copy in copied.items()}
    return Selection(
        window=window,
        kept=tuple(article for article in inside if article.id not in reasons),
        left_out=tuple(
            LeftOut(
                article.id,
                reasons[article.id],
                article.title,
                article.url,
                copied[article.id].of if article.id in copied else None,
            )
            for article in inside
            if article.id in reasons
        ),
    )


def likely_repeated(texts: Iterable[str], articles: Sequence[Article]) -> list[int]:
    """The places of those texts that any of the articles may repeat: `select` need not know the others."""
    week = [copies.print_of(article.text) for article in articles]
    return copies.near_any(map(copies.print_of, texts), week)


def _section_names(rules: CollectTable) -> dict[str, str]:
    """The site's names of sections, folded, to the newsletter's."""
    return {old.casefold(): new for new, olds in rules.sections.items() for old in (*olds, new)}


def _renamed(article: Article, names: Mapping[str, str]) -> Article:
    section = (article.section or "").strip()
    name = names.get(section.casefold(), section) or None
    return article if name == article.section else replace(article, section=name)


def _fault(article: Article, rules: CollectTable) -> str:
    """Why an article does not count by itself; empty where it does."""
    if article.gone_at is not None:
        return "it was taken off its site"
    if not article.title.strip():
        return "it has no title"
    excluded = {name.casefold() for name in rules.exclude_sections}
    if article.section and article.section.casefold() in excluded:
        return f"the section {article.section} is left out"
    count = words.count(article.text)
    if count < rules.min_words:
        noun = "word" if count == 1 else "words"
        return f"{count} {noun}, fewer than the {rules.min_words} asked for"
    return ""


def _told_again(
    articles: Sequence[Article], before: Sequence[Article], apart: Collection[Pair]
) -> dict[ArticleId, Copy]:
    """Those that are another's text: the later one, unless it tells much more. before: told long ago."""
    found: dict[ArticleId, Copy] = {}
    texts = _Texts(before, articles)
    for place, article in enumerate(articles):
        for at in texts.near(place):
            other, is_old = texts.known[at], at < len(before)
            if other.id in found or frozenset((other.id, article.id)) in apart:
                continue
            first = texts.copied(place, at)
            if first is _First.EARLIER:
                found[article.id] = Copy(other.id, _reason(other, is_old=is_old))
                break
            if first is _First.LATER and not is_old:
                found[other.id] = Copy(article.id, f"told in full in “{article.title}”")
    return found


class _First(Enum):
    """Which of two copies is told."""

    EARLIER = "earlier"
    LATER = "later"


class _Texts:
    """The week's texts, each held against those before it. known: by place, the earlier issues' first."""

    def __init__(self, before: Sequence[Article], articles: Sequence[Article]) -> None:
        self.known = [*before, *articles]
        self._old = len(before)
        self._prints = [copies.print_of(article.text) for article in articles]
        self._near = copies.near((copies.print_of(one.text) for one in before), self._prints)
        self._frame, self._questions, self._forms = Frame(self._prints), Questions(), Forms()
        self._met: Counter[int] = Counter()

    def near(self, place: int) -> Iterator[int]:
        """The places of those that may be a copy; so many of one form are enough to know it by."""
        return (at for at in self._near[place] if self._met[place] < _FORM_IS_KNOWN)

    def copied(self, place: int, at: int) -> _First | None:
        """Whether the week's article and the known one are copies. place: of the week's among the week's."""
        this, old = self._prints[place], at < self._old
        if not old and self._frame.is_all(place, at - self._old):
            return None
        other = copies.print_of(self.known[at].text) if old else self._prints[at - self._old]
        is_told = copies.tells(other, this)
        if not is_told and not copies.holds(this, other):
            return None
        article = self.known[self._old + place]
        if self._questions.are_all(article, self.known[at]):
            return None
        if self._forms.are_one((article, this), (self.known[at], other)):
            self._met[place] += 1
            return None
        return _First.EARLIER if is_told else _First.LATER


def _reason(other: Article, *, is_old: bool) -> str:
    if is_old:
        return f"told before, on {other.when.day} {other.when:%B}, as “{other.title}”"
    return f"the same text as “{other.title}”"
