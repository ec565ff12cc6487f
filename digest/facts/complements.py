"""What a deed was done to, on or for: another thing behind the same verb and small word is another deed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from digest.facts import meanings
from digest.facts.clauses import HELPING, is_past
from digest.facts.names import same_name
from digest.facts.quotes import speaker_of
from digest.facts.reading import COUNTING, SPANS, Text, Word, clause_of, is_matter
from digest.facts.word_lists import word_set

_LEADS = word_set("on for with into against from to")
_ADMITS = word_set("admitted admits acknowledged acknowledges conceded concedes confessed accepted")


def other_complements(summary: Text, source: Text) -> Iterator[str]:
    """`spent the money on drink` of who spent the money on holidays."""
    there = _every(source)
    for row in summary.by_sentence:
        stems = {w.stem for w in row}
        for deed, between, lead, what in _complements(row):
            same = [one for one in there if one[0] == deed and one[2] == lead and one[1] & between]
            known = what | frozenset[str]().union(*map(meanings.meant, what))
            if same and not any(known & _with_meant(one[3]) or one[3] & stems for one in same):
                yield f"{deed} {lead} {' '.join(sorted(what))}"


@lru_cache(maxsize=4)
def _every(source: Text) -> list[tuple[str, frozenset[str], str, frozenset[str]]]:
    return [one for row in source.by_sentence for one in _complements(row)]


def _with_meant(stems: frozenset[str]) -> frozenset[str]:
    return stems.union(*map(meanings.meant, stems))


def _complements(row: list[Word]) -> Iterator[tuple[str, frozenset[str], str, frozenset[str]]]:
    """(deed, what stands between, small word, what is behind it) of `spent the money on drink`."""
    for at, word in enumerate(row):
        deed = is_past(word) or (word.low.endswith("ing") and is_matter(word))
        if not deed and not (at and row[at - 1].low in HELPING | {"to"} and is_matter(word)):
            continue
        between: set[str] = set()
        for place in range(at + 1, min(at + 7, len(row) - 1)):
            other = row[place]
            if other.breaks or other.low in ("and", "but", "that", "which", "who"):
                break
            if other.low in _LEADS and between:
                what = _what(row[place + 1 :])
                if what:
                    yield word.stem, frozenset(between), other.low, what
                break
            if (
                is_matter(other)
                and not other.text[0].isdigit()
                and other.low not in COUNTING | SPANS
            ):
                between.add(other.stem)


def _what(behind: list[Word]) -> frozenset[str]:
    """The things up to the end of the clause; nothing where a number or a name leads."""
    ahead = clause_of(behind)[:6]
    first = next((w for w in ahead if is_matter(w) or w.text[0].isdigit()), None)
    if first is None or first.text[0].isdigit() or first.capital or first.low in COUNTING:
        return frozenset()
    return frozenset(w.stem for w in ahead if is_matter(w) and w.low not in SPANS)


def wrongly_admitted(summary: Text, source: Text) -> Iterator[str]:
    """`the firm admitted ignoring warnings` of which only another says that it did."""
    for row in summary.by_sentence:
        at = next((n for n, w in enumerate(row) if w.low in _ADMITS), 0)
        if not at or any(w.stem in source.stems for w in row[at : at + 1]):
            continue
        who = {w.low.removesuffix("'s") for w in row[:at] if is_matter(w)}
        told = {w.stem for w in row[at + 1 :] if is_matter(w)}
        shared = [len(told & stems) for stems in source.stems_by_sentence]
        best = max(shared, default=0)
        if best < 2:
            continue
        near = [one for one, n in zip(source.by_sentence, shared, strict=True) if n == best]
        says = [speaker_of(one) for one in near]
        others = [one for one in says if one is not None and one.capital]
        admits = any(w.low in _ADMITS for one in near for w in one)
        if (
            who
            and not admits
            and len(others) == len(near)
            and not any(_is_among(one, who) for one in others)
        ):
            yield " ".join(w.text for w in row)[:120]


def _is_among(speaker: Word, who: set[str]) -> bool:
    return any(same_name(speaker.low.removesuffix("'s"), one) for one in who)
