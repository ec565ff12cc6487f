"""Seats at the desk: who has one, with which role; an admin gives, changes and takes them away. One admin stays."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import StringConstraints

from digest import granting
from digest.audience import addresses
from digest.bootstrap import House
from digest.errors import BadInput, Conflict
from digest.store import api_tokens, browsers, editors, events, factors, hooks, notices
from digest.store.api_tokens import ApiToken
from digest.store.editors import ROLES, Editor, Role
from digest.store.engine import Session
from digest.store.factors import Held
from digest.web import forms, sessions
from digest.web.forms import Form
from digest.web.pages import SAFE, HouseHere, Pages, PagesHere
from digest.web.sessions import Seat

router = APIRouter(prefix="/desk/house/editors", include_in_schema=False)
PAGE = "/desk/house/editors"

Admin = Depends(sessions.needs(Role.ADMIN))
AdminFresh = Depends(sessions.needs(Role.ADMIN, fresh=PAGE))
RoleName = Annotated[str, StringConstraints(pattern=f"^({'|'.join(ROLES)})$")]
Number = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15}$")]


class InviteForm(Form):
    """Somebody new."""

    csrf: str
    email: str
    name: Annotated[str, StringConstraints(max_length=100)] = ""
    role: RoleName


class SeatForm(Form):
    """A button beside a seat."""

    csrf: str
    editor: Number


class LeavingForm(SeatForm):
    """A button after which a seat may be no admin's any more. keep: the tokens that it answers for go on."""

    keep: Literal["", "yes"] = ""


class RoleForm(LeavingForm):
    """Another role for a seat."""

    role: RoleName


class RemoveForm(LeavingForm):
    """A button that takes a seat away: a box is ticked as well."""

    sure: Annotated[str, StringConstraints(pattern="^yes$")]


Inviting, Choosing = Depends(forms.reads(InviteForm)), Depends(forms.reads(RoleForm))
Removing, Plain = Depends(forms.reads(RemoveForm)), Depends(forms.reads(SeatForm))


@dataclass(frozen=True, slots=True)
class Line:
    """One seat on the page. last_login: None is never. tokens: those that end with it. hooks: where webhooks
    that it made tell what happens, which go on.
    """

    editor: Editor
    held: Held
    sessions: int
    last_login: dt.datetime | None
    is_last_admin: bool
    tokens: tuple[ApiToken, ...]
    hooks: tuple[str, ...]


@router.api_route("", methods=SAFE)
def page(house: HouseHere, pages: PagesHere, seat: Seat = Admin) -> HTMLResponse:
    """Everybody with a seat."""
    return _show(house, pages, seat)


@router.post("")
def invite(
    house: HouseHere, pages: PagesHere, seat: Seat = AdminFresh, form: InviteForm = Inviting
) -> Response:
    """Give somebody a seat, and tell them by mail where the desk is."""
    try:
        email = addresses.parse(form.email).address
        with house.database.write() as session:
            new = editors.add(session, email, name=form.name, role=form.role, now=house.clock())
            _record(session, house, seat, new, f"made {form.role}")
            _tell(session, house, seat, new)
    except BadInput as error:
        problem = f"That address {error.reason}." if "seat" in error.reason else _NO_ADDRESS
        return _show(house, pages, seat, problem=problem, form=form, status=422)
    return _back()


_NO_ADDRESS = "This is no complete email address. It looks like name@example.org."


@router.post("/role")
def change_role(house: HouseHere, seat: Seat = AdminFresh, form: RoleForm = Choosing) -> Response:
    """Give a seat another role; open browsers have it at their next request."""
    with house.database.write() as session:
        editor = _there(session, form.editor)
        if form.role != "admin":
            _one_stays(session, editor)
        if editor.role != form.role:
            keep, now = form.keep == "yes", house.clock()
            granting.change_role(session, editor.id, form.role, keep=keep, by=seat.actor, now=now)
            _record(session, house, seat, editor.id, f"made {form.role}", before=editor.role)
    return _back()


@router.post("/remove")
def remove(house: HouseHere, seat: Seat = AdminFresh, form: RemoveForm = Removing) -> Response:
    """Take a seat away: its browsers are logged out with it, and its tokens end unless they are kept."""
    with house.database.write() as session:
        editor = _there(session, form.editor)
        _one_stays(session, editor)
        keep, now = form.keep == "yes", house.clock()
        granting.take_seat(session, editor.id, keep=keep, by=seat.actor, now=now)
        _record(session, house, seat, editor.id, "took the seat away", before=editor.role)
    return _back()


@router.post("/log-out")
def log_out(house: HouseHere, seat: Seat = AdminFresh, form: SeatForm = Plain) -> Response:
    """Log somebody out everywhere; they may log in again."""
    with house.database.write() as session:
        editor = _there(session, form.editor)
        count = browsers.end_others(session, editor.id)
        _record(session, house, seat, editor.id, "ended a session", count=count)
    return _back()


@router.post("/unlock")
def unlock(house: HouseHere, seat: Seat = AdminFresh, form: SeatForm = Plain) -> Response:
    """Take passkeys and codes away from somebody who lost their device: a mailed link opens again."""
    with house.database.write() as session:
        editor = _there(session, form.editor)
        count = factors.drop_all(session, editor.id)
        browsers.end_others(session, editor.id)
        _record(session, house, seat, editor.id, "took second factors away", count=count)
    return _back()


def _show(
    house: House,
    pages: Pages,
    seat: Seat,
    *,
    problem: str = "",
    form: InviteForm | None = None,
    status: int = 200,
) -> HTMLResponse:
    context: dict[str, Any] = {
        "seat": seat,
        "here": "house",
        "page": "editors",
        "lines": _lines(house),
        "roles": ROLES,
        "now": house.clock(),
        "must": house.second_factor,
        "problem": problem,
        "form": form,
    }
    return pages.show("desk/editors.html", context, status=status)


def _lines(house: House) -> list[Line]:
    with house.database.read() as session:
        every = editors.all(session)
        admins = [one.id for one in every if one.role == "admin"]
        open_now = browsers.counts(session, now=house.clock())
        logins = events.last_by(session, ("logged in", "set up the desk"))
        tokens = api_tokens.working(session, now=house.clock())
        listeners = hooks.all(session)
        return [
            Line(
                one,
                factors.held(session, one.id),
                open_now.get(one.id, 0),
                logins.get(f"editor:{one.id}"),
                admins == [one.id],
                tuple(tokens.get(f"editor:{one.id}", ())),
                tuple(hook.url for hook in listeners if hook.made_by == f"editor:{one.id}"),
            )
            for one in every
        ]


def _there(session: Session, number: str) -> Editor:
    found = editors.by_id(session, int(number))
    if found is None:
        raise Conflict("This seat was taken away meanwhile.")
    return found


def _one_stays(session: Session, editor: Editor) -> None:
    if editor.role == "admin" and not editors.leaves_an_admin(session, editor.id):
        raise Conflict("This is the last admin. Make somebody else one first.")


def _tell(session: Session, house: House, seat: Seat, new: int) -> None:
    editor = editors.by_id(session, new)
    newsletter = next(iter(house.schedules), None)
    if editor is None or newsletter is None:
        return
    notices.queue(
        session,
        kind="invited",
        newsletter=newsletter,
        address=editor.email,
        dedupe=f"invited:{editor.id}",
        data={
            "desk_url": f"{house.public_url}/desk/login",
            "editor_name": editor.name or editor.email,
            "inviter": seat.name,
            "role": editor.role,
        },
        now=house.clock(),
    )


def _record(
    session: Session, house: House, seat: Seat, whom: int, action: str, **data: object
) -> None:
    subject, now = f"editor:{whom}", house.clock()
    events.record(session, at=now, actor=seat.actor, action=action, subject=subject, data=data)


def _back() -> Response:
    return RedirectResponse(PAGE, status_code=303)
