"""Paragraphs that a site prints under many of its articles, learned from the articles themselves."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from digest import words
from digest.model import IncomingArticle

#: In so many articles, or in this share of few, a paragraph is the site's and not the story's.
MANY, SHARE = 3, 0.2
#: Over weeks sites repeat more that is no furniture: headings, the background of a long story.
OVER_WEEKS = 4
#: Articles that share this part of their words are one story told twice: they count once.
_SAME = 0.5


def key_of(paragraph: str) -> str:
    """What makes two paragraphs one: their words, whatever their case and spaces."""
    return " ".join(paragraph.casefold().split())


def recurring(texts: Sequence[Sequence[str]]) -> frozenset[str]:
    """The keys of the paragraphs that recur over the articles of one source."""
    stories, seen = _seen(texts)
    least = max(2, min(MANY, math.ceil(SHARE * stories)))
    return frozenset(key for key, count in seen.items() if count >= least)


def recurring_over_weeks(texts: Sequence[Sequence[str]]) -> frozenset[str]:
    """The keys of the paragraphs in a fifth of a source's articles of some weeks, and in no less than four."""
    stories, seen = _seen(texts)
    least = max(OVER_WEEKS, math.ceil(SHARE * stories))
    return frozenset(key for key, count in seen.items() if count >= least)


def without(paragraphs: Iterable[str], known: frozenset[str]) -> list[str]:
    """The paragraphs that are not known to recur."""
    return [paragraph for paragraph in paragraphs if key_of(paragraph) not in known]


def cleaned(articles: Sequence[IncomingArticle]) -> tuple[IncomingArticle, ...]:
    """One source's articles without what recurs; an article that is nothing else stays as it is."""
    return freed(articles, recurring([paragraphs_of(article.text) for article in articles]))


def freed(
    articles: Sequence[IncomingArticle], known: frozenset[str]
) -> tuple[IncomingArticle, ...]:
    """The articles without these paragraphs; one that is nothing else stays as it is."""
    if not known:
        return tuple(articles)
    kept = ["\n\n".join(without(paragraphs_of(one.text), known)) for one in articles]
    return tuple(
        replace(article, text=text) if text and text != article.text else article
        for article, text in zip(articles, kept, strict=True)
    )


def paragraphs_of(text: str) -> list[str]:
    """An article's text in its paragraphs."""
    return text.split("\n\n")


def _seen(texts: Sequence[Sequence[str]]) -> tuple[int, Counter[str]]:
    """How many stories the texts tell, and in how many of them each paragraph stands."""
    keyed = [frozenset(filter(None, map(key_of, paragraphs))) for paragraphs in texts]
    if len(keyed) < 2:
        return len(keyed), Counter()
    group = _groups(keyed)
    seen: defaultdict[str, set[int]] = defaultdict(set)
    for number, keys in enumerate(keyed):
        for key in keys:
            seen[key].add(group[number])
    return len(set(group)), Counter({key: len(groups) for key, groups in seen.items()})


def _groups(keyed: Sequence[frozenset[str]]) -> list[int]:
    """Each article's group: those that share most of their words are one."""
    sizes = {key: max(1, words.count(key)) for keys in keyed for key in keys}
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for number, keys in enumerate(keyed):
        for key in keys:
            holders[key].append(number)
    shared: Counter[tuple[int, int]] = Counter()
    for key, numbers in holders.items():
        for place, one in enumerate(numbers):
            for other in numbers[place + 1 :]:
                shared[one, other] += sizes[key]
    whole = [sum(sizes[key] for key in keys) for keys in keyed]
    group = list(range(len(keyed)))
    for (one, other), count in sorted(shared.items()):
        if count >= _SAME * min(whole[one], whole[other]):
            group[other] = min(group[one], group[other])
    return group
