"""Leaving: one button, by a person or by a mail program; the reason, asked once; a minute to undo it."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from digest.audience import preferences, tokens, unsubscribe
from digest.audience.unsubscribe import Why
from digest.bootstrap import House
from digest.web import forms
from digest.web.forms import Form
from digest.web.pages import SAFE, HouseHere, Pages, PagesHere
from digest.web.speech import Speech, mark

router = APIRouter(prefix="/leave/{newsletter}/{token}", include_in_schema=False)

#: The reasons in the order of the page, which is that of the list.
_REASONS = {
    Why.TOO_MUCH: mark("Too much mail"),
    Why.NOT_FOR_ME: mark("The stories are not for me"),
    Why.TOO_LONG: mark("Each mail is too long"),
    Why.READ_ELSEWHERE: mark("I read it elsewhere"),
    Why.NEVER_ASKED: mark("I never asked for it"),
    Why.OTHER: mark("Another reason"),
}


class UndoForm(Form):
    """undo: the proof that stood in the answer to the leaving."""

    undo: str = ""


class ReasonForm(UndoForm):
    """One of the reasons, or none."""

    reason: str = ""


@router.api_route("", methods=SAFE)
def leave_page(newsletter: str, token: str, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """One button, where the link is whole."""
    return _page(house, pages, newsletter, token, state="ask")


@router.post("")
async def leave(
    newsletter: str, token: str, request: Request, house: HouseHere, pages: PagesHere
) -> HTMLResponse:
    """Leave, by the page's button or by a mail program's own one (RFC 8058).

    Needs no cookie, no CSRF token, redirects nowhere, reads the body only as evidence of the
    method, and answers 200 to anything: a mail program must never have to try again. A person
    with half a link is told so, for nothing is left by it.
    """
    method = unsubscribe.method_of(await request.body())
    await run_in_threadpool(_leave, house, newsletter, token, method=method)
    return await run_in_threadpool(_page, house, pages, newsletter, token, state="left")


@router.post("/undo")
def undo(
    newsletter: str,
    token: str,
    house: HouseHere,
    pages: PagesHere,
    form: UndoForm = Depends(forms.reads(UndoForm)),
) -> HTMLResponse:
    """Take it back within the minute."""
    back = unsubscribe.undo(
        house.database, newsletter, token, form.undo, key=house.key, now=house.clock()
    )
    return _page(house, pages, newsletter, token, state="back" if back else "late")


@router.post("/reason")
def reason(
    newsletter: str,
    token: str,
    house: HouseHere,
    pages: PagesHere,
    form: ReasonForm = Depends(forms.reads(ReasonForm)),
) -> HTMLResponse:
    """Take the reason, once; thanked alike whatever came."""
    unsubscribe.explain(house.database, newsletter, token, form.reason, key=house.key)
    return _page(house, pages, newsletter, token, state="thanked")


@router.api_route("/choices", methods=SAFE)
def choices_page(newsletter: str, token: str, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """The way from a mail to the reader's choices: it mails them their link, so it gives no rights away."""
    return _choices_page(house, pages, newsletter, token, state="own")


@router.post("/choices")
def mail_choices(newsletter: str, token: str, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """Mail it, to the reader and nobody else."""
    preferences.mail_own_link(
        house.database,
        newsletter,
        token,
        key=house.key,
        public_url=house.public_url,
        now=house.clock(),
    )
    return _choices_page(house, pages, newsletter, token, state="mailed")


def _choices_page(
    house: House, pages: Pages, newsletter: str, token: str, *, state: str
) -> HTMLResponse:
    schedule = house.schedules.get(newsletter)
    whole = schedule and tokens.read_leave_token(house.key, newsletter, token) is not None
    path = f"/leave/{newsletter}/{token}/choices"
    context = {"schedule": schedule, "state": state if whole else "gone", "path": path}
    return pages.show("public/link.html", context, status=200 if whole else 404)


def _page(house: House, pages: Pages, newsletter: str, token: str, *, state: str) -> HTMLResponse:
    """Alike for every whole link, whoever it is of: only its signature is looked at here."""
    handle = tokens.read_leave_token(house.key, newsletter, token)
    schedule = house.schedules.get(newsletter)
    proof = ""
    if handle and state == "left":
        proof = tokens.undo_token(house.key, newsletter, handle, at=house.clock())
    context = {
        "schedule": schedule,
        "newsletter": newsletter,
        "token": token,
        "state": _state(state, handle),
        "undo": proof,
        "reasons": _reasons(pages.speech(schedule)),
    }
    return pages.show("public/leave.html", context)


def _state(state: str, handle: str | None) -> str:
    if handle is None:
        return "broken"
    return "nobody" if handle == tokens.NOBODY else state


def _reasons(speech: Speech) -> list[tuple[str, str]]:
    return [(why.value, speech.gettext(words)) for why, words in _REASONS.items()]


def reason_words() -> dict[str, str]:
    """What the reasons say, in English, for the desk."""
    return {why.value: words for why, words in _REASONS.items()}


def _leave(house: House, newsletter: str, token: str, *, method: str) -> None:
    unsubscribe.leave(
        house.database,
        newsletter,
        token,
        key=house.key,
        now=house.clock(),
        method=method,
        goodbyes=house.goodbyes,
    )
