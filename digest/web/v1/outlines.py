"""An issue as the API shows it: where it stands, what is in it and why, and what is against it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from digest import approve as approving
from digest.bootstrap import House
from digest.delivery import ledger
from digest.model import Issue, IssueContent, IssueStatus, Story

Place = Literal["lead", "section", "brief"]
_OUT = frozenset({IssueStatus.SENDING, IssueStatus.SENT})


class Approval(BaseModel):
    """A consent to one checksum. by: a name, or `deadline rule`."""

    checksum: str
    by: str
    at: dt.datetime
    note: str


class IssueBrief(BaseModel):
    """Where an issue stands. final: the week is over, and the draft will not be made again by itself."""

    newsletter: str
    period: str
    number: int
    status: IssueStatus
    reason: str
    subject: str | None
    checksum: str | None
    final: bool
    draft_at: dt.datetime
    deadline_at: dt.datetime
    send_at: dt.datetime
    built_at: dt.datetime | None
    approval: Approval | None


class Why(BaseModel):
    """One reason for a story's place, and how much it weighs."""

    reason: str
    points: float


class Told(BaseModel):
    """A story as printed. thread: the titles of the other articles of its storyline."""

    place: Place
    section: str
    article: int
    title: str
    url: str | None
    summary: str
    score: float
    marks: list[str]
    why: list[Why]
    thread: list[str]


class LeftOut(BaseModel):
    """An article that is not told, and why."""

    article: int
    title: str
    url: str | None
    reason: str


class Coverage(BaseModel):
    """Every article of the week by where it ended; the numbers add up to `total`."""

    model_config = ConfigDict(from_attributes=True)

    total: int
    lead: int
    storyline_members: int
    section_items: int
    briefs: int
    left_out: int


class Found(BaseModel):
    """What preflight says. An `error` forbids the approval."""

    level: Literal["error", "warning"]
    message: str
    article: int | None


class IssueWhole(IssueBrief):
    """An issue with its outline in printed order. obstacles: why it cannot be approved now; empty where it can.

    deliveries: how many readers stand where, once it goes out.
    """

    window_start: dt.datetime
    window_end: dt.datetime
    preheader: str | None
    intro: str
    outro: str
    read_seconds: int
    outline: list[Told]
    left_out: list[LeftOut]
    coverage: Coverage | None
    findings: list[Found]
    obstacles: list[str]
    deliveries: dict[str, int]


def brief(issue: Issue) -> IssueBrief:
    """Without its content."""
    given, rendered = issue.approval, issue.edition.rendered if issue.edition else None
    return IssueBrief(
        newsletter=issue.newsletter,
        period=issue.period,
        number=issue.number,
        status=issue.status,
        reason=issue.reason,
        subject=rendered.subject if rendered else None,
        checksum=rendered.checksum if rendered else None,
        final=not issue.is_early,
        draft_at=issue.moments.draft_at,
        deadline_at=issue.moments.deadline_at,
        send_at=issue.moments.send_at,
        built_at=issue.built_at,
        approval=Approval(checksum=given.checksum, by=given.by, at=given.at, note=given.note)
        if given
        else None,
    )


def whole(house: House, issue: Issue) -> IssueWhole:
    """With its outline, and what stands against it."""
    content, window = issue.content, issue.moments.window
    found = approving.findings(house.database, issue, public_url=house.public_url, house=house)
    gone = approving.taken_off(house.database, issue)
    against = () if issue.status in _OUT else approving.obstacles(issue, found, gone=gone)
    return IssueWhole(
        **brief(issue).model_dump(),
        window_start=window.start,
        window_end=window.end,
        preheader=content.preheader if content else None,
        intro=content.intro if content else "",
        outro=content.outro if content else "",
        read_seconds=content.read_seconds if content else 0,
        outline=list(_outline(content)) if content else [],
        left_out=_left_out(content) if content else [],
        coverage=Coverage.model_validate(content.coverage) if content else None,
        findings=[
            Found(level=one.level, message=one.message, article=one.article_id) for one in found
        ],
        obstacles=list(against),
        deliveries=_deliveries(house, issue),
    )


def _outline(content: IssueContent) -> Iterator[Told]:
    if content.lead:
        yield _told("lead", content.lead)
    for section in content.sections:
        yield from (_told("section", story) for story in section.stories)
    yield from (_told("brief", story) for story in content.briefs)


def _told(place: Place, story: Story) -> Told:
    return Told(
        place=place,
        section=story.section,
        article=story.article_id,
        title=story.title,
        url=story.url,
        summary=story.summary.text,
        score=story.score,
        marks=list(story.marks),
        why=[Why(reason=one.text, points=one.points) for one in story.reasons],
        thread=[one.title for one in story.thread],
    )


def _left_out(content: IssueContent) -> list[LeftOut]:
    return [
        LeftOut(article=one.article_id, title=one.title, url=one.url, reason=one.reason)
        for one in content.left_out
    ]


def _deliveries(house: House, issue: Issue) -> dict[str, int]:
    if issue.status not in _OUT:
        return {}
    with house.database.read() as session:
        return ledger.counts(session, issue.id)
