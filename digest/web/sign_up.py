"""Signing up by a page: ours, or a form on any other site; and the button behind the mailed link."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, BackgroundTasks, Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import ConfigDict

from digest.audience import addresses, confirmation
from digest.audience.confirmation import Confirmation, Outcome
from digest.bootstrap import House
from digest.errors import BadInput
from digest.model import Issue
from digest.schedules import Schedule
from digest.store import issues
from digest.web import door, forms, headers, networks
from digest.web.door import Knock, SettlingHere, Verdict
from digest.web.forms import Form
from digest.web.pages import SAFE, HouseHere, Pages, PagesHere
from digest.web.speech import Speech, mark

router = APIRouter(include_in_schema=False)

#: Headlines of the last issue on the sign-up page.
HEADLINES = 5
#: A network that asked too often may come back after so many seconds.
COME_BACK_S = 3600

#: What stands beside the field where a wish was not taken.
PROBLEMS = {
    Verdict.AGAIN: mark("That was not taken yet. Please press “Subscribe” once more."),
    Verdict.NO_ADDRESS: mark("This is no complete email address. It looks like name@example.org."),
    Verdict.THROWAWAY: mark(
        "Mailboxes of this address are thrown away, so no newsletter can reach you there. "
        "Please give another one."
    ),
    Verdict.WORK: mark(
        "Very many people sign up at the moment, so your browser must prove that it is none of the "
        "bots among them. That takes JavaScript and a few seconds. Please press “Subscribe” once "
        "more, or come back in an hour."
    ),
}


class SignUpForm(Form):
    """The form of our own page; its fields are told in `door.Knock`."""

    address: str = ""
    nothing: str = ""
    stamp: str = ""
    altcha: str = ""
    zone: str = ""


class EmbeddedForm(Form):
    """A form of another site, which may have fields of its own."""

    model_config = ConfigDict(extra="ignore")

    address: str = ""
    nothing: str = ""
    altcha: str = ""
    zone: str = ""


SignUp = Depends(forms.reads(SignUpForm))
Embedded = Depends(forms.reads(EmbeddedForm))


@router.api_route("/", methods=SAFE)
def home(house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """The newsletters of this server, each with its form; where there is one, that one."""
    if len(house.schedules) == 1:
        return sign_up_page(next(iter(house.schedules)), house, pages)
    offers = [
        pages.piece("public/_offer.html", _offer(house, pages, schedule), schedule)
        for schedule in house.schedules.values()
    ]
    context = {"offers": offers, "private": False}
    return pages.show("public/home.html", context, headers=headers.SCRIPTED)


@router.api_route("/n/{newsletter}", methods=SAFE)
def sign_up_page(newsletter: str, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """One newsletter: what it is, the form, what stood in the last issue."""
    return _sign_up_page(house, pages, house.schedule(newsletter))


@router.post("/n/{newsletter}/subscribe")
def subscribe(
    newsletter: str,
    request: Request,
    tasks: BackgroundTasks,
    pages: PagesHere,
    settling: SettlingHere,
    form: SignUpForm = SignUp,
) -> HTMLResponse:
    """Take a wish to subscribe. One answer for every address; too fast is asked to press again."""
    schedule = pages.house.schedule(newsletter)
    given = Knock(method="form", **form.model_dump())
    verdict = door.knock(request, schedule, pages.speech(schedule), given, own_page=True)
    tasks.add_task(settling.soon)
    return _answer(pages, schedule, verdict, form.address)


@router.post("/embed/{newsletter}")
def subscribe_elsewhere(
    newsletter: str,
    request: Request,
    tasks: BackgroundTasks,
    pages: PagesHere,
    settling: SettlingHere,
    form: EmbeddedForm = Embedded,
) -> HTMLResponse:
    """The same from a form on any site. Without a proof of work its reader presses once more, here."""
    schedule = pages.house.schedule(newsletter)
    given = Knock(method="embed", **form.model_dump())
    verdict = door.knock(request, schedule, pages.speech(schedule), given, own_page=False)
    if verdict is Verdict.AGAIN:
        return _sign_up_page(pages.house, pages, schedule, address=_if_one(form.address), once=True)
    tasks.add_task(settling.soon)
    return _answer(pages, schedule, verdict, form.address)


def _if_one(address: str) -> str:
    """An address to stand in the field; no other words of a stranger's page come onto ours."""
    try:
        return addresses.parse(address).address
    except BadInput:
        return ""


def _answer(pages: Pages, schedule: Schedule, verdict: Verdict, address: str) -> HTMLResponse:
    if verdict is Verdict.HEARD:
        return pages.show("public/asked.html", {"schedule": schedule})
    if verdict is Verdict.TOO_MANY:
        later = {"retry-after": str(COME_BACK_S)}
        context = {"schedule": schedule}
        return pages.show("public/too_many.html", context, status=429, headers=later)
    problem = pages.speech(schedule).gettext(PROBLEMS[verdict])
    return _sign_up_page(pages.house, pages, schedule, address=address, problem=problem)


def _offer(house: House, pages: Pages, schedule: Schedule) -> dict[str, Any]:
    speech: Speech = pages.speech(schedule)
    return {
        "schedule": schedule,
        "stamp": forms.stamp(house.key, door.form_of(schedule, speech), now=house.clock()),
        "wording": door.wording(schedule, speech),
    }


def _sign_up_page(
    house: House,
    pages: Pages,
    schedule: Schedule,
    *,
    address: str = "",
    problem: str = "",
    once: bool = False,
) -> HTMLResponse:
    """once: it comes after a form elsewhere, and one press more does it."""
    with house.database.read() as session:
        newest = issues.archive(session, schedule.key, limit=1)
    context = {
        **_offer(house, pages, schedule),
        "latest": _headlines(newest[0]) if newest else None,
        "address": address,
        "problem": problem,
        "once": once,
        "private": False,
    }
    status = 422 if problem else 200
    return pages.show("public/newsletter.html", context, status=status, headers=headers.SCRIPTED)


def _headlines(issue: Issue) -> dict[str, Any]:
    stories = issue.content.stories[:HEADLINES] if issue.content else ()
    return {"period": issue.period, "stories": stories}


# ---------------------------------------------------------------- the link in the mail


@router.api_route("/confirm/{token}", methods=SAFE)
def confirm_page(token: str, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """The page behind the mailed link: a button, since scanners open links too."""
    found = confirmation.look(house.database, token, now=house.clock())
    return _confirm_page(house, pages, token, found)


@router.post("/confirm/{token}")
def confirm(token: str, request: Request, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """Confirm; a second time it only says that it is done."""
    network = networks.shortened(networks.client_of(request, house.trusted_proxies))
    found = confirmation.confirm(house, token, network=network, now=house.clock())
    return _confirm_page(house, pages, token, found)


def _confirm_page(house: House, pages: Pages, token: str, found: Confirmation) -> HTMLResponse:
    schedule = house.schedules.get(found.newsletter)
    outcome = found.outcome if schedule else Outcome.GONE
    context = {"schedule": schedule, "state": str(outcome), "token": token}
    return pages.show(
        "public/confirm.html", context, status=404 if outcome is Outcome.GONE else 200
    )
