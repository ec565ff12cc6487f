"""How sure the source is: what may be, is planned or hoped for there has not happened here, nor is it certain.

A word that makes doubtful (`may`, `plans`, `threatened`) hangs over the verb behind it. A verb of a summary
must not be surer than every place in the source that has it; and where the source has the thing in other words,
what it only announces is not done here.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from digest.facts.clauses import BEING, HELPING, SPEAKING, Clause, clauses, goes_on, is_past, units
from digest.facts.denials import NO, denied, is_soft
from digest.facts.reading import Text, Word, head_at, is_adverb, is_matter
from digest.facts.statements import stands
from digest.facts.word_lists import word_set

#: Ever less sure: it will be, somebody means to, it can be.
ANNOUNCED, MEANT, POSSIBLE = 1, 2, 3
_WORDS = {
    ANNOUNCED: word_set("will would shall must due set scheduled plan plans planned planning promise promised pledge pledged vowed"),
    MEANT: word_set(
        """want wants wanted hope hopes hoped hoping intend intends intended intent intention aim aims aimed seek seeks
        sought threaten threatens threatened threat offer offers offered propose proposes proposed proposal demand
        demands demanded urge urges urged expect expects expected likely probably probable should asked asks asking
        warn warns warned warning forecast forecasts predict predicts predicted reckon reckons meant testing examining investigating searching negotiating try tries tried attempt attempted argue
        argues argued claim claims claimed allege alleges alleged allegedly accuse accused accuses suspected suspect thought supposed
        believe believes believed call calls called calling ought ready prepared willing recommend recommends recommended"""
    ),
    POSSIBLE: word_set(
        """may might could can possible possibly perhaps maybe if whether unless provided consider considers
        considering considered potential potentially rumoured rumored linked option options chance"""
    ),
}  # fmt: skip
_LEVEL = {word: level for level, words in _WORDS.items() for word in words}
#: What another statement begins with, so that a doubt does not reach behind it.
_ENDS = word_set("because since when while although though but after before who which where")
#: Behind these such a word is a thing: `the offer`, but `the offer to pay`.
_NAMED_BY = word_set("the a an this that its his her their our no every any")
#: They tell how a thing is: `a possible sale`.
_TELLING = word_set("possible potential likely probable proposed planned")
_PERFECT = word_set("has have had was were been already")
#: Verbs that are things as well: `the tickets cost`.
_SAME_IN_PLURAL = word_set(
    "cost rise fall cut vote increase need support pay work run grow decline close open start end"
)
#: Other languages: what is to come or may be, and what has been.
_TO_COME = word_set(
    """soll sollen wird werden könnte könnten kann können will wollen möchte möchten plant planen dürfte dürften droht
    pourrait pourraient va vont devrait devraient veut veulent peut peuvent exclu espère prévoit envisage possible möglich posible posibile probable
    podría podrían va van quiere quieren puede pueden planea espera prevé descarta
    potrebbe potrebbero dovrebbe vuole vogliono può possono prevede"""
)
_SURE = word_set("wird werden va vont va van")
#: By language: French and Italian `se` and `si` are not the same, and Spanish `a` is no `has`.
_WHETHER = {
    "de": word_set("ob wenn falls"), "fr": word_set("si"), "es": word_set("si"), "it": word_set("se"),
}  # fmt: skip
_CLAIMED = word_set(
    """behauptete behauptet behaupten angeblich angebliche mutmaßlich mutmaßliche vermutlich prétend prétendu présumé présumée
    aurait auraient soupçonné presunto presunta presuntamente supuesto supuesta supuestamente alega presumibilmente avrebbe"""
)
_BEEN = {
    "de": word_set("wurde wurden worden hat haben habe hatte hatten"), "fr": word_set("a ont avait avaient été"),
    "es": word_set("ha han había fue fueron"), "it": word_set("ha hanno è stato"),
}  # fmt: skip
_NONE = frozenset[str]()


def surer(summary: Text, source: Text, tongue: str) -> Iterator[str]:
    """The clauses that are surer of themselves than the source is."""
    rows = source.by_sentence
    levels = {at: level for row in rows for at, level in _levels(row).items()}
    for row in summary.by_sentence:
        if any(_says(other, row, tongue) for other in rows):
            continue
        if tongue != "en":
            if _done(Clause(row, []), 0, source, tongue):
                yield " ".join(w.text for w in row)[:120]
            continue
        for clause in clauses(row):
            own = clause.own
            level = _of(own, row)
            if _harder(clause, level, (source, levels)) or _done(clause, level, source, tongue):
                yield " ".join(w.text for w in own)[:120]


def _says(other: list[Word], row: list[Word], tongue: str) -> bool:
    """Whether a sentence of the source has these very words, and no doubt beside them: an `if` left out."""
    said, told = (f" {' '.join(w.low for w in one if not w.is_mark)} " for one in (other, row))
    return told in said and _doubts(other, tongue) == _doubts(row, tongue)


def _doubts(row: list[Word], tongue: str) -> int:
    """How many of its words make doubtful."""
    if tongue == "en":
        return sum(1 for at in range(len(row)) if _level(row, at))
    words = _TO_COME | _CLAIMED | _WHETHER.get(tongue, _NONE)
    return sum(1 for word in row if word.low in words)


def _of(own: list[Word], row: list[Word]) -> int:
    """How doubtful a clause is, by its own words and by those before that reach it: `hopes that it will`."""
    end = row.index(own[-1]) + 1
    starts = [
        at for at in range(row.index(own[0])) if row[at].text in ";:.!?" or row[at].low in _ENDS
    ]
    places = range(starts[-1] if starts else 0, end)
    if any(row[at].low in ("allowed", "permitted") for at in places):  # who `may` is allowed to
        return POSSIBLE
    return max((_level(row, at) for at in places if row[at].low not in _TELLING), default=0)


def _level(row: list[Word], at: int) -> int:
    """How doubtful a word makes what stands behind it; 0 where it does not."""
    word, low = row[at], row[at].low
    before = [w.low for w in row[max(0, at - 2) : at]]
    follows = row[at + 1].low if at + 1 < len(row) else ""
    if low in _SMALL or (word.capital and not word.first):
        return _of_small(low, before, follows) or _of_unsaid(row, at)
    if (
        low == "ruled"
        and follows == "out"
        and any(one == "not" or one.endswith("n't") for one in before)
    ):
        return POSSIBLE
    telling = low in _TELLING or low in ("option", "options")
    named = before[-1:] and before[-1] in _NAMED_BY and follows != "to" and not telling
    if low not in _LEVEL or named or (low.startswith("aim") and follows == "at"):
        return 0
    if low == "should" and word.first:  # `should the trial succeed`
        return POSSIBLE
    if low in _ONLY_BEFORE:  # `set to`, but not `a set`
        fits = follows == "to" or (follows in ("for", "of", "on") and low not in _ONLY_TO)
        return _LEVEL[low] if fits else 0
    return _LEVEL[low]


_SMALL = word_set("to have like that how why who")
_ONLY_BEFORE = word_set(
    "call calls called calling set due chance meant thought supposed scheduled ready prepared willing"
)


_ONLY_TO = word_set("meant ready prepared willing")


def _of_small(low: str, before: list[str], follows: str) -> int:
    if low == "to" and before[-1:] in (["is"], ["are"], ["be"], ["have"], ["has"], ["had"]):
        return ANNOUNCED
    if low == "have" and "would" in before and follows != "to":  # `would have brought`: it did not
        return POSSIBLE
    return MEANT if low == "like" and before[-1:] == ["would"] else 0


def _of_unsaid(row: list[Word], at: int) -> int:
    told = row[at].low in ("that", "how", "why", "who")
    return POSSIBLE if told and _is_denied(row, at) else 0


def _is_denied(row: list[Word], at: int) -> bool:
    """`had not shown that`, `did not say how`."""
    before = row[max(0, at - 4) : at]
    said = (before and is_matter(before[-1])) or any(w.low in ("say", "know") for w in before[-1:])
    return bool(said) and any(w.low in NO or w.low.endswith("n't") for w in before)


def _over(row: list[Word]) -> dict[int, int]:
    """The level that hangs over each word: from a word that makes doubtful to the clause's end, on both its sides."""
    found: dict[int, int] = {}
    start = 0
    for at in range(len(row) + 1):
        ends = at == len(row) or row[at].text in ";:.!?" or row[at].low in _ENDS
        if ends or goes_on(row, at):
            level = max((_level(row, p) for p in range(start, at)), default=0)
            found |= {w.at: level for w in row[start:at]}
            start = at
    return found


def _levels(row: list[Word]) -> dict[int, int]:
    """The level of the verbs that a doubtful word hangs over, by their places."""
    found: dict[int, int] = {}
    for at in range(len(row)):
        level = _level(row, at)
        if not level:
            continue
        if _is_condition(row, at):  # `will close if the court agrees`
            found |= dict.fromkeys(found, POSSIBLE)
        for place in _hung(row, at):
            found[row[place].at] = max(found.get(row[place].at, 0), level)
    return found


def _is_condition(row: list[Word], at: int) -> bool:
    """Whether an `if` hangs over what stands before it; not in `asked if` and `as if`."""
    before = row[at - 1].low if at else ""
    asks = before in ("as", "even", "ask", "asked", "asks", "know", "unclear", "see", "decide")
    return row[at].low in ("if", "unless", "provided") and not asks


def _hung(row: list[Word], at: int) -> Iterator[int]:
    """The verb right behind, and those that hang on it by a `to` or `with`: `may help to clean`, `linked with a move`."""
    open_ = True
    for place in range(at + 1, min(at + 12, len(row))):
        low = row[place].low
        if row[place].text in ".;:!?" or low in _ENDS or _is_told(row, place):
            return
        if low in ("to", "with", "of") or low in HELPING or low in ("that", "whether", "if"):
            open_ = True
        elif open_ and head_at(row, place) and not is_adverb(row[place]):
            if row[place].capital:
                continue
            yield place
            open_ = low in _LIGHT  # `can impose fines`


_LIGHT = word_set("impose issue launch hold give bring reach levy order")


def _is_told(row: list[Word], at: int) -> bool:
    """`and has moved` behind `hopes to stay`: what is told again as it is."""
    follows = row[at + 1] if at + 1 < len(row) else None
    told = follows and (follows.low in BEING | {"has", "have", "had"} or is_past(follows))
    return row[at].low in ("and", "but", ",") and bool(told)


def _harder(whole: Clause, level: int, known: tuple[Text, dict[int, int]]) -> bool:
    """Whether a verb here is less doubtful than there, where most of what stands around it here is told."""
    source, levels = known
    clause = whole.own
    if any(w.low in NO or w.low.endswith("n't") for w in clause):
        return False
    for at in range(len(clause)):
        if not _is_verb(clause, at):
            continue
        there = _told_there(whole, at, source, levels)
        if there and min(there) > level and not _as_announced(min(there), level, clause):
            return True
    return False


def _told_there(whole: Clause, at: int, source: Text, levels: dict[int, int]) -> list[int]:
    """The levels of a verb in the sentences that have it and share most of its clause."""
    clause = whole.own
    head = head_at(clause, at)
    around = {w.stem for w in (*whole.others, *clause) if is_matter(w)} - {clause[at].stem}
    found: dict[int, list[int]] = {}
    for row in source.by_sentence:
        here = [levels.get(row[p].at, 0) for p in range(len(row)) if head_at(row, p) == head]
        if here:
            shared = len(around & {w.stem for w in row})
            found.setdefault(shared, []).extend(here)
    best = max(found, default=0)
    near = best * 3 >= len(around) or (best and sum(map(len, found.values())) == 1)
    return found[best] if found and near else []


def _as_announced(there: int, level: int, clause: list[Word]) -> bool:
    """`restricts from August` of what `will` be: the present may tell what is to come."""
    return (
        there == ANNOUNCED
        and level == 0
        and not any(w.low in _PERFECT or is_past(w) for w in clause)
    )


def _is_verb(clause: list[Word], at: int) -> bool:
    word = clause[at]
    if (
        word.capital
        or not head_at(clause, at)
        or word.low in SPEAKING - _PUBLIC
        or _level(clause, at)
    ):
        return False
    before = [w.low for w in clause[max(0, at - 4) : at] if not _is_between(w)]
    settled = before[-1:] == ["to"] and before[-2:-1] in _SETTLED
    helped = bool(before) and (before[-1] in HELPING or settled)
    led = at + 1 < len(clause) and clause[at + 1].low == "by"  # `the sum asked by the union`
    return (is_past(word) and not led) or helped or _is_present(clause, at)


_PUBLIC = word_set("announced announces reports reported")
#: Who did so will, or does.
_SETTLED = [["decided"], ["agreed"], ["managed"], ["begun"], ["began"]]


def _is_between(word: Word) -> bool:
    """What may stand between a helping verb and its verb."""
    return word.low in ("not", "also", "already", "now", "again", "still") or is_adverb(word)


def _is_present(clause: list[Word], at: int) -> bool:
    """`cleans` of `the moss cleans water`."""
    plain = not clause[at].low.endswith("s") and clause[at].low not in _SAME_IN_PLURAL
    if plain or not 0 < at < len(clause) - 1:
        return False
    before, behind = clause[at - 1], clause[at + 1]
    begins = any(w.low in ("the", "a", "an") or w.capital for w in clause[max(0, at - 4) : at])
    return (
        begins
        and is_matter(before)
        and (not before.low.endswith("s") or before.low.endswith("ss"))
        and behind.low not in ("of", "and")
    )


def _done(clause: Clause, level: int, source: Text, tongue: str) -> bool:
    """Whether a clause tells as done what its nearest sentence only announces, in whatever words."""
    own = clause.own
    told = units([*clause.others, *own])
    sure = tongue == "en" and level == ANNOUNCED and any(w.low == "will" for w in own)
    done = not level and _is_told_as_done(own, tongue)
    if len(told) < 2 or not (done or sure):
        return False
    shared = [sum(stands(w, stems) for w in told) for stems in _stems(source)]
    best = max(shared, default=0)
    if best < 2 or best * 2 < len(told):
        return False
    rows = [row for row, n in zip(source.by_sentence, shared, strict=True) if n == best]
    if sure:
        return all(_is_only_possible(near) for near in rows)
    return all(_is_open(own, near, tongue) for near in rows)


def _is_only_possible(near: list[Word]) -> bool:
    """Whether all that a sentence tells may be, no more: `could take a decade`."""
    low = {w.low for w in near if not w.capital}
    return bool(low & {"may", "might", "could"}) and not low & {"will", "would", "shall"}


def _is_open(own: list[Word], near: list[Word], tongue: str) -> bool:
    """Whether a sentence of the source only announces, and does not have what is told as done."""
    if tongue != "en":
        low = {w.low for w in near}
        whether, been = _WHETHER.get(tongue, _NONE), _BEEN.get(tongue, _NONE)
        asked = bool(low & whether) and not {w.low for w in own} & whether
        claimed = bool(low & _CLAIMED) and not {w.low for w in own} & _CLAIMED
        return asked or claimed or (bool(low & _TO_COME) and not low & been)
    there = {w.stem for one, w in pairwise(near) if one.low not in ("a", "an", "the")}
    if any(own[at].stem in there for at in range(len(own)) if _is_past_at(own, at)):
        return False
    over = _over(near)
    facts = [at for at in range(len(near)) if _is_past_at(near, at) and not over.get(near[at].at)]
    return any(over.values()) and not facts


def _stems(source: Text) -> list[frozenset[str]]:
    return [frozenset(w.stem for w in row if not w.is_mark) for row in source.by_sentence]


def _is_told_as_done(own: list[Word], tongue: str) -> bool:
    low = [w.low for w in own]
    if tongue != "en":
        return not set(low) & (_TO_COME - _SURE) and not denied(own)
    to = any(a in ("has", "have", "had", "yet") and b == "to" for a, b in pairwise(low))
    if to or denied(own) or is_soft(own):
        return False
    return any(_is_past_at(own, at) for at in range(len(own)))


#: What people do by speaking.
_JUDGING = word_set(
    """praised criticised criticized credited described thanked welcomed condemned complained
    attributed pointed apologised apologized defended branded labelled dubbed"""
)


def _is_past_at(row: list[Word], at: int) -> bool:
    """True for a verb of what has been: `sued`, `has won`, `had been proven`, `already`."""
    word = row[at]
    if word.low in SPEAKING | _JUDGING or word.low in _LEVEL or word.capital:
        return False
    helped = at > 0 and row[at - 1].low in _PERFECT and is_matter(word)
    by = at + 1 < len(row) and row[at + 1].low == "by"  # `drawn by a tractor` tells of no deed
    alone = is_past(word) and at > 0 and not by
    return alone or word.low == "already" or (helped and not word.low.endswith(("ly", "ing")))
