"""Denials and opposites: is the same denied here and there, and is nothing turned into its contrary?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from digest.facts import meanings
from digest.facts.clauses import goes_on
from digest.facts.reading import Text, Word, clause_of, is_adverb, is_matter
from digest.facts.word_lists import word_set

NEGATORS = word_set(
    """not no never n't none nobody nothing neither nor without cannot unable deny refuse reject fail lack nicht kein
    keine keinen keiner keinem nie niemals ohne weder ne n' pas jamais aucun aucune sans ni nunca ningún ninguna sin
    non nessun nessuna senza hardly barely unlikely stop prevent avoid halt block"""
)
_ACTIVE = word_set("deny refuse reject fail stop prevent avoid halt block lack")
NO = word_set("not no never none nobody nothing neither nor without cannot unable")


@dataclass(frozen=True, slots=True)
class Denial:
    """A negator, the first word of matter behind it in its clause, and the stems of all of them."""

    negator: Word
    target: Word
    scope: frozenset[str]


def denied(row: list[Word]) -> list[Denial]:
    """What a sentence denies."""
    found = []
    for at, word in enumerate(row):
        if not _denies_here(row, at):
            continue
        behind = clause_of(row[at + 1 : at + (4 if word.low == "without" else 12)])
        ends = [n for n, w in enumerate(behind) if w.low == "but" or goes_on(row, at + 1 + n)]
        behind = behind[: ends[0]] if ends else behind
        if low_object := _is_object(row, at):
            behind = [*low_object, *behind]
        matter = [w for w in behind if (is_matter(w) or w.stem in _VERBS) and w.low not in _FILL]
        if not matter and word.low in ("not", "n't"):  # `the siren was not`
            matter = [w for w in row[max(0, at - 3) : at] if is_matter(w)][-1:]
        first = [w for w in matter if not is_adverb(w)] or matter
        if first:
            found.append(Denial(word, first[0], frozenset(w.stem for w in matter)))
    return found


def _denies_here(row: list[Word], at: int) -> bool:
    """Whether a word denies where it stands: `failed to`, but not `the charge failed`."""
    word, follows = row[at], row[at + 1].low if at + 1 < len(row) else ""
    further = row[at + 2].text[0] if at + 2 < len(row) else ""
    if word.low in ("declined", "declines"):
        return follows == "to" and not further.isdigit()
    if word.stem == "fail":
        return follows == "to"
    if word.low == "without" and follows in ("him", "her", "them", "it", "me", "us"):
        return False
    if word.stem in ("stop", "halt") and follows in ("in", "at", "on", "after", "by", ".", ","):
        return False
    lack = word.low == "lack" and at and row[at - 1].low in ("a", "the", "of")
    return _denies(word) and not lack


def _is_object(row: list[Word], at: int) -> list[Word]:
    """The verb of which a `no one` or `nothing` is the object."""
    if any(w.low in _FOREIGN for w in row):
        return []
    pair = row[at].low == "no" and at + 1 < len(row) and row[at + 1].low == "one"
    if not pair and row[at].low not in ("nobody", "nothing", "none", "no"):
        return []
    before = row[max(0, at - 2) : at]
    breaks = [n for n, w in enumerate(before) if w.breaks or w.low in ("and", "but", "that")]
    before = before[breaks[-1] + 1 :] if breaks else before
    return [w for w in before if is_matter(w) and not w.capital][-1:]


#: Where these stand, `no` is no English one.
_FOREIGN = word_set("el la los las del de que un una por con se il lo che di en")


def _denies(word: Word) -> bool:
    low = word.low
    return low in NEGATORS or word.stem in _ACTIVE or low.endswith("n't")


#: Verbs that carry matter where they are denied.
_VERBS = word_set(
    "over up down enough alone against tell told say said inform go get give take make come keep want need know see use put let"
)
_FILL = word_set(
    "yet any longer immediately able want seem going likely expected encore noch todavía aún ancora plus même"
)


def negation_doubts(summary: Text, source: Text) -> Iterator[str]:
    """What is denied here and not there, or there and not here."""
    ours = [one for row in summary.by_sentence for one in denied(row)]
    theirs = [one for row in source.by_sentence for one in denied(row)]
    scope_here = frozenset(stem_ for one in ours for stem_ in one.scope)
    for one in ours:
        if one.negator.quoted:  # a quotation is asked for word by word
            continue
        row = summary.by_sentence[one.negator.sentence]
        if _is_twice(one, source, row) or not _is_denied(one, theirs, (summary, source)):
            yield f"{one.negator.text} … {one.target.text}"
    for one in theirs:
        if one.target.stem in summary.stems - scope_here and _is_dropped(one, summary, source):
            yield f"{one.negator.text} … {one.target.text}"


def _is_denied(one: Denial, theirs: list[Denial], texts: tuple[Text, Text]) -> bool:
    """Whether the source denies this as well, in these words or others."""
    summary, source = texts
    near = _near(one, summary, source, theirs)
    if any(_is_same(one, there) for there in near):
        return True
    active = one.negator.stem in _ACTIVE
    if active and (one.negator.stem in source.stems or any(one.scope & d.scope for d in theirs)):
        return True
    rest = _or_meant(one.scope - {one.target.stem})
    other = one.negator.low == "no" or one.target.stem not in source.stems
    if other and any(rest & there.scope for there in near):
        return True  # `played no role` of `had no part`
    return _denied_there(one, summary, source, theirs) or _denied_otherwise(one, summary, source)


def _is_twice(one: Denial, source: Text, row: list[Word]) -> bool:
    """`nobody was not hurt`, `not unhurt`: denied twice, and not so there."""
    piece = next((p for p in pieces(row) if one.negator in p), row)
    if len(denied(piece)) > 1:
        return not any(len(denied(p)) > 1 for there in source.by_sentence for p in pieces(there))
    soft = one.target.low in _SOFT | {"against"} or _is_undone(one.target.low)
    return soft and one.target.stem not in source.stems


def _near(one: Denial, summary: Text, source: Text, theirs: list[Denial]) -> list[Denial]:
    """What the source denies where it speaks of what stands around this denial, if anything does."""
    told = summary.stems_by_sentence[one.target.sentence] - {one.target.stem, one.negator.stem}
    every = source.stems_by_sentence
    spoken = [
        d
        for d in theirs
        if any(
            told & stems for stems in every[max(0, d.negator.sentence - 1) : d.negator.sentence + 2]
        )
    ]
    return spoken if told & source.stems else theirs


def _or_meant(stems: frozenset[str]) -> frozenset[str]:
    return stems.union(*map(meanings.meant, stems))


def _is_same(one: Denial, other: Denial) -> bool:
    if one.target.stem in other.scope:
        return True
    a, b = one.target.stem, other.target.stem
    return b in meanings.meant(a) or a in meanings.meant(b)


def _denied_there(one: Denial, summary: Text, source: Text, theirs: list[Denial]) -> bool:
    """`No second prize was awarded`: the nearest sentence denies another word of the same statement."""
    nearest = source.nearest(summary.stems_by_sentence[one.target.sentence])
    plain = [d for d in (one, *theirs) if d.negator.stem not in _ACTIVE and not d.scope & _ACTIVE]
    return one in plain and any(
        d.negator.sentence == nearest and (d.target.stem in one.scope or one.target.stem in d.scope)
        for d in plain
        if d is not one
    )


def _denied_otherwise(one: Denial, summary: Text, source: Text) -> bool:
    """A denial in other words: the nearest sentence denies something too, and does not affirm this."""
    matter = summary.stems_by_sentence[one.target.sentence] - {one.target.stem, one.negator.stem}
    found = [(len(stems & matter), -place) for place, stems in enumerate(source.stems_by_sentence)]
    shared, nearest = max(found, default=(0, 0))
    nearest = -nearest
    pairs = {(a.low, b.low) for a, b in pairwise(source.by_sentence[nearest])}
    if pairs & {("still", "to"), ("yet", "to")} and shared:
        return True  # `still to be appointed`
    if (
        not matter
        or shared < min(2, len(matter))
        or one.target.stem in source.stems_by_sentence[nearest]
    ):
        return False
    near = source.by_sentence[nearest]
    forbidden = any(w.stem == "ban" or w.low.startswith(_BANS) for w in near)
    return (
        forbidden
        or any(w.low in _LESS for w in near)
        or is_soft(near)
        or any(denied(piece) and matter & {w.stem for w in piece} for piece in pieces(near))
    )


_LESS = word_set(
    "only too waive waived waives exempt exempted drop drops dropped cancelled canceled scrapped"
)
#: What is banned is not done.
_BANS = ("prohib", "verbiet", "verbot", "interdi", "vieta")


def _is_dropped(one: Denial, summary: Text, source: Text) -> bool:
    """True where a sentence here affirms what its nearest sentence there denies."""
    targets = _targets(source)
    plain = [w for w in source.words if w.stem == one.target.stem and w.at not in targets]
    active = one.negator.stem in _ACTIVE
    told = source.by_sentence[one.negator.sentence]
    if active and told[told.index(one.negator) - 1].low == "to":  # `were told to refuse`
        return False
    for place, stems in enumerate(summary.stems_by_sentence):
        row = _affirming(one.target.stem, summary.by_sentence[place])
        if (
            not row
            or (one.negator.low == "without" and "lose" in {w.stem for w in row})
            or (active and (plain or one.negator.stem in summary.stems))
        ):
            continue
        nearest = source.nearest(stems)
        there = source.stems_by_sentence[one.negator.sentence]
        if one.target.stem in _ATTRIBUTES and _is_last(one.target.stem, summary, place):
            continue
        if nearest == one.negator.sentence and all(w.sentence != nearest for w in plain):
            return True
        shared = len(stems & there) + (one.target.stem not in stems)
        if not plain and shared >= 2:
            return True
    return False


@lru_cache(maxsize=4)
def _targets(source: Text) -> frozenset[int]:
    return frozenset(d.target.at for row in source.by_sentence for d in denied(row))


def _affirming(target: str, row: list[Word]) -> list[Word]:
    """The piece of a sentence that has a word and denies nothing, not even softly; or nothing."""
    for piece in pieces(row):
        if any(w.stem == target for w in piece):
            return [] if denied(piece) or is_soft(piece) else piece
    return []


#: They deny in another way what they are told of: `lost power`, `has yet to decide`, `only two hours before`.
_SOFT = word_set(
    """only until unclear undecided unknown unsure uncertain open remains remain missing missed absent spares spared yet still
    unaffected unharmed unhurt exempt decline unchanged lack besides except"""
)


def is_soft(row: list[Word]) -> bool:
    """Whether something is denied without a word that denies."""
    pairs = pairwise(row)
    away = any((one.low, other.low) in _AWAY for one, other in pairs)
    return away or any(w.low in _SOFT or _is_undone(w.low) for w in row)


_AWAY = frozenset(
    (("out", "of"), ("free", "of"), ("free", "from"), ("rather", "than"), ("instead", "of"))
)


def _is_undone(low: str) -> bool:
    """`unrecorded`, `unwanted`."""
    return (
        low.startswith("un") and low.endswith("ed") and len(low) > 6 and not low.startswith("uni")
    )


_ATTRIBUTES = word_set("find say announc announce report show tell add suggest")


def _is_last(stem_: str, summary: Text, place: int) -> bool:
    """Whether a sentence ends by it, as by `…, a study found`."""
    matter = [w.stem for w in summary.by_sentence[place] if is_matter(w)]
    return matter[-1:] == [stem_]


def pieces(row: list[Word]) -> Iterator[list[Word]]:
    """A sentence cut at its marks and where another clause begins."""
    piece: list[Word] = []
    for word in row:
        if word.breaks or word.low in ("and", "but", "while", "although", "because", "as"):
            yield piece
            piece = []
        else:
            piece.append(word)
    yield piece
