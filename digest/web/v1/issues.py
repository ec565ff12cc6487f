"""Issues: the list, one with its outline and what stands against it, its mail, and what is decided about it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from pydantic import BaseModel, Field

from digest import approve as approving
from digest import deciding, drafting, model
from digest.errors import NotFound
from digest.model import Issue, IssueStatus, Scope
from digest.store import editions, issues
from digest.web import headers
from digest.web.pages import period_of
from digest.web.v1 import guard, mails, outlines, versions
from digest.web.v1.bearer import Caller, CallerHere
from digest.web.v1.bodies import Body
from digest.web.v1.guard import needs
from digest.web.v1.numbered import Checksum, Key, Period
from digest.web.v1.outlines import IssueBrief, IssueWhole
from digest.web.v1.paging import Page, PagingHere, text_of
from digest.web.v1.versions import IfMatch

router = guard.routed("/newsletters/{newsletter}/issues", "issues")


class Approving(Body):
    """Consent to one checksum: the one that was looked at."""

    checksum: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    note: Annotated[str, Field(max_length=500)] = ""


class Reason(Body):
    """Why; it stands at the desk and in the log."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class Drafted(BaseModel):
    """What came of building. thin: why there are too few stories to send, where there are; then nothing was stored."""

    thin: str
    issue: IssueWhole


class Edition(BaseModel):
    """A rendering of the issue, frozen. current: it is the one that an approval would send."""

    checksum: str
    created_at: dt.datetime
    subject: str
    preheader: str
    current: bool


@router.get("", **needs(Scope.ISSUES_READ, 404))
def all_issues(newsletter: Key, caller: CallerHere, paging: PagingHere) -> Page[IssueBrief]:
    """A newsletter's issues, the newest first."""
    caller.house.schedule(newsletter)
    below = text_of(paging.cursor)
    with caller.house.database.read() as session:
        found = issues.below(session, newsletter, period=below, limit=paging.limit + 1)
    shown = [outlines.brief(one) for one in found[: paging.limit]]
    return paging.page(shown, shown[-1].period if len(found) > paging.limit else None)


@router.get("/{period}", **needs(Scope.ISSUES_READ, 404))
def issue(newsletter: Key, period: Period, caller: CallerHere, response: Response) -> IssueWhole:
    """One issue with its outline, its coverage, what preflight finds, and what stands against an approval."""
    return _tagged(caller, _found(caller, newsletter, period), response)


@router.get("/{period}/preview.html", response_class=HTMLResponse, **needs(Scope.ISSUES_READ, 404))
def preview_html(newsletter: Key, period: Period, caller: CallerHere) -> HTMLResponse:
    """The mail's HTML as a reader gets it. Its links to leave are nobody's."""
    html = mails.filled(caller.house, _found(caller, newsletter, period)).html
    return HTMLResponse(html, headers=headers.PREVIEW)


@router.get(
    "/{period}/preview.txt", response_class=PlainTextResponse, **needs(Scope.ISSUES_READ, 404)
)
def preview_text(newsletter: Key, period: Period, caller: CallerHere) -> PlainTextResponse:
    """The mail's text part as a reader gets it."""
    return PlainTextResponse(mails.filled(caller.house, _found(caller, newsletter, period)).text)


@router.get("/{period}/editions", **needs(Scope.ISSUES_READ, 404))
def all_editions(
    newsletter: Key, period: Period, caller: CallerHere, paging: PagingHere
) -> Page[Edition]:
    """Every rendering of an issue that was ever its draft, the newest first."""
    found, below = _found(caller, newsletter, period), paging.below()
    with caller.house.database.read() as session:
        listed, more = editions.page(session, found.id, below=below, size=paging.limit)
    current = found.edition.checksum if found.edition else ""
    return paging.page([_edition(one, current) for one in listed], more)


@router.get("/{period}/editions/{checksum}", **needs(Scope.ISSUES_READ, 404))
def edition(newsletter: Key, period: Period, checksum: Checksum, caller: CallerHere) -> Edition:
    """One rendering of an issue."""
    found = _found(caller, newsletter, period)
    with caller.house.database.read() as session:
        one = editions.of(session, found.id, checksum)
    if one is None:
        raise NotFound("there is no such edition of this issue")
    return _edition(one, found.edition.checksum if found.edition else "")


# ---------------------------------------------------------------- deciding


@router.post("/{period}/draft", **needs(Scope.ISSUES_WRITE, 404, 412, changes=True))
def draft(
    newsletter: Key, period: Period, caller: CallerHere, response: Response, if_match: IfMatch = ""
) -> Drafted:
    """Build the draft again from what is stored now. What editors did to it stays."""
    found = _expected(caller, newsletter, period, if_match)
    made = drafting.again(caller.house, found, actor=caller.actor, now=caller.now())
    told = _tagged(caller, _found(caller, newsletter, period), response)
    return Drafted(thin=made.thin, issue=told)


@router.post("/{period}/approve", **needs(Scope.ISSUES_DECIDE, 404, 412, changes=True))
def approve(
    newsletter: Key,
    period: Period,
    body: Approving,
    caller: CallerHere,
    response: Response,
    if_match: IfMatch = "",
) -> IssueWhole:
    """Consent to the edition with this checksum. Another one by now, or an obstacle: 409, and nothing is approved."""
    approving.approve(
        caller.house.database,
        _expected(caller, newsletter, period, if_match),
        body.checksum,
        by=caller.name,
        actor=caller.actor,
        now=caller.now(),
        public_url=caller.house.public_url,
        note=body.note,
        house=caller.house,
    )
    return _tagged(caller, _found(caller, newsletter, period), response)


@router.post("/{period}/withdraw", **needs(Scope.ISSUES_DECIDE, 404, 412, changes=True))
def withdraw(
    newsletter: Key, period: Period, caller: CallerHere, response: Response, if_match: IfMatch = ""
) -> IssueWhole:
    """Take the approval back."""
    found = _expected(caller, newsletter, period, if_match)
    database = caller.house.database
    deciding.withdraw(database, found, by=caller.name, actor=caller.actor, now=caller.now())
    return _tagged(caller, _found(caller, newsletter, period), response)


@router.post("/{period}/hold", **needs(Scope.ISSUES_DECIDE, 404, 412, changes=True))
def hold(
    newsletter: Key,
    period: Period,
    body: Reason,
    caller: CallerHere,
    response: Response,
    if_match: IfMatch = "",
) -> IssueWhole:
    """Nothing goes out by the deadline's rule: somebody must approve."""
    found = _expected(caller, newsletter, period, if_match)
    return _moved(caller, found, IssueStatus.HELD, body.reason, response)


@router.post("/{period}/skip", **needs(Scope.ISSUES_DECIDE, 404, 412, changes=True))
def skip(
    newsletter: Key,
    period: Period,
    body: Reason,
    caller: CallerHere,
    response: Response,
    if_match: IfMatch = "",
) -> IssueWhole:
    """This week no mail goes out."""
    found = _expected(caller, newsletter, period, if_match)
    return _moved(caller, found, IssueStatus.SKIPPED, body.reason, response)


def _moved(
    caller: Caller, found: Issue, to: IssueStatus, reason: str, response: Response
) -> IssueWhole:
    database, now = caller.house.database, caller.now()
    deciding.move(database, found, to, reason=reason, actor=caller.actor, now=now)
    return _tagged(caller, _found(caller, found.newsletter, found.period), response)


def _found(caller: Caller, newsletter: str, period: str) -> Issue:
    """Raises NotFound, or HTTPException 404 for a day that is none."""
    caller.house.schedule(newsletter)
    with caller.house.database.read() as session:
        found = issues.get(session, newsletter, period_of(period))
    if found is None:
        raise NotFound("there is no issue of that date")
    return found


def _expected(caller: Caller, newsletter: str, period: str, if_match: str) -> Issue:
    """The issue, as the caller read it where they say how that was. Raises Problem."""
    found = _found(caller, newsletter, period)
    if if_match:
        versions.expect(if_match, outlines.whole(caller.house, found))
    return found


def _tagged(caller: Caller, found: Issue, response: Response) -> IssueWhole:
    shown = outlines.whole(caller.house, found)
    response.headers["etag"] = versions.tag(shown)
    return shown


def _edition(one: model.Edition, current: str) -> Edition:
    return Edition(
        checksum=one.checksum,
        created_at=one.created_at,
        subject=one.rendered.subject,
        preheader=one.rendered.preheader,
        current=one.checksum == current,
    )
