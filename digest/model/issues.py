"""An issue: composed, rendered, approved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NewType

from digest.model.articles import ArticleId, Image
from digest.model.contests import Contest
from digest.model.stages import Reason, Summary
from digest.model.times import Moments, Window

IssueId = NewType("IssueId", int)
EditionId = NewType("EditionId", int)
EditorId = NewType("EditorId", int)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadItem:
    """An earlier or later article of a storyline, as printed under its lead."""

    article_id: ArticleId
    title: str
    url: str | None
    published_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Continued:
    """The story of an earlier issue that a story goes on from. period: that issue's."""

    period: str
    item: ThreadItem


@dataclass(frozen=True, slots=True)
class ComingDay:
    """A day that a story announces, with the sentence that says so, on one line. clock: the hour, if one is said."""

    day: dt.date
    clock: dt.time | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One story as printed: the lead of a storyline with its blurb, thread, marks and reasons."""

    article_id: ArticleId
    title: str
    url: str | None
    summary: Summary
    section: str
    published_at: dt.datetime
    language: str | None = None
    authors: tuple[str, ...] = ()
    image: Image | None = None
    read_seconds: int
    thread: tuple[ThreadItem, ...] = ()
    continues: Continued | None = None
    marks: tuple[str, ...] = ()
    coming: tuple[ComingDay, ...] = ()
    score: float = 0.0
    reasons: tuple[Reason, ...] = ()


#: The most days that a mail lists.
AGENDA_MOST = 8


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """A coming day as the mail lists it, with its story."""

    coming: ComingDay
    story: Story


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the mail with its stories in order."""

    name: str
    stories: tuple[Story, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every article of the window, counted once, by where it ended."""

    total: int
    lead: int
    storyline_members: int
    section_items: int
    briefs: int
    left_out: int

    @property
    def adds_up(self) -> bool:
        told = self.lead + self.storyline_members + self.section_items + self.briefs
        return self.total == told + self.left_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Omission:
    """An article left out, as the desk lists it. copy_of: the article whose text it repeats."""

    article_id: ArticleId
    title: str
    url: str | None
    reason: str
    copy_of: ArticleId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueContent:
    """One week's content, composed: what the mail, the text part, the archive and the desk show."""

    newsletter: str
    period: str
    number: int
    window: Window
    subject: str
    preheader: str
    intro: str = ""
    outro: str = ""
    lead: Story | None = None
    sections: tuple[Section, ...] = ()
    briefs: tuple[Story, ...] = ()
    left_out: tuple[Omission, ...] = ()
    coverage: Coverage = field(default_factory=lambda: Coverage(0, 0, 0, 0, 0, 0))
    read_seconds: int = 0
    contest: Contest | None = None

    @property
    def stories(self) -> tuple[Story, ...]:
        """Every story in printed order."""
        lead = (self.lead,) if self.lead else ()
        return (*lead, *(s for section in self.sections for s in section.stories), *self.briefs)

    @property
    def agenda(self) -> tuple[AgendaItem, ...]:
        """What the first stories announce for the coming days, by day and hour."""
        found = [AgendaItem(one, story) for story in self.stories for one in story.coming]
        return tuple(
            sorted(found[:AGENDA_MOST], key=lambda i: (i.coming.day, i.coming.clock or dt.time()))
        )

    @property
    def told_ids(self) -> frozenset[ArticleId]:
        """Every article that the mail tells or names."""
        told = {story.article_id for story in self.stories}
        return frozenset(told | {one.article_id for story in self.stories for one in story.thread})

    @property
    def article_ids(self) -> frozenset[ArticleId]:
        """Every article that this week accounts for, told or left out."""
        return self.told_ids | {one.article_id for one in self.left_out}


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier weeks left for this one.

    told: the last issues that told their stories, newest first. texts: the text of each article that they lead with.
    """

    told: tuple[IssueContent, ...] = ()
    texts: Mapping[ArticleId, str] = field(default_factory=dict)


#: A newsletter's first week.
NO_PAST = Past()


class IssueStatus(StrEnum):
    """Where an issue stands; `store.issues.TRANSITIONS` says what may follow what."""

    DUE = "due"  # its hour has come; nothing composed yet
    DRAFT = "draft"
    HELD = "held"  # waits for a person: the deadline passed, or it is later than the catch-up
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"  # a thin week, or cancelled by an editor, with a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The parts of one mail. `html` and `text` hold slots (`{slot}` names in `digest.render.SLOTS`)."""

    subject: str
    preheader: str
    html: str
    text: str
    checksum: str


@dataclass(frozen=True, slots=True)
class Printed:
    """A week printed. variants: by key, as they are put together from; empty where none is offered.

    The first of them is `rendered` itself, with its cuts. second: all of it under the other subject of a contest.
    """

    rendered: Rendered
    variants: Mapping[str, Rendered]
    second: Printed | None = None

    def known_as(self, checksum: str) -> Printed:
        """The same, known by another checksum."""
        return Printed(
            replace(self.rendered, checksum=checksum),
            {key: replace(one, checksum=checksum) for key, one in self.variants.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """An issue rendered and frozen, known by its SHA-256 (hex)."""

    id: EditionId
    issue_id: IssueId
    rendered: Rendered
    created_at: dt.datetime

    @property
    def checksum(self) -> str:
        return self.rendered.checksum


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A consent to one checksum: by a named editor, or by the deadline rule (`by` = "deadline rule")."""

    checksum: str
    by: str
    at: dt.datetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue as stored. `content` is None until it is composed."""

    id: IssueId
    newsletter: str
    number: int
    moments: Moments
    status: IssueStatus
    reason: str = ""
    content: IssueContent | None = None
    edition: Edition | None = None
    approval: Approval | None = None
    reminded_at: dt.datetime | None = None
    built_at: dt.datetime | None = None

    @property
    def is_early(self) -> bool:
        """True while the draft was made before the week was over: it will be made again."""
        return self.built_at is None or self.built_at < self.moments.draft_at

    @property
    def period(self) -> str:
        return self.moments.period
