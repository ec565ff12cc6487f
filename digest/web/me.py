"""An editor's own page: the browsers they are logged in with, passkeys, codes of an app, recovery codes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from pydantic import ConfigDict, StringConstraints

from digest.bootstrap import House
from digest.errors import BadInput, Conflict
from digest.model import EditorId
from digest.store import browsers, editors, events, factors
from digest.store.editors import Editor, Role
from digest.store.engine import Session
from digest.web import forms, headers, second, sessions
from digest.web.forms import Form
from digest.web.pages import SAFE, HouseHere, Pages, PagesHere
from digest.web.sessions import NotSeated, Seat

router = APIRouter(prefix="/desk/me", include_in_schema=False)
PAGE = "/desk/me"

Mine = Depends(sessions.needs(Role.VIEWER, weak=True))
#: What lets somebody in, or keeps them out, is changed right after a login only.
MineFresh = Depends(sessions.needs(Role.VIEWER, weak=True, fresh=PAGE))

WRONG_CODE = (
    "This is not the code that the app shows now. Look again; they change every half minute."
)


class Button(Form):
    """A button."""

    csrf: str


class OneSession(Button):
    """A button beside a session."""

    handle: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]


class OnePasskey(Button):
    """A button beside a passkey."""

    passkey: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15}$")]


class NewPasskey(Button):
    """What the browser answered, as JSON, and what its owner calls it."""

    model_config = ConfigDict(extra="forbid", str_max_length=20_000)

    credential: str
    name: Annotated[str, StringConstraints(max_length=60)] = ""


class Code(Button):
    """The first code of an app."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=60)]


Plain, EndOne = Depends(forms.reads(Button)), Depends(forms.reads(OneSession))
Registering, Dropping = Depends(forms.reads(NewPasskey)), Depends(forms.reads(OnePasskey))
Confirming = Depends(forms.reads(Code))


@router.api_route("", methods=SAFE)
def page(request: Request, house: HouseHere, pages: PagesHere, seat: Seat = Mine) -> HTMLResponse:
    """Everything about the own seat."""
    return _show(request, pages, seat)


# ---------------------------------------------------------------- sessions


@router.post("/sessions/end")
def end_session(house: HouseHere, seat: Seat = Mine, form: OneSession = EndOne) -> Response:
    """Log one browser out."""
    with house.database.write() as session:
        if browsers.end(session, EditorId(seat.id), form.handle):
            _record(session, house, seat, "ended a session", count=1)
    return _back()


@router.post("/sessions/end-others")
def end_others(
    request: Request, house: HouseHere, seat: Seat = Mine, form: Button = Plain
) -> Response:
    """Log every other browser out."""
    with house.database.write() as session:
        here = sessions.secret_of(request, "desk")
        count = browsers.end_others(session, EditorId(seat.id), here)
        if count:
            _record(session, house, seat, "ended a session", count=count)
    return _back()


# ---------------------------------------------------------------- passkeys


@router.post("/passkeys/ask")
def ask_for_passkey(
    request: Request, house: HouseHere, seat: Seat = MineFresh, form: Button = Plain
) -> Response:
    """A challenge for a new passkey, as the browser wants it."""
    browser = sessions.secret_of(request, "desk")
    options = second.ask_to_register(house, _editor(house, seat), browser=browser)
    return Response(options, media_type="application/json")


@router.post("/passkeys")
def add_passkey(
    request: Request,
    house: HouseHere,
    pages: PagesHere,
    seat: Seat = MineFresh,
    form: NewPasskey = Registering,
) -> Response:
    """Keep the passkey that the device made."""
    me, here, now = EditorId(seat.id), sessions.secret_of(request, "desk"), house.clock()
    try:
        new = second.registered(house, form.credential, editor=me, browser=here)
    except BadInput as error:
        return _show(request, pages, seat, problem=f"No passkey was added: {error.reason}.")
    with house.database.write() as session:
        kept = factors.add_passkey(
            session,
            me,
            new.credential,
            public_key=new.public_key,
            counter=new.counter,
            name=form.name or "Passkey",
            now=now,
        )
        if kept:
            browsers.proved(session, here, now=now)
            _record(session, house, seat, "added a passkey")
    return (
        _back() if kept else _show(request, pages, seat, problem="This passkey is known already.")
    )


@router.post("/passkeys/remove")
def remove_passkey(
    house: HouseHere, seat: Seat = MineFresh, form: OnePasskey = Dropping
) -> Response:
    """Forget a passkey."""
    me = EditorId(seat.id)
    with house.database.write() as session:
        _may_go(session, house, seat, passkeys=1)
        if factors.remove_passkey(session, me, int(form.passkey)):
            _record(session, house, seat, "removed a passkey", passkey=form.passkey)
    return _back()


# ---------------------------------------------------------------- codes


@router.post("/app")
def begin_app(
    request: Request,
    house: HouseHere,
    pages: PagesHere,
    seat: Seat = MineFresh,
    form: Button = Plain,
) -> Response:
    """A secret for an app, shown once as a picture and in letters; it counts with its first code."""
    editor = _editor(house, seat)
    with house.database.write() as session:
        secret = second.begin_app(session, house, editor)
        _record(session, house, seat, "began codes of an app")
    return _show(request, pages, seat, secret=secret)


@router.post("/app/confirm")
def confirm_app(
    request: Request,
    house: HouseHere,
    pages: PagesHere,
    seat: Seat = MineFresh,
    form: Code = Confirming,
) -> Response:
    """The app works: from now on a mailed link asks for its code as well. Recovery codes are shown once."""
    me, now = EditorId(seat.id), house.clock()
    codes: list[str] = []
    try:
        with house.database.write() as session:
            if second.confirm_app(session, house, me, form.code):
                codes = second.new_codes(session, me, now=now)
                browsers.proved(session, sessions.secret_of(request, "desk"), now=now)
                _record(session, house, seat, "set up codes of an app")
    except second.TooMany:
        sessions.note_failed(request, "too many codes", who=seat.id)
        problem = "Too many codes were tried. Wait a quarter of an hour."
        return _show(request, pages, seat, problem=problem, status=429)
    if codes:
        return _show(request, pages, seat, codes=codes)
    sessions.note_failed(request, "a wrong code", who=seat.id)
    with house.database.read() as session:
        begun = second.begun_app(session, house, _editor(house, seat))
    return _show(request, pages, seat, secret=begun, problem=WRONG_CODE, status=422)


@router.post("/app/remove")
def remove_app(house: HouseHere, seat: Seat = MineFresh, form: Button = Plain) -> Response:
    """A mailed link asks for no code any more."""
    with house.database.write() as session:
        _may_go(session, house, seat, app=True)
        if factors.remove_code_app(session, EditorId(seat.id)):
            _record(session, house, seat, "removed codes of an app")
    return _back()


@router.post("/codes")
def new_codes(
    request: Request,
    house: HouseHere,
    pages: PagesHere,
    seat: Seat = MineFresh,
    form: Button = Plain,
) -> Response:
    """New recovery codes, shown once; the old ones open nothing any more."""
    with house.database.write() as session:
        codes = second.new_codes(session, EditorId(seat.id), now=house.clock())
        _record(session, house, seat, "made recovery codes")
    return _show(request, pages, seat, codes=codes)


# ---------------------------------------------------------------- the page


def _show(
    request: Request,
    pages: Pages,
    seat: Seat,
    *,
    secret: second.Secret | None = None,
    codes: list[str] | None = None,
    problem: str = "",
    status: int = 200,
) -> HTMLResponse:
    house, me, now = pages.house, EditorId(seat.id), pages.house.clock()
    here = sessions.secret_of(request, "desk")
    with house.database.read() as session:
        context: dict[str, Any] = {
            "editor": editors.by_id(session, seat.id),
            "browsers": browsers.of(session, me, now=now, secret=here),
            "passkeys": factors.passkeys(session, me),
            "held": factors.held(session, me),
        }
    must = sessions.must_be_strong(house, seat.role)
    context |= {
        "seat": seat,
        "here": "me",
        "now": now,
        "must": must,
        "weak": must and not context["held"].any,
        "secret": secret,
        "picture": _picture(secret) if secret else "",
        "codes": codes or [],
        "problem": problem,
        "possible": second.passkeys_work(house.public_url),
    }
    status = status if status != 200 or not problem else 422
    return pages.show("desk/me.html", context, status=status, headers=headers.SCRIPTED)


def _picture(secret: second.Secret) -> Markup:
    """The secret for a camera: a QR code as SVG inside the page, dark on light in either scheme."""
    import segno

    made = segno.make(secret.address, error="m", micro=False)
    svg = made.svg_inline(
        border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    return Markup(svg)  # nosec B704  # noqa: S704  made of squares by the package


def _may_go(
    session: Session, house: House, seat: Seat, *, passkeys: int = 0, app: bool = False
) -> None:
    """Raises Conflict where this is the last of what the settings want."""
    held = factors.held(session, EditorId(seat.id))
    left = held.passkeys - passkeys > 0 or (held.app and not app)
    if not left and sessions.must_be_strong(house, seat.role):
        raise Conflict("This house wants more than a mailed link of you: add another one first.")


def _editor(house: House, seat: Seat) -> Editor:
    with house.database.read() as session:
        found = editors.by_id(session, seat.id)
    if found is None:
        raise NotSeated
    return found


def _record(session: Session, house: House, seat: Seat, action: str, **data: object) -> None:
    subject, now = f"editor:{seat.id}", house.clock()
    events.record(session, at=now, actor=seat.actor, action=action, subject=subject, data=data)


def _back() -> Response:
    return RedirectResponse(PAGE, status_code=303)
