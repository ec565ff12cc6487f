"""What a summary puts together must stand together: words of two statements make a third that nobody wrote.

Each clause of a summary is laid beside the sentence of the source that shares most with it. What it has from
elsewhere must belong to the same thing: told by a pronoun, by a second name (`the captain, Rein Tamm`), or
by what the whole article is about. And who does it must stand before the deed, as there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from digest.facts import meanings, whereabouts
from digest.facts.aliases import NATIONS
from digest.facts.clauses import (
    BEING,
    HELPING,
    MODAL,
    POSSIBLE,
    SPEAKING,
    Clause,
    Verb,
    bare,
    clauses,
    is_past,
    units,
    verb_of,
)
from digest.facts.denials import denied, is_soft
from digest.facts.numbers import Number, numbers
from digest.facts.reading import SPANS, Text, Word, clause_of, is_adverb, is_matter, stem
from digest.facts.statements import Sentence, Source, source_of, stands
from digest.facts.word_lists import word_set

#: Behind these the thing itself is named: `a group of wolves`.
_PARTS = word_set(
    "number percent cent group team pack most some all one hundreds thousands half quarter third majority kind"
)
#: What was told before may be called so.
_ANAPHORS = word_set(
    "move plan decision change proposal step measure measures idea news project scheme result case issue"
)
#: Who thinks so may be told of anything that is told as his; and people are everywhere.
_ATTRIBUTING = word_set(
    """expect expects expected believe believes believed think thinks thought insist insists insisted argue argues argued
    people pledge pledges pledged promise promises promised vow vows vowed write writes wrote admit admits admitted
    explain explains explained complain complains complained urge urges urged"""
)
#: Verbs that say nothing without their object: `reached a deal`.
_LIGHT = word_set(
    "reach reached reaches bring brings brought hold holds held last lasts lasted lives old age aged"
)
_PERFECT = word_set("has have had is are was were been")


def apart(summary: Text, source: Text) -> Iterator[str]:
    """The clauses that the source does not say so, though it has all of their words."""
    known = source_of(source)
    for row in summary.by_sentence:
        if known.says(row):
            continue
        for clause in clauses(row):
            if (clause.others or not known.says(clause.own)) and _is_apart(clause, known, summary):
                yield " ".join(w.text for w in clause.own)[:120]


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


def _is_apart(clause: Clause, known: Source, summary: Text) -> bool:
    told = [w for w in _told([*clause.others, *clause.own]) if stands(w, known.stems)]
    if len(told) < 2:
        return False
    verb = verb_of(clause.own)
    head = clause.own[verb.head] if verb else None
    places = {w.at for w in clause.own}
    counted = [n for n in numbers(summary) if n.at in places]
    nearest, missing = _nearest(told, head, known, clause=clause.own, numbers=counted)
    return (
        bool(missing)
        or (verb is not None and _turned(clause.own, verb, nearest.row))
        or (verb is not None and _is_yet_to_come(clause.own, verb, nearest.row))
        or whereabouts.other_time(clause.own, nearest.row)
        or whereabouts.other_day(clause.own, nearest.row)
        or whereabouts.other_place(clause.own, nearest.row, known)
        or _affirmed(clause.own, known)
        or (not _is_asked(clause, summary) and _is_denied_otherwise(clause.own, nearest.row))
        or _put_in(clause.own, nearest.row, known)
        or whereabouts.other_where(clause.own, known)
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


def _nearest(
    told: list[Word], head: Word | None, known: Source, *, clause: list[Word], numbers: list[Number]
) -> tuple[Sentence, list[Word]]:
    """The sentence that lacks least of a clause's words, and what it lacks too much."""
    settings = whereabouts.settings(clause, known)
    doer = next((w for w in reversed(told) if head is not None and w.at < head.at), None)

    definite = _definite(clause)
    peoples = {a.at for a, b in pairwise(clause) if a.low in NATIONS and not b.capital}

    def lacks(sentence: Sentence) -> list[Word]:
        free = settings if settings and not whereabouts.is_set(sentence) else frozenset()
        lacking = [w for w in told if w.at not in free and not sentence.has(w)]
        return [w for w in lacking if not _is_free(w, head, known) and w.at not in peoples]

    def cost(sentence: Sentence) -> float:
        """A word that it only has by its meaning, and who does it told elsewhere, are half of one that it lacks."""
        halves = sum(sentence.only_means(w) for w in told)
        halves += doer is not None and not sentence.has(doer)
        lacking = lacks(sentence)
        halves -= len(lacking) == 1 and lacking[0].at in definite  # `the thief` was told of before
        return len(lacking) + halves / 2 + sum(not sentence.counts(n) for n in numbers)

    def rank(sentence: Sentence) -> tuple[float, int]:
        names = sum(known.is_named(w) for w in lacks(sentence))
        counted = sum(not sentence.counts(n) for n in numbers)
        return cost(sentence) + names + counted / 2, -sum(sentence.has(w) for w in told)

    best = min(known.bodied, key=rank)
    missing = [w for w in lacks(best) if not _belongs(w, told, best, known)]
    if missing == [head] and cost(best) <= 1 and _by_chance(missing[0], told, known):
        return best, []
    does = (
        doer is not None
        and head is not None
        and doer.at not in definite
        and head.stem in best.stems
    )
    plain = not any(known.is_named(w) or (does and w is doer) for w in missing)
    single = plain and len(missing) == 1 and missing[0] is not head and cost(best) < 2
    if single and _is_stray(missing[0], told, best, deeds=_deeds(clause)):
        return best, []
    replaced = any(_is_in_place(w, clause, best.row) for w in missing)
    few = cost(best) * _ONE_OF <= len(told) + bool(numbers)
    return best, [] if plain and few and not replaced else missing


def _definite(clause: list[Word]) -> set[int]:
    """The places of things that are told of as known: `the thief`, `the planning committee`."""
    found = set()
    for at, word in enumerate(clause):
        before = clause[max(0, at - 2) : at]
        while (
            before and before[0].capital and before[0] is not clause[0]
        ):  # `the Sea Watch charity`
            before = [clause[clause.index(before[0]) - 1], *before]
        near = before[-1:] if before and before[-1].low.endswith("'s") else before
        if not word.capital and any(w.low == "the" for w in near):
            found.add(word.at)
    return found


#: Of so many words one may be another one than its sentence has there.
_ONE_OF = 4


def _is_in_place(word: Word, clause: list[Word], row: list[Word]) -> bool:
    """Whether another word stands there behind the very word that this one stands behind: `found life`, `found water`."""
    before = [w for w in clause if w.at < word.at and w.low not in _ARTICLES][-1:]
    here = {w.stem for w in clause}
    plain = [w for w in row if w.low not in _ARTICLES]
    return any(
        one.low == before[0].low
        and is_matter(other)
        and other.text.isalpha()
        and other.stem not in here
        for one, other in pairwise(plain)
        if before
    )


_ARTICLES = word_set("a an the")


def _deeds(clause: list[Word]) -> frozenset[int]:
    """The places of words behind `to` or a helping verb: `had to pay`, `may still talk`."""
    plain = [w for w in clause if w.low not in ("still", "not", "also", "now")]
    return frozenset(w.at for one, w in pairwise(plain) if one.low == "to" or one.low in MODAL)


def _is_stray(word: Word, told: list[Word], best: Sentence, *, deeds: frozenset[int]) -> bool:
    """A word that stands elsewhere, among three that stand here, where none stands in its place here.

    `campaigned for the casino` of `had campaigned for it`; but not `five sheep were filmed` of `five wolves`.
    """
    if word.capital or len(told) < 3:
        return False
    if is_past(word) or word.low.endswith(
        "ing"
    ):  # another word of a deed, by chance told elsewhere
        return True
    if len(told) < 4:
        return False
    if word.at in deeds:
        return True
    place = told.index(word)
    beside = [(told[place - 1], 1)] if place else []
    beside += [(told[place + 1], -1)] if place + 1 < len(told) else []
    for other, step in beside:
        there = [at for at, w in enumerate(best.row) if w.stem == other.stem]
        for at in there:
            ahead = best.row[at + 1 : at + 5] if step > 0 else best.row[max(0, at - 4) : at][::-1]
            if any(is_matter(w) and w.text.isalpha() for w in clause_of(ahead)):
                return False
    return True


def _by_chance(head: Word, told: list[Word], known: Source) -> bool:
    """A deed in another word, which the source happens to have of other things altogether."""
    others = [w for w in told if w is not head]
    there = [s for s in known.sentences if stands(head, s.stems)]
    return len(others) > 1 and not any(stands(w, s.stems) for w in others for s in there)


def _is_free(word: Word, head: Word | None, known: Source) -> bool:
    """What the article is about, and who speaks, may stand anywhere; a deed may not."""
    if word.low in SPEAKING | _ATTRIBUTING | _LIGHT or is_adverb(word):
        return True
    if word is head or known.is_named(word):
        return False
    return word.low in _ANAPHORS or word.stem in known.topic


def _belongs(name: Word, told: list[Word], best: Sentence, known: Source) -> bool:
    """`Hallam` of `the Hallam mill`, where the source names no other mill."""
    if not name.capital:
        return False
    for word in told:
        told_of = best.has(word) or word.stem in known.topic
        if word.capital or abs(word.at - name.at) > 2 or not told_of:
            continue
        named = {
            bare(other)
            for s in known.sentences
            for at, one in enumerate(s.row)
            if one.stem == word.stem
            for other in s.row[max(0, at - 2) : at + 3]
            if other.capital and is_matter(other) and not other.first
        }
        if named == {bare(name)}:
            return True
    return False


# ---------------------------------------------------------------- who, when, where, whether


def _turned(clause: list[Word], verb: Verb, row: list[Word]) -> bool:
    """Whether who stands before the deed here stands behind it there; or what may be is, here."""
    head = clause[verb.head]
    places = [at for at, w in enumerate(row) if w.stem == head.stem and _is_deed(row, at)]
    if not places or (head.low in SPEAKING | _ATTRIBUTING and not _calls_for(clause, verb)):
        return False
    there = {w.low for w in row[max(0, places[0] - 4) : places[0]]}
    here = {w.low for w in clause[verb.at : verb.head]}
    behind = {w.stem for w in clause[verb.head + 1 :] if is_matter(w)}
    if behind & {w.stem for w in row[places[0] + 1 :]}:  # the same deed, not only the same word
        if there & POSSIBLE and not here & POSSIBLE and not ("would" in there and "will" in here):
            return True
        if {"to", "be"} <= there and not here & HELPING - _PERFECT and "to" not in here:
            return True
    if (bool(there & BEING) or _is_by(row, places[-1])) != (
        bool(here & BEING) or _is_by(clause, verb.head)
    ):
        return False
    if head.stem in _BOTH_WAYS:
        return False
    doers = [w for w in _doers(clause[: verb.at]) if not _speaks(w, row)]
    return any(_behind(one, row, places[-1]) for one in doers) or _is_part(doers, clause, row)


def _is_yet_to_come(clause: list[Word], verb: Verb, row: list[Word]) -> bool:
    """`will be banned` of what has been banned for years."""
    if "will" not in {w.low for w in clause[verb.at : verb.head]} or _TO_COME & {
        w.low for w in row
    }:
        return False
    head = clause[verb.head].stem
    return any(
        w.stem == head and {o.low for o in row[max(0, at - 4) : at]} & _PAST_HELP
        for at, w in enumerate(row)
    )


_TO_COME = word_set("will would shall may might could due plan plans planned soon next if")
_PAST_HELP = word_set("has have had was were been")


#: What two things are to each other.
_BOTH_WAYS = frozenset(
    map(stem, ("link", "connect", "marry", "meet", "merge", "compare", "relate", "match"))
)


def _speaks(word: Word, row: list[Word]) -> bool:
    """`Moreau` of `"…," Moreau said`, who stands behind the deed only since the words are hers."""
    for at, one in enumerate(row):
        if one.stem == word.stem:
            beside = row[max(0, at - 2) : at] + row[at + 1 : at + 3]
            if any(w.low in ("said", "says", "added") for w in beside):
                return True
    return False


def _calls_for(clause: list[Word], verb: Verb) -> bool:
    """`called for`, which nobody turns round as `said Reed`."""
    return [w.low for w in clause[verb.head + 1 : verb.head + 2]] in (["for"], ["on"])


def _is_by(row: list[Word], at: int) -> bool:
    """`steered by`, which is passive also without a helping verb."""
    return at + 1 < len(row) and row[at + 1].low == "by"


def _is_part(doers: list[Word], clause: list[Word], row: list[Word]) -> bool:
    """`The oak grows` where the source says that a cutting of the oak grows."""
    if not doers or doers[-1].capital or any(w.low == "of" for w in clause[:4]):
        return False
    there = [at for at, w in enumerate(row) if w.stem == doers[-1].stem]
    if len(there) != 1 or row[there[0] - 1].text[0].isdigit():
        return False
    before = row[max(0, there[0] - 3) : there[0]]
    ofs = [at for at, w in enumerate(before) if w.low == "of"]
    whole = before[: ofs[-1]][-1:] if ofs else []
    here = {w.stem for w in clause}
    return (
        bool(whole)
        and is_matter(whole[0])
        and whole[0].low not in _PARTS
        and whole[0].stem not in here
    )


def _is_deed(row: list[Word], at: int) -> bool:
    before = [w for w in row[max(0, at - 3) : at] if w.low != "not" and not is_adverb(w)]
    return is_past(row[at]) or any(w.low in HELPING | {"to"} for w in before[-1:])


def _doers(before: list[Word]) -> list[Word]:
    """The names before a verb, and the word that the group turns on."""
    found = units(before)
    ends = [
        at
        for at, w in enumerate(before)
        if w.low in ("of", "in", "with", "at", "from", "on", "for")
    ]
    first = units(before[: ends[0]]) if ends and ends[0] else found
    return [w for w in found if w.capital] + first[-1:]


def _behind(word: Word, row: list[Word], place: int) -> bool:
    stems = [frozenset((w.stem, bare(w))) for w in row]
    there = [at for at, one in enumerate(stems) if stands(word, one)]
    return bool(there) and min(there) > place


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
    told = [w for w in units(clause) if not w.capital and w.low not in SPEAKING | _LIGHT]
    return any(w.stem in known.denied for w in told)
