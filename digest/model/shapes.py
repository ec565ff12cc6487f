"""What editors change about an issue, kept apart from what the stages make of the week.

An `Edit` is one change; all of them in their order make a `Shape`, which `digest.edit` lays over every
new draft: so a rebuild never undoes what a person decided.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from digest.model.articles import ArticleId


class Place(StrEnum):
    """Where a story may be put, besides the sections by their names."""

    LEAD = "lead"
    BRIEFS = "briefs"


class Words(StrEnum):
    """What of the mail's own words an editor may write. SECOND: a second subject, and then the terms of its contest."""

    SUBJECT = "subject"
    PREHEADER = "preheader"
    INTRO = "intro"
    OUTRO = "outro"
    SECOND = "second"
    SHARE = "share"
    WAIT = "wait"
    MEASURE = "measure"


class StoryWords(StrEnum):
    """What of a story an editor may write. PICTURE: `off` hides it."""

    TITLE = "title"
    SUMMARY = "summary"
    ALT = "alt"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which story stands where, by the ids of their articles.

    dropped: each article of a story that was left out, with the reason. A story of the week that is in none of
    these came later: it is pending.
    """

    lead: ArticleId | None = None
    sections: tuple[tuple[str, tuple[ArticleId, ...]], ...] = ()
    briefs: tuple[ArticleId, ...] = ()
    dropped: tuple[tuple[ArticleId, str], ...] = ()

    @property
    def placed(self) -> tuple[ArticleId, ...]:
        """Every story that is told, in printed order."""
        lead = () if self.lead is None else (self.lead,)
        return (*lead, *(one for _, inside in self.sections for one in inside), *self.briefs)


# ---------------------------------------------------------------- changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Put a story somewhere. to: a `Place` or a section's name. before: the story that follows; None is the end.

    section: `to` is a section's name, also where a place is called so.
    """

    story: ArticleId
    to: str
    before: ArticleId | None = None
    section: bool = False

    @property
    def place(self) -> Place | None:
        """The place that it goes to; None for a section."""
        return None if self.section or self.to not in tuple(Place) else Place(self.to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Leave a story out of the mail, with the reason that the desk shows."""

    story: ArticleId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Make one storyline of two: `story`, and what is told with it, become a part of the thread of `into`."""

    story: ArticleId
    into: ArticleId
    line: tuple[ArticleId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Take one article out of the thread that it is in: a story of its own."""

    story: ArticleId


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Write something of a story; an empty value gives back what the stages made."""

    story: ArticleId
    what: StoryWords
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteMail:
    """Write something of the mail itself; an empty value gives back what the stages made."""

    what: Words
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """What one press wrote: made as one, and taken back as one."""

    changes: tuple[Write | WriteMail, ...]


@dataclass(frozen=True, slots=True)
class Undo:
    """Take the newest change back that still stands."""


@dataclass(frozen=True, slots=True)
class Redo:
    """Make the change again that was taken back last."""


Change = Move | Drop | Join | Split | Write | WriteMail | Together | Undo | Redo


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change as it was made. version: its number in the issue, from 1. layout: as it was after it, if it moved anything."""

    version: int
    by: str
    at: dt.datetime
    change: Change
    layout: Layout | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What all edits of an issue come to.

    layout: None while nobody has moved anything. stories: what was written of each. joined: each
    article with the one whose storyline it belongs to. split: those that stand alone. standing: the edits that hold;
    undone: those that could be made again, the next one last.
    """

    version: int = 0
    layout: Layout | None = None
    stories: Mapping[ArticleId, Mapping[StoryWords, str]] = field(default_factory=dict)
    mail: Mapping[Words, str] = field(default_factory=dict)
    joined: tuple[tuple[ArticleId, ArticleId], ...] = ()
    split: frozenset[ArticleId] = frozenset()
    standing: tuple[Edit, ...] = ()
    undone: tuple[Edit, ...] = ()


#: As the stages made it.
UNSHAPED = Shape()
