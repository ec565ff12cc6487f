"""Numbers that the source does not write but that follow from its own: a year from a span, a lead from a score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from digest import words
from digest.facts.numbers import MONEY, Number
from digest.facts.reading import Text, Word, clause_of, is_matter
from digest.facts.spelled import ORDINAL
from digest.facts.word_lists import word_set

#: How many of the smallest of their kind spans are.
_SPANS = {
    "minute": ("minute", 1), "hour": ("minute", 60), "day": ("minute", 1440), "week": ("minute", 10080),
    "month": ("month", 1), "year": ("month", 12),
}  # fmt: skip
_LEADS = word_set("down behind adrift lead deficit ahead up clear")
_GOALS = word_set("goal goals point points run runs try tries set sets game games")
_QUARTERS = {"march": 1, "june": 2, "september": 3, "december": 4}


def is_same_span(number: Number, other: Number) -> bool:
    """`a year and a half` and `18 months`."""
    if number.unit == other.unit or number.unit not in _SPANS or other.unit not in _SPANS:
        return False
    (kind, ours), (same, theirs) = _SPANS[number.unit], _SPANS[other.unit]
    return kind == same and any(a * ours == b * theirs for a in number.values for b in other.values)


def with_money(mine: Sequence[Number], known: Sequence[Number]) -> list[Number]:
    """`90 million` beside `84 million francs` is of francs as well, where the source has so many."""
    found = []
    for one in mine:
        beside = {n.unit for n in mine if n.sentence == one.sentence and n.unit in MONEY}
        plain = not one.unit and (not one.counts or one.counts in words.STOP)
        large = plain and len(beside) == 1 and min(one.values) >= 1e6
        if large and any(one.equals(n) and n.unit in beside for n in known):
            one = replace(one, unit=min(beside))
        found.append(one)
    return found


def follows(number: Number, known: Sequence[Number], texts: tuple[Text, Text]) -> bool:
    """Whether a number can be reckoned from those of the source."""
    ours, theirs = texts
    if _is_base(number) and not any(map(number.equals, known)):
        return max(number.values) in set(_stepped(number, known, texts))
    behind = [w.low for w in ours.words[number.at + 1 : number.at + 6]]
    if behind[:1] and behind[0] in _GOALS and _LEADS & {*behind[1:3]}:
        return max(number.values) in set(_margins(known))
    if number.text.lower() in ORDINAL and behind[:1] == ["quarter"]:
        return max(number.values) in set(_quarters(theirs))
    return False


def _stepped(number: Number, known: Sequence[Number], texts: tuple[Text, Text]) -> Iterator[float]:
    """What is told by a step from another of its kind: `in 1971 and in London six years later`.

    Only of what stands beside the step.
    """
    ours, theirs = texts
    told = ours.stems_by_sentence[number.sentence]
    bases = [one for one in known if _is_base(one) and one.unit == number.unit]
    for span in known:
        near = [one for one in bases if one.at < span.at and span.sentence - one.sentence < 2]
        if span.unit not in ("year", "minute") or not near or _is_base(span):
            continue
        word = theirs.words[span.at + 2 : span.at + 3]
        low = word[0].low if word else ""
        behind = clause_of(theirs.words[span.at + 3 : span.at + 11])
        beside = behind if low in _FROM else _since(theirs.words[near[-1].at + 1 : span.at])
        if low in _STEPS and told & {w.stem for w in beside if is_matter(w)}:
            yield max(near[-1].values) + _STEPS[low] * max(span.values)


def _is_base(number: Number) -> bool:
    """True for a year, and for `88th` of a minute."""
    return number.is_year or (number.unit == "minute" and number.text[-2:] in _NTH)


#: `six years later` leads on, and `six years after the war` back to the war.
_STEPS = {"later": 1, "earlier": -1, "after": -1, "before": 1}
_FROM = ("after", "before")
_NTH = ("st", "nd", "rd", "th")


def _since(words: list[Word]) -> list[Word]:
    """What stands behind the last mark or `and`."""
    ends = [at for at, w in enumerate(words) if w.breaks or w.low in ("and", "but", "then")]
    return words[ends[-1] + 1 :] if ends else words


def _margins(known: Sequence[Number]) -> Iterator[float]:
    """By how much each score of the source leads."""
    scores = [one for one in known if one.unit == "score"]
    for one in scores:
        for other in scores:
            if 0 < other.at - one.at < 3 and other.sentence == one.sentence:
                yield abs(max(one.values) - max(other.values))


def _quarters(theirs: Text) -> Iterator[float]:
    """The quarter that `the three months to June` are."""
    for row in theirs.by_sentence:
        low = [w.low for w in row]
        for at, word in enumerate(low):
            before = low[max(0, at - 4) : at]
            if word in _QUARTERS and "three" in before and "months" in before:
                yield float(_QUARTERS[word])
