"""An article as statements: what stands in each of its sentences, and what each speaks of by other words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from digest.facts import meanings
from digest.facts.aliases import ALIASES
from digest.facts.clauses import BEGINS, bare, is_past, verb_of
from digest.facts.denials import NO, denied
from digest.facts.names import is_person, runs_in, same_name
from digest.facts.numbers import Number, numbers
from digest.facts.reading import Text, Word, clause_of, is_matter, stem, stems_of
from digest.facts.word_lists import word_set

_PRONOUNS = word_set("he she it they his her their its him them")
#: What an organisation is called the second time.
_AGAIN = word_set(
    "company firm group club bank airline chain team operator party agency authority ministry"
)
#: A word in so many sentences is what the article is about.
_TOPIC = 3


@dataclass(slots=True)
class Sentence:
    """stems: with the bare words. more: what it speaks of by other words. named: the names among that.

    at: its place. meant: what its words say too, as a dictionary has it. numbers: what it counts.
    """

    row: list[Word]
    stems: frozenset[str]
    at: int
    more: frozenset[str] = field(default_factory=frozenset)
    meant: frozenset[str] = field(default_factory=frozenset)
    numbers: list[Number] = field(default_factory=list)
    named: frozenset[str] = field(default_factory=frozenset)
    _said: dict[str, bool] = field(default_factory=dict)

    def counts(self, number: Number) -> bool:
        return any(number.equals(one) for one in self.numbers)

    def has(self, word: Word) -> bool:
        return self.says(word) or self.only_means(word)

    def says(self, word: Word) -> bool:
        """Whether it has this word, by another name as well; each is looked for once."""
        if (said := self._said.get(word.text)) is None:
            said = stands(word, self.stems) or stands(word, self.more)
            said = said or (not word.capital and _is_compound(word, self.stems))
            self._said[word.text] = said
        return said

    def only_means(self, word: Word) -> bool:
        """Whether it has no such word, but one that means the same."""
        return word.stem in self.meant and not word.capital and not self.says(word)


def _is_compound(word: Word, stems: frozenset[str]) -> bool:
    """`carmakers` of `makers`: what its last part says."""
    return any(len(one) >= 4 and word.stem.endswith(one) for one in stems)


class Source:
    """An article as statements: what stands in each sentence and what each speaks of."""

    def __init__(self, text: Text) -> None:
        self.words, self._small = _plain(text.words), text.small_stems
        self.sentences = [
            Sentence(row, _stems(row), at, meant=_meant_by(row))
            for at, row in enumerate(text.by_sentence)
        ]
        for number in numbers(text):
            self.sentences[number.sentence].numbers.append(number)
        self.stems = frozenset[str]().union(*(s.stems for s in self.sentences))
        self.meant = frozenset[str]().union(*(s.meant for s in self.sentences))
        counts = Counter(stem for s in self.sentences for stem in s.stems)
        first = self.sentences[0].stems if self.sentences else frozenset()
        self.topic = {stem for stem, n in counts.items() if n >= _TOPIC} | first
        self.about = self.topic | self._opening()
        for at, sentence in enumerate(self.sentences):
            sentence.more = self._spoken_of(at)
        self._introduce()
        self._same_things()
        if len(self.sentences) > 1 and not _is_ended(self.sentences[0].row):
            self.sentences[1].more |= self.sentences[0].stems
        titled = len(self.sentences) > 1 and not _is_ended(self.sentences[0].row)
        self.bodied = [*self.sentences[titled:], *self.sentences[:titled]]  # the title last
        self.denied = _only_denied(text)

    def _opening(self) -> frozenset[str]:
        """The first sentence behind the title."""
        titled = len(self.sentences) > 1 and not _is_ended(self.sentences[0].row)
        return self.sentences[1].stems if titled else frozenset()

    def _introduce(self) -> None:
        """`A former treasurer was jailed. Ann Lee, 57, had admitted it`: the first sentence tells of her as well.

        Where somebody does something to another of whom only a pronoun tells, it is to her too: `he ordered her`.
        """
        rows = [s for s in self.sentences if _is_ended(s.row)]
        if len(rows) < 2 or rows[0].row[0].low not in ("a", "an"):
            return
        verb = verb_of(rows[0].row)
        before = rows[0].row[: verb.at] if verb else []
        run = next(iter(runs_in(rows[1].row)), [])
        begins = len(run) > 1 and run[0] is rows[1].row[0] and all(map(is_person, run))
        if not begins or any(is_person(w) for one in runs_in(before) if len(one) > 1 for w in one):
            return
        names = _stems(run)
        for sentence in [rows[0], *(s for s in rows if _is_of_two(s.row))]:
            sentence.more |= names
            sentence.named |= names

    def is_named(self, word: Word) -> bool:
        """Whether a word is a name, and not one that only begins a sentence."""
        return word.capital and not (word.first and word.stem in self._small)

    def speaks_of(self, word: Word) -> bool:
        """Whether it has this word, or one that says so too."""
        return stands(word, self.stems) or (word.stem in self.meant and not word.capital)

    def says(self, row: list[Word]) -> bool:
        """Whether these words stand there in this order."""
        return _plain(row) in self.words

    def _spoken_of(self, at: int) -> frozenset[str]:
        """What the sentences before told, where this one goes on with `he` or `the company`."""
        row, before = self.sentences[at].row, self.sentences[at - 1] if at else None
        if before is None:
            return frozenset()
        found: frozenset[str] = frozenset()
        if _goes_on(row):
            self.sentences[at].named = _names(before.row) | before.named
            found |= _meant(before.row) | before.named
        if any(p.low == "the" and is_matter(w) and not w.capital for p, w in pairwise(row)):
            found |= _things(before.row)
        if any(w.low in _AGAIN and p.low == "the" for p, w in pairwise(row)):
            found |= frozenset().union(*(s.stems for s in self.sentences[:2]))
        return found

    def _same_things(self) -> None:
        """Where one of two names for a thing stands, the other is meant as well."""
        pairs = {pair for s in self.sentences for pair in _second_names(s.row)}
        persons = {pair for s in self.sentences for pair in _parts(s.row)}
        lasts = Counter(last for _, last in persons)
        pairs |= {(one, last) for one, last in persons if lasts[last] == 1}
        names = Counter(plain for plain, _ in pairs)
        for plain, name in pairs:
            for sentence in self.sentences:
                said = plain in sentence.stems or plain in sentence.meant  # `thriller` of `film`
                if name in sentence.stems or (said and names[plain] == 1):
                    sentence.more |= {plain, name}


@lru_cache(maxsize=4)
def source_of(text: Text) -> Source:
    """The statements of an article; several rules ask for the same one's."""
    return Source(text)


def _plain(row: list[Word]) -> str:
    return f" {' '.join(w.low for w in row if not w.is_mark)} "


def _stems(row: list[Word]) -> frozenset[str]:
    return frozenset(stems_of(row)) | frozenset(map(bare, row)) | _shortened(row)


def _meant_by(row: list[Word]) -> frozenset[str]:
    """What the small words of a sentence say as well, alone or two side by side."""
    alone = {w.stem for w in row if is_matter(w) and not w.capital}
    pairs = {f"{a.stem} {b.low}" for a, b in pairwise(row) if not a.capital and not b.is_mark}
    more = {stem(one) for w in row for one in _ALSO.get(w.low, ())}
    return frozenset(more).union(*map(meanings.meant, alone | pairs))


#: What no dictionary has as the same, but whoever retells news does.
_ALSO = {
    "people": ("resident", "citizen"),
    "against": ("oppose",),
    "users": ("customer",),
    "beat": ("win",),
    "interval": ("break",),
}


def _shortened(row: list[Word]) -> frozenset[str]:
    """The short names of the long ones that stand there: `eu` of `European Union`."""
    said = _plain(row)
    found: set[str] = set()
    for long, short in _LONG:
        if long in said:
            found |= short
    return frozenset(found)


#: Names of several words, each with the short ones for the same.
_LONG = [
    (f" {name} ", frozenset(one for one in group if " " not in one))
    for group in ALIASES
    for name in group
    if " " in name
]


def stands(word: Word, stems: frozenset[str]) -> bool:
    if word.stem in stems or bare(word) in stems:
        return True
    if len(word.stem) >= 6 and any(one[:5] == word.stem[:5] for one in stems):
        return True
    return word.capital and any(same_name(bare(word), one) for one in stems)


def _is_ended(row: list[Word]) -> bool:
    """False for a title, which says once more what the first sentence does."""
    return bool(row) and row[-1].text in ".!?"


def _goes_on(row: list[Word]) -> bool:
    """True where a pronoun stands outside what is quoted, but for who speaks of oneself: `Lea Brandt said she`."""
    for at, word in enumerate(row):
        if word.low in _PRONOUNS and not word.quoted:
            of_oneself = word.low in ("he", "she") and any(
                w.low in ("said", "says", "added") for w in row[max(0, at - 2) : at]
            )
            if not (of_oneself and _has_person(row[:at])):
                return True
    return False


def _is_of_two(row: list[Word]) -> bool:
    """`He ordered her`."""
    low = {w.low for w in row if not w.quoted}
    return {"he", "her"} <= low or {"she", "him"} <= low


def _meant(row: list[Word]) -> frozenset[str]:
    """What a pronoun in the next sentence may mean: the names of this one, and what stands before its verb."""
    verb = verb_of(row)
    before = row[: verb.at] if verb else row
    return _stems([w for w in row if w.capital] + [w for w in before if is_matter(w)])


def _things(row: list[Word]) -> frozenset[str]:
    """The names of things, which `the` leads: `the Maria Sund`, told of again as `the ship`."""
    named = [
        run for run in runs_in(row) if row[row.index(run[0]) - 1].low == "the" and len(run) > 1
    ]
    return frozenset(bare(w) for run in named for w in run)


def _names(row: list[Word]) -> frozenset[str]:
    return _stems([w for w in row if w.capital and is_matter(w)])


def _has_person(before: list[Word]) -> bool:
    """A name that no small word leads, so that it may be who acts: `Lea Brandt said she`, not `In Lissen he`."""
    for run in runs_in(before):
        at = before.index(run[0])
        led = at and before[at - 1].low in ("in", "at", "of", "from", "near", "to", "on", "for")
        if not led and any(is_person(w) for w in run):
            return True
    return False


def _second_names(row: list[Word]) -> Iterator[tuple[str, str]]:
    """(plain word, part of a name) of `the captain, Rein Tamm` and `Hartmann, a family bakery`."""
    for run in runs_in(row):
        at, after = row.index(run[0]), row.index(run[-1]) + 1
        before, behind = row[max(0, at - 3) : at], row[after : after + 6]
        plain: list[Word] = []
        if before and (before[-1].text == "," or is_matter(before[-1])):
            plain += [w for w in before if _is_plain(w)][-1:]
        if len(behind) > 2 and behind[0].text == "," and behind[1].low in ("a", "an", "the"):
            plain += [w for w in clause_of(behind[2:]) if _is_plain(w)][:2]
        yield from ((w.stem, bare(name)) for w in plain for name in run if is_matter(name))


def _parts(row: list[Word]) -> Iterator[tuple[str, str]]:
    """(first, last) name of `Maureen Tibbs`, so that each stands for the other."""
    for run in runs_in(row):
        persons = [w for w in run if is_person(w)]
        if len(persons) in (2, 3):
            yield bare(persons[0]), bare(persons[-1])


def _is_plain(word: Word) -> bool:
    return is_matter(word) and not word.capital and not is_past(word)


def _only_denied(text: Text) -> frozenset[str]:
    """The stems of small words that stand nowhere but behind a `no` or `not`."""
    inside: set[int] = set()
    for row in text.by_sentence:
        for one in denied(row):
            if one.negator.low in NO or one.negator.low.endswith("n't"):
                at = row.index(one.negator)
                if any(w.low == "yet" for w in row[at + 1 : at + 3]):
                    continue
                inside |= {w.at for w in _scope(row[at + 1 : at + 7])}
    free = {w.stem for w in text.words if w.at not in inside}
    return frozenset(w.stem for w in text.words if w.at in inside and not w.capital) - free


def _scope(behind: list[Word]) -> list[Word]:
    found = clause_of(behind)
    ends = [at for at, w in enumerate(found) if w.low in BEGINS]
    return found[: ends[0]] if ends else found
