"""What readers made of earlier weeks: what a story of this author, section, source and title may expect.

Each week's interest is measured by itself; what authors, sections, sources and words of titles add to it is
fitted together, round by round, each drawn to nought as if some more stories without any effect were
there (a ridge). It speaks where this week has few signs or none, and falls silent as they come in.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from digest import attention, exposure, words
from digest.model import Article, Storyline

#: How many stories without any effect stand beside each author, section or source, and each word.
PRIOR_STORIES, PRIOR_STORIES_WORD = 6.0, 100.0
_ROUNDS = 4
_WEEK = dt.timedelta(days=7)

Trait = tuple[str, str]  # kind, value
KINDS = ("source", "section", "author", "word")


@dataclass(frozen=True, slots=True)
class Expected:
    """What a story may expect, in doublings of a week's mean.

    section: what its section alone adds. why: the traits that speak most for it, in words; empty for none.
    """

    total: float = 0.0
    section: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True)
class EarlierWeeks:
    """effects: doublings that a trait adds. curves: earlier weeks' counts, for the curve of attention."""

    effects: Mapping[Trait, float] = field(default_factory=dict)
    seen: tuple[attention.Sightings, ...] = ()

    def expected(self, article: Article) -> Expected:
        """What a story with these traits may expect."""
        found = {trait: self.effects.get(trait, 0.0) for trait in traits(article)}
        total = sum(found.values())
        section = sum(e for (kind, _), e in found.items() if kind == "section")
        return Expected(total, section, _why(article, found, total))


def learn(
    articles: Sequence[Article], weights: Mapping[str, float], *, now: dt.datetime
) -> EarlierWeeks:
    """From articles of earlier weeks with their newest figures; weeks are counted back from `now`.

    weights: how much each sign counts beside the others. Nothing measured gives nothing.
    """
    weeks = list(_weeks(articles, now))
    seen = tuple(s for end, week in weeks for s in exposure.sightings(week, end))
    curve = attention.learn(seen)
    known: list[tuple[Article, float]] = []
    for end, week in weeks:
        measured = exposure.measure(week, weights, curve, end)
        known += [
            (storyline.lead, found.doublings)
            for storyline, found in zip(week, measured, strict=True)
            if found.surety
        ]
    return EarlierWeeks(_fitted(known), seen) if known else EarlierWeeks()


def traits(article: Article) -> Iterator[Trait]:
    """What an article has in common with earlier ones."""
    yield "source", source_of(article)
    section = exposure.section_of(article)
    if section:
        yield "section", section
    for author in dict.fromkeys(words.folded(author) for author in article.authors):
        if author:
            yield "author", author
    for stem in dict.fromkeys(words.matter(article.title)):
        yield "word", stem


def source_of(article: Article) -> str:
    """The site that an article stands on; empty where it has no address."""
    try:
        return (urlsplit(article.url or "").hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _weeks(
    articles: Sequence[Article], now: dt.datetime
) -> Iterator[tuple[dt.datetime, list[Storyline]]]:
    """Each week's articles, a storyline each, with the week's end."""
    weeks: defaultdict[int, list[Storyline]] = defaultdict(list)
    for article in sorted(articles, key=lambda a: (a.when, a.id)):
        weeks[(now - article.when) // _WEEK].append(Storyline(article, (article,)))
    for back, week in weeks.items():
        yield now - back * _WEEK, week


def _fitted(known: Sequence[tuple[Article, float]]) -> dict[Trait, float]:
    """The effects that tell the stories' interest best, each one drawn to nought."""
    having: defaultdict[Trait, list[int]] = defaultdict(list)
    rest = [doublings for _, doublings in known]
    for place, (article, _) in enumerate(known):
        for trait in traits(article):
            having[trait].append(place)
    order = sorted(having, key=lambda t: (KINDS.index(t[0]), -len(having[t]), t[1]))
    effects = dict.fromkeys(order, 0.0)
    for _ in range(_ROUNDS):
        for trait in order:
            places, old = having[trait], effects[trait]
            others = PRIOR_STORIES_WORD if trait[0] == "word" else PRIOR_STORIES
            found = (sum(map(rest.__getitem__, places)) + old * len(places)) / (
                len(places) + others
            )
            effects[trait], change = found, found - old
            for place in places:
                rest[place] -= change
    return effects


def _why(article: Article, found: Mapping[Trait, float], total: float) -> str:
    """The two traits that move a story most in the direction of its total."""
    along = sorted(
        (t for t, e in found.items() if e * total > 0), key=lambda t: (-abs(found[t]), t)
    )
    return " and ".join(_spoken(article, trait) for trait in along[:2])


def _spoken(article: Article, trait: Trait) -> str:
    kind, value = trait
    if kind == "source":
        return f"from {value}" if value else "without an address"
    if kind == "section":
        return f"in {article.section}"
    if kind == "author":
        spelled = (a for a in article.authors if words.folded(a) == value)
        return f"by {next(spelled, value)}"
    spelled = (w for w in words.tokens(article.title) if value in words.shared_units(w))
    return f"with “{next(spelled, value)}” in the title"
