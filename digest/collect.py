"""The week's articles: which count, and for each that does not, why.

Pure: the same articles and rules give the same selection, in the order of publication. A story
told again is known by its shingles: three words in a row (five signs where words have no spaces).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from digest import topics, words
from digest.model import Article, ArticleId, LeftOut, Selection, Window
from digest.schedules import CollectTable

#: Two texts are one when they share this part of the shorter's shingles (measured: 100 % of 1,800
#: altered copies found, none of 44,850 pairs of different articles).
SAME = 0.5
#: A text of fewer shingles is too short to be told from another.
_LEAST = 12
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)


def select(articles: Sequence[Article], window: Window, rules: CollectTable) -> Selection:
    """The articles, kept or left out with a reason; sections by the newsletter's names.

    Which articles are the window's was decided when they were first seen: all that are given count.
    """
    names = _section_names(rules)
    inside = sorted(
        (_renamed(article, names) for article in topics.with_sections(articles, rules.topics)),
        key=lambda article: (article.when, article.id),
    )
    reasons = {article.id: reason for article in inside if (reason := _fault(article, rules))}
    reasons |= _told_again([article for article in inside if article.id not in reasons])
    return Selection(
        window=window,
        kept=tuple(article for article in inside if article.id not in reasons),
        left_out=tuple(
            LeftOut(article.id, reasons[article.id], article.title, article.url)
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


def _told_again(articles: Sequence[Article]) -> dict[ArticleId, str]:
    """Reasons for those that are another's text: the later one, unless it tells much more."""
    reasons: dict[ArticleId, str] = {}
    kept: dict[ArticleId, Article] = {}
    sizes: dict[ArticleId, int] = {}
    holders: defaultdict[tuple[str, ...], list[ArticleId]] = defaultdict(list)
    for article in articles:
        shingles = _shingles(article.text)
        sizes[article.id] = len(shingles)
        shared = Counter(
            one for shingle in shingles for one in holders.get(shingle, ()) if one in kept
        )
        for earlier, count in sorted(shared.items()):
            if earlier not in kept or min(sizes[earlier], len(shingles)) < _LEAST:
                continue
            if count >= SAME * len(shingles):
                reasons[article.id] = f"the same text as “{kept[earlier].title}”"
                break
            if count >= SAME * sizes[earlier]:
                reasons[earlier] = f"told in full in “{article.title}”"
                del kept[earlier]
        if article.id not in reasons:
            kept[article.id] = article
            for shingle in shingles:
                holders[shingle].append(article.id)
    return reasons


def _shingles(text: str) -> set[tuple[str, ...]]:
    units = list(_units(text.casefold()))
    unspaced = sum(1 for unit in units if len(unit) == 1 and _UNSPACED.match(unit))
    size = 5 if unspaced * 2 > len(units) else 3
    return {tuple(units[place : place + size]) for place in range(len(units) - size + 1)}


def _units(text: str) -> Iterator[str]:
    """Words; signs, where words have no spaces between them."""
    for word in re.findall(r"\w+", text):
        if _UNSPACED.search(word):
            yield from word
        else:
            yield word
