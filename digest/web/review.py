"""One issue at the desk: what is in it and why, and the mail as it will go out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import HTMLResponse

from digest import (
    approve,
    compose,
    differences,
    edit,
    link_checks,
    measures,
    remedies,
    render,
    shaping,
    subjects,
    variants,
)
from digest.bootstrap import House
from digest.delivery import big_weeks, ledger
from digest.link_checks import Looked
from digest.mail import cuts
from digest.model import (
    Arm,
    DeliveryState,
    Issue,
    IssueContent,
    IssueStatus,
    Printed,
    Rendered,
    Shape,
    SubscriberId,
)
from digest.preflight import Finding, Item, told
from digest.schedules import Schedule
from digest.shaping import Changed
from digest.store import (
    articles,
    changes,
    deliveries,
    editions,
    issues,
    link_answers,
    sends,
    shapes,
    subscribers,
    troubles,
    unpublished,
)
from digest.store.editors import Role
from digest.store.unpublished import Unpublished
from digest.web import contest_view, edit_words, headers, noted, numbers, pointing, sessions, spoken
from digest.web.chosen import Chosen, ChosenHere
from digest.web.desk import points
from digest.web.pages import SAFE, HouseHere, Pages, PagesHere, period_of
from digest.web.sessions import Seat

router = APIRouter(prefix="/desk", include_in_schema=False)

UNDECIDED = frozenset({IssueStatus.DUE, IssueStatus.DRAFT, IssueStatus.HELD})
#: So many editions' findings are kept by a process.
REMEMBERED = 64
LEAVING = frozenset({IssueStatus.SENDING, IssueStatus.SENT})


@dataclass(frozen=True, slots=True)
class Review:
    """One issue under one editor's eyes. forms: its variants by key. chosen: the one that is looked at.

    shape: what editors made of it, where that was read already. second: all of it under the other subject of
    a contest.
    """

    house: House
    pages: Pages
    seat: Seat
    issue: Issue
    forms: Mapping[str, Rendered] = field(default_factory=dict)
    chosen: Chosen = field(default_factory=Chosen)
    shape: Shape | None = None
    second: Printed | None = None

    @property
    def schedule(self) -> Schedule:
        return self.house.schedule(self.issue.newsletter)

    @property
    def may_edit(self) -> bool:
        """An approved issue is changed by who may approve it again."""
        if self.issue.status not in shaping.OPEN or self.seat.role < Role.EDITOR:
            return False
        return self.issue.status is not IssueStatus.APPROVED or self.seat.may_publish

    @property
    def path(self) -> str:
        return f"/desk/{self.issue.newsletter}/{self.issue.period}"

    def fresh(self) -> Review:
        """The same eyes on the issue as it is now."""
        with self.house.database.read() as session:
            issue = issues.by_id(session, self.issue.id)
            printed = editions.printed(session, issue.edition) if issue.edition else None
        forms, second = (printed.variants, printed.second) if printed else ({}, None)
        return replace(self, issue=issue, forms=forms, second=second, shape=None)

    def after(self, changed: Changed) -> Review:
        """The same eyes on the issue as a change left it: read nothing again."""
        return replace(
            self,
            issue=changed.issue,
            forms=changed.forms,
            second=changed.second,
            shape=changed.shape,
        )


def reviewed(role: Role, *, bare: bool = False) -> Callable[..., Review]:
    """A dependency: the issue that the address names, for a seat with this role. bare: only its mail, not its content."""

    def read(
        newsletter: str,
        period: str,
        house: HouseHere,
        pages: PagesHere,
        chosen: ChosenHere,
        seat: Seat = Depends(sessions.needs(role)),
    ) -> Review:
        house.schedule(newsletter)
        with house.database.read() as session:
            issue = issues.get(session, newsletter, period_of(period), bare=bare)
            printed = editions.printed(session, issue.edition) if issue and issue.edition else None
        if issue is None:
            raise HTTPException(404, "There is no issue of that date.")
        if chosen.noted:
            chosen = replace(chosen, reader=_looked_at(house, seat, issue, chosen.noted))
        forms, second = (printed.variants, printed.second) if printed else ({}, None)
        return Review(house, pages, seat, issue, forms, chosen, second=second)

    return read


def _looked_at(house: House, seat: Seat, issue: Issue, asked: str) -> SubscriberId:
    """The reader whose copy is asked for. Raises HTTPException where it is not noted that this seat looks at it."""
    if not seat.may_publish:
        raise HTTPException(403, "One reader’s copy is looked at by who may approve.")
    found = noted.reader_of(house.key, asked, session=seat.csrf, issue=issue.id)
    if found is None:
        told = "Give the reader’s address on the issue’s page: it is noted who looks at whose copy."
        raise HTTPException(403, told)
    return found


ForViewer = Depends(reviewed(Role.VIEWER))


@router.api_route("/{newsletter}/{period}", methods=SAFE)
def issue_page(review: Review = ForViewer, proof: str = "") -> HTMLResponse:
    """The issue, its outline, its mail, and what can be decided. proof: `asked` after the button."""
    return show(review, proof=proof == "asked")


def show(
    review: Review,
    *,
    warning: str = "",
    status: int = 200,
    note: str = "",
    proof: bool = False,
    typed: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The issue's page; `warning` says why a decision was not taken. proof: one was just asked for.

    typed: what somebody wrote of the mail's own words that could not be kept: it stays in its fields.
    """
    issue, schedule, now = review.issue, review.schedule, review.house.clock()
    shaped = _shape(review)
    context = {
        "seat": review.seat,
        "issue": issue,
        "path": review.path,
        "schedule": schedule,
        "zone": schedule.calendar.zone,
        "now": now,
        "points": points(issue.moments, issue, now=now),
        "warning": warning,
        "note": note,
        "typed": typed or {},
        "changed": _changed(review),
        "proof": proof,
        **_forms(review),
        "candidates": subjects.candidates(schedule, issue.content) if issue.content else (),
        **findings_of(review, editable=shaped["editable"]),
        **shaped,
        **_decisions(review),
        **_deliveries(review),
        "off_the_web": _off_the_web(review),
        **numbers.of_issue(review.house, review.pages, issue),
        **_contest(review),
    }
    return review.pages.show("desk/issue.html", context, status=status, headers=headers.SCRIPTED)


def _contest(review: Review) -> dict[str, Any]:
    """Two subjects: what may be chosen before the send, how they stand after it."""
    issue, house = review.issue, review.house
    looked_at = review.second.rendered if review.second and review.chosen.arm == Arm.B else None
    found: dict[str, Any] = {"seen_as": looked_at, "contest": None, "tried": None}
    if issue.status in LEAVING:
        running = contest_view.running(house, issue)
        waits = contest_view.waits(running, review.schedule, now=house.clock())
        return found | {"tried": running} | ({"step": waits} if waits else {})
    if review.may_edit and issue.content and issue.edition:
        return found | {"contest": contest_view.planned(house, issue, now=house.clock())}
    return found


def findings_of(review: Review, *, editable: bool = False) -> dict[str, Any]:
    """What preflight says of the draft, what stands against its approval, and what stands on the web only.

    editable: whether the page has fields for the mail's own words.
    """
    issue, url, database = review.issue, review.house.public_url, review.house.database
    if issue.content is None or issue.edition is None:
        return {"findings": (), "obstacles": (), "folded": frozenset(), "links": Looked()}
    content = issue.content
    rendered, known = issue.edition.rendered, review.pages.findings
    key = (issue.id, rendered.checksum, issue.content.coverage)
    if key not in known:
        for old in list(known)[:-REMEMBERED]:
            known.pop(old, None)
        known[key] = approve.findings(database, issue, public_url=url)
    if issue.id not in known:  # the header is the newsletter's: no edit changes whether it is sound
        known[issue.id] = tuple(approve.of_a_copy(review.house, issue, rendered))
    gone = approve.gone_stories(database, issue)
    looked = (*known[key], *(one for one in known[issue.id] if one.item is Item.HEADER))
    links = _links(review)
    found = (*looked, *links.findings, *_written(review, content))
    against = approve.obstacles(issue, looked, gone=tuple(one.message for one in gone))
    return {
        "folded": render.folded(content, rendered, review.schedule, public_url=url),
        "findings": pointing.pointers((*gone, *found), content, editable=editable),
        "obstacles": pointing.obstacles(against, (*gone, *found), content, editable=editable),
        "links": links,
        "may_ask": review.seat.role >= Role.EDITOR,
    }


def _links(review: Review) -> Looked:
    """What the servers said that the mail leads to; nothing of what is not asked yet, or not any more."""
    issue = review.issue
    if issue.status not in link_checks.OPEN or issue.is_early:
        return Looked()
    return link_checks.standing(review.house, issue)


def _written(review: Review, content: IssueContent) -> list[Finding]:
    """What editors wrote, held against its articles."""
    written = [story for story in content.stories if story.summary.method == compose.WRITTEN]
    with review.house.database.read() as session:
        found = articles.by_ids(session, [story.article_id for story in written])
    known, language = {one.id: one for one in found}, review.schedule.newsletter.language
    return [
        finding
        for story in written
        if story.article_id in known
        for finding in told.check(story, known[story.article_id], language=language)
    ]


def _forms(review: Review) -> dict[str, Any]:
    """What the mail can be looked at as: (key, in words) of each variant, and the sections to leave out."""
    keys = [(key, spoken.variant(key)) for key in review.forms]
    parts = cuts.taken(next(iter(review.forms.values())).html) if review.forms else ()
    known = cuts.sections(parts)
    content = review.issue.content
    names = variants.sections(content) if content and known else ()
    return {
        "variants": keys if len(keys) > 1 else [],
        "sections": [name for name in names if cuts.section_id(name) in known],
        "chosen": review.chosen,
        "whose": _whose(review),
    }


def _whose(review: Review) -> str:
    """The address of the reader whose copy is looked at; empty where it is nobody's."""
    if not review.chosen.reader:
        return ""
    with review.house.database.read() as session:
        found = subscribers.by_id(session, review.chosen.reader)
    return found.address if found else "somebody who is not there any more"


def _shape(review: Review) -> dict[str, Any]:
    """What editors did so far, and what they may still do."""
    content = review.issue.content
    with review.house.database.read() as session:
        shape = review.shape or shaping.shape_of(session, review.issue)
        has_week = shapes.has_week(session, review.issue.id)
    titles = {one.article_id: one.title for one in content.stories} if content else {}
    titles |= {one.article_id: one.title for one in content.left_out} if content else {}
    dropped = {story for story, _ in shape.layout.dropped} if shape.layout else set()
    return {
        "shape": shape,
        "editable": review.may_edit and has_week and content is not None,
        "unkept": review.may_edit and content is not None and not has_week,
        "late": {one.article_id for one in edit.pending(content, shape)} if content else set(),
        "dropped": dropped,
        "history": [(one, edit_words.done(one, titles)) for one in reversed(shape.standing)],
    }


def _changed(review: Review) -> list[dict[str, Any]]:
    """The stories that were edited at their source after this draft was made, with the difference marked."""
    issue = review.issue
    if issue.content is None or issue.built_at is None or issue.status in LEAVING:
        return []
    with review.house.database.read() as session:
        found = changes.since(session, issue.content.told_ids, issue.built_at)
    return [
        {
            "title": one.title,
            "at": one.at,
            "titles": differences.marked(one.old_title, one.title),
            "pieces": differences.marked(one.old_text, one.text),
        }
        for one in found
    ]


def _decisions(review: Review) -> dict[str, bool]:
    """Which forms the page shows; the store decides again when one comes in."""
    issue, may = review.issue, review.seat.may_publish
    ready = issue.edition is not None and not issue.is_early
    return {
        "can_shape": review.may_edit and issue.status in UNDECIDED,
        "can_approve": may and ready and issue.status in (IssueStatus.DRAFT, IssueStatus.HELD),
        "can_withdraw": may and issue.status is IssueStatus.APPROVED,
        "can_hold": may and issue.status in (IssueStatus.DRAFT, IssueStatus.APPROVED),
        "can_skip": may and issue.status in UNDECIDED,
    }


def _deliveries(review: Review) -> dict[str, Any]:
    """What comes next; of a send: how many stand where, who is uncertain, and why it stopped."""
    issue, schedule, now = review.issue, review.schedule, review.house.clock()
    if issue.status not in LEAVING:
        with review.house.database.read() as session:
            big_week = big_weeks.foreseen(session, issue, schedule, now=now)
            links = link_answers.word(session, issue.id)
            readers = measures.confirmed(session, issue.newsletter)
        return {
            "big_week": big_week,
            "readers": readers,
            "standing": spoken.standing(issue),
            "step": spoken.next_step(issue, schedule, now=now),
            "deliveries": {},
            "progress": f"0{links}",
        }
    with review.house.database.read() as session:
        send = sends.of_issue(session, issue.id)
        counts = ledger.counts(session, issue.id)
        uncertain = deliveries.in_state(session, send.id, DeliveryState.UNCERTAIN)
        told = {
            "after": ledger.after(session, issue.id),
            "troubles": troubles.of_send(session, send.id),
        }
    return {
        **told,
        "big_week": None,
        "standing": spoken.standing(issue, send),
        "step": spoken.next_step(issue, schedule, now=now, send=send),
        "deliveries": counts,
        "uncertain": uncertain,
        "send": send,
        "remedy": remedies.remedy(send.reason, send.paused_with),
        "progress": spoken.progress(send, counts) + contest_view.word(review.house, issue),
    }


def _off_the_web(review: Review) -> Unpublished | None:
    """Since when and why a sent issue cannot be read by everybody; None where it can, or never could."""
    if review.issue.status not in LEAVING:
        return None
    with review.house.database.read() as session:
        return unpublished.standing(session, review.issue.id)
