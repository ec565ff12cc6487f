"""Whose deed it is, and whether it is done: what stands before a verb here must not stand behind it there."""

from __future__ import annotations

from digest.facts.aliases import NATIONS
from digest.facts.alignment import ATTRIBUTING
from digest.facts.calendar_words import DAYS, day_of
from digest.facts.clauses import BEING, HELPING, POSSIBLE, SPEAKING, Verb, bare, is_past, units
from digest.facts.reading import Word, is_adverb, is_matter, stem
from digest.facts.statements import stands
from digest.facts.word_lists import word_set

_PERFECT = word_set("has have had is are was were been")
#: Behind these the thing itself is named: `a group of wolves`.
_PARTS = word_set(
    "number percent cent group team pack most some all one hundreds thousands half quarter third majority kind"
)


def is_turned(clause: list[Word], verb: Verb, row: list[Word]) -> bool:
    """Whether who stands before the deed here stands behind it there; or what may be is, here."""
    head = clause[verb.head]
    places = [at for at, w in enumerate(row) if w.stem == head.stem and _is_deed(row, at)]
    if not places or (head.low in SPEAKING | ATTRIBUTING and not _calls_for(clause, verb)):
        return False
    there = {w.low for w in row[max(0, places[0] - 4) : places[0]]}
    here = {w.low for w in clause[verb.at : verb.head]}
    behind = {w.stem for w in clause[verb.head + 1 :] if is_matter(w)}
    if behind & {w.stem for w in row[places[0] + 1 :]}:  # the same deed, not only the same word
        if there & POSSIBLE and not here & POSSIBLE and not ("would" in there and "will" in here):
            return True
        if {"to", "be"} <= there and not here & HELPING - _PERFECT and "to" not in here:
            return True
    if _is_by(row, places[-1]) and not _is_by(clause, verb.head) and not here & BEING:
        return _is_anothers_by(clause[: verb.at], row[places[-1] + 2 :])
    if (bool(there & BEING) or _is_by(row, places[-1])) != (
        bool(here & BEING) or _is_by(clause, verb.head)
    ):
        return False
    return _is_anothers(clause, verb, row, places=places)


def _is_anothers(clause: list[Word], verb: Verb, row: list[Word], *, places: list[int]) -> bool:
    """Whether somebody else does it there."""
    doers = [w for w in _doers(clause[: verb.at]) if not _speaks(w, row)]
    named = [w for w in doers if w.capital and w.low not in NATIONS]
    if any(_is_led(one, row, places[0]) for one in named):
        return True
    if clause[verb.head].stem in _BOTH_WAYS:
        return False
    return any(_behind(one, row, places[-1]) for one in doers) or _is_part(doers, clause, row)


def is_yet_to_come(clause: list[Word], verb: Verb, row: list[Word]) -> bool:
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


def _is_anothers_by(before: list[Word], behind: list[Word]) -> bool:
    """`Kilbride won` of `won by Norway's Hedda Strand`."""
    doers = [w for w in _doers(before) if w.capital]
    near = [w for w in behind[:5] if is_matter(w) and day_of(w.low) not in DAYS]
    stems = frozenset(s for w in near for s in (w.stem, bare(w)))
    named = any(w.capital for w in near)
    return bool(doers and named) and not any(stands(w, stems) for w in doers)


def _is_led(word: Word, row: list[Word], place: int) -> bool:
    """`Kraft` of `Kraft rival PepsiCo began`: another name stands between, and nothing joins or parts the two."""
    before = row[max(0, place - 6) : place]
    at = [n for n, w in enumerate(before) if stands(word, frozenset((w.stem, bare(w))))]
    between = before[at[-1] + 1 :] if at else []
    named = [n for n, w in enumerate(between) if w.capital and is_matter(w)]
    if not named or any(w.breaks or w.low in _JOINED for w in between):
        return False
    return named[0] > 0  # not the next part of the same name


_JOINED = word_set("and or of in at for from with the to by on")


def _behind(word: Word, row: list[Word], place: int) -> bool:
    stems = [frozenset((w.stem, bare(w))) for w in row]
    there = [at for at, one in enumerate(stems) if stands(word, one)]
    return bool(there) and min(there) > place
