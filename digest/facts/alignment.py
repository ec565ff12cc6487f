"""A clause laid beside the sentence of the source that tells most of it, and what that sentence lacks.

What stands elsewhere must belong to the same thing: told by a pronoun, by a second name (`the captain, Rein Tamm`),
or by what the whole article is about. Names must stand there; of other words one of four may be told otherwise.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

from digest.facts import whereabouts
from digest.facts.aliases import NATIONS
from digest.facts.clauses import MODAL, SPEAKING, bare, is_past, verb_of
from digest.facts.numbers import Number
from digest.facts.reading import Word, clause_of, is_adverb, is_matter
from digest.facts.statements import Sentence, Source, stands
from digest.facts.word_lists import word_set

#: What was told before may be called so.
_ANAPHORS = word_set(
    "move plan decision change proposal step measure measures idea news project scheme result case issue"
)
#: Who thinks so may be told of anything that is told as his; and people are everywhere.
ATTRIBUTING = word_set(
    """expect expects expected believe believes believed think thinks thought insist insists insisted argue argues argued
    people pledge pledges pledged promise promises promised vow vows vowed write writes wrote admit admits admitted
    explain explains explained complain complains complained urge urges urged"""
)
#: Verbs that say nothing without their object: `reached a deal`.
LIGHT = word_set(
    "reach reached reaches bring brings brought hold holds held last lasts lasted lives old age aged"
)
#: Of so many words one may be another one than its sentence has there.
ONE_OF = 4


class Alignment:
    """A clause beside its best sentence. told: its words that the source has; numbers: what it counts."""

    def __init__(
        self, clause: list[Word], told: list[Word], numbers: list[Number], known: Source
    ) -> None:
        self.clause, self.told, self.numbers, self.known = clause, told, numbers, known
        verb = verb_of(clause)
        self.head = clause[verb.head] if verb else None
        before = [w for w in told if self.head is not None and w.at < self.head.at]
        self.doer = before[-1] if before else None
        self._settings = whereabouts.settings(clause, known)
        self._peoples = {a.at for a, b in pairwise(clause) if a.low in NATIONS and not b.capital}
        self._definite = _definite(clause)

    @cached_property
    def best(self) -> Sentence:
        return min(self.known.bodied, key=self._rank)

    @cached_property
    def missing(self) -> list[Word]:
        """What the best sentence lacks too much; empty where it tells the clause."""
        lacking = [w for w in self._lacks(self.best) if not self._belongs(w)]
        if lacking == [self.head] and self._cost(self.best) <= 1 and self._by_chance(lacking[0]):
            return []
        plain = not any(self.known.is_named(w) or self._is_doer(w) for w in lacking)
        replaced = any(_is_in_place(w, self.clause, self.best.row) for w in lacking)
        few = self._cost(self.best) * ONE_OF <= len(self.told) + bool(self.numbers)
        stray = len(lacking) == 1 and self._cost(self.best) < 2 and self._is_stray(lacking[0])
        return [] if plain and (stray or (few and not replaced)) else lacking

    def _lacks(self, sentence: Sentence) -> list[Word]:
        free = self._peoples | (set() if whereabouts.is_set(sentence) else self._settings)
        lacking = [w for w in self.told if w.at not in free and not sentence.has(w)]
        return [w for w in lacking if not self._is_free(w)]

    def _cost(self, sentence: Sentence) -> float:
        """A word that it only has by its meaning, and who does it told elsewhere, are half of one that it lacks."""
        lacking = self._lacks(sentence)
        halves = sum(sentence.only_means(w) for w in self.told)
        halves += self.doer is not None and not sentence.has(self.doer)
        halves -= len(lacking) == 1 and lacking[0].at in self._definite
        return len(lacking) + halves / 2 + self._uncounted(sentence)

    def _uncounted(self, sentence: Sentence) -> float:
        """How many of the numbers it lacks; what a sentence beside it counts is half of one."""
        lacking = [n for n in self.numbers if not sentence.counts(n)]
        if not lacking:
            return 0.0
        every, at = self.known.sentences, sentence.at
        beside = (*every[max(0, at - 1) : at], *every[at + 1 : at + 2])
        return sum(0.5 if any(one.counts(n) for one in beside) else 1.0 for n in lacking)

    def _rank(self, sentence: Sentence) -> tuple[float, int]:
        names = sum(self.known.is_named(w) for w in self._lacks(sentence))
        told = sum(sentence.has(w) for w in self.told)
        return self._cost(sentence) + names + self._uncounted(sentence) / 2, -told

    def _is_doer(self, word: Word) -> bool:
        """Who does what the best sentence says of another; `the thief` was told of before."""
        acts = self.head is not None and self.head.stem in self.best.stems
        return acts and word is self.doer and word.at not in self._definite

    def _is_free(self, word: Word) -> bool:
        """What the article is about, and who speaks, may stand anywhere; a deed may not."""
        if word.low in SPEAKING | ATTRIBUTING | LIGHT or is_adverb(word):
            return True
        if word is self.head or self.known.is_named(word):
            return False
        return word.low in _ANAPHORS or word.stem in self.known.topic

    def _belongs(self, name: Word) -> bool:
        """`Hallam` of `the Hallam mill`, where the source names no other mill."""
        if not name.capital:
            return False
        for word in self.told:
            told_of = self.best.has(word) or word.stem in self.known.topic
            if word.capital or abs(word.at - name.at) > 2 or not told_of:
                continue
            named = {
                bare(other)
                for s in self.known.sentences
                for at, one in enumerate(s.row)
                if one.stem == word.stem
                for other in s.row[max(0, at - 2) : at + 3]
                if other.capital and is_matter(other) and not other.first
            }
            if named == {bare(name)}:
                return True
        return False

    def _by_chance(self, head: Word) -> bool:
        """A deed in another word, which the source happens to have of other things altogether."""
        others = [w for w in self.told if w is not head]
        there = [s for s in self.known.sentences if stands(head, s.stems)]
        return len(others) > 1 and not any(stands(w, s.stems) for w in others for s in there)

    def _is_stray(self, word: Word) -> bool:
        """A word that stands elsewhere, among three that stand here, where none stands in its place here.

        `campaigned for the casino` of `had campaigned for it`; but not `five sheep were filmed` of `five wolves`.
        """
        told, best = self.told, self.best
        if word is self.head or word.capital or len(told) < 3:
            return False
        if is_past(word) or word.low.endswith("ing"):  # a deed, by chance told elsewhere
            return True
        if len(told) < 4:
            return False
        if word.at in _deeds(self.clause):
            return True
        place = told.index(word)
        beside = [(told[place - 1], 1)] if place else []
        beside += [(told[place + 1], -1)] if place + 1 < len(told) else []
        for other, step in beside:
            there = [at for at, w in enumerate(best.row) if w.stem == other.stem]
            for at in there:
                ahead = (
                    best.row[at + 1 : at + 5] if step > 0 else best.row[max(0, at - 4) : at][::-1]
                )
                if any(is_matter(w) and w.text.isalpha() for w in clause_of(ahead)):
                    return False
        return True


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
        if before and is_matter(before[0])
    )


_ARTICLES = word_set("a an the")


def _deeds(clause: list[Word]) -> frozenset[int]:
    """The places of words behind `to` or a helping verb: `had to pay`, `may still talk`."""
    plain = [w for w in clause if w.low not in ("still", "not", "also", "now")]
    return frozenset(w.at for one, w in pairwise(plain) if one.low == "to" or one.low in MODAL)
