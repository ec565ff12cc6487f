"""The week's articles: which count, and for each that does not, why.

Pure: the same articles and rules give the same selection, in the order of publication. A story
told again is known by its text (`digest.copies`) and joined under the earliest; an editor can take the two apart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from digest import copies, forms, topics, words
from digest.model import Article, ArticleId, LeftOut, Selection, Window
from digest.schedules import CollectTable

#: Two articles, whichever is named first.
Pair = frozenset[ArticleId]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the week. before: articles that earlier issues told; apart: pairs that an editor
    says are no copies of one another, whatever their texts say.
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
    prints = [copies.print_of(article.text) for article in articles]
    near = copies.near((copies.print_of(article.text) for article in before), prints)
    known = [*before, *articles]
    seen, frame = forms.Forms(), copies.frame_of(prints)
    for place, article in enumerate(articles):
        one = prints[place]
        for at in near[place]:
            number, is_old = known[at].id, at < len(before)
            if number in found or frozenset((number, article.id)) in apart:
                continue
            other = copies.print_of(known[at].text) if is_old else prints[at - len(before)]
            is_told = copies.tells(other, one)
            tells = not is_told and not is_old and copies.holds(one, other)
            if not (is_told or tells) or copies.share_a_frame(one, other, frame):
                continue
            if seen.are_one((article, one), (known[at], other)):
                continue
            if is_told:
                found[article.id] = Copy(number, _reason(known[at], is_old=is_old))
                break
            found[number] = Copy(article.id, f"told in full in “{article.title}”")
    return found


def _reason(other: Article, *, is_old: bool) -> str:
    if is_old:
        return f"told before, on {other.when.day} {other.when:%B}, as “{other.title}”"
    return f"the same text as “{other.title}”"
