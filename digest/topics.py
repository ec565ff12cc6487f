"""Sections for articles whose site has none: by the newsletter's own list of topics.

A topic is a word, a tag or a part of an address. A tag or a part of the address counts most, then the title,
then the lead; the section with the most wins, and who has nothing of any list stays without one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from digest import words
from digest.model import Article

_TAG, _TITLE, _LEAD = 3.0, 2.0, 1.0
#: How far into the text topics are looked for.
_FIRST_WORDS = 80


def with_sections(
    articles: Sequence[Article], topics: Mapping[str, Sequence[str]]
) -> list[Article]:
    """The articles, those without a section in the one that their topics speak for."""
    wanted = {name: {_folded(word) for word in listed} for name, listed in topics.items()}
    return [a if a.section or not wanted else _placed(a, wanted) for a in articles]


def _placed(article: Article, wanted: Mapping[str, set[str]]) -> Article:
    weights = _topics(article)
    points = {
        name: sum(weights.get(word, 0.0) for word in listed) for name, listed in wanted.items()
    }
    best = max(points, key=lambda name: points[name])  # the first one listed of equals
    return replace(article, section=best) if points[best] else article


def _topics(article: Article) -> dict[str, float]:
    """What an article is about, each word with the weight of the best place where it stands."""
    lead = words.first(article.text, _FIRST_WORDS, signs=_FIRST_WORDS * 12)
    places = (
        (_LEAD, lead),
        (_TITLE, words.tokens(article.title)),
        (_TAG, [*article.tags, *_parts(article.url)]),
    )
    return {_folded(word): weight for weight, found in places for word in found}


def _parts(url: str | None) -> list[str]:
    """The folders of an address and their words, without its last part, which is the title again."""
    try:
        folders = urlsplit(url or "").path.strip("/").split("/")[:-1]
    except ValueError:
        return []
    return [part for folder in folders for part in (folder, *re.split(r"[-_]", folder)) if part]


def _folded(word: str) -> str:
    return words.stem(" ".join(word.split()))
