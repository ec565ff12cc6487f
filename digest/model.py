"""The plain data that travels between the stages: frozen, slotted, without rows or sockets.

All times are aware and in UTC. The way of an issue, told by the types:
`IncomingArticle` (what a source gives) → `Article` (stored) → `Selection` → `Storyline` →
`Summary` → `Ranked` → `IssueContent` (composed) → `Rendered` (a mail's parts) → `Edition` (frozen).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

ArticleId = NewType("ArticleId", int)
IssueId = NewType("IssueId", int)
EditionId = NewType("EditionId", int)
SubscriberId = NewType("SubscriberId", int)
EditorId = NewType("EditorId", int)


# ---------------------------------------------------------------- articles


class Unit(StrEnum):
    """What a number of engagement counts."""

    COUNT = "count"
    PERCENT = "percent"
    AVERAGE = "average"


class DateSource(StrEnum):
    """Where an article's date came from; a date is never guessed."""

    SOURCE = "source"  # the feed, the page's markup, the front matter, the API call
    DATE_LINE = "date_line"  # a line of a plain-text page dump
    FILE_NAME = "file_name"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Engagement:
    """One measured signal of readers.

    kind: `reaction:happy`, `likes`, `dislikes`, `comments`, `views`, `rating`, `stars:5` …
    value: in `unit`; a rating's average runs from 1 to 5.
    n: how many readers stand behind a percentage or an average; None = not known (no weight).
    """

    kind: str
    value: float
    unit: Unit = Unit.COUNT
    n: int | None = None
    taken_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture by address; sizes in CSS pixels where the source told them."""

    url: str
    alt: str = ""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Caption:
    """A picture's caption, taken out of the body, with its credit."""

    text: str
    credit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingArticle:
    """An article as a source gives it, before it is stored.

    text: plain text, paragraphs apart by a blank line, no furniture, no captions.
    source_id: the source's own id; with `source` it identifies the article; else the URL does.
    read_seconds: as the site states it; None = the site states none.
    """

    source: str
    title: str
    text: str
    source_id: str | None = None
    url: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    tags: tuple[str, ...] = ()
    language: str | None = None
    teaser: str | None = None
    published_at: dt.datetime | None = None
    date_source: DateSource = DateSource.NONE
    image: Image | None = None
    captions: tuple[Caption, ...] = ()
    read_seconds: int | None = None
    engagement: tuple[Engagement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article(IncomingArticle):
    """A stored article in its newest revision, with the newest figure of each signal."""

    id: ArticleId
    first_seen_at: dt.datetime
    revision: int = 1

    @property
    def when(self) -> dt.datetime:
        """When it counts as published: the stated date, else when we first saw it."""
        return self.published_at or self.first_seen_at

    def signal(self, kind: str) -> Engagement | None:
        """The newest figure of one kind, or None."""
        return next((e for e in self.engagement if e.kind == kind), None)


# ---------------------------------------------------------------- time


@dataclass(frozen=True, slots=True)
class Window:
    """A span of UTC time, half open: `start` is inside, `end` is not."""

    start: dt.datetime
    end: dt.datetime

    def __contains__(self, moment: dt.datetime) -> bool:
        return self.start <= moment < self.end


@dataclass(frozen=True, slots=True)
class Moments:
    """One period's moments in UTC. `period` is the local date of the send, as `2026-11-29`."""

    period: str
    window: Window
    draft_at: dt.datetime
    remind_at: dt.datetime
    deadline_at: dt.datetime
    send_at: dt.datetime


# ---------------------------------------------------------------- the stages' data


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An article of the window that is not in the mail, and the reason in plain words."""

    article_id: ArticleId
    reason: str


@dataclass(frozen=True, slots=True)
class Selection:
    """What `collect` decides: the window's articles, kept or left out. Together they are all of them."""

    window: Window
    kept: tuple[Article, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def total(self) -> int:
        return len(self.kept) + len(self.left_out)


@dataclass(frozen=True, slots=True)
class Storyline:
    """Articles about one event. `lead` is told in full, `members` (oldest first, lead included) are its thread."""

    lead: Article
    members: tuple[Article, ...]
    reason: str = ""

    @property
    def followers(self) -> tuple[Article, ...]:
        return tuple(a for a in self.members if a.id != self.lead.id)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a summary and where it stands in the source: `text[start:end]`, in characters."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Two or three sentences; `method` names the summariser that wrote them."""

    text: str
    sentences: tuple[Sentence, ...] = ()
    method: str = ""


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of a score, in points and in plain words."""

    name: str
    points: float
    text: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A storyline with its score and the parts of it; the parts sum to the score."""

    storyline: Storyline
    score: float
    reasons: tuple[Reason, ...]


# ---------------------------------------------------------------- an issue


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadItem:
    """An earlier or later article of a storyline, as printed under its lead."""

    article_id: ArticleId
    title: str
    url: str | None
    published_at: dt.datetime


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
    marks: tuple[str, ...] = ()
    score: float = 0.0
    reasons: tuple[Reason, ...] = ()


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
    """An article left out, as the desk lists it."""

    article_id: ArticleId
    title: str
    url: str | None
    reason: str


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

    @property
    def stories(self) -> tuple[Story, ...]:
        """Every story in printed order."""
        lead = (self.lead,) if self.lead else ()
        return (*lead, *(s for section in self.sections for s in section.stories), *self.briefs)


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

    @property
    def period(self) -> str:
        return self.moments.period


# ---------------------------------------------------------------- readers and delivery


class SubscriptionStatus(StrEnum):
    """Where a reader stands with one newsletter."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader in an edition's audience, as the sender needs it.

    address: its domain is ASCII (IDNA). handle: 128 random bits, base64url; stands in links.
    """

    id: SubscriberId
    address: str
    handle: str
    name: str = ""


class DeliveryState(StrEnum):
    """Where one reader's delivery stands. All but `queued` are final under the policy `hold`."""

    QUEUED = "queued"  # refused for now; tried again when due
    ACCEPTED = "accepted"  # the next server's positive reply is stored
    FAILED = "failed"  # with its reply
    SKIPPED = "skipped"  # left or suppressed since the freeze; never handed over
    UNCERTAIN = "uncertain"  # handed over, outcome unknown


FINAL = frozenset(DeliveryState) - {DeliveryState.QUEUED}


class UncertainPolicy(StrEnum):
    """What to do with deliveries whose outcome a crash or a lost connection left unknown."""

    HOLD = "hold"  # show them; a person decides
    RESEND = "resend"  # once more, with the same Message-ID
    REPLAY = "replay"  # for providers that know the idempotency key


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider's acceptance: its reply on one line, and its own id where it gives one."""

    reply: str
    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message ready for the wire.

    data: RFC 5322 bytes, CRLF lines, already dot-stuffed (no line begins with a lone ".").
    key: the same on every attempt; the Message-ID's left side and the idempotency key.
    """

    sender: str
    recipient: str
    key: str
    data: bytes
