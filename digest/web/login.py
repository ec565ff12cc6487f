"""The door of the desk: set-up of the first editor, login by a mailed link, logout."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import StringConstraints

from digest.audience import addresses
from digest.bootstrap import House
from digest.errors import BadInput
from digest.store.editors import Role
from digest.web import forms, networks, sessions
from digest.web.forms import Form
from digest.web.pages import SAFE, HouseHere, PagesHere
from digest.web.sessions import Seat

router = APIRouter(prefix="/desk", include_in_schema=False)

#: A session ends by itself after seven days (RFC 6265 Max-Age, in seconds).
SESSION_AGE = 7 * 86400
LOGIN_AGE = int(sessions.LOGIN_LIFETIME.total_seconds())

NO_ADDRESS = "This is no complete email address. It looks like name@example.org."


class SetUpForm(Form):
    """The first editor."""

    email: str
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class LoginForm(Form):
    """Who wants a link."""

    email: str


SetUp = Depends(forms.reads(SetUpForm))
Login = Depends(forms.reads(LoginForm))
Anybody = Depends(sessions.needs(Role.VIEWER))
OwnPage = Depends(sessions.same_origin)


@router.api_route("/setup/{token}", methods=SAFE)
def setup_page(token: str, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """The form for the first editor, while there is none."""
    return _setup_page(house, pages, token)


@router.post("/setup/{token}", dependencies=[OwnPage])
def set_up(token: str, house: HouseHere, pages: PagesHere, form: SetUpForm = SetUp) -> Response:
    """Make the first editor and log them in."""
    try:
        email = addresses.parse(form.email).address
    except BadInput:
        return _setup_page(house, pages, token, form=form, problem=NO_ADDRESS)
    opened = sessions.set_up(house, token, email=email, name=form.name)
    return _seated(house, opened[0]) if opened else _setup_page(house, pages, token)


@router.api_route("/login", methods=SAFE)
def login_page(pages: PagesHere) -> HTMLResponse:
    """Ask for a link."""
    return pages.show("desk/login.html", {"state": "ask"})


@router.post("/login", dependencies=[OwnPage])
def ask_for_link(
    request: Request,
    tasks: BackgroundTasks,
    house: HouseHere,
    pages: PagesHere,
    form: LoginForm = Login,
) -> HTMLResponse:
    """The same answer for every address; the mail is queued after the answer has gone."""
    asker = networks.limit_key(networks.client_of(request, house.trusted_proxies))
    try:
        email = addresses.parse(form.email).address
    except BadInput:
        context = {"state": "ask", "problem": NO_ADDRESS}
        return pages.show("desk/login.html", context, status=422)
    if not sessions.may_ask(house, asker):
        return pages.show("desk/login.html", {"state": "too_many"}, status=429)
    browser = sessions.secret_of(request, "browser") or sessions.new_browser()
    tasks.add_task(sessions.send_login_link, house, email, browser=browser)
    page = pages.show("desk/login.html", {"state": "asked"})
    sessions.remember(page, house, "browser", browser, max_age=LOGIN_AGE)
    return page


@router.api_route("/login/{token}", methods=SAFE)
def link_page(token: str, request: Request, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """The page behind a login link: a button, since scanners open links too."""
    state = sessions.link_state(house, token, browser=sessions.secret_of(request, "browser"))
    return _link_page(pages, token, state)


@router.post("/login/{token}", dependencies=[OwnPage])
def log_in(token: str, request: Request, house: HouseHere, pages: PagesHere) -> Response:
    """Open a session, in the browser that asked for the link and in no other."""
    state = sessions.link_state(house, token, browser=sessions.secret_of(request, "browser"))
    opened = sessions.log_in(house, token) if state == "open" else None
    if opened is None:
        return _link_page(pages, token, "gone" if state == "open" else state)
    answer = _seated(house, opened[0], way=sessions.way_of(request))
    sessions.forget(answer, house, "browser")
    sessions.forget(answer, house, "way")
    return answer


@router.post("/logout")
def log_out(request: Request, house: HouseHere, seat: Seat = Anybody) -> Response:
    """Close the session here and on the server."""
    sessions.log_out(house, sessions.secret_of(request, "desk"))
    answer = RedirectResponse("/desk/login", status_code=303)
    sessions.forget(answer, house, "desk")
    return answer


def _setup_page(
    house: House,
    pages: PagesHere,
    token: str,
    *,
    form: SetUpForm | None = None,
    problem: str = "",
) -> HTMLResponse:
    is_open = sessions.setup_is_open(house, token)
    context = {
        "open": is_open,
        "token": token,
        "email": form.email if form else "",
        "name": form.name if form else "",
        "problem": problem,
    }
    status = 422 if problem else 200 if is_open else 410
    return pages.show("desk/setup.html", context, status=status)


def _link_page(pages: PagesHere, token: str, state: str) -> HTMLResponse:
    status = 200 if state == "open" else 410 if state == "gone" else 403
    return pages.show("desk/login.html", {"state": state, "token": token}, status=status)


def _seated(house: House, secret: str, *, way: str = "/desk") -> Response:
    answer = RedirectResponse(way, status_code=303)
    sessions.remember(answer, house, "desk", secret, max_age=SESSION_AGE)
    return answer
