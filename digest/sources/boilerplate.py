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
#: Articles that share this part of their words are one story told twice: they count once.
_SAME = 0.5


def key_of(paragraph: str) -> str:
    """What makes two paragraphs one: their words, whatever their case and spaces."""
    return " ".join(paragraph.casefold().split())


def recurring(texts: Sequence[Sequence[str]]) -> frozenset[str]:
    """The keys of the paragraphs that recur over the articles of one source."""
    keyed = [frozenset(filter(None, map(key_of, paragraphs))) for paragraphs in texts]
    if len(keyed) < 2:
        return frozenset()
    group = _groups(keyed)
    seen: defaultdict[str, set[int]] = defaultdict(set)
    for number, keys in enumerate(keyed):
        for key in keys:
            seen[key].add(group[number])
    least = max(2, min(MANY, math.ceil(SHARE * len(set(group)))))
    return frozenset(key for key, groups in seen.items() if len(groups) >= least)


def without(paragraphs: Iterable[str], known: frozenset[str]) -> list[str]:
    """The paragraphs that are not known to recur."""
    return [paragraph for paragraph in paragraphs if key_of(paragraph) not in known]


def cleaned(articles: Sequence[IncomingArticle]) -> tuple[IncomingArticle, ...]:
    """One source's articles without what recurs; an article that is nothing else stays as it is."""
    texts = [article.text.split("\n\n") for article in articles]
    known = recurring(texts)
    if not known:
        return tuple(articles)
    kept = ["\n\n".join(without(paragraphs, known)) for paragraphs in texts]
    return tuple(
        replace(article, text=text) if text and text != article.text else article
        for article, text in zip(articles, kept, strict=True)
    )


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
