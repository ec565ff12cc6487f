"""Amounts: every number of a summary must stand in its source and count the same there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from digest import words
from digest.facts.bounds import bounds_of, is_about, is_bounded_otherwise
from digest.facts.clauses import clauses, units, verb_of
from digest.facts.numbers import MONEY, Number, implied, numbers
from digest.facts.reading import COUNTING, SPANS, Text, Word, is_matter
from digest.facts.spelled import ORDINAL
from digest.facts.statements import Source, source_of


def amount_doubts(ours: Text, theirs: Text, tongue: str) -> Iterator[str]:
    """The numbers that do not stand there, or count another thing there."""
    known = [*numbers(theirs, tongue), *implied(theirs)]
    mine = numbers(ours, tongue)
    bounds = (bounds_of(ours), bounds_of(theirs))
    for number in mine:
        if is_about(number, known, ours) or _is_sum(number, known, (ours, theirs)):
            continue
        if number.values == {1.0} and number.text.lower() == "one":
            if not _one(number, known, theirs):
                yield number.text
        elif (
            not _counted(number, _rivals(number, mine, known), (ours, source_of(theirs)))
            or _moved(number, mine, known, (ours, theirs))
            or _is_whole(number, mine, known)
            or is_bounded_otherwise(number, known, bounds)
            or _is_other_score(number, mine, known)
            or _is_elsewhere(number, known, (ours, source_of(theirs)))
        ):
            yield number.text


def _is_sum(number: Number, known: Sequence[Number], texts: tuple[Text, Text]) -> bool:
    """`three firefighters` of `two firefighters were burnt and one broke a wrist`."""
    if number.unit or number.is_year or not number.counts or number.text.lower() in ORDINAL:
        return False
    plain = [one for one in known if not one.unit and not one.implied and not one.is_year]
    by_sentence: dict[int, list[Number]] = {}
    for one in plain:
        by_sentence.setdefault(one.sentence, []).append(one)
    return any(
        a.at < b.at
        and max(a.values) + max(b.values) == max(number.values)
        and "and" in {w.low for w in texts[1].words[a.at : b.at]}
        for a in plain
        if number.counts == a.counts
        for b in by_sentence[a.sentence]
    )


def _rivals(number: Number, mine: Sequence[Number], known: Sequence[Number]) -> list[Number]:
    """What the source counts, without what stands beside this number here as it does there: `from 3.10 to 3.25`."""
    same = [one for one in known if number.equals(one)]
    beside = [one for one in mine if one is not number and one.sentence == number.sentence]
    told = {
        id(other)
        for other in known
        for place in same
        for one in beside
        if other.sentence == place.sentence
        and one.equals(other)
        and not one.equals(number)
        and (one.at < number.at) == (other.at < place.at)
    }
    return [one for one in known if id(one) not in told or one.to]


def _one(number: Number, known: Sequence[Number], theirs: Text) -> bool:
    """`one` is often no number; where it counts something, the source must have one of it."""
    if (
        number.counts in ("of", "", "another", "day", "that", "who", "which")
        or number.counts in words.STOP
    ):
        return True
    if _counted(number, known, None):
        return True
    rows = [[w.low for w in row] for row in theirs.by_sentence]
    for place, row in enumerate(rows):
        for at, low in enumerate(row[:-1]):
            ahead = {w.stem for w in theirs.by_sentence[place][at + 1 : at + 4]}
            if (
                low in ("a", "an", "the", "single", "another", "third", "second")
                and number.counts in ahead
            ):
                return True
    return False


def _counted(number: Number, known: Sequence[Number], texts: tuple[Text, Source] | None) -> bool:
    """Whether the source has this number, of the same unit, and does not count the same with another."""
    paid = {one.sentence for one in known if one.unit in MONEY}
    same = [one for one in known if number.equals(one) and _units_fit(number, one)]
    same = [one for one in same if one.unit == number.unit or one.sentence not in paid]
    if any(_is_same_part(number, one) for one in known):
        return True
    same = [one for one in same if not one.implied and one.rate in ("", number.rate or one.rate)]
    if any(one.values & number.to and one.to & number.values for one in known):
        return False
    if number.of:  # `14 of the 14` is none
        there = any(number.of & one.of for one in same) or _of_them(number, same, known)
        return there and not number.of & number.values
    if number.text.lower() in ORDINAL:
        return bool(same)
    if not number.unit and number.closest and same and all(one.unit for one in same):
        plain = [one for one in known if not one.unit and not number.equals(one)]
        if any(number.closest & one.closest for one in plain if not one.implied):
            return False
    same = _of_its_role(number, same, known)
    kind = {one.sentence for one in known if one.unit == number.unit and not number.equals(one)}
    alone = [one for one in same if one.sentence not in kind]
    home = texts is not None and _is_at_home(number, alone, texts)
    return bool(same) and (home or not _counts_other(number, same, known))


def _is_at_home(number: Number, same: Sequence[Number], texts: tuple[Text, Source]) -> bool:
    """Whether a sentence with this number, and with no other of its kind, tells most of what is told with it."""
    told = _clause(number, texts[0])
    shared = [sum(map(sentence.has, told)) for sentence in texts[1].sentences]
    best = max(shared, default=0)
    return best > 2 and any(shared[one.sentence] == best for one in same)


def _of_its_role(number: Number, same: list[Number], known: Sequence[Number]) -> list[Number]:
    """Those that begin a span, `from 12 to 10`, where this one does, if the source tells of one."""
    told = bool(same) and (
        all(one.role for one in same) or (number.role and any(one.role for one in same))
    )
    beside = {one.sentence for one in same}
    rivals = [one for one in known if one.sentence in beside and one.unit == number.unit]
    if told and not number.is_year and any(not number.equals(one) for one in rivals):
        return [one for one in same if one.role == number.role]
    return same


#: Numbers from here on are told apart by what stands between semicolons.
LARGE = 1000


def _is_other_score(number: Number, mine: Sequence[Number], known: Sequence[Number]) -> bool:
    """`5-5` of `7-5`: both sides must stand in one sentence."""
    if number.unit != "score":
        return False
    beside = [one for one in mine if one.unit == "score" and 0 < abs(one.at - number.at) < 3]
    if not beside:
        return False
    here, there = (
        {(one.sentence, at) for at, one in enumerate(known) if side.equals(one)}
        for side in (number, beside[0])
    )
    both = {at for at, _ in here} & {at for at, _ in there}
    return not any(sum(at == place for at, _ in here | there) > 1 for place in both)


def _is_elsewhere(number: Number, known: Sequence[Number], texts: tuple[Text, Source]) -> bool:
    """Whether a sentence tells most of what is told with a number, and none that has the number tells any of it, nor one beside it."""
    if not number.is_year and number.unit != "age":
        return False
    told = [w for w in _clause(number, texts[0]) if texts[1].speaks_of(w)]
    shared = [sum(map(sentence.has, told)) for sentence in texts[1].sentences]
    there = {one.sentence for one in known if number.equals(one) or _is_same_part(number, one)}
    best = max(shared, default=0)
    if not there or best < 2:
        return False
    kind = [one for one in known if one.is_year == number.is_year and one.unit == number.unit]
    rival = any(shared[one.sentence] == best for one in kind if number.is_year or number.unit)
    steps = (0,) if rival else (-1, 0, 1)
    near = {at + step for at in there for step in steps} & {*range(len(shared))}
    if rival and number.is_year:
        return not any(shared[at] == best for at in near) or _is_dated_otherwise(
            number, texts, there
        )
    least = 2 if rival else 3
    return not any(shared[at] * least > best - (not rival) for at in near)


def _is_dated_otherwise(number: Number, texts: tuple[Text, Source], there: set[int]) -> bool:
    """`died in 2019` of who died in 1660: the deed stands with another year, and never with this."""
    for clause in clauses(texts[0].by_sentence[number.sentence]):
        verb = verb_of(clause.own)
        if verb is None or not any(w.at == number.at for w in clause.own):
            continue
        head = clause.own[verb.head].stem
        told = {at for at, s in enumerate(texts[1].sentences) if head in s.stems}
        years = {at for at in told if any(n.is_year for n in texts[1].sentences[at].numbers)}
        return bool(years) and not told & there
    return False


def _clause(number: Number, ours: Text) -> list[Word]:
    """What the clause is about in which a number stands."""
    row = ours.by_sentence[number.sentence]
    for clause in clauses(row):
        if any(w.at == number.at for w in clause.own):
            found = units([*clause.others, *clause.own])
            return found if len(found) > 2 else units(row)
    return []


def _moved(
    number: Number, mine: Sequence[Number], known: Sequence[Number], texts: tuple[Text, Text]
) -> bool:
    """Whether the sentence that speaks of the same things has another number of this kind, and this one stands elsewhere."""
    if number.is_year or number.unit in ("date", "score") or number.role:
        return False
    ours, theirs = texts
    if any(
        one.sentence == number.sentence and one is not number and _is_rival(number, one)
        for one in mine
    ):
        return False  # told side by side with another, of which the source may speak elsewhere
    told = _clause_stems(number, ours)
    same = {
        one.sentence
        for one in known
        if (number.equals(one) and _units_fit(number, one)) or _is_same_part(number, one)
    }
    others = [
        one for one in known if not number.equals(one) and not one.implied and not one.is_year
    ]
    rival = {one.sentence for one in others if _is_rival(number, one)} - same
    every = source_of(theirs).sentences
    tells = [
        len(told & (s.stems | s.more)) if number.unit == "age" else len(told & stems)
        for s, stems in zip(every, theirs.stems_by_sentence, strict=True)
    ]
    here = max((tells[place] for place in same), default=0)
    there = max((tells[place] for place in rival), default=0)
    return (there >= 2 and there > here) or _is_in_other_part(number, told, known, theirs)


def _is_in_other_part(
    number: Number, told: frozenset[str], known: Sequence[Number], theirs: Text
) -> bool:
    """Whether a part of a sentence, between its semicolons, has another large number for these things than the part with this."""
    if min(number.values) < LARGE:
        return False
    large = [one for one in known if one.unit == number.unit and min(one.values) >= LARGE]
    parts = [part for row in theirs.by_sentence for part in _parts(row)]
    here = max(_told_in(part, told, [n for n in large if n.equals(number)]) for part in parts)
    there = max(_told_in(part, told, [n for n in large if not n.equals(number)]) for part in parts)
    return there >= 2 and there > here >= 0


def _told_in(part: list[Word], told: frozenset[str], some: Sequence[Number]) -> int:
    """How much of what is told a part has, if it has one of some numbers; else -1."""
    places = {w.at for w in part}
    has = any(one.at in places for one in some)
    return len(told & {w.stem for w in part}) if has else -1


def _parts(row: list[Word]) -> Iterator[list[Word]]:
    part: list[Word] = []
    for word in row:
        if word.text == ";":
            yield part
            part = []
        part.append(word)
    yield part


def _is_rival(number: Number, one: Number) -> bool:
    """Whether another number measures or counts what this one does."""
    if one.unit != number.unit or one.unit in ("date", "score"):
        return False
    return bool(number.unit) or bool(number.closest & one.closest)


def _clause_stems(number: Number, ours: Text) -> frozenset[str]:
    """The matter of the clause in which a number stands."""
    row = ours.by_sentence[number.sentence]
    for clause in clauses(row):
        if any(w.at == number.at for w in clause.own):
            whole = [*clause.others, *clause.own]
            plain = [w for w in whole if is_matter(w) and not w.text[0].isdigit()]
            return frozenset(w.stem for w in plain if w.low not in COUNTING | SPANS)
    return frozenset()


def _is_whole(number: Number, mine: Sequence[Number], known: Sequence[Number]) -> bool:
    """`eleven drains held it` where it was three of the eleven, and nothing here says three."""
    there = [one for one in known if number.equals(one) and not one.implied]
    parts = [one for one in known if one.of & number.values]
    if number.of or len(there) != 1 or not parts or not there[0].is_of:
        return False
    return not any(one.equals(part) for part in parts for one in mine)


def _is_same_part(number: Number, other: Number) -> bool:
    """`20 percent` and `a fifth`."""
    if {number.unit, other.unit} != {"percent", ""}:
        return False
    percent, part = (number, other) if number.unit else (other, number)
    return any(0 < p < 1 and abs(100 * p - q) < 0.5 for p in part.values for q in percent.values)


def _of_them(number: Number, same: Sequence[Number], known: Sequence[Number]) -> bool:
    """`a quarter of its 88 shops` where the source has 88 shops and `a quarter of them`."""
    plain = {one.sentence for one in same if one.counts == "of" and not one.of}
    which = {one.sentence for one in same if one.of_which}  # `of those infected, 104`
    return any(
        one.values & number.of and (one.sentence in plain or (which and one.sentence <= max(which)))
        for one in known
    )


def _counts_other(number: Number, same: Sequence[Number], known: Sequence[Number]) -> bool:
    """Whether what this number counts is counted by another one in the source."""
    if any("aged" in one.near or "old" in one.near for one in (number, *same)):
        return False
    if min(number.values) < 1:  # a part of something counts no things
        return False
    others = _others(number, same, known)
    if number.closest and not any(number.closest & one.near for one in same):
        beside = {one.sentence for one in same}
        if any(number.closest & one.near and one.sentence in beside for one in others):
            return True
    if not number.near or any(
        number.near & one.near or (number.is_year and not one.near) for one in same
    ):
        return False  # of a year between marks, `in 1998,`, nothing is known
    if number.counts == "as":  # `twice as far` is not `twice as large`
        return any(number.near & one.near for one in others if not one.implied)
    return any(
        number.near & one.near & (number.closest | one.closest) for one in others if not one.implied
    )


def _others(number: Number, same: Sequence[Number], known: Sequence[Number]) -> list[Number]:
    """The other numbers of its unit, but for those that count the same with it: `two of 1,850`, `from 12 to 10`."""
    others = [one for one in known if not number.equals(one) and one.unit == number.unit]
    others = [one for one in others if one.is_year == number.is_year]
    joined = [one for one in same if one.of or one.to] + [one for one in others if one.to]
    pairs = frozenset(value for one in joined for value in one.of | one.to | one.values)
    if not number.values & pairs:
        return others
    return [one for one in others if not one.values & pairs]


def _units_fit(number: Number, other: Number) -> bool:
    pair = {number.unit, other.unit}
    if len(pair) == 1 or pair in ({"age", ""}, {"clock", ""}, {"age", "year"}):
        return True
    if number.unit in ("year", "month") and not other.unit:  # `13 years and two months old`
        return other.counts.startswith(number.unit)
    if number.unit in MONEY and not other.unit and not other.counts:  # `closer to 400 million`
        return min(other.values) >= 10_000
    if not number.unit:  # `5` is not `5 %`, but `three` may be the three years of the source
        return other.unit not in ("percent", "score", "date")
    return number.unit == "score" and not other.unit
