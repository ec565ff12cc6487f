"""Group the week's articles about one event: follow-ups and what was told twice.

Average link at one threshold over `likeness`; titles without a text by `title_links` and `title_groups`. No randomness: articles are sorted first, ties go to the
first pair. Nothing is merged or thrown away: a storyline is its articles, and can be taken apart again.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from digest import likeness, lines, nearest, title_groups, title_links, words
from digest.errors import BadInput
from digest.likeness import Matrix, Text
from digest.model import Article, Storyline

#: Least mean likeness of two groups that become one.
THRESHOLD = 0.2
#: Least mean likeness of one article to all others of its group; who has less is a story of its own.
COHERENT = 0.1


def group(articles: Sequence[Article]) -> tuple[Storyline, ...]:
    """Every article in exactly one storyline; the newest storyline first."""
    ordered = sorted(articles, key=lambda a: (a.when, a.id))
    texts = [likeness.read(a.title, a.text, a.when) for a in ordered]
    week = likeness.shared_counts(texts)
    made = [
        _storyline([ordered[i] for i in places], [texts[i] for i in places], week)
        for places in _groups(texts)
    ]
    return tuple(sorted(made, key=lambda s: (s.lead.when, s.lead.id), reverse=True))


def _storyline(members: list[Article], texts: list[Text], week: Counter[str]) -> Storyline:
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


def _shared_names(texts: list[Text], week: Counter[str]) -> list[str]:
    """Up to three words that most members share and few others have, names first."""
    inside = likeness.shared_counts(texts)
    most = max(2, math.ceil(len(texts) * 0.6))
    found = [s for s, n in inside.items() if n >= most and likeness.is_telling(s)]
    heavy = {stem: sum(text.weights.get(stem, 0.0) for text in texts) for stem in found}
    found.sort(key=lambda s: (-heavy[s] / math.log(2 + week[s]), s))
    return [_spelling(stem, texts) for stem in found[:3]]


def _spelling(stem: str, texts: list[Text]) -> str:
    spellings = Counter(text.spelled[stem] for text in texts if stem in text.spelled)
    return min(spellings, key=lambda s: (-spellings[s], s))


def _spoken(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


# ---------------------------------------------------------------- groups


def _groups(texts: list[Text]) -> list[list[int]]:
    """The places of each group's texts, in order. Titles without a text are grouped by themselves."""
    full = [place for place, text in enumerate(texts) if not text.bare]
    bare = [place for place, text in enumerate(texts) if text.bare]
    found = [[full[at] for at in group] for group in _full_groups([texts[p] for p in full])]
    if bare:
        links = title_links.links([texts[p] for p in bare])
        found += [[bare[at] for at in group] for group in title_groups.communities(links)]
    return sorted(found)


def _full_groups(texts: list[Text]) -> list[list[int]]:
    if not texts:
        return []
    pairs = likeness.of(texts)
    labels = list(range(len(texts)))
    for places in likeness.connected((pairs.like >= THRESHOLD) & pairs.may):
        inside = np.ix_(places, places)
        for joined in nearest.average_link(pairs.like[inside], pairs.may[inside], THRESHOLD):
            for inner in _coherent(joined, pairs.like[inside]):
                labels[places[inner]] = places[joined[0]]
    found: defaultdict[int, list[int]] = defaultdict(list)
    for place, label in enumerate(labels):
        found[label].append(place)
    return list(found.values())


def _coherent(group: list[int], like: Matrix) -> list[int]:
    """Without those that are much less like the others than they are like each other; the first stays."""
    if len(group) < 3:
        return group
    inside = like[np.ix_(group, group)]
    means = inside.sum(axis=1) / (len(group) - 1)
    return [
        one for one, mean in zip(group, means, strict=True) if mean >= COHERENT or one == group[0]
    ]


# ---------------------------------------------------------------- JSON lines


def cluster_lines(objects: Iterable[Mapping[str, object]]) -> Iterator[dict[str, object]]:
    """A whole week of `{"id","title","text"[,"date"]}` → one `{"id","cluster"}` each, in order."""
    answers: list[dict[str, object]] = []
    texts: list[tuple[str, int, Text]] = []
    for given in objects:
        try:
            name = lines.name_of(given)
            title, text = lines.text_of(given, "title"), lines.text_of(given, "text")
            read = likeness.read(title, text, lines.published_of(given))
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
