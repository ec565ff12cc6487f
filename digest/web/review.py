"""One issue at the desk: what is in it and why, and the mail as it will go out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import HTMLResponse, PlainTextResponse

from digest import (
    approve,
    compose,
    differences,
    edit,
    remedies,
    render,
    samples,
    shaping,
    subjects,
    variants,
)
from digest.audience import tokens
from digest.bootstrap import House
from digest.delivery import editions as tried
from digest.delivery import ledger
from digest.mail import cuts
from digest.model import Arm, DeliveryState, Issue, IssueContent, IssueStatus, Printed, Rendered
from digest.preflight import Finding, told
from digest.schedules import Schedule
from digest.store import articles, changes, deliveries, editions, issues, sends, shapes, troubles
from digest.store.editors import Role
from digest.web import contest_view, edit_words, headers, sessions, spoken
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

    second: all of it under the other subject of a contest.
    """

    house: House
    pages: Pages
    seat: Seat
    issue: Issue
    forms: Mapping[str, Rendered] = field(default_factory=dict)
    chosen: Chosen = field(default_factory=Chosen)
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
        return replace(self, issue=issue, forms=forms, second=second)


def reviewed(role: Role) -> Callable[..., Review]:
    """A dependency: the issue that the address names, for a seat with this role."""

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
            issue = issues.get(session, newsletter, period_of(period))
            printed = editions.printed(session, issue.edition) if issue and issue.edition else None
        if issue is None:
            raise HTTPException(404, "There is no issue of that date.")
        forms, second = (printed.variants, printed.second) if printed else ({}, None)
        return Review(house, pages, seat, issue, forms, chosen, second)

    return read


ForViewer = Depends(reviewed(Role.VIEWER))


@router.api_route("/{newsletter}/{period}", methods=SAFE)
def issue_page(review: Review = ForViewer, proof: str = "") -> HTMLResponse:
    """The issue, its outline, its mail, and what can be decided. proof: `asked` after the button."""
    return show(review, proof=proof == "asked")


@router.api_route("/{newsletter}/{period}/preview", methods=SAFE)
def preview(images: str = "on", scheme: str = "", review: Review = ForViewer) -> HTMLResponse:
    """The mail itself, as a sample reader gets it, for the page's own sandboxed frame.

    scheme: `light` or `dark` whatever the editor's own screen is; a frame tells its page no other one.
    """
    policy = headers.PREVIEW if images != "off" else headers.WITHOUT_IMAGES
    html = _sample(review).html
    if scheme in _SCHEMES:
        html = html.replace("(prefers-color-scheme: dark)", _SCHEMES[scheme])
    return HTMLResponse(html, headers=policy)


_SCHEMES = {"light": "not all", "dark": "all"}


@router.api_route("/{newsletter}/{period}/source", methods=SAFE)
def source(review: Review = ForViewer) -> PlainTextResponse:
    """The whole message with its header, as a sample reader's copy goes out."""
    if review.issue.edition is None:
        raise HTTPException(404, "This issue has no draft yet.")
    choice = review.chosen.choice(review.forms)
    found = samples.message(review.house, review.issue, choice, arm=_arm(review))
    return PlainTextResponse(found)


@router.api_route("/{newsletter}/{period}/text", methods=SAFE)
def text(review: Review = ForViewer) -> PlainTextResponse:
    """The text part, as a sample reader gets it."""
    return PlainTextResponse(_sample(review).text)


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
    context = {
        "seat": review.seat,
        "issue": issue,
        "path": review.path,
        "schedule": schedule,
        "zone": schedule.calendar.zone,
        "now": now,
        "points": points(issue.moments, now=now),
        "warning": warning,
        "note": note,
        "typed": typed or {},
        "changed": _changed(review),
        "proof": proof,
        **_forms(review),
        "candidates": subjects.candidates(schedule, issue.content) if issue.content else (),
        **_findings(review),
        **_shape(review),
        **_decisions(review),
        **_deliveries(review),
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


def _arm(review: Review) -> Arm | None:
    return Arm(review.chosen.arm) if review.chosen.arm and review.second else None


def _findings(review: Review) -> dict[str, Any]:
    issue, url, database = review.issue, review.house.public_url, review.house.database
    if issue.content is None or issue.edition is None:
        return {"findings": (), "obstacles": (), "folded": frozenset()}
    rendered, known = issue.edition.rendered, review.pages.findings
    key = (issue.id, rendered.checksum, issue.content.coverage)
    if key not in known:
        if len(known) >= REMEMBERED:
            known.clear()
        known[key] = approve.findings(database, issue, public_url=url)
    return {
        "folded": render.folded(issue.content, rendered, review.schedule, public_url=url),
        "findings": (*known[key], *_written(review, issue.content)),
        "obstacles": approve.obstacles(issue, known[key], gone=approve.taken_off(database, issue)),
    }


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
    }


def _shape(review: Review) -> dict[str, Any]:
    """What editors did so far, and what they may still do."""
    content = review.issue.content
    with review.house.database.read() as session:
        shape = shaping.shape_of(session, review.issue)
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
        return {
            "standing": spoken.standing(issue),
            "step": spoken.next_step(issue, schedule, now=now),
            "deliveries": {},
            "progress": "0",
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
        "standing": spoken.standing(issue, send),
        "step": spoken.next_step(issue, schedule, now=now, send=send),
        "deliveries": counts,
        "uncertain": uncertain,
        "send": send,
        "remedy": remedies.remedy(send.reason, send.paused_with),
        "progress": spoken.progress(send, counts) + contest_view.word(review.house, issue),
    }


def _sample(review: Review) -> Rendered:
    issue, house = review.issue, review.house
    if issue.edition is None:
        raise HTTPException(404, "This issue has no draft yet.")
    token = tokens.leave_token(house.key, issue.newsletter, tokens.NOBODY)
    leave_url = f"{house.public_url}/leave/{issue.newsletter}/{token}"
    printed = Printed(issue.edition.rendered, review.forms, review.second)
    if arm := _arm(review):
        printed = tried.of_arm(issue, printed, arm, public_url=house.public_url)
    shown = review.chosen.shown(printed.rendered, printed.variants)
    return render.fill(shown, {"leave_url": leave_url})
