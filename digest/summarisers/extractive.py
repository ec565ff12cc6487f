"""Sentences of the article itself: its lead, and what stands early and near the matter.

Nothing is rewritten, so nothing can be invented. Measured on four public sets, an article's first
sentences beat every ready-made summariser; what goes wrong in them is a "He" or a "But" whose
sentence before was left out (Zhang, Wan and Bansal, "Extractive is not Faithful", 2023), so such
a sentence comes only together with the one before it, and a quotation comes whole or not at all.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from digest import sentences, words
from digest.model import Sentence, Summary
from digest.protocols import SummaryLimits

#: How many sentences, from the start, can be chosen at all.
REACH = 24
#: How much of a text is looked at to learn what it is about, in characters.
HORIZON = 60_000
#: A byline or a dateline is no longer than this, in characters.
BYLINE = 160
#: How many units after the first are tried in sets.
CANDIDATES = 12
#: Weights of a unit's worth; chosen on the development halves of public sets, in round numbers.
PLACE, MIDDLE, TITLE, REPEATS = 1.0, 1.0, 0.3, 0.5
#: Two units as alike as this (cosine) say the same.
SAME = 0.7

_DATELINE = re.compile(
    r"(?:[A-Z][\w.'’-]*(?:[ /][A-Z][\w.'’-]*){0,3},?\s?(?:[A-Z][\w.]*,?\s?)?)?"
    r"(?:[A-Z][a-z]{2,8}\.?\s\d{1,2},?\s)?"
    r"(?:\((?:[A-Z][\w./ &-]{1,28})\)\s*(?:[—–:-]{1,2}\s*)?|[—–]\s|--\s|\s-\s)(?=[\"“'‘A-Z0-9])"
)
_BYLINE = re.compile(
    r"(?:By|BY|Von|Par|Por|Di)\s+[A-Z][\w.'’-]*(?:(?:,? and|,? und| et| y| e|,)? [A-Z][\w.'’-]*){0,6}"
    r"(?:\s*[,|·].{0,60})?(?<![.!?])$"
    r"|[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3}(?: is an? |, )(?:\w+ ){0,2}(?:writer|reporter|correspondent)"
    r"\b.{0,40}$",
)
_FURNITURE = re.compile(
    r"""(?:pictured|photos?|image|images|video|watch|listen|caption|credit|pc|graphic|illustration
        |file|getty|reuters|ap|related|also\ read|read\ more|read\ also|read|more|see\ also|update[d]?
        |correction|editor['’]s\ note|note|source|tags?|topics?|advertisement|share\ this)\s*(?:above|below|left|right)?\s*[:|]
    |(?:pictured|scroll\ down|story\ continues|continue\ reading|click|tap|subscribe|sign\ up|follow\ us
        |follow\ @|like\ us|join\ us|donate|support\ our|get\ the\ latest|have\ you\ been\ affected
        |advertisement$|share\ this|tweet\ this|print\ this|media\ playback|image\ (?:caption|copyright|source)
        |last\ updated|published|posted\ (?:on|by)|read\ time|this\ (?:article|story)\ (?:was|has\ been|is|first)
        |these\ are\ external\ links|for\ confidential\ support|the\ views\ expressed|\(?photo\ by
        |copyright|©|all\ rights\ reserved)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_PLEA = re.compile(
    r"contributed to this (?:report|story)|click here|sign up (?:to|for) our|subscribe to (?:our|the)"
    r"|our newsletter|follow us on|all rights reserved|\bon (?:twitter|facebook) @|wrote the story"
    r"|has been (?:updated|corrected) (?:to|with)|\be-?mail us\b|let us know|getty images|AFP photo",
    re.IGNORECASE,
)
#: Opens a sentence that leans on the one before it.
_LEANS = re.compile(
    r"[\"“'‘«]?(?:he|she|it|they|him|his|her|hers|their|theirs|its|this|that|these|those|such|both|but"
    r"|and|so|then|also|however|meanwhile|moreover|furthermore|nevertheless|nonetheless|therefore"
    r"|thus|hence|instead|otherwise|besides|still|yet|or|nor|which|another|others|the (?:latter|former|"
    r"pair|duo|trio|move|two|same)|for (?:example|instance)|as (?:a result|such)|in (?:addition|"
    r"contrast|turn|fact|response|total)|on the other hand|after(?:wards| that)|earlier|later|there"
    r"|i|we|you|my|our|your|one of (?:them|those)|some of (?:them|those)"
    r"|er|sie|es|aber|doch|und|dies\w*|dabei|damit|dann|deshalb|il|elle|ils|elles|mais|cependant"
    r"|pero|sin embargo|además|ma|però|inoltre|egli|essa)(?!['’]?[\w-])(?!-)",
    re.IGNORECASE,
)
_CONTRACTED = re.compile(
    r"[\"“'‘]?(?:he|she|it|they|that|there|i|we|you)['’](?:s|re|ve|d|ll|m)\b", re.IGNORECASE
)
_QUESTION = re.compile(r"[?؟？][\"'”’»」』)\]]*$")
_FINISHED = re.compile(r"[.!?…؟۔。！？।॥։።][\"'”’»」』)\]]*$")
_CLAUSE = re.compile(r"[,;:—–،、；：](?=\s|$)|[、，；：]")


@dataclass(frozen=True, slots=True)
class Unit:
    """One or more sentences that only come together, with what the choice needs to know of them.

    usable: fits the limits and is a whole statement. quotes: its quotation marks come in pairs.
    """

    sentences: tuple[Sentence, ...]
    words: int
    leans: bool
    usable: bool
    quotes: bool


class ExtractiveSummariser:
    """Lead and position, within the limits. The same text gives the same summary."""

    name = "extractive"

    def summarise(self, title: str, text: str, limits: SummaryLimits) -> Summary:
        """Two or three sentences of `text`; an empty text gives an empty summary."""
        units = read_units(title, text[:HORIZON], limits)
        chosen = _choose(title, units, limits)
        picked = tuple(s for index in chosen for s in units[index].sentences)
        if not picked:
            picked = _as_it_is(title, text[:HORIZON], limits)
        cut = len(picked) == 1 and not _is_whole(text, picked[0])
        said = " ".join(_flat(s.text) for s in picked) + ("…" if cut else "")
        return Summary(said, picked, self.name)


def read_units(title: str, text: str, limits: SummaryLimits) -> list[Unit]:
    """A text's sentences without furniture, quotations kept together."""
    found = sentences.split(text)
    kept = [s for i, s in enumerate(found) if not _is_furniture(title, s, at_start=i < 3)]
    kept = [whole for s in kept if (whole := _without_stray_mark(s)).text]
    if kept:
        kept[0] = _without_dateline(kept[0])
    groups = _by_quotation(text, kept)
    return [_unit(group, limits) for group in groups]


def _unit(group: tuple[Sentence, ...], limits: SummaryLimits) -> Unit:
    text = " ".join(s.text for s in group)
    size = sum(words.count(s.text) for s in group)
    usable = (
        len(group) <= limits.sentences
        and size <= limits.words
        and not any(_QUESTION.search(s.text) for s in group)
        and bool(_FINISHED.search(text))
        and (size >= 4 or not text.isascii())
    )
    leans = bool(_LEANS.match(text) or _CONTRACTED.match(text) or text[:1] in ("-", "–", "—"))
    return Unit(group, size, leans, usable, quotes=_depth(text) == 0 and not _is_open(text))


def _is_furniture(title: str, sentence: Sentence, *, at_start: bool) -> bool:
    """True for what is on the page beside the story: bylines, captions, pleas, the title again."""
    text = sentence.text
    if at_start and title and _words(text) == _words(title):
        return True
    if len(text) <= BYLINE and _BYLINE.match(text):
        return True
    return bool(_FURNITURE.match(text) or _PLEA.search(text))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _without_dateline(sentence: Sentence) -> Sentence:
    """`LONDON (XY) — The levy …` begins at `The levy`."""
    match = _DATELINE.match(sentence.text[:BYLINE])
    if not match or words.count(sentence.text[match.end() :]) < 5:
        return sentence
    return Sentence(sentence.text[match.end() :], sentence.start + match.end(), sentence.end)


def _without_stray_mark(sentence: Sentence) -> Sentence:
    """A mark at the very end that closes nothing belongs to the next sentence."""
    if sentence.text[-1:] != '"' or _depth(sentence.text) >= 0:
        return sentence
    text = sentence.text[:-1].rstrip()
    return Sentence(text, sentence.start, sentence.start + len(text))


# ---------------------------------------------------------------- quotations

_STRAIGHT = re.compile(r"(?P<open>(?<![^\s(\[—–-])\"(?=\S))|\"")
#: How many sentences a quotation may run over before its mark counts as a stray one.
_LONGEST = 12


def _by_quotation(text: str, found: list[Sentence]) -> list[tuple[Sentence, ...]]:
    """Sentences in groups; a quotation that runs over several makes one group of them."""
    groups: list[tuple[Sentence, ...]] = []
    at = 0
    while at < len(found):
        after = _after_quotation(text, found, at)
        groups.append(tuple(found[at:after]))
        at = after
    return groups


def _after_quotation(text: str, found: list[Sentence], at: int) -> int:
    """The place behind the quotation that opens in sentence `at`; `at + 1` where none does."""
    if not _is_open(found[at].text):
        return at + 1
    for place in range(at + 1, min(at + _LONGEST, len(found))):
        if "\n" in text[found[place - 1].end : found[place].start]:
            goes_on = found[place].text[:1] in '"“«„‘'
            return place if goes_on else at + 1
        if _reopens(found[place].text):
            return at + 1
        if not _is_open(text[found[at].start : found[place].end]):
            return place + 1
    return at + 1


def _is_open(text: str) -> bool:
    """True where a quotation begins that does not end."""
    return _depth(text) > 0 or text.rfind("‘") > text.rfind("’")


def _depth(text: str) -> int:
    """How many quotations are open at the end; below 0 where one closes that never opened."""
    pairs = sum(text.count(a) - text.count(b) for a, b in ("“”", "«»", "「」", "『』"))
    low = text.count("„")
    if low:  # „German“ closes with the mark that opens “English”
        pairs = low - text.count("“") - text.count("”")
    straight = 0
    for match in _STRAIGHT.finditer(text):
        straight = 1 if match["open"] else straight - 1
    return pairs + straight


def _reopens(text: str) -> bool:
    first = _STRAIGHT.search(text)
    return bool(first and first["open"])


# ---------------------------------------------------------------- the choice


def _choose(title: str, units: list[Unit], limits: SummaryLimits) -> tuple[int, ...]:
    """The places of the best set of units, in the text's order; empty where none fits."""
    reach = range(min(len(units), REACH))
    near = [i for i in reach if units[i].usable and (units[i].quotes or i == 0)]
    first = next((i for i in near if i == 0 or not units[i].leans), None)
    if first is None:
        return ()
    about = _about(title, units)
    best: tuple[int, ...] = (first,)
    best_value = about.value(best)
    rest = [i for i in near if i > first][:CANDIDATES]
    for size in range(1, limits.sentences):
        for others in combinations(rest, size):
            chosen = (first, *others)
            if _fits(units, chosen, limits):
                value = about.value(chosen)
                if value > best_value + 1e-9:
                    best, best_value = chosen, value
    return best


def _fits(units: list[Unit], chosen: tuple[int, ...], limits: SummaryLimits) -> bool:
    if sum(units[i].words for i in chosen) > limits.words:
        return False
    if sum(len(units[i].sentences) for i in chosen) > limits.sentences:
        return False
    return all(not units[i].leans or i == 0 or i - 1 in chosen for i in chosen)


@dataclass(frozen=True, slots=True)
class About:
    """What each unit is worth, and how alike two of them are."""

    worth: list[float]
    vectors: list[dict[str, float]]

    def value(self, chosen: tuple[int, ...]) -> float:
        """The worth of a set, less what it says twice."""
        alike = [_dot(self.vectors[a], self.vectors[b]) for a, b in combinations(chosen, 2)]
        if max(alike, default=0.0) > SAME:
            return -math.inf
        return sum(self.worth[i] for i in chosen) - REPEATS * sum(alike)


def _about(title: str, units: list[Unit]) -> About:
    """Worth by place, by nearness to the whole text, and by what it shares with the title."""
    vectors = [_vector(" ".join(s.text for s in unit.sentences)) for unit in units]
    whole: Counter[str] = Counter()
    for vector in vectors:
        whole.update(vector)
    middle, head = _unit_length(whole), _vector(title)
    worth = [
        PLACE / (1 + i) + MIDDLE * _dot(vector, middle) + TITLE * _dot(vector, head)
        for i, vector in enumerate(vectors[: REACH + 1])
    ]
    return About(worth, vectors)


def _vector(text: str) -> dict[str, float]:
    counts = Counter(words.matter(text))
    return _unit_length({word: 1 + math.log(n) for word, n in counts.items()})


def _unit_length(weights: Mapping[str, float]) -> dict[str, float]:
    norm = math.sqrt(sum(w * w for w in weights.values())) or 1.0
    return {word: w / norm for word, w in weights.items()}


def _dot(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    small, large = (a, b) if len(a) <= len(b) else (b, a)
    return math.fsum(w * large[word] for word, w in small.items() if word in large)


# ---------------------------------------------------------------- odd texts


def _is_whole(text: str, sentence: Sentence) -> bool:
    """False where words of the same line follow that were cut off."""
    if _FINISHED.search(sentence.text):
        return True
    return not text[sentence.end :].split("\n", 1)[0].strip()


def _as_it_is(title: str, text: str, limits: SummaryLimits) -> tuple[Sentence, ...]:
    """For texts without one fit sentence: what stands first, cut where a clause or a word ends."""
    found = sentences.split(text)
    kept = [s for s in found if not _is_furniture(title, s, at_start=True)] or list(found)
    plain = [s for s in kept if not _QUESTION.search(s.text)] or kept
    picked: list[Sentence] = []
    for sentence in plain[: limits.sentences]:
        if words.count(" ".join(s.text for s in (*picked, sentence))) > limits.words:
            break
        if _depth(sentence.text) == 0:
            picked.append(sentence)
    if picked or not plain:
        return tuple(picked)
    return _shortened(plain[0], limits.words)


def _shortened(sentence: Sentence, most: int) -> tuple[Sentence, ...]:
    """As much of a sentence as fits, never ending inside a quotation; nothing where that is nothing."""
    near = sentence.text[: most * 30]
    ends = [m.start() for m in _CLAUSE.finditer(near)]
    spaces = [m.start() for m in re.finditer(r"\s+", near)]
    signs = list(range(most, most * 2)) if not spaces else []
    for places in (ends, spaces, signs):
        for place in reversed(places):
            piece = sentence.text[:place]
            size = words.count(piece)
            if most // 4 <= size <= most and _depth(piece) == 0 and not _is_open(piece):
                return (Sentence(piece, sentence.start, sentence.start + place),)
    return ()


def _flat(text: str) -> str:
    """On one line."""
    return " ".join(text.split())
