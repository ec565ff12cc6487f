"""The door of the desk: set-up of the first editor, login by a mailed link or a passkey, a second proof, logout."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ConfigDict, StringConstraints
from starlette.exceptions import HTTPException

from digest.audience import addresses
from digest.bootstrap import House
from digest.errors import BadInput
from digest.model import EditorId
from digest.store import browsers, editors, events, factors, tokens
from digest.store.editors import Editor, Role
from digest.web import forms, headers, networks, second, sessions, wanted
from digest.web.forms import Form
from digest.web.pages import SAFE, HouseHere, Pages, PagesHere
from digest.web.sessions import Seat

router = APIRouter(prefix="/desk", include_in_schema=False)

#: A session ends by itself after seven days (RFC 6265 Max-Age, in seconds).
SESSION_AGE = 7 * 86400
LOGIN_AGE = int(sessions.LOGIN_LIFETIME.total_seconds())

NO_ADDRESS = "This is no complete email address. It looks like name@example.org."
WRONG_CODE = (
    "This code does not hold. Each is good once; look at the app again, or use a recovery code."
)
TOO_MANY = "Too many codes were tried. Wait a quarter of an hour."


class SetUpForm(Form):
    """The first editor."""

    email: str
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]


class LoginForm(Form):
    """Who wants a link."""

    email: str


class CodeForm(Form):
    """A code of an app, or a recovery code."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=60)]


class FreshForm(CodeForm):
    """The same from somebody who is logged in. then: the page to go on at."""

    csrf: str
    then: str = ""


class PasskeyForm(Form):
    """What the browser answered, as JSON. then: the page to go on at."""

    model_config = ConfigDict(extra="forbid", str_max_length=20_000)

    credential: str
    then: str = ""


SetUp = Depends(forms.reads(SetUpForm))
Login = Depends(forms.reads(LoginForm))
Code, Fresh = Depends(forms.reads(CodeForm)), Depends(forms.reads(FreshForm))
ByPasskey = Depends(forms.reads(PasskeyForm))
Anybody = Depends(sessions.needs(Role.VIEWER, weak=True))
OwnPage = Depends(sessions.same_origin)


# ---------------------------------------------------------------- set-up


@router.api_route("/setup/{token}", methods=SAFE)
def setup_page(token: str, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """The form for the first editor, while there is none."""
    return _setup_page(house, pages, token)


@router.post("/setup/{token}", dependencies=[OwnPage])
def set_up(
    token: str, request: Request, house: HouseHere, pages: PagesHere, form: SetUpForm = SetUp
) -> Response:
    """Make the first editor and log them in."""
    try:
        email = addresses.parse(form.email).address
    except BadInput:
        return _setup_page(house, pages, token, form=form, problem=NO_ADDRESS)
    opened = sessions.set_up(house, token, email=email, name=form.name)
    return _seated(request, opened[0]) if opened else _setup_page(house, pages, token)


# ---------------------------------------------------------------- by a mailed link


@router.api_route("/login", methods=SAFE)
def login_page(house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """Ask for a link, or show a passkey."""
    return _login_page(house, pages, {"state": "ask"})


@router.post("/login", dependencies=[OwnPage])
def ask_for_link(
    request: Request,
    tasks: BackgroundTasks,
    house: HouseHere,
    pages: PagesHere,
    form: LoginForm = Login,
) -> HTMLResponse:
    """The same answer for every address; the mail is queued after the answer has gone."""
    try:
        email = addresses.parse(form.email).address
    except BadInput:
        return _login_page(house, pages, {"state": "ask", "problem": NO_ADDRESS}, status=422)
    if not sessions.may_ask(house, _asker(request)):
        return _login_page(house, pages, {"state": "too_many"}, status=429)
    browser = sessions.secret_of(request, "browser") or sessions.new_browser()
    tasks.add_task(sessions.send_login_link, house, email, browser=browser)
    page = _login_page(house, pages, {"state": "asked"})
    sessions.remember(page, house, "browser", browser, max_age=LOGIN_AGE)
    return page


@router.api_route("/login/code", methods=SAFE)
def code_page(request: Request, house: HouseHere, pages: PagesHere) -> Response:
    """The second proof, after a link; without one, the way to the login."""
    editor = _half(request, house)
    return _code_page(house, pages, editor) if editor else RedirectResponse("/desk/login", 303)


@router.post("/login/code", dependencies=[OwnPage])
def show_code(
    request: Request, house: HouseHere, pages: PagesHere, form: CodeForm = Code
) -> Response:
    """A session for whose link was opened and whose code holds."""
    editor = _half(request, house)
    if editor is None:
        return RedirectResponse("/desk/login", 303)
    try:
        with house.database.write() as session:
            how = second.code_holds(session, house, editor.id, form.code)
            secret = ""
            if how and tokens.use(session, _half_of(request), "half", now=house.clock()):
                way = sessions.way_of(request, f"link+{how}", strong=True)
                secret = sessions.opened(session, house, editor, way)
    except second.TooMany:
        sessions.note_failed(request, "too many codes", who=editor.id)
        return _code_page(house, pages, editor, problem=TOO_MANY, status=429)
    if not secret:
        sessions.note_failed(request, "a wrong code", who=editor.id)
        return _code_page(house, pages, editor, problem=WRONG_CODE, status=422)
    answer = _seated(request, secret)
    sessions.forget(answer, house, "half")
    return answer


@router.api_route("/login/{token}", methods=SAFE)
def link_page(token: str, request: Request, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """The page behind a login link: a button, since scanners open links too."""
    state = sessions.link_state(house, token, browser=sessions.secret_of(request, "browser"))
    return _link_page(house, pages, token, state)


@router.post("/login/{token}", dependencies=[OwnPage])
def log_in(token: str, request: Request, house: HouseHere, pages: PagesHere) -> Response:
    """Open a session, in the browser that asked for the link and in no other; a printed one opens in any."""
    state = sessions.link_state(house, token, browser=sessions.secret_of(request, "browser"))
    is_open = state in ("open", "printed")
    way = sessions.way_of(request, "printed link" if state == "printed" else "link")
    entered = sessions.log_in(house, token, way) if is_open else sessions.Entered()
    if entered.half:
        answer: Response = RedirectResponse("/desk/login/code", status_code=303)
        sessions.remember(answer, house, "half", entered.half, max_age=LOGIN_AGE)
    elif entered.secret:
        answer = _seated(request, entered.secret)
    else:
        state = "gone" if is_open else state
        sessions.note_failed(request, f"a link: {state}")
        return _link_page(house, pages, token, state)
    sessions.forget(answer, house, "browser")
    return answer


# ---------------------------------------------------------------- by a passkey


@router.post("/login/passkey/ask", dependencies=[OwnPage])
def ask_for_passkey(request: Request, house: HouseHere) -> Response:
    """A challenge for whichever passkey the person chooses, as the browser wants it."""
    if not sessions.may_challenge(house, _asker(request)):
        raise HTTPException(429, "Too many logins were begun from your network. Try again later.")
    browser = sessions.secret_of(request, "browser") or sessions.new_browser()
    answer = Response(second.ask_to_log_in(house, browser=browser), media_type="application/json")
    sessions.remember(answer, house, "browser", browser, max_age=LOGIN_AGE)
    return answer


@router.post("/login/passkey/show", dependencies=[OwnPage])
def show_passkey(
    request: Request, house: HouseHere, pages: PagesHere, form: PasskeyForm = ByPasskey
) -> Response:
    """A session for whose passkey answered the challenge."""
    browser = sessions.secret_of(request, "browser")
    way = sessions.way_of(request, "passkey", strong=True)
    try:
        secret = sessions.log_in_by_passkey(house, form.credential, way, browser=browser)
    except BadInput as error:
        sessions.note_failed(request, f"a passkey: {error.reason}")
        problem = f"That passkey opened nothing: {error.reason}."
        return _login_page(house, pages, {"state": "ask", "passkey_problem": problem}, status=422)
    answer = _seated(request, secret, then=form.then)
    sessions.forget(answer, house, "half")
    return answer


# ---------------------------------------------------------------- once more, and out


@router.api_route("/fresh", methods=SAFE)
def fresh_page(
    house: HouseHere, pages: PagesHere, then: str = "", seat: Seat = Anybody
) -> HTMLResponse:
    """Prove once more who you are, for what cannot be taken back."""
    return _fresh_page(house, pages, seat, then)


@router.post("/fresh")
def prove(
    request: Request,
    house: HouseHere,
    pages: PagesHere,
    seat: Seat = Anybody,
    form: FreshForm = Fresh,
) -> Response:
    """A code of the app, from somebody who is logged in."""
    now = house.clock()
    try:
        with house.database.write() as session:
            how = second.code_holds(session, house, EditorId(seat.id), form.code)
            if how:
                browsers.proved(session, sessions.secret_of(request, "desk"), now=now)
                data = {"by": how}
                events.record(
                    session, at=now, actor=seat.actor, action="proved it again", data=data
                )
    except second.TooMany:
        sessions.note_failed(request, "too many codes", who=seat.id)
        return _fresh_page(house, pages, seat, form.then, problem=TOO_MANY, status=429)
    if not how:
        sessions.note_failed(request, "a wrong code", who=seat.id)
        return _fresh_page(house, pages, seat, form.then, problem=WRONG_CODE, status=422)
    return RedirectResponse(wanted.page_of(form.then), status_code=303)


@router.post("/logout")
def log_out(request: Request, house: HouseHere, seat: Seat = Anybody) -> Response:
    """Close the session here and on the server."""
    sessions.log_out(house, sessions.secret_of(request, "desk"), seat)
    answer = RedirectResponse("/desk/login", status_code=303)
    sessions.forget(answer, house, "desk")
    return answer


# ---------------------------------------------------------------- pages


def _setup_page(
    house: House,
    pages: Pages,
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


def _login_page(
    house: House, pages: Pages, context: dict[str, Any], *, status: int = 200
) -> HTMLResponse:
    told = {"passkeys": second.passkeys_work(house.public_url), **context}
    return pages.show("desk/login.html", told, status=status, headers=headers.SCRIPTED)


def _link_page(house: House, pages: Pages, token: str, state: str) -> HTMLResponse:
    status = 200 if state in ("open", "printed") else 410 if state == "gone" else 403
    return _login_page(house, pages, {"state": state, "token": token}, status=status)


def _code_page(
    house: House, pages: Pages, editor: Editor, *, problem: str = "", status: int = 200
) -> HTMLResponse:
    with house.database.read() as session:
        held = factors.held(session, editor.id)
    context = {"state": "code", "held": held, "problem": problem}
    return _login_page(house, pages, context, status=status)


def _fresh_page(
    house: House, pages: Pages, seat: Seat, then: str, *, problem: str = "", status: int = 200
) -> HTMLResponse:
    with house.database.read() as session:
        editor = editors.by_id(session, seat.id)
        held = factors.held(session, EditorId(seat.id))
    context = {"seat": seat, "held": held, "problem": problem, "then": wanted.page_of(then)}
    context |= {"email": editor.email if editor else ""}
    context |= {"passkeys": second.passkeys_work(house.public_url)}
    return pages.show("desk/fresh.html", context, status=status, headers=headers.SCRIPTED)


# ---------------------------------------------------------------- who


def _asker(request: Request) -> str:
    house: House = request.app.state.house
    return networks.limit_key(networks.client_of(request, house.trusted_proxies))


def _half_of(request: Request) -> str:
    return sessions.secret_of(request, "half")


def _half(request: Request, house: House) -> Editor | None:
    """Whose link was opened in this browser and who has more to show."""
    with house.database.read() as session:
        token = tokens.look(session, _half_of(request), "half", now=house.clock())
        if token is None or token.used:
            return None
        return editors.by_id(session, token.subject)


def _seated(request: Request, secret: str, *, then: str = "") -> Response:
    """The session of before, in this browser, ends with the new one."""
    house: House = request.app.state.house
    if before := sessions.secret_of(request, "desk"):
        with house.database.write() as session:
            editors.close_session(session, before)
    page = wanted.page_of(then) if then else wanted.wanted_page(request)
    answer = RedirectResponse(page, status_code=303)
    sessions.remember(answer, house, "desk", secret, max_age=SESSION_AGE)
    sessions.forget(answer, house, "page")
    return answer
