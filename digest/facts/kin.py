"""Kin and callings: whose brother somebody is, and what he is called beside his name, must be as in the source."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from digest.facts import meanings
from digest.facts.clauses import bare, is_past
from digest.facts.names import is_person, runs_in, same_name
from digest.facts.reading import COUNTING, Text, Word, clause_of, is_matter
from digest.facts.word_lists import word_set

#: Each word of kin and who it may be.
_KIN = {
    word: word_set(who)
    for words, who in {
        "mother mum mom mothers": "mother", "father dad fathers": "father", "parent parents": "mother father",
        "son sons": "son", "daughter daughters": "daughter", "child children": "son daughter",
        "brother brothers": "brother", "sister sisters": "sister", "sibling siblings": "brother sister",
        "husband husbands widower": "husband", "wife wives widow": "wife", "spouse partner couple": "husband wife",
        "uncle uncles": "uncle", "aunt aunts": "aunt", "nephew nephews": "nephew", "niece nieces": "niece",
        "cousin cousins": "cousin", "grandfather": "grandfather", "grandmother": "grandmother",
        "grandparent grandparents": "grandfather grandmother", "grandson grandsons": "grandson",
        "granddaughter granddaughters": "granddaughter", "grandchild grandchildren": "grandson granddaughter",
    }.items()
    for word in words.split()
}  # fmt: skip
#: Who is whose: a mother has a daughter, so that one may be told by the other.
_SIDES = [
    ("mother father", "son daughter"), ("husband", "wife"), ("brother sister", "brother sister"), ("cousin", "cousin"),
    ("uncle aunt", "nephew niece"), ("grandfather grandmother", "grandson granddaughter"),
]  # fmt: skip
_CONVERSE = {
    one: word_set(other)
    for a, b in _SIDES
    for ones, other in ((a, b), (b, a))
    for one in ones.split()
}
_OWNING = word_set("his her their my our its")


def kin_doubts(summary: Text, source: Text) -> Iterator[str]:
    """`her father` of whom the source tells the same as her brother, and `a violinist` of who is a cellist."""
    for place, row in enumerate(summary.by_sentence):
        for at, word in enumerate(row):
            if word.low in _KIN and _is_owned(row, at):
                told = summary.stems_by_sentence[place] - {word.stem}
                if other := _other_kin(word, told, source):
                    yield f"{word.text} (the source: {other})"
        for calling, name in _callings(row):
            if other := _other_calling(calling, name, source):
                yield f"{calling.text} {name} (the source: {other})"


def _is_owned(row: list[Word], at: int) -> bool:
    before = row[max(0, at - 3) : at]
    behind = row[at + 1 : at + 2]
    return any(w.low in _OWNING or w.low.endswith("'s") for w in before) or any(
        w.low == "of" for w in behind
    )


def _other_kin(word: Word, told: frozenset[str], source: Text) -> str:
    """The kin of whom the sentence tells that has most of this, where it is not the same nor the other side of it."""
    shared = [len(told & stems) for stems in source.stems_by_sentence]
    best = max(shared, default=0)
    if best < 2:
        return ""
    rows = [row for row, n in zip(source.by_sentence, shared, strict=True) if n == best]
    there = [w for row in rows for w in row if w.low in _KIN]
    who = _KIN[word.low]
    meant = who.union(*(_CONVERSE.get(one, frozenset()) for one in who))
    return there[0].text if there and not any(_KIN[w.low] & meant for w in there) else ""


def _callings(row: list[Word]) -> Iterator[tuple[Word, str]]:
    """(calling, last name) of `the cellist Karin Solberg` and `Keith Rudd, 63, a retired postman`."""
    for run in runs_in(row):
        if not is_person(run[-1]) or len(run) < 2:
            continue
        at, after = row.index(run[0]), row.index(run[-1]) + 1
        if at and _is_calling(row[at - 1]):
            yield row[at - 1], bare(run[-1])
        behind = row[after : after + 12]
        if len(behind) > 3 and behind[0].text == "," and behind[1].text.isdigit():
            behind = behind[2:]
        aside = len(behind) > 2 and behind[0].text == "," and behind[1].low in ("a", "an", "the")
        if aside and (head := _head(clause_of(behind[2:]))) is not None:
            yield head, bare(run[-1])


@lru_cache(maxsize=4)
def _every_calling(source: Text) -> list[tuple[Word, str]]:
    return [pair for row in source.by_sentence for pair in _callings(row)]


def _head(aside: list[Word]) -> Word | None:
    """The word that `a retired postman from Denby` turns on."""
    ends = [at for at, w in enumerate(aside) if not is_matter(w) or is_past(w)]
    ends = [at for at in ends if at] or [len(aside)]
    last = aside[ends[0] - 1 : ends[0]]
    return last[0] if last and _is_calling(last[0]) else None


def _is_calling(word: Word) -> bool:
    plain = word.text.isalpha() and is_matter(word) and not word.capital
    return plain and not is_past(word) and word.low not in COUNTING and not word.low.endswith("ing")


def _other_calling(calling: Word, name: str, source: Text) -> str:
    """What of the same kind the source calls this one, where this stands nowhere near the name."""
    called = [word for word, one in _every_calling(source) if same_name(one, name)]
    if not called:
        return ""
    around = _around(name, source)
    if calling.stem in around or around & meanings.meant(calling.stem):
        return ""
    for other in called:
        if _is_of_one_kind(calling, other):
            return "" if calling.stem in meanings.meant(other.stem) else other.text
    return ""


def _around(name: str, source: Text) -> frozenset[str]:
    """The stems of what stands within a dozen words of a name."""
    return frozenset(
        w.stem
        for row in source.by_sentence
        for at, one in enumerate(row)
        if one.capital and same_name(bare(one), name)
        for w in row[max(0, at - 12) : at + 13]
    )


def _is_of_one_kind(calling: Word, other: Word) -> bool:
    """Whether both are callings of a kind, as a dictionary has it, or by their endings where it has none."""
    kind, others = meanings.general(calling.stem), meanings.general(other.stem)
    alike = calling.low.endswith(_ENDINGS) and calling.low[-3:] == other.low[-3:]
    return bool(kind & others) or (alike and not (kind and others))


_ENDINGS = ("ist", "ian", "man")
