"""The language of an article: as the page declares it, checked against the words themselves.

Where nothing is declared the words decide. A declaration is overruled only between English and another
language: themes are shipped with `lang="en"` and left so, while relatives (Danish and Norwegian,
Croatian and Serbian) are easily mistaken for each other by any detector.
"""

from __future__ import annotations

import functools
import math
import unicodedata
from collections.abc import Callable, Sequence

#: Fewer letters say too little to overrule a page's own word; so many are looked at.
_LEAST, _MOST = 200, 600
#: With nothing declared, fewer letters than this are no ground for any answer.
_FEWEST = 40
#: How sure the detector must be.
_SURE = 0.95
#: Never the language of an article that a site publishes today; fillers ("lorem ipsum") look like it.
_DEAD = frozenset({"la", "vo"})
#: The commonest words of English make up a quarter of its texts, and hardly any of another language's.
_ENGLISH = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "in",
        "is",
        "that",
        "for",
        "it",
        "was",
        "on",
        "with",
        "as",
        "at",
        "by",
        "from",
        "his",
        "her",
        "they",
        "this",
        "are",
        "have",
        "has",
        "be",
        "not",
        "but",
        "will",
        "an",
        "or",
        "who",
        "were",
        "which",
        "said",
        "you",
        "your",
        "we",
        "our",
        "he",
        "she",
        "its",
        "their",
        "been",
        "more",
        "about",
    ]
)
_ENGLISH_SHARE = 0.15


def language_of(text: str, declared: Sequence[str] = ()) -> str | None:
    """A BCP 47 tag; `declared`: what the page says, the most believable first."""
    sample = text[:_MOST]
    letters = sum(1 for sign in sample if sign.isalpha())
    first = declared[0] if declared else None
    if first and (letters < _LEAST or (_main(first) == "en") == _reads_as_english(sample)):
        return first
    if letters < _FEWEST:
        return None
    found, sure = _detected(sample)
    if sure < _SURE or found in _DEAD:
        return first
    if first and (_main(first) == "en") == (found == "en"):
        return first
    return next((tag for tag in declared if _main(tag) == found), found)


def _reads_as_english(text: str) -> bool:
    words = text.casefold().split()
    return sum(word in _ENGLISH for word in words) >= _ENGLISH_SHARE * len(words)


def _main(tag: str) -> str:
    return tag.lower().split("-")[0]


def _detected(text: str) -> tuple[str, float]:
    """The likeliest language and how likely it is, 0 to 1."""
    found, chance = _classifier()(unicodedata.normalize("NFC", text))
    return str(found), float(chance) if math.isfinite(chance) else 0.0


@functools.cache
def _classifier() -> Callable[[str], tuple[str, float]]:
    """Loaded when first needed: its model takes 50 MB and a quarter of a second."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)
    classify: Callable[[str], tuple[str, float]] = identifier.classify
    return classify
