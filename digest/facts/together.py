"""What a summary puts together must stand together: words of two statements make a third that nobody wrote.

Each clause of a summary is laid beside the sentence of the source that shares most with it. What it has from
elsewhere must belong to the same thing: told by a pronoun, by a second name (`the captain, Rein Tamm`), or
by what the whole article is about. And who does it must stand before the deed, as there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from digest.facts.calendar_words import DAYS, MONTHS, day_of
from digest.facts.clauses import (
    BEING,
    HELPING,
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
from digest.facts.names import runs_in, same_name
from digest.facts.reading import COUNTING, SPANS, Text, Word, clause_of, is_matter, stem
from digest.facts.statements import Sentence, Source, stands
from digest.facts.word_lists import word_set

_TIMES = word_set("before after until since")
#: Words for a time, and those that say another one in its place.
_CONTRARY = {
    "before": word_set("after since"),
    "after": word_set("before until"),
    "until": word_set("after since from"),
    "since": word_set("before until"),
}
#: Small words that tell which side somebody is on.
_SIDES = word_set("to by against from nach aus")
#: Behind these the thing itself is named: `a group of wolves`.
_PARTS = word_set(
    "number percent cent group team pack most some all one hundreds thousands half quarter third majority kind"
)
#: Behind these a name tells of what or where.
_SETTING = word_set("in of at from for near")
#: What was told before may be called so.
_ANAPHORS = word_set(
    "move plan decision change proposal step measure measures idea news project scheme result case issue"
)
#: Who thinks so may be told of anything that is told as his; and people are everywhere.
_ATTRIBUTING = word_set(
    "expect expects expected believe believes believed think thinks insist insists insisted argue argues argued people"
)
_PERFECT = word_set("has have had is are was were been")
_AWAY = word_set("left leave leaves leaving from for")


def apart(summary: Text, source: Text) -> Iterator[str]:
    """The clauses that the source does not say so, though it has all of their words."""
    known = Source(source)
    for row in summary.by_sentence:
        if known.says(row):
            continue
        for clause in clauses(row):
            if (clause.others or not known.says(clause.own)) and _is_apart(clause, known):
                yield " ".join(w.text for w in clause.own)[:120]


def _put_in(clause: list[Word], near: list[Word], known: Source) -> bool:
    """A thing that the article does not know, just where another one stands there: `a pod of whales swam`."""
    here = {w.stem for w in clause}
    for at, word in enumerate(clause[1:], 1):
        if not _is_thing(word, clause[at - 1]) or stands(word, known.stems):
            continue
        before = [w.low for w in clause[max(0, at - 2) : at]]
        after = clause[at + 1].low if at + 1 < len(clause) else ""
        rows = [s.row for s in known.sentences] if after else [near]
        for row in rows:
            for place in range(2, len(row) - 1):
                there = [row[place - 2].low, row[place - 1].low]
                fits = (
                    there[-1:] == before[-1:] and row[place + 1].low == after
                    if after
                    else there == before
                )
                if fits and _differs(row[place], here):
                    return True
    return False


_BEFORE_VERBS = HELPING | word_set(
    """pourrait pourraient peut peuvent doit va vont ne podría podrían puede pueden va van no può potrebbe deve non
    kann können soll sollen wird werden will muss nicht"""
)


def _is_thing(word: Word, before: Word) -> bool:
    """True for a word that is no verb, no measure and no name, as far as forms and places tell."""
    plain = is_matter(word) and word.text.isalpha() and not word.capital and word.low not in SPANS
    verb = is_past(word) or word.low.endswith(("ly", "ing")) or before.low in _BEFORE_VERBS
    return (
        plain and not verb and before.low not in ("and", "or", "to", "not") and not before.is_mark
    )


def _differs(other: Word, here: set[str]) -> bool:
    return is_matter(other) and other.text.isalpha() and other.stem not in here


def _is_apart(clause: Clause, known: Source) -> bool:
    told = [w for w in _told([*clause.others, *clause.own]) if stands(w, known.stems)]
    if len(told) < 2:
        return False
    verb = verb_of(clause.own)
    head = clause.own[verb.head] if verb else None
    nearest, missing = _nearest(told, head, known, settings=_settings(clause.own, known))
    return (
        bool(missing)
        or (verb is not None and _turned(clause.own, verb, nearest.row))
        or _other_time(clause.own, nearest.row)
        or _other_place(clause.own, nearest.row, known)
        or _affirmed(clause.own, known)
        or _put_in(clause.own, nearest.row, known)
        or _other_where(clause.own, known)
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
    told: list[Word], head: Word | None, known: Source, *, settings: frozenset[int]
) -> tuple[Sentence, list[Word]]:
    """The sentence that lacks least of a clause's words, and what it lacks."""

    def lacks(sentence: Sentence) -> list[Word]:
        free = settings if settings and not _is_set(sentence) else frozenset()
        lacking = [w for w in told if not sentence.has(w) and w.at not in free]
        return [w for w in lacking if not _is_free(w, head, known)]

    def rank(sentence: Sentence) -> tuple[int, int]:
        return len(lacks(sentence)), -sum(sentence.has(w) for w in told)

    best = min(known.sentences, key=rank)
    missing = lacks(best)
    if len(missing) == 1 and missing[0] is not head and _is_stray(missing[0], told, best):
        return best, []
    if any(_belongs(w, told, best, known) for w in missing):
        return best, []
    return best, [] if missing == [head] and _by_chance(missing[0], told, known) else missing


def _is_stray(word: Word, told: list[Word], best: Sentence) -> bool:
    """A word that stands elsewhere, among three that stand here, where none stands in its place here.

    `campaigned for the casino` of `had campaigned for it`; but not `five sheep were filmed` of `five wolves`.
    """
    if word.capital or len(told) < 4:
        return False
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
    if word.low in SPEAKING or word.low in _ATTRIBUTING:
        return True
    if word is head or word.capital:
        return False
    return word.low in _ANAPHORS or word.stem in known.topic


def _settings(clause: list[Word], known: Source) -> frozenset[int]:
    """The places of names that only tell of what or where: `in Port Ellery`, `Brecon's`; of what the article is about."""
    found = set()
    for run in runs_in(clause):
        before = clause[clause.index(run[0]) - 1].low if run[0] is not clause[0] else ""
        tells = before in _SETTING or run[-1].low.endswith("'s")
        of_it = known.about if before == "in" or run[-1].low.endswith("'s") else known.topic
        if tells and all({w.stem, bare(w)} & of_it for w in run if is_matter(w)):
            found |= {w.at for w in run}
    return frozenset(found)


def _is_set(sentence: Sentence) -> bool:
    """Whether a sentence names a setting of its own."""
    row = sentence.row
    return any(
        w.capital and is_matter(w) and row[at - 1].low in _SETTING for at, w in enumerate(row) if at
    )


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
    if not places or (head.low in SPEAKING and not _calls_for(clause, verb)):
        return False
    there = {w.low for w in row[max(0, places[0] - 4) : places[0]]}
    here = {w.low for w in clause[verb.at : verb.head]}
    if there & POSSIBLE and not here & POSSIBLE and not ("would" in there and "will" in here):
        return True
    if {"to", "be"} <= there and not here & HELPING - _PERFECT and "to" not in here:
        return True
    if bool(there & BEING) != bool(here & BEING):
        return False
    if head.stem in _BOTH_WAYS:
        return False
    doers = [w for w in _doers(clause[: verb.at]) if not _speaks(w, row)]
    return any(_behind(one, row, places[-1]) for one in doers) or _is_part(doers, clause, row)


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
    return is_past(row[at]) or any(w.low in HELPING for w in row[max(0, at - 3) : at])


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


def _other_time(clause: list[Word], row: list[Word]) -> bool:
    """`after Christmas` for `before Christmas`, `in August` for `since August`."""
    there = _led(row)
    for one, what in _led(clause):
        others = {o.low for o, w in there if w.stem == what.stem}
        if one.low in others or not others & _TIMES or not _is_time(one, what):
            continue
        if others <= _CONTRARY.get(one.low, _TIMES):
            return True
    return False


def _is_time(leading: Word, what: Word) -> bool:
    dated = what.text[0].isdigit() or what.low in MONTHS or day_of(what.low) in DAYS
    return leading.low in _TIMES or (dated and leading.low in ("in", "on", "at"))


def _other_place(clause: list[Word], row: list[Word], known: Source) -> bool:
    """A name behind `to` or `by` that stands behind another such word there, or another name behind this one."""
    there = [(one.low, bare(what)) for one, what in _led(row) if what.capital]
    plain = {bare(w) for w in row}
    for one, what in _led(clause):
        if not what.capital:
            continue
        if one.low in ("in", "at") and _is_left(what, known):
            return True
        led = {low for low, name in there if same_name(name, bare(what))}
        if one.low in _SIDES and led & _SIDES and one.low not in led:
            return True
        others = {name for low, name in there if low == one.low}
        if one.low in _SIDES and others and bare(what) not in plain:
            return True
    return False


def _other_where(clause: list[Word], known: Source) -> bool:
    """`born in Lyon` where the source has `born in Beirut` alone."""
    there = [trio for s in known.sentences for trio in _placed(s.row)]
    for deed, leading, name in _placed(clause):
        named = [other for one, low, other in there if (one, low) == (deed, leading)]
        if named and not any(same_name(name, other) for other in named):
            return True
    return False


def _placed(row: list[Word]) -> Iterator[tuple[str, str, str]]:
    """(deed, small word, name) of `lives in Lyon`, (deed, by, who) of `shot by rangers`."""
    for deed, leading, name in zip(row, row[1:], row[2:], strict=False):
        if leading.low == "by" and is_past(deed) and is_matter(name) and name.text.isalpha():
            if name.low not in COUNTING | SPANS:
                yield deed.stem, "by", bare(name) if name.capital else name.stem
            continue
        place = (
            leading.low in _SETTING | _SIDES | {"aus", "nach"} and name.capital and is_matter(name)
        )
        dated = day_of(name.low) in DAYS or name.low in MONTHS
        if place and not dated and is_matter(deed) and not deed.capital:
            yield deed.stem, leading.low, bare(name)


def _led(row: list[Word]) -> list[tuple[Word, Word]]:
    """Each small word with the first matter behind it, and with every name of the same few words."""
    found = []
    for at, word in enumerate(row[:-1]):
        if is_matter(word) or word.is_mark:
            continue
        ahead = [w for w in clause_of(row[at + 1 : at + 5]) if is_matter(w)]
        found += [(word, w) for n, w in enumerate(ahead) if n == 0 or w.capital]
    return found


def _is_left(place: Word, known: Source) -> bool:
    """True for a place of which the source only says that somebody went from there."""
    before = [
        s.row[at - 1].low if at else ""
        for s in known.sentences
        for at, one in enumerate(s.row)
        if one.capital and same_name(bare(one), bare(place))
    ]
    return bool(before) and all(low in _AWAY for low in before)


def _affirmed(clause: list[Word], known: Source) -> bool:
    if (
        denied(clause)
        or is_soft(clause)
        or any(a.low == "yet" and b.low == "to" for a, b in pairwise(clause))
    ):
        return False
    told = [w for w in units(clause) if not w.capital and w.low not in SPEAKING]
    return any(w.stem in known.denied for w in told)
