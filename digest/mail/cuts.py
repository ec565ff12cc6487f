"""Cuts: where a mail may be taken apart, so that it can be put together for readers of some sections.

A mail with cuts is a row of parts. Each begins with a mark that says for whom it is: for those who want
a section, for those who do not, for those who miss none. What is for everybody has a mark of its own. The
sections' own parts stand in a row and may change places; all others stay where they are.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import itertools
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from digest.mail.slots import MARK
from digest.model import Rendered, Story


class Whose(StrEnum):
    """For whom a part is."""

    ALL = "a"
    SECTION = "s"  # who wants this section; movable
    OF = "o"  # who wants one of these
    FOLDED = "f"  # who does not want this one
    SOME = "m"  # who misses any
    NONE = "n"  # who misses none


#: Letters of a section in a mark.
_LETTERS = 8
_CUT = re.compile(rf"{MARK}cut([{''.join(Whose)}])((?:[0-9a-f]{{{_LETTERS}}})*)qz")


@functools.lru_cache(maxsize=1024)
def section_id(name: str) -> str:
    """A section as it stands in a mark; however its name is spelled in capitals."""
    return hashlib.sha256(name.strip().casefold().encode()).hexdigest()[:_LETTERS]


class Part(NamedTuple):
    """A part of a mail and for whom it is: of which sections."""

    whose: Whose
    ids: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Cuts:
    """The marks as templates set them; nothing where a mail has none.

    nobodys: names of sections that no reader chooses, such as that of stories without one: they are for all.
    """

    on: bool = False
    nobodys: frozenset[str] = frozenset()

    def section(self, name: str) -> str:
        """Before a section that may stand elsewhere."""
        return self._mark(Whose.SECTION, [name])

    def of(self, name: str) -> str:
        """Before what stays in its place."""
        return self._mark(Whose.OF, [name])

    def stories(self, stories: Iterable[Story], hidden: int = 0) -> str:
        """Before what is of several sections, and of everybody where something of it is hidden."""
        return self.all if hidden else self._mark(Whose.OF, [story.section for story in stories])

    def folded(self, name: str) -> str:
        """Before what stands for a section that is not wanted."""
        return self._mark(Whose.FOLDED, [name])

    @property
    def all(self) -> str:
        return self._mark(Whose.ALL, [])

    @property
    def some(self) -> str:
        return self._mark(Whose.SOME, [])

    @property
    def none(self) -> str:
        return self._mark(Whose.NONE, [])

    def is_nobodys(self, name: str) -> bool:
        """True for a section that is for everybody."""
        return not name.strip() or name in self.nobodys

    def _mark(self, whose: Whose, names: Iterable[str]) -> str:
        if not self.on:
            return ""
        found = list(dict.fromkeys(names))
        if any(map(self.is_nobodys, found)):
            whose, found = Whose.ALL, []
        ids = "".join(map(section_id, found))
        return f"{MARK}cut{whose}{ids}qz"


def taken(text: str) -> tuple[Part, ...]:
    """A mail's HTML or text taken apart at its marks."""
    first, *rest = _CUT.split(text)
    parts = [Part(Whose.ALL, (), first)]
    for whose, ids, after in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        each = tuple(ids[at : at + _LETTERS] for at in range(0, len(ids), _LETTERS))
        parts.append(Part(Whose(whose), each, after))
    return tuple(parts)


def sections(parts: Iterable[Part]) -> frozenset[str]:
    """The sections that a mail can be put together by, as they stand in marks."""
    return frozenset(one for part in parts for one in part.ids)


def chosen(
    parts: Sequence[Part], unwanted: Collection[str] = (), first: Sequence[str] = ()
) -> list[Part]:
    """The parts of a reader, in order. unwanted, first: names of sections; without any, all as it comes."""
    known = sections(parts)
    missed = known & frozenset(map(section_id, unwanted))
    kept = [part for part in parts if _is_for(part, known - missed, missed)]
    return _ordered(kept, [section_id(name) for name in first]) if first else kept


def _is_for(part: Part, shown: frozenset[str], missed: frozenset[str]) -> bool:
    match part.whose:
        case Whose.ALL:
            return True
        case Whose.SOME:
            return bool(missed)
        case Whose.NONE:
            return not missed
        case Whose.FOLDED:
            return not missed.isdisjoint(part.ids)
        case _:
            return not shown.isdisjoint(part.ids)


def _ordered(parts: Sequence[Part], first: Sequence[str]) -> list[Part]:
    """With the sections of each row in a reader's order; those that are not in it follow as they came."""

    def place(part: Part) -> int:
        return first.index(part.ids[0]) if part.ids[0] in first else len(first)

    rows = itertools.groupby(parts, key=lambda part: part.whose is Whose.SECTION)
    return [part for movable, row in rows for part in (sorted(row, key=place) if movable else row)]


def put_together(
    rendered: Rendered, unwanted: Collection[str] = (), first: Sequence[str] = ()
) -> Rendered:
    """A mail with cuts as a reader with this choice gets it; the checksum stays the edition's."""
    html, text = (
        "".join(part.text for part in chosen(taken(whole), unwanted, first))
        for whole in (rendered.html, rendered.text)
    )
    return dataclasses.replace(rendered, html=html, text=text)


def agree(rendered: Rendered) -> bool:
    """True where both parts can be put together by the same sections: not so with every own template."""
    return sections(taken(rendered.html)) == sections(taken(rendered.text))
