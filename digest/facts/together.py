"""What a summary puts together must stand together: words of two statements make a third that nobody wrote.

Each clause of a summary is laid beside the sentence of the source that shares most with it. What it has from
elsewhere must belong to the same thing: told by a pronoun, by a second name (`the captain, Rein Tamm`), or
by what the whole article is about. And who does it must stand before the deed, as there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from digest.facts import meanings, turned, whereabouts
from digest.facts.alignment import LIGHT, Alignment
from digest.facts.clauses import HELPING, SPEAKING, Clause, clauses, is_past, units, verb_of
from digest.facts.denials import denied, is_soft
from digest.facts.numbers import numbers
from digest.facts.reading import SPANS, Text, Word, is_adverb, is_matter
from digest.facts.statements import Source, source_of, stands
from digest.facts.word_lists import word_set


def apart(summary: Text, source: Text) -> Iterator[str]:
    """The clauses that the source does not say so, though it has all of their words."""
    known = source_of(source)
    for row in summary.by_sentence:
        if known.says(row):
            continue
        parts = [c for c in clauses(row) if c.others or not known.says(c.own)]
        aligned = [(clause, _aligned(clause, known, summary)) for clause in parts]
        held = any(a and len(a.told) > 2 and not a.missing for _, a in aligned)
        for clause, beside in aligned:
            if beside and _is_apart(clause, beside, summary, held=held):
                yield " ".join(w.text for w in clause.own)[:120]


def _aligned(clause: Clause, known: Source, summary: Text) -> Alignment | None:
    """A clause beside its sentence; None where it tells less than two things that the source has."""
    told = [w for w in _told([*clause.others, *clause.own]) if stands(w, known.stems)]
    places = {w.at for w in clause.own}
    counted = [n for n in numbers(summary) if n.at in places]
    return Alignment(clause.own, told, counted, known) if len(told) > 1 else None


def _put_in(clause: list[Word], near: list[Word], known: Source) -> bool:
    """A thing that the article does not know, just where one of its kind stands there: `a group of wolves swam`."""
    here = {w.stem for w in clause}
    for at, word in enumerate(clause[1:], 1):
        if not _is_thing(word, clause[at - 1]) or known.speaks_of(word):
            continue
        mine = _beside(clause, at)
        for place, other in enumerate(near[1:], 1):
            fits = _beside(near, place)[: len(mine)] == mine and _differs(other, here)
            if fits and _is_sister(word, other):
                return True
    return False


def _beside(row: list[Word], at: int) -> list[str]:
    """The words before and behind a place; at the end two before."""
    if at + 1 < len(row):
        return [_article(row[at - 1]), row[at + 1].low]
    return [_article(w) for w in row[max(0, at - 2) : at]]


def _is_sister(word: Word, other: Word) -> bool:
    """Whether two words are things of one kind, as a dictionary has it, or it has none of the first."""
    kind = meanings.general(word.stem)
    return bool(kind & meanings.general(other.stem)) or not meanings.is_word(word.stem)


_BEFORE_VERBS = HELPING | word_set(
    """pourrait pourraient peut peuvent doit va vont ne podría podrían puede pueden va van no può potrebbe deve non
    kann können soll sollen wird werden will muss nicht"""
)


def _article(word: Word) -> str:
    return "a" if word.low == "an" else word.low


def _is_thing(word: Word, before: Word) -> bool:
    """True for a word that is no verb, no measure and no name, as far as forms and places tell."""
    plain = is_matter(word) and word.text.isalpha() and not word.capital and word.low not in SPANS
    verb = (
        is_past(word) or word.low.endswith("ing") or is_adverb(word) or before.low in _BEFORE_VERBS
    )
    return (
        plain and not verb and before.low not in ("and", "or", "to", "not") and not before.is_mark
    )


def _differs(other: Word, here: set[str]) -> bool:
    return is_matter(other) and other.text.isalpha() and other.stem not in here


def _is_apart(clause: Clause, aligned: Alignment, summary: Text, *, held: bool) -> bool:
    """held: another clause of its sentence stands together, so that this may have one word of its own."""
    own, row, known = clause.own, aligned.best.row, aligned.known
    lacking = aligned.missing
    if held and len(aligned.told) == 2 and len(lacking) == 1 and not known.is_named(lacking[0]):
        lacking = []
    return (
        bool(lacking)
        or _is_done_otherwise(own, row)
        or whereabouts.other_time(own, row)
        or whereabouts.other_day(own, row)
        or whereabouts.other_place(own, row, known)
        or _affirmed(own, known)
        or (not _is_asked(clause, summary) and _is_denied_otherwise(own, row))
        or _put_in(own, row, known)
        or whereabouts.other_where(own, known)
    )


def _is_done_otherwise(own: list[Word], row: list[Word]) -> bool:
    verb = verb_of(own)
    return verb is not None and (
        turned.is_turned(own, verb, row) or turned.is_yet_to_come(own, verb, row)
    )


def _told(clause: list[Word]) -> list[Word]:
    """What a clause is about; of a name its last word, which is what it is called by later."""
    found = units(clause)
    more = {
        one.at
        for one, other in pairwise(found)
        if one.capital and other.capital and other.at == one.at + 1
    }
    return [w for w in found if w.at not in more]


def _is_asked(clause: Clause, summary: Text) -> bool:
    """`left open whether fares will rise`."""
    row = summary.by_sentence[clause.own[0].sentence]
    return any(w.low in ("whether", "if") for w in row)


def _is_denied_otherwise(clause: list[Word], row: list[Word]) -> bool:
    """Whether the nearest sentence denies what is told here, or tells what is denied here."""
    ours, theirs = denied(clause), denied(row)
    here, there = {w.stem for w in clause}, {w.stem for w in row}
    if not ours and not is_soft(clause):
        whole = (d for d in theirs if d.negator.low == "no" and len(d.scope) > 1)
        return any(d.negator.low in _NOT and d.target.stem in here for d in theirs) or any(
            d.scope <= here for d in whole
        )
    free = there - frozenset[str]().union(*(d.scope for d in theirs))
    return any(d.negator.low in _NOT and d.target.stem in free for d in ours)


_NOT = word_set(
    "not n't never didn't won't wasn't weren't isn't aren't hasn't haven't hadn't doesn't don't couldn't can't cannot"
)


def _affirmed(clause: list[Word], known: Source) -> bool:
    if (
        denied(clause)
        or is_soft(clause)
        or any(a.low == "yet" and b.low == "to" for a, b in pairwise(clause))
    ):
        return False
    told = [w for w in units(clause) if not w.capital and w.low not in SPEAKING | LIGHT]
    return any(w.stem in known.denied for w in told)
