"""Where, when and by whom: a name or a time must stand in a summary behind such a word as it does in the source."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from digest.facts.calendar_words import DAYS, MONTHS, day_of
from digest.facts.clauses import bare, is_past
from digest.facts.names import ROLES, runs_in, same_name
from digest.facts.reading import COUNTING, SPANS, Word, clause_of, is_matter
from digest.facts.statements import Sentence, Source
from digest.facts.word_lists import word_set

_TIMES = word_set("before after until since over under above below beneath inside outside")
#: Words for a time or a place, and those that say another one in its place.
_CONTRARY = {
    "over": word_set("under below beneath"),
    "above": word_set("under below beneath"),
    "under": word_set("over above"),
    "below": word_set("over above"),
    "beneath": word_set("over above"),
    "inside": word_set("outside"),
    "outside": word_set("inside"),
    "before": word_set("after since"),
    "after": word_set("before until"),
    "until": word_set("after since from"),
    "since": word_set("before until"),
}
#: Small words that tell which side somebody is on.
_SIDES = word_set("to by against from nach aus")
#: Behind these a name tells of what or where.
_SETTING = word_set("in of at from for near")
_AWAY = word_set("left leave leaves leaving from for")
#: `felled by mistake` tells of nobody.
_HOW = word_set(
    "mistake accident chance hand law far now then half third quarter way day night bus train car phone"
)


def settings(clause: list[Word], known: Source) -> frozenset[int]:
    """The places of names that only tell of what or where: `in Port Ellery`, `Brecon's`; of what the article is about."""
    found = set()
    for run in runs_in(clause):
        before = clause[clause.index(run[0]) - 1].low if run[0] is not clause[0] else ""
        of_office = before == "of" and any(
            w.low in ROLES for w in clause[: clause.index(run[0])][-4:]
        )
        tells = (before in _SETTING and not of_office) or run[-1].low.endswith("'s")
        of_it = known.about if before == "in" or run[-1].low.endswith("'s") else known.topic
        if tells and all({w.stem, bare(w)} & of_it for w in run if is_matter(w)):
            found |= {w.at for w in run}
    return frozenset(found)


def is_set(sentence: Sentence) -> bool:
    """Whether a sentence names a setting of its own."""
    row = sentence.row
    return any(
        w.capital and is_matter(w) and row[at - 1].low in _SETTING for at, w in enumerate(row) if at
    )


def other_time(clause: list[Word], row: list[Word]) -> bool:
    """`after Christmas` for `before Christmas`, `in August` for `since August`."""
    there = _led(row)
    for one, what in _led(clause):
        others = {o.low for o, w in there if w.stem == what.stem} & _LEADING
        if one.low in others or not others & _TIMES or not _is_time(one, what):
            continue
        since = _TIMES - {"since"} if one.low == "on" else _TIMES  # `closed since Monday, when`
        if others <= _CONTRARY.get(one.low, since):
            return True
    return False


def other_day(clause: list[Word], row: list[Word]) -> bool:
    """Another weekday or month than the nearest sentence has, and none of its own."""
    for names in (DAYS, MONTHS):
        here, there = (
            {day_of(w.low) for w in one if w.capital} & names.keys() for one in (clause, row)
        )
        if here and there and not here & there:
            return True
    return False


_LEADING = _TIMES | word_set("in on at from")


def _is_time(leading: Word, what: Word) -> bool:
    dated = what.text[0].isdigit() or what.low in MONTHS or day_of(what.low) in DAYS
    return leading.low in _TIMES or (dated and leading.low in ("in", "on", "at"))


def other_place(clause: list[Word], row: list[Word], known: Source) -> bool:
    """A name behind `to` or `by` that stands behind another such word there, or another name behind this one."""
    there = [(one.low, bare(what)) for one, what in _led(row) if what.capital]
    plain = {bare(w) for w in row}
    for one, what in _led(clause):
        if not what.capital or _is_dated(what):
            continue
        if one.low in ("in", "at") and _is_left(what, known):
            return True
        led = {low for low, name in there if same_name(name, bare(what))}
        if one.low == "against" and "to" in led and any(w.stem == "beat" for w in row):
            continue  # `to beat Rovers`
        if one.low in _SIDES and led & _SIDES and one.low not in led:
            return True
        others = {name for low, name in there if low == one.low}
        here = any(same_name(bare(what), other) for other in plain)
        if one.low in _SIDES and others and not here:
            return True
    return False


def other_where(clause: list[Word], known: Source) -> bool:
    """`born in Lyon` where the source has `born in Beirut` alone."""
    there = [trio for s in known.sentences for trio in _placed(s.row)]
    for deed, leading, name in _placed(clause):
        named = [other for one, low, other in there if (one, low) == (deed, leading)]
        if any(_beside(deed, name, s.row) for s in known.sentences):
            continue
        if named and not any(same_name(name, other) for other in named):
            return True
    return False


def _beside(deed: str, name: str, row: list[Word]) -> bool:
    """`a Polish choir` of `a choir from Poland`."""
    named = [at for at, w in enumerate(row) if w.capital and same_name(bare(w), name)]
    return any(w.stem == deed for at in named for w in clause_of(row[at + 1 : at + 4]))


def _placed(row: list[Word]) -> Iterator[tuple[str, str, str]]:
    """(deed, small word, name) of `lives in Lyon`, (deed, by, who) of `shot by rangers`."""
    for at, (deed, leading) in enumerate(pairwise(row)):
        if leading.low == "by" and is_past(deed):
            ahead = [
                w for w in clause_of(row[at + 2 : at + 6]) if is_matter(w) and w.text.isalpha()
            ]
            whom = [w for w in ahead if w.low not in COUNTING | SPANS | _HOW]
            yield from ((deed.stem, "by", bare(w) if w.capital else w.stem) for w in whom[:2])
        elif leading.low in _SETTING | _SIDES and is_matter(deed) and not deed.capital:
            named = [w for w in _listed(row[at + 2 :]) if is_matter(w) and not _is_dated(w)]
            yield from ((deed.stem, leading.low, bare(w)) for w in named)


def _is_dated(name: Word) -> bool:
    return day_of(name.low) in DAYS or name.low in MONTHS


def _listed(behind: list[Word]) -> Iterator[Word]:
    """The names of `Ukraine, Chile and Argentina`."""
    for word in behind:
        if word.capital:
            yield word
        elif word.text != "," and word.low not in ("and", "or"):
            return


def _led(row: list[Word]) -> list[tuple[Word, Word]]:
    """Each small word with the first matter behind it, and with every name of the same few words."""
    found = []
    for at, word in enumerate(row[:-1]):
        if is_matter(word) or word.is_mark:
            continue
        behind = clause_of(row[at + 1 : at + 5])
        ends = [n for n, w in enumerate(behind) if w.low in _SIDES and w.low != "to"]
        ahead = [w for w in (behind[: ends[0]] if ends else behind) if is_matter(w)]
        many = 2 if word.low in _TIMES else 1  # `before the ski season`
        found += [(word, w) for n, w in enumerate(ahead) if n < many or w.capital]
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
