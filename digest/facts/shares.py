"""Shares: `all` of what were some, and one of two things that the source leaves open."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from digest.facts.clauses import HELPING
from digest.facts.names import runs_in
from digest.facts.reading import Text, Word, is_matter
from digest.facts.word_lists import word_set

_ALL = word_set("all every each whole entire")
_SOME = word_set("some several few many part parts handful dozens number half most")
_FEW = word_set("some several few handful")
#: What makes no `all` of an `all`.
_NOT_BEFORE = word_set("not nearly almost at above after of in over")
_NOT_BEHIND = word_set("but over time - along right out")
_OPEN = word_set(
    "may might could can or either if whether possible possibly likely perhaps unclear not no would"
)


def share_doubts(summary: Text, source: Text) -> Iterator[str]:
    """`all customers` and `most customers` where the source has `some of her customers`."""
    for place, row in enumerate(summary.by_sentence):
        for at, word in enumerate(row):
            less = _SOME if word.low in _ALL else _FEW if word.low == "most" else None
            if less is None or not _is_of_all(row, at):
                continue
            told = summary.stems_by_sentence[place]
            near = _nearest(told, source)
            if near and any(_is_part(near, noun, less) for noun in _things(row, at)):
                yield f"{word.text} (the source: less)"


def _is_of_all(row: list[Word], at: int) -> bool:
    before, behind = row[at - 1].low if at else "", row[at + 1].low if at + 1 < len(row) else ""
    return before not in _NOT_BEFORE and behind not in _NOT_BEHIND and not behind[:1].isdigit()


def _nearest(told: frozenset[str], source: Text) -> list[Word]:
    """The one sentence that tells most of this, three things at least."""
    shared = [len(told & stems) for stems in source.stems_by_sentence]
    best = max(shared, default=0)
    alone = best > 2 and shared.count(best) == 1
    return source.by_sentence[shared.index(best)] if alone else []


def _things(row: list[Word], at: int) -> list[str]:
    """The stems of what is counted: `customers` of `all of Lucia Ferrante's customers`."""
    found: list[str] = []
    for word in row[at + 1 : at + 7]:
        if word.breaks or word.low in HELPING:
            break
        if is_matter(word) and not word.capital:
            found.append(word.stem)
    return found[:2]


def _is_part(near: list[Word], noun: str, less: frozenset[str]) -> bool:
    """Whether a sentence tells of some of these things only."""
    low = {w.low for w in near}
    if low & (_ALL | {"both"} | ({"most", "majority"} - less)) or not any(
        w.stem == noun for w in near
    ):
        return False
    for at, word in enumerate(near):
        counted = less is _SOME and word.text[0].isdigit()
        behind = near[at + 1 : at + 9]
        if counted and [w.low for w in behind[:2]] in (["of", "them"], ["of", "those"]):
            return True
        here = any(w.stem == noun for w in _up_to_verb(behind))
        of_them = bool(behind) and behind[0].low == "of"
        if here and (word.low in less or (counted and of_them)):
            return True
    return False


def _up_to_verb(behind: list[Word]) -> Iterator[Word]:
    for at, word in enumerate(behind):
        in_number = at and word.text in ".," and behind[at - 1].text[0].isdigit()
        if (word.breaks and not in_number) or word.low in HELPING:
            return
        yield word


def chosen(summary: Text, source: Text) -> Iterator[str]:
    """`will play Leven` of who `will play Denby or Leven`."""
    pairs = _every_pair(source)
    for row in summary.by_sentence if pairs else ():
        if any(w.low in _OPEN for w in row if not w.capital):  # but not `in May`
            continue
        low, told = {w.low for w in row}, {w.stem for w in row if is_matter(w)}
        for one, other, there in pairs:
            named = {one, other} & low
            others = told & there - {one, other}
            if len(named) == 1 and len(others) > 1 and not _stands_alone(row, there, source):
                yield f"{min(named)} (the source: {one} or {other})"


@lru_cache(maxsize=4)
def _every_pair(source: Text) -> list[tuple[str, str, frozenset[str]]]:
    rows = [row for row in source.by_sentence if any(w.low == "or" for w in row)]
    return [pair for row in rows for pair in _alternatives(row)]


def _alternatives(row: list[Word]) -> Iterator[tuple[str, str, frozenset[str]]]:
    """The last words of two names with an `or` between, and what their sentence is about."""
    stems = frozenset(w.stem for w in row if is_matter(w))
    for left, right in pairwise(runs_in(row)):
        between = row[row.index(left[-1]) + 1 : row.index(right[0])]
        if [w.low for w in between] == ["or"]:
            yield left[-1].low, right[-1].low, stems


def _stands_alone(row: list[Word], there: frozenset[str], source: Text) -> bool:
    """Whether another sentence tells as much of this."""
    told = {w.stem for w in row if is_matter(w)}
    return any(
        len(told & stems) >= len(told & there)
        for stems in source.stems_by_sentence
        if not there <= stems
    )
