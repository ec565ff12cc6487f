"""Comparisons: who has more than whom, and whether it was more than expected, must be as in the source."""

from __future__ import annotations

from collections.abc import Iterator

from digest.facts.clauses import is_past
from digest.facts.numbers import Number, numbers
from digest.facts.reading import COUNTING, Text, Word, clause_of, is_matter
from digest.facts.word_lists import word_set

_PAIRS = [
    ("longer", "shorter"), ("more", "fewer less"), ("higher", "lower"), ("larger bigger greater", "smaller"), ("faster quicker", "slower"),
    ("older", "younger newer"), ("stronger", "weaker"), ("better", "worse"), ("earlier sooner", "later"), ("heavier", "lighter"),
    ("cheaper", "dearer"), ("warmer hotter", "colder cooler"), ("wider broader", "narrower"), ("richer", "poorer"), ("deeper", "shallower"),
    ("taller", "smaller"), ("safer", "riskier"), ("closer nearer", "farther further"), ("louder", "quieter"), ("easier", "harder"),
]  # fmt: skip
_AGAINST: dict[str, frozenset[str]] = {}
for _one, _other in _PAIRS:
    for _word in _one.split():
        _AGAINST[_word] = _AGAINST.get(_word, frozenset()) | word_set(_other)
    for _word in _other.split():
        _AGAINST[_word] = _AGAINST.get(_word, frozenset()) | word_set(_one)
#: What compares as well, so that a comparison may be told from it.
_COMPARES = word_set(
    """than compared comparison unlike twice double doubled times outpaced outpacing exceeded exceeding record whereas
    while against only although but though most least ever up down rose fell risen fallen gap difference"""
)
#: Behind `than` these name nothing that is compared.
_NOBODY = word_set(
    "expected usual ever before previously thought any anyone planned average half normal it he she they that"
)


def comparison_doubts(summary: Text, source: Text) -> Iterator[str]:
    """Comparisons that the source turns round or does not make, and results that it has on the other side of what was expected."""
    for row in summary.by_sentence:
        for at, word in enumerate(row):
            if word.low in _AGAINST and (than := than_at(row, at)):
                one, other = _about(row[:at][::-1]), _about(row[than + 1 :])
                if other and _is_other(word.low, one, other, source):
                    yield f"{word.text} than"
        yield from _expected(row, source)


def than_at(row: list[Word], at: int) -> int:
    """The place of the `than` of a comparison of two things; 0 where none is, or a number is behind it."""
    for place in range(at + 1, min(at + 5, len(row) - 1)):
        if row[place].breaks:
            return 0
        if row[place].low == "than":
            ahead = clause_of(row[place + 1 : place + 5])
            counted = any(w.text[0].isdigit() or w.low in COUNTING for w in ahead[:3])
            nobody = not ahead or ahead[0].text in "$€£"
            nobody = nobody or any(w.low in _NOBODY for w in ahead[:2])
            nobody = nobody or counted or any(w.low in _EXPECT for w in ahead)
            return 0 if nobody else place
    return 0


def _about(row: list[Word]) -> frozenset[str]:
    """The stems of matter up to the end of the clause."""
    return frozenset(w.stem for w in clause_of(row)[:8] if is_matter(w) and not is_past(w))


def _is_other(more: str, one: frozenset[str], other: frozenset[str], source: Text) -> bool:
    """Whether the source compares the two the other way, or compares nothing of them."""
    ours, theirs = one - other, other - one
    compared = False
    for row in source.by_sentence:
        stems = {w.stem for w in row}
        if not (ours | theirs | one) & stems:
            continue
        counted = [n for n in numbers(source) if n.sentence == row[0].sentence]
        both = bool(ours & stems and theirs & stems) and len(counted) > 1
        low = {w.low for w in row}
        sides = bool((ours or one) & stems and theirs & stems) and bool(low & _COMPARES)
        compared = compared or both or sides or bool(low & (_AGAINST[more] | {more}))
        for at, word in enumerate(row):
            same, turned = word.low == more, word.low in _AGAINST[more]
            if (same or turned) and _is_said_of(row, at, (ours, theirs), turned=turned):
                return True
    return not compared


def _is_said_of(
    row: list[Word], at: int, sides: tuple[frozenset[str], frozenset[str]], *, turned: bool
) -> bool:
    """Whether what is longer there is what is shorter here."""
    mine, others = sides if turned else sides[::-1]
    if than := than_at(row, at):
        before, behind = _about(row[:at][::-1]), _about(row[than + 1 :])
        return bool(mine & before and others & behind) and not (others & before or mine & behind)
    behind = frozenset(w.stem for w in clause_of(row[at + 1 : at + 6]) if is_matter(w))
    return bool(mine & behind) and not others & behind


_BEATEN = word_set("beat beats beating exceed exceeds exceeded topped tops surpassed surpasses")
_MISSED = word_set("miss missed misses missing short below under")
_EXPECT = word_set(
    "expected expectation expectations forecast forecasts predicted predictions estimate estimates estimated consensus"
)


def _expected(row: list[Word], source: Text) -> Iterator[str]:
    """`beat expectations` of 84 million where 90 had been expected."""
    low = [w.low for w in row]
    for at, word in enumerate(low):
        up = word in _BEATEN or (word == "better" and low[at + 1 : at + 2] == ["than"])
        down = word in _MISSED or (word == "worse" and low[at + 1 : at + 2] == ["than"])
        if (up or down) and _EXPECT & {*low[at + 1 : at + 7]}:
            told = {w.stem for w in row[:at] if is_matter(w)}
            ways = {_way(told, place, source) for place in range(len(source.by_sentence))} - {0}
            if ways == {-1 if up else 1}:
                yield f"{row[at].text} (the source: the other way)"


def _way(told: set[str], place: int, source: Text) -> int:
    """1 where a sentence, or the two before it, has more of what is told than it says was expected, -1 where less."""
    row = source.by_sentence[place]
    expects = [w.at for w in row if w.low in _EXPECT]
    if not expects or not told & {w.stem for w in row}:
        return 0
    every = numbers(source)
    hoped = [n for n in every if n.sentence == place and n.at > expects[0]][:1]
    for back in (0, 1, 2, 3) if hoped else ():
        seen = [n for n in every if _is_result(n, hoped[0], place - back)]
        if seen and told & {w.stem for w in source.by_sentence[place - back]}:
            return (max(seen[0].values) > max(hoped[0].values)) - (
                max(seen[0].values) < max(hoped[0].values)
            )
    return 0


def _is_result(number: Number, hoped: Number, place: int) -> bool:
    same = number.unit == hoped.unit and bool(number.unit) and number.at != hoped.at
    return same and number.sentence == place and number.at < hoped.at
