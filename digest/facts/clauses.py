"""Clauses: a sentence cut where another statement begins, each with its verb and what stands before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from digest.facts.calendar_words import MONTHS
from digest.facts.names import ROLES
from digest.facts.reading import _SAME, COUNTING, SPANS, Word, is_adverb, is_matter
from digest.facts.spelled import ORDINAL
from digest.facts.word_lists import word_set

BEING = word_set("is are was were be been being")
POSSIBLE = word_set("can could may might would cannot can't couldn't wouldn't")
MODAL = POSSIBLE | word_set("will must shall should do does did to")
HELPING = (
    BEING
    | MODAL - {"to"}
    | word_set(
        "has have had isn't aren't wasn't weren't won't hasn't haven't hadn't didn't don't doesn't"
    )
)
#: Behind these another's words begin.
_QUOTING = word_set(
    "said says added warned stressed argue argues argued insists insisted believes believed thinks thought"
)
#: What another statement begins with.
BEGINS = word_set("that because when while although if whether but")
#: Verbs that only say who speaks.
SPEAKING = word_set(
    "said say says told tell tells called calls found finds named reported reports announced added warned stressed"
)
_WITH = word_set("with including")
_NOUNS = (
    "er",
    "ers",
    "th",
    "ths",
    "al",
    "ion",
    "ions",
    "ure",
    "ures",
    "ies",
    "age",
    "ages",
    "ment",
    "y",
    "ce",
)
_PAST = frozenset(
    form
    for form, base in _SAME.items()
    if form != base and not form.endswith(("s", "ing", *_NOUNS))
)


@dataclass(frozen=True, slots=True)
class Verb:
    """at: where the group begins, `would` of `would be balloted`. head: its last word. Places in the clause."""

    at: int
    head: int


@dataclass(frozen=True, slots=True)
class Clause:
    """A statement. own: its words; others: the subject or the speaker that it gets from before."""

    own: list[Word]
    others: list[Word]


def clauses(row: list[Word]) -> list[Clause]:
    """The statements of a sentence; one that goes on without a subject or with another's words gets whose."""
    found: list[Clause] = []
    subject: list[Word] = []
    before: list[Word] = []
    for piece in _pieces(row):
        others = _others(piece, before, subject)
        if others is None:
            verb = verb_of(piece)
            subject = piece[: verb.at] if verb else piece
        found.append(Clause(piece, others or []))
        before = piece
    return found


def _others(piece: list[Word], before: list[Word], subject: list[Word]) -> list[Word] | None:
    """Whom a statement without a subject of its own, or of another's words, is told of; None where it has its own."""
    if not before:
        return None
    if before[-1].low in _QUOTING and piece[0].low not in ("which", "who"):
        return _speakers(before)
    if _is_relative(piece):
        return units(before)[-1:]
    goes_with = piece[0].low in _WITH and not any(w.low.endswith("ing") for w in piece[1:])
    if goes_with or piece[0].low in HELPING or is_past(piece[0]):
        return subject
    if _is_aside(piece) and before[-1].capital:
        return [w for w in before[-3:] if w.capital][-1:]
    return subject if _acts(piece) and subject and subject[-1].capital else None


def _acts(piece: list[Word]) -> bool:
    """`hopes it can reopen`, but not `farmers are exempt`."""
    verb, following = piece[0], piece[1] if len(piece) > 1 else None
    noun = following is None or following.low in HELPING or is_past(following)
    return is_matter(verb) and not verb.capital and verb.low.endswith("s") and not noun


def _is_aside(piece: list[Word]) -> bool:
    """`a composer` and `director of Sarnbahn`, right behind a name."""
    opens = piece[0].low in _ARTICLES or (is_matter(piece[0]) and not piece[0].capital)
    return opens and verb_of(piece) is None


_ARTICLES = word_set("a an the his her its their who now then aged formerly of from at")


def _speakers(before: list[Word]) -> list[Word]:
    """The last name before a verb of speech; without one, who else speaks."""
    named = [w for w in before if w.capital and is_matter(w)][-1:]
    return named or (
        [w for w in before[:-1] if is_matter(w)][-1:] if before[-1].low != "said" else []
    )


def _is_relative(piece: list[Word]) -> bool:
    """`which carries`, but not `which the county denied`."""
    if piece[0].low not in ("which", "who") or len(piece) < 2:
        return False
    second = piece[1]
    return second.low in HELPING or is_past(second) or second.low.endswith("s")


def _pieces(row: list[Word]) -> Iterator[list[Word]]:
    piece: list[Word] = []
    for at, word in enumerate(row):
        ends = word.breaks and not _in_number(row, at)
        if ends and _is_setting(piece):
            continue
        if (ends or word.low in BEGINS) and piece:
            yield piece
            piece = []
        if goes_on(row, at) and verb_of(piece):
            yield piece
            piece = []
            if word.low in _AND:
                continue
        if not ends and not (word.low in BEGINS and not piece):
            piece.append(word)
        if word.low in _QUOTING and len(piece) > 1:
            yield piece
            piece = []
    if piece:
        yield piece


def _is_setting(piece: list[Word]) -> bool:
    """`From May,` and `In a first step,` belong to what follows."""
    return 1 < len(piece) < 5 and piece[0].first and piece[0].low in _SETS and not verb_of(piece)


_SETS = word_set("in on at from since by until before after during of for")


def goes_on(row: list[Word], at: int) -> bool:
    """Whether another deed begins here: `and was sold`, `and Reed paid`, `after a fire damaged it`."""
    if row[at].low not in _AND | _WHEN:
        return False
    ahead: list[Word] = []
    for place, word in enumerate(row[at + 1 : at + 8], at + 1):
        if _in_number(row, place):
            continue
        if word.breaks or word.text in '"“”' or word.low in _AND | _WHEN | {"to", "by"}:
            break
        ahead.append(word)
    if not ahead or ahead[0].low.endswith("ing"):
        return False
    acts = [n for n, w in enumerate(ahead) if w.low in HELPING or is_past(w)]
    return bool(acts) and (acts[0] > 0 or row[at].low in _AND)


_AND = word_set("and but then")
_WHEN = word_set("before after as once until since")


def _in_number(row: list[Word], at: int) -> bool:
    inside = 0 < at < len(row) - 1 and row[at].text in ".,"
    dated = inside and row[at].text == "." and row[at + 1].low in MONTHS  # `am 4. Mai`
    return inside and row[at - 1].text[-1].isdigit() and (dated or row[at + 1].text[0].isdigit())


def verb_of(clause: list[Word]) -> Verb | None:
    """The first group of verbs, as far as forms tell."""
    for at, word in enumerate(clause):
        if word.low in HELPING:
            head = at
            while head < len(clause) and _inside(clause[head]):
                head += 1
            return Verb(at, head) if _is_verb(clause, head) else None
        if is_past(word):
            return Verb(at, at)
    return None


def _is_verb(clause: list[Word], head: int) -> bool:
    """Whether the word behind helping verbs is a verb itself: `had won`, `will win`, but `had four`."""
    if head >= len(clause):
        return False
    modal = any(w.low in MODAL for w in clause[max(0, head - 3) : head])
    word = clause[head]
    return (modal and is_matter(word)) or is_past(word) or word.low.endswith("ing")


def _inside(word: Word) -> bool:
    return word.low in HELPING or word.low in ("not", "also", "already") or is_adverb(word)


#: They end as if they were.
_NOT_PAST = word_set(
    """need succeed proceed exceed speed feed seed breed bleed greed steed weed creed indeed embed shed wed red bed
    hundred sacred naked wicked aged shred sled"""
)


def is_past(word: Word) -> bool:
    """True for `asked` and `won`, as far as the form tells."""
    plain = word.low.endswith("ed") and word.low not in _NOT_PAST and is_matter(word)
    return not word.capital and (plain or word.low in _PAST)


def units(clause: list[Word]) -> list[Word]:
    """The words that tell what a clause is about: no numbers, measures, titles before a name."""
    plain = COUNTING | SPANS | _ORDINALS
    return [
        w
        for at, w in enumerate(clause)
        if is_matter(w)
        and not w.text[0].isdigit()
        and w.low not in plain
        and (w.low not in ROLES or _is_somebody(clause, at))
    ]


def _is_somebody(clause: list[Word], at: int) -> bool:
    """`the Queen`, of whom no name is told."""
    word, behind = clause[at], clause[at + 1 : at + 2]
    crowned = word.low in ("queen", "king", "pope", "prince", "princess")
    return crowned and word.capital and not (behind and behind[0].capital)


_ORDINALS = frozenset(ORDINAL)


def bare(word: Word) -> str:
    """In small letters, without a possessive's ending."""
    return word.low.removesuffix("'s")
