"""Group the week's articles about one event: what words they share that few others have.

Title twice and the first 150 words, names twice, weighed by rarity in this week; average link at
one threshold. All articles come from one house, whose style makes everything look alike, so two
must share rare words too, not only look alike, and lie within days of each other. No randomness:
articles are sorted first, ties go to the first pair.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from digest import lines, words
from digest.errors import BadInput
from digest.model import Article, Storyline

#: Least mean likeness (cosine) of two groups that become one.
THRESHOLD = 0.18
#: How much of an article is compared: its lead tells what it is about.
FIRST_WORDS = 150
#: Two articles further apart than this are no longer one event.
FURTHEST = dt.timedelta(days=6)
#: A word is rare that stands in no more articles than this, or this share of them.
RARE_ARTICLES, RARE_SHARE = 8, 0.06
#: How many rare words two articles must share: this part of the shorter one's, within these bounds.
SHARED_PART, LEAST_SHARED, MOST_SHARED = 0.12, 2, 4
#: As if so many other articles stood beside the week's: keeps small weeks' weights steady.
OTHERS = 150

Matrix = NDArray[np.float64]


@dataclass(slots=True)
class _Text:
    """One article, as far as it is compared: weights by stem, and a stem's spellings."""

    when: dt.datetime | None
    weights: dict[str, float] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)


def group(articles: Sequence[Article]) -> tuple[Storyline, ...]:
    """Every article in exactly one storyline; the newest storyline first."""
    ordered = sorted(articles, key=lambda a: (a.when, a.id))
    texts = [_read(a.title, a.text, a.when) for a in ordered]
    week = Counter(stem for text in texts for stem in text.weights)
    made = [
        _storyline([ordered[i] for i in places], [texts[i] for i in places], week)
        for places in _groups(texts)
    ]
    return tuple(sorted(made, key=lambda s: (s.lead.when, s.lead.id), reverse=True))


def _storyline(members: list[Article], texts: list[_Text], week: Counter[str]) -> Storyline:
    """week: in how many articles each stem stands."""
    if len(members) == 1:
        return Storyline(members[0], tuple(members), "one article")
    names = _shared_names(texts, week)
    what = f" that share {_spoken(names)}" if names else " on one event"
    lead = _lead(members)
    newest = "the newest" if lead is members[-1] else "the fullest of the newest"
    return Storyline(lead, tuple(members), f"{len(members)} articles{what}; {newest} leads")


def _lead(members: Sequence[Article]) -> Article:
    """The newest of those that tell nearly as much as the longest (two thirds of its words)."""
    sizes = [words.count(a.text) for a in members]
    full = [a for a, size in zip(members, sizes, strict=True) if size * 3 >= max(sizes) * 2]
    return full[-1]


def _shared_names(texts: list[_Text], week: Counter[str]) -> list[str]:
    """Up to three words that most members share and few others have, names first."""
    inside = Counter(stem for text in texts for stem in text.weights)
    most = max(2, math.ceil(len(texts) * 0.6))
    heavy = {stem: sum(text.weights.get(stem, 0.0) for text in texts) for stem in inside}
    found = [s for s, n in inside.items() if n >= most and s not in _COMMON and not s.isdigit()]
    found.sort(key=lambda s: (-heavy[s] / math.log(2 + week[s]), s))
    return [_spelling(stem, texts) for stem in found[:3]]


def _spelling(stem: str, texts: list[_Text]) -> str:
    spellings = Counter(text.spelled[stem] for text in texts if stem in text.spelled)
    return min(spellings, key=lambda s: (-spellings[s], s))


def _spoken(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


# ---------------------------------------------------------------- likeness

_COMMON = frozenset(words.stem(word) for word in words.EVERYDAY)


def _read(title: str, text: str, when: dt.datetime | None) -> _Text:
    read = _Text(when)
    lead = words.tokens(text[: FIRST_WORDS * 40])[:FIRST_WORDS]
    for word in (*words.tokens(title) * 2, *lead):
        if words.is_common(word):
            continue
        weight = 2.0 if word[0].isupper() else 1.0
        for unit in words.shared_units(word):
            read.weights[unit] = read.weights.get(unit, 0.0) + weight
            known = read.spelled.get(unit)
            if known is None or (known[0].isupper() and word[0].islower()):
                read.spelled[unit] = word if len(unit) > 2 or word.isascii() else unit
    return read


def _rarity(articles: int, week: int) -> float:
    """Weight of a word that stands in so many of the week's articles."""
    return math.log((week + OTHERS) / (articles + 0.5))


def _groups(texts: list[_Text]) -> list[list[int]]:
    """The places of each group's texts, in order."""
    if not texts:
        return []
    like = _likeness(texts)
    labels = list(range(len(texts)))
    for places in _connected(like >= THRESHOLD):
        for joined in _average_link(like[np.ix_(places, places)]):
            for inner in joined:
                labels[places[inner]] = places[joined[0]]
    found: defaultdict[int, list[int]] = defaultdict(list)
    for place, label in enumerate(labels):
        found[label].append(place)
    return list(found.values())


def _likeness(texts: list[_Text]) -> Matrix:
    """Cosines of all pairs; 0 where two share too few rare words or lie too far apart."""
    size = len(texts)
    where: defaultdict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        for stem in text.weights:
            where[stem].append(place)
    like, shared = np.zeros((size, size)), np.zeros((size, size), dtype=np.int16)
    norms = np.zeros(size)
    rare = max(RARE_ARTICLES, size * RARE_SHARE)
    for stem in sorted(where):
        places = np.array(where[stem])
        known = [texts[place].weights[stem] for place in where[stem]]
        weights = (1 + np.log(known)) * _weight(stem, len(places), size)
        norms[places] += weights**2
        if len(places) > 1:
            cross = np.ix_(places, places)
            like[cross] += np.outer(weights, weights)
            shared[cross] += len(places) <= rare and stem not in _COMMON
    norms[norms == 0] = 1.0
    like /= np.sqrt(np.outer(norms, norms))
    like[(shared < _needed(texts)) | _apart(texts)] = 0.0
    np.fill_diagonal(like, 0.0)
    return like


def _weight(stem: str, articles: int, week: int) -> float:
    return _rarity(articles, week) * (0.3 if stem in _COMMON else 1.0)


def _needed(texts: list[_Text]) -> Matrix:
    """How many rare words each pair must share."""
    sizes = np.array([float(len(text.weights)) for text in texts])
    part = np.minimum.outer(sizes, sizes) * SHARED_PART
    return np.asarray(np.clip(part, LEAST_SHARED, MOST_SHARED))


def _apart(texts: list[_Text]) -> NDArray[np.bool_]:
    """True for pairs that lie further apart than FURTHEST; never where a date is missing."""
    seconds = np.array([t.when.timestamp() if t.when else np.nan for t in texts])
    gaps = np.abs(seconds[:, None] - seconds[None, :])
    return np.asarray(gaps > FURTHEST.total_seconds())


def _connected(near: NDArray[np.bool_]) -> Iterator[list[int]]:
    """The parts of the graph with more than one place; average link never joins two of them."""
    seen = np.zeros(len(near), dtype=bool)
    for start in range(len(near)):
        if seen[start]:
            continue
        part, todo = [start], [start]
        seen[start] = True
        while todo:
            for place in np.flatnonzero(near[todo.pop()] & ~seen):
                seen[place] = True
                part.append(int(place))
                todo.append(int(place))
        if len(part) > 1:
            yield sorted(part)


def _average_link(like: Matrix) -> list[list[int]]:
    """Join the two groups of greatest mean likeness until none reaches THRESHOLD."""
    groups = {place: [place] for place in range(len(like))}
    mean = like.copy()
    while len(groups) > 1:
        one, other = divmod(int(np.argmax(mean)), len(mean))
        if mean[one, other] < THRESHOLD:
            break
        one, other = min(one, other), max(one, other)
        a, b = len(groups[one]), len(groups[other])
        joined = (mean[one] * a + mean[other] * b) / (a + b)
        mean[one], mean[:, one] = joined, joined
        mean[other], mean[:, other], mean[one, one] = -1.0, -1.0, -1.0
        groups[one] = sorted(groups[one] + groups.pop(other))
    return list(groups.values())


# ---------------------------------------------------------------- JSON lines


def cluster_lines(objects: Iterable[Mapping[str, object]]) -> Iterator[dict[str, object]]:
    """A whole week of `{"id","title","text"[,"date"]}` → one `{"id","cluster"}` each, in order."""
    answers: list[dict[str, object]] = []
    texts: list[tuple[str, int, _Text]] = []
    for given in objects:
        try:
            name = lines.name_of(given)
            title, text = lines.text_of(given, "title"), lines.text_of(given, "text")
            read = _read(title, text, lines.published_of(given))
        except BadInput as error:
            answers.append(lines.refusal(given, error))
            continue
        texts.append((str(name), len(answers), read))
        answers.append({"id": name})
    texts.sort(key=lambda item: item[0])
    for number, places in enumerate(_groups([read for _, _, read in texts]), 1):
        for place in places:
            answers[texts[place][1]]["cluster"] = number
    yield from answers
