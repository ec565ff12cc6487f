"""Past issues, for everybody: the edition that was sent, with no reader's own link in it."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse

from digest import render, variants
from digest.bootstrap import House
from digest.mail import cuts
from digest.model import Issue, Rendered
from digest.schedules import Schedule
from digest.store import editions, issues
from digest.web import headers
from digest.web.pages import SAFE, HouseHere, PagesHere, period_of

router = APIRouter(prefix="/archive", include_in_schema=False)

#: Two years of weeks on one page.
LONGEST = 104


@router.api_route("/{newsletter}", methods=SAFE)
def past_issues(newsletter: str, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """Every sent issue, newest first."""
    schedule = house.schedule(newsletter)
    with house.database.read() as session:
        found = issues.archive(session, newsletter, limit=LONGEST)
    lines = [_line(issue) for issue in found if issue.edition]
    context = {"schedule": schedule, "issues": lines, "private": False}
    return pages.show("public/archive.html", context)


@router.api_route("/{newsletter}/{period}", methods=SAFE)
def edition(
    newsletter: str, period: str, house: HouseHere, pages: PagesHere, variant: str = ""
) -> HTMLResponse:
    """One sent edition; its leave link leads to the sign-up page, since a page is forwarded.

    variant: the form that the mail had whose link it is; one that there is not is the mail as it comes.
    """
    schedule = house.schedule(newsletter)
    with house.database.read() as session:
        issue = issues.published(session, newsletter, period_of(period))
    if issue is None or issue.edition is None:
        raise HTTPException(404, "This issue was not sent, or not yet.")
    known = (issue.edition.checksum, variant if variant in variants.keys(schedule)[1:] else "")
    if known not in pages.archived:
        pages.archived[known] = _page(issue, known[1], schedule, house)
    neutral = {"leave_url": f"{house.public_url}/n/{newsletter}"}
    filled = render.fill(pages.archived[known], neutral)
    return HTMLResponse(filled.html, headers=headers.ARCHIVE)


def _page(issue: Issue, variant: str, schedule: Schedule, house: House) -> Rendered:
    """The edition as it was sent; where the mail had to fold stories away, all of them."""
    assert issue.edition is not None
    sent = issue.edition.rendered
    if variant:
        with house.database.read() as session:
            forms = editions.variants(session, issue.edition.id)
        if variant in forms:
            sent = cuts.put_together(forms[variant])
    if issue.content is None:
        return sent
    content, spoken = variants.told(issue.content, schedule, variant)
    way = render.Way(variant=variant, home=schedule.newsletter.language)
    return render.for_the_web(content, sent, spoken, public_url=house.public_url, way=way)


def _line(issue: Issue) -> dict[str, object]:
    subject = issue.edition.rendered.subject if issue.edition else ""
    return {"period": issue.period, "number": issue.number, "subject": subject}
