"""Weeks of a site that never was, as large as one likes, with more weeks of the same site before them.

For measuring, never for judging. 30,000 made-up words by Zipf's law, a third of a text the small words of
English; events told by one to six articles of some 300 words, one in twenty going on from the week before;
four in a hundred are another's text with every tenth word changed; views, reactions, comments and some ratings.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digest.model import Engagement, IncomingArticle, Unit

VOCABULARY, NAMES = 30_000, 6_000
SMALL = (
    *("the", "of", "and", "to", "in", "a", "for", "on", "that", "is", "was", "with", "as", "it"),
    *("by", "at", "from", "be", "has", "are", "this", "an", "have", "will", "said", "his", "not"),
    *("their", "but", "they", "were", "which", "its", "after", "been", "had", "more", "who", "up"),
)
#: How many articles tell an event, as often as they stand here.
SIZES = (1,) * 12 + (2, 2, 2, 3, 3, 4, 6)
_COPIES, _CHANGED, _GOES_ON = 0.04, 0.1, 0.05
_HOUR = dt.timedelta(hours=1)

Numbers = NDArray[np.int64]


class Event(NamedTuple):
    """What its articles have in common: names, and words of the matter, by number."""

    names: Numbers
    matter: Numbers
    section: int


@dataclass(frozen=True, slots=True)
class Made:
    """An article and the moment at which it comes in."""

    article: IncomingArticle
    at: dt.datetime


class Site:
    """One site; each call of `week` is its next one. The same seed makes the same weeks."""

    def __init__(self, seed: int = 1) -> None:
        self._rng = np.random.default_rng(seed)
        self._words = _spelled(self._rng, VOCABULARY)
        self._names = [word.title() for word in _spelled(self._rng, NAMES)]
        self._often = np.cumsum(1 / (np.arange(VOCABULARY) + 3.0))
        self._often /= self._often[-1]
        self._before: list[Event] = []
        self._made = 0

    def week(self, stories: int, start: dt.datetime) -> list[Made]:
        """So many articles from `start` on, through six days, in the order in which they come."""
        found: list[Made] = []
        events: list[Event] = []
        while len(found) < stories:
            if found and self._rng.random() < _COPIES:
                found.append(self._copy(found[int(self._rng.integers(len(found)))]))
                continue
            events.append(event := self._event())
            size = min(int(self._rng.choice(SIZES)), stories - len(found))
            first = self._rng.uniform(0, 120)
            found += [self._told(event, start + (first + 9 * n) * _HOUR) for n in range(size)]
        self._before = events
        return sorted(found, key=lambda one: one.at)

    def _event(self) -> Event:
        if self._before and self._rng.random() < _GOES_ON:
            return self._before[int(self._rng.integers(len(self._before)))]
        matter = self._drawn(40)
        return Event(self._rng.integers(0, NAMES, 6), matter, int(self._rng.integers(12)))

    def _drawn(self, count: int) -> Numbers:
        return np.searchsorted(self._often, self._rng.random(count))

    def _told(self, event: Event, at: dt.datetime) -> Made:
        count = int(np.clip(self._rng.lognormal(np.log(300), 0.5), 60, 1500))
        title = [self._names[event.names[0]], *self._pick(event.matter, 3)]
        title += [self._names[self._rng.choice(event.names[1:])], *self._pick(event.matter, 2)]
        text = "".join(self._written(event, count)).strip()
        return self._article(" ".join(title), text, at, event.section)

    def _pick(self, numbers: Numbers, count: int) -> list[str]:
        return [self._words[n] for n in self._rng.choice(numbers, count)]

    def _written(self, event: Event, count: int) -> Iterator[str]:
        """Sentences of 8 to 24 words, in paragraphs of about three."""
        kinds = self._rng.choice(5, count + 24, p=(0.36, 0.40, 0.13, 0.08, 0.03))
        drawn, at = self._drawn(len(kinds)), 0
        while at < count:
            size = int(self._rng.integers(8, 25))
            inside = range(at, min(at + size, len(kinds)))
            words = [self._word(kinds[n], drawn[n], event) for n in inside]
            at += size
            end = ".\n\n" if self._rng.random() < 0.3 else ". "
            yield words[0][:1].upper() + " ".join(words)[1:] + end

    def _word(self, kind: int, drawn: int, event: Event) -> str:
        if kind == 0:
            return SMALL[drawn % len(SMALL)]
        if kind == 1:
            return self._words[drawn]
        if kind == 2:
            return self._words[event.matter[drawn % len(event.matter)]]
        if kind == 3:
            return self._names[event.names[drawn % len(event.names)]]
        return str(drawn % 900 + 2)

    def _copy(self, of: Made) -> Made:
        """The same text again, some of its words changed."""
        words = of.article.text.split(" ")
        for place in np.flatnonzero(self._rng.random(len(words)) < _CHANGED):
            words[place] = self._words[int(self._rng.integers(VOCABULARY))]
        title = f"{of.article.title} again"
        later = of.at + self._rng.uniform(1, 20) * _HOUR
        section = int((of.article.section or "Section 0").split()[1])
        return self._article(title, " ".join(words), later, section)

    def _article(self, title: str, text: str, at: dt.datetime, section: int) -> Made:
        self._made += 1
        article = IncomingArticle(
            source="desk",
            source_id=f"made-{self._made}",
            url=f"https://gazette.example/{self._made}",
            title=title,
            text=text,
            section=f"Section {section}",
            authors=(f"Author {self._rng.integers(30)}",),
            language="en",
            published_at=at,
            engagement=tuple(self._signs()),
        )
        return Made(article, at)

    def _signs(self) -> Iterator[Engagement]:
        views = float(int(self._rng.lognormal(6, 1)))
        yield Engagement("views", views)
        yield Engagement("reaction:like", float(self._rng.poisson(views * 0.02)))
        yield Engagement("reaction:wow", float(self._rng.poisson(views * 0.004)))
        yield Engagement("comments", float(self._rng.poisson(views * 0.006)))
        if self._rng.random() < 0.3:
            votes = int(self._rng.integers(1, 60))
            stars = round(float(self._rng.uniform(2, 5)), 1)
            yield Engagement("rating", stars, Unit.AVERAGE, votes)


def _spelled(rng: np.random.Generator, count: int) -> list[str]:
    """So many different words that can be spoken."""
    vowels = ("a", "e", "i", "o", "u", "ar", "en", "il")
    syllables = [one + vowel for one in "bcdfghklmnprstvwz" for vowel in vowels]
    found: dict[str, None] = {}
    for row in rng.integers(0, len(syllables), (count * 2, 4)):
        found["".join(syllables[n] for n in row[: 2 + row[0] % 3])] = None
    return list(found)[:count]
