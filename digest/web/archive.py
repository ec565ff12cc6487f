"""Past issues, for everybody: the edition that was sent, with no reader's own link in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from digest import render, variants
from digest.bootstrap import House
from digest.mail import cuts, routes
from digest.model import Edition, Issue, Rendered
from digest.schedules import ClicksTable, Schedule
from digest.store import clicks, contests, editions, issues, unpublished
from digest.store.engine import Session
from digest.web import caching, headers
from digest.web.pages import SAFE, HouseHere, PagesHere, period_of

router = APIRouter(prefix="/archive", include_in_schema=False)
robots = APIRouter(include_in_schema=False)

#: Two years of weeks on one page.
LONGEST = 104
#: The newest issues that the feed tells.
IN_FEED = 20


@router.api_route("/{newsletter}", methods=SAFE)
def past_issues(newsletter: str, request: Request, house: HouseHere, pages: PagesHere) -> Response:
    """Every sent issue, newest first."""
    schedule = house.schedule(newsletter)
    with house.database.read() as session:
        found = contests.as_told(session, issues.archive(session, newsletter, limit=LONGEST))
    lines = [_line(issue) for issue in found if issue.edition]
    context = {"schedule": schedule, "issues": lines, "private": False}
    return caching.revalidated(request, pages.show("public/archive.html", context))


@router.api_route("/{newsletter}/feed.xml", methods=SAFE)
def feed(newsletter: str, request: Request, house: HouseHere, pages: PagesHere) -> Response:
    """The newest issues as an Atom feed (RFC 4287): subject, preheader, and the way to the page.

    What was taken off the web stands there as gone (RFC 6721), since a reader keeps what it once read.
    """
    schedule = house.schedule(newsletter)
    with house.database.read() as session:
        found = contests.as_told(session, issues.archive(session, newsletter, limit=IN_FEED))
        moved = unpublished.of_newsletter(session, newsletter)
    newest = {one.period: one for one in moved}
    changed = {period: one.changed_at for period, one in newest.items()}
    shown = [(one, changed.get(one.period, one.moments.send_at)) for one in found if one.edition]
    gone = [one for one in newest.values() if one.back_at is None][-IN_FEED:]
    times = [*(at for _, at in shown), *(one.at for one in gone)]
    context = {
        "schedule": schedule,
        "issues": shown,
        "gone": gone,
        "updated": max(times, default=house.clock()),
    }
    made = pages.document("public/feed.xml", context, schedule, kind="application/atom+xml")
    return caching.revalidated(request, made)


@robots.api_route("/sitemap.xml", methods=SAFE)
def sitemap(request: Request, house: HouseHere, pages: PagesHere) -> Response:
    """Every public page, for search engines (sitemaps.org)."""
    with house.database.read() as session:
        found = [
            (key, issue)
            for key in house.schedules
            for issue in issues.archive(session, key, limit=LONGEST)
            if issue.edition
        ]
    context = {"newsletters": list(house.schedules), "issues": found}
    made = pages.document("public/sitemap.xml", context, None, kind="application/xml")
    return caching.revalidated(request, made)


@router.api_route("/{newsletter}/{period}", methods=SAFE)
def edition(
    newsletter: str,
    period: str,
    request: Request,
    house: HouseHere,
    pages: PagesHere,
    variant: str = "",
) -> Response:
    """One sent edition; its leave link leads to the sign-up page, since a page is forwarded.

    410 where the editors took it off the web.
    variant: the form that the mail had whose link it is; one that there is not is the mail as it comes.
    """
    schedule = house.schedule(newsletter)
    with house.database.read() as session:
        sent = issues.published(session, newsletter, period_of(period))
        issue = contests.as_told(session, [sent])[0] if sent else None
        down = unpublished.standing(session, issue.id) if issue else None
    if issue is None or issue.edition is None:
        raise HTTPException(404, "This issue was not sent, or not yet.")
    if down:
        gone = pages.show("public/gone.html", {"schedule": schedule}, status=410)
        return caching.revalidated(request, gone)
    asked = variant if variant in variants.keys(schedule)[1:] else ""
    known = (issue.edition.checksum, issue.edition.rendered.subject, asked)
    if known not in pages.archived:
        pages.archived[known] = _page(issue, asked, schedule, house)
    neutral = {"leave_url": f"{house.public_url}/n/{newsletter}"}
    filled = render.fill(pages.archived[known], neutral)
    card = pages.piece("public/_card.html", {"issue": issue, "schedule": schedule}, schedule)
    html = filled.html.replace("</head>", f"{card}</head>", 1)
    return caching.revalidated(request, HTMLResponse(html, headers=headers.ARCHIVE))


def _page(issue: Issue, variant: str, schedule: Schedule, house: House) -> Rendered:
    """The edition as it was sent; where the mail had to fold stories away, all of them.

    Its links lead straight to the stories, also where those of the mail lead by way of us.
    """
    assert issue.edition is not None
    sent = issue.edition.rendered
    with house.database.read() as session:
        forms = _forms(session, issue.edition) if variant else {}
        leads = clicks.leads(session, issue.newsletter, issue.period)
    if variant in forms:
        sent = cuts.put_together(forms[variant])
    if leads:
        sent = routes.straight(
            sent, leads.targets, newsletter=issue.newsletter, period=issue.period
        )
    if issue.content is None:
        return sent
    uncounted = schedule.model_copy(update={"clicks": ClicksTable()})
    plain = dataclasses.replace(issue.content, contest=None)  # nor does a contest count here
    content, spoken = variants.told(plain, uncounted, variant)
    way = render.Way(variant=variant, home=schedule.newsletter.language)
    return render.for_the_web(content, sent, spoken, public_url=house.public_url, way=way)


def _forms(session: Session, edition: Edition) -> Mapping[str, Rendered]:
    """The edition as readers may choose it, under the subject that it is shown with."""
    second = editions.second(session, edition.id)
    if second and second.rendered.subject == edition.rendered.subject:
        return second.variants
    return editions.variants(session, edition.id)


def _line(issue: Issue) -> dict[str, object]:
    subject = issue.edition.rendered.subject if issue.edition else ""
    return {"period": issue.period, "number": issue.number, "subject": subject}
