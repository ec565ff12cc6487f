"""What readers see: the newsletters, signing up, confirming. No GET changes anything."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from digest.audience import signup
from digest.audience.signup import Answer, Asking, Outcome
from digest.bootstrap import House
from digest.errors import BadInput
from digest.model import Issue
from digest.schedules import Schedule
from digest.store import issues
from digest.web import forms, networks
from digest.web.forms import Filled, Form
from digest.web.pages import SAFE, HouseHere, Pages, PagesHere, accents
from digest.web.speech import Speech

router = APIRouter(include_in_schema=False)

#: Headlines of the last issue on the sign-up page.
HEADLINES = 5


class SignUpForm(Form):
    """`nothing` is a field that no person sees; `stamp` says when the page was made."""

    address: str = ""
    nothing: str = ""
    stamp: str = ""


SignUp = Depends(forms.reads(SignUpForm))


def wording(schedule: Schedule, speech: Speech) -> str:
    """What a reader agrees to, kept word for word as evidence."""
    return speech.gettext(
        "With “Subscribe” you ask %(site)s to send you %(name)s by email, %(every)s (%(place)s time). "
        "Your address is used for nothing else. You can leave at any time with one click.",
        site=schedule.newsletter.site_name,
        name=schedule.newsletter.name,
        every=speech.every(schedule.deliver.at),
        place=speech.place,
    )


@router.api_route("/", methods=SAFE)
def home(house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """The newsletters of this server, each with its form; where there is one, that one."""
    if len(house.schedules) == 1:
        return _sign_up_page(house, pages, next(iter(house.schedules.values())))
    offers = [
        pages.piece("public/_offer.html", _offer(house, pages, schedule), schedule)
        for schedule in house.schedules.values()
    ]
    return pages.show("public/home.html", {"offers": offers, "private": False})


@router.api_route("/accents.css", methods=SAFE)
def colours(house: HouseHere) -> Response:
    """Each newsletter's colours, since our policy allows no styles inside a page."""
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(accents(house.schedules.values()), media_type="text/css", headers=headers)


@router.api_route("/n/{newsletter}", methods=SAFE)
def sign_up_page(newsletter: str, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """One newsletter: what it is, the form, what stood in the last issue."""
    return _sign_up_page(house, pages, house.schedule(newsletter))


@router.post("/n/{newsletter}/subscribe")
def subscribe(
    newsletter: str, request: Request, house: HouseHere, pages: PagesHere, form: SignUpForm = SignUp
) -> HTMLResponse:
    """Take a wish to subscribe. One answer for every address; too fast is asked to press again."""
    schedule, now = house.schedule(newsletter), house.clock()
    speech = pages.speech(schedule)
    if form.nothing:
        return pages.show("public/asked.html", {"schedule": schedule})
    took = forms.filled(house.key, newsletter, stamp=form.stamp, now=now)
    if took is not Filled.WELL:
        problem = speech.gettext("That was not taken yet. Please press “Subscribe” once more.")
        return _sign_up_page(house, pages, schedule, address=form.address, problem=problem)
    client = networks.client_of(request, house.trusted_proxies)
    asking = Asking(
        newsletter=newsletter,
        address=form.address,
        asker=networks.limit_key(client),
        network=networks.shortened(client),
        wording=wording(schedule, speech),
        language=schedule.newsletter.language,
    )
    try:
        answer = signup.ask(
            house.database, asking, key=house.key, public_url=house.public_url, now=now
        )
    except BadInput:
        problem = speech.gettext(
            "This is no complete email address. It looks like name@example.org."
        )
        return _sign_up_page(house, pages, schedule, address=form.address, problem=problem)
    if answer is Answer.TOO_MANY:
        return pages.show("public/too_many.html", {"schedule": schedule}, status=429)
    return pages.show("public/asked.html", {"schedule": schedule})


@router.api_route("/confirm/{token}", methods=SAFE)
def confirm_page(token: str, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """The page behind the mailed link: a button, since scanners open links too."""
    return _confirm_page(house, pages, token, signup.look(house.database, token, now=house.clock()))


@router.post("/confirm/{token}")
def confirm(token: str, request: Request, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """Confirm; a second time it only says that it is done."""
    network = networks.shortened(networks.client_of(request, house.trusted_proxies))
    found = signup.confirm(house.database, token, network=network, now=house.clock())
    return _confirm_page(house, pages, token, found)


def _offer(house: House, pages: Pages, schedule: Schedule) -> dict[str, Any]:
    return {
        "schedule": schedule,
        "stamp": forms.stamp(house.key, schedule.key, now=house.clock()),
        "wording": wording(schedule, pages.speech(schedule)),
    }


def _sign_up_page(
    house: House, pages: PagesHere, schedule: Schedule, *, address: str = "", problem: str = ""
) -> HTMLResponse:
    with house.database.read() as session:
        newest = issues.archive(session, schedule.key, limit=1)
    context = {
        **_offer(house, pages, schedule),
        "latest": _headlines(newest[0]) if newest else None,
        "address": address,
        "problem": problem,
        "private": False,
    }
    return pages.show("public/newsletter.html", context, status=422 if problem else 200)


def _headlines(issue: Issue) -> dict[str, Any]:
    stories = issue.content.stories[:HEADLINES] if issue.content else ()
    return {"period": issue.period, "stories": stories}


def _confirm_page(
    house: House, pages: PagesHere, token: str, found: signup.Confirmation
) -> HTMLResponse:
    schedule = house.schedules.get(found.newsletter)
    outcome = found.outcome if schedule else Outcome.GONE
    context = {"schedule": schedule, "state": str(outcome), "token": token}
    return pages.show(
        "public/confirm.html", context, status=404 if outcome is Outcome.GONE else 200
    )
