"""Webhooks at the desk, for admins: where events are told, what became of each, once more. A secret is shown once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import StringConstraints, create_model
from starlette.exceptions import HTTPException

from digest.errors import BadInput, NotFound
from digest.hooks import managing
from digest.hooks.managing import Actor
from digest.model import HookKind
from digest.store import editors, hook_events, hooks
from digest.store.editors import Role
from digest.store.hooks import Hook
from digest.web import at_desk, forms, program_words
from digest.web.at_desk import Desk
from digest.web.decisions import PlainForm
from digest.web.forms import Form
from digest.web.pages import SAFE
from digest.web.program_words import field

PAGE = "/desk/house/webhooks"
router = APIRouter(prefix=PAGE, include_in_schema=False)

ForAdmin = Annotated[Desk, Depends(at_desk.needs(Role.ADMIN))]
Fresh = Annotated[Desk, Depends(at_desk.needs(Role.ADMIN, fresh=PAGE))]
#: Deliveries on one page.
SHOWN = 30


class NewForm(Form):
    """A webhook; a box is ticked for each kind of event."""

    csrf: str
    newsletter: Annotated[str, StringConstraints(max_length=40)]
    url: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    with_addresses: Literal["", "yes"] = ""


class StateForm(Form):
    """On or off."""

    csrf: str
    state: Literal["on", "off"]


class RemoveForm(Form):
    """A button that takes a webhook away: a box is ticked as well."""

    csrf: str
    sure: Annotated[str, StringConstraints(pattern="^yes$")]


class AgainForm(Form):
    """A button beside one delivery."""

    csrf: str
    delivery: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15}$")]


_BOXES: dict[str, Any] = {field(one): (Literal["", "yes"], "") for one in HookKind}
_WithBoxes: type[NewForm] = create_model("NewHookForm", __base__=NewForm, **_BOXES)
New, State = Depends(forms.reads(_WithBoxes)), Depends(forms.reads(StateForm))
Remove, Again = Depends(forms.reads(RemoveForm)), Depends(forms.reads(AgainForm))
Plain = Depends(forms.reads(PlainForm))


@router.api_route("", methods=SAFE)
def page(desk: ForAdmin) -> HTMLResponse:
    """Every webhook of every newsletter."""
    return _list(desk)


@router.post("")
def make(desk: Fresh, form: NewForm = New) -> HTMLResponse:
    """Make a webhook; its secret stands on this answer and nowhere else."""
    kinds = [one for one in HookKind if getattr(form, field(one)) == "yes"]
    addresses = form.with_addresses == "yes"
    try:
        made, secret = managing.add(
            Actor(desk.house, desk.actor),
            form.newsletter,
            form.url,
            kinds,
            with_addresses=addresses,
        )
    except BadInput as error:
        said = f"{error.reason[:1].upper()}{error.reason[1:]}."
        return _list(desk, problem=said, form=form, status=422)
    return _one(desk, made, secret=secret)


@router.api_route("/{number}", methods=SAFE)
def webhook(
    desk: ForAdmin, number: int, below: Annotated[int | None, Query(ge=1, le=2**62)] = None
) -> HTMLResponse:
    """One webhook with what was told to it."""
    return _one(desk, _found(desk, number), below=below)


@router.post("/{number}/state")
def state(desk: Fresh, number: int, form: StateForm = State) -> Response:
    """Put it on or off."""
    return _done(
        desk, number, lambda actor, hook: managing.change(actor, hook, on=form.state == "on")
    )


@router.post("/{number}/test")
def try_it(desk: Fresh, number: int, form: PlainForm = Plain) -> Response:
    """Tell it an event of the kind `test`."""
    return _done(desk, number, managing.try_it)


@router.post("/{number}/again")
def again(desk: Fresh, number: int, form: AgainForm = Again) -> Response:
    """Tell one event once more."""
    return _done(desk, number, lambda actor, hook: managing.again(actor, int(form.delivery)))


@router.post("/{number}/secret")
def secret(desk: Fresh, number: int, form: PlainForm = Plain) -> HTMLResponse:
    """Another secret; it stands on this answer and nowhere else."""
    changed, made = managing.new_secret(Actor(desk.house, desk.actor), _found(desk, number))
    return _one(desk, changed, secret=made)


@router.post("/{number}/remove")
def remove(desk: Fresh, number: int, form: RemoveForm = Remove) -> Response:
    """Take it away, with what waits for it."""
    managing.remove(Actor(desk.house, desk.actor), _found(desk, number).id)
    return RedirectResponse(PAGE, status_code=303)


def _done(desk: Desk, number: int, act: Callable[[Actor, Hook], object]) -> Response:
    """Do it, and back to the webhook's page; or why it was not done."""
    found = _found(desk, number)
    try:
        act(Actor(desk.house, desk.actor), found)
    except BadInput as error:
        return _one(desk, found, problem=f"That was not done: {error.reason}.", status=409)
    return RedirectResponse(f"{PAGE}/{number}", status_code=303)


def _found(desk: Desk, number: int) -> Hook:
    try:
        with desk.house.database.read() as session:
            return hooks.by_id(session, number if 0 < number < 2**62 else 0)
    except NotFound:
        raise HTTPException(404, "There is no such webhook (any more).") from None


def _frame(desk: Desk) -> dict[str, Any]:
    return {
        "seat": desk.seat,
        "page": "webhooks",
        "now": desk.house.clock(),
        "zone": desk.zone,
        "papers": desk.house.schedules,
        "event_words": program_words.EVENTS,
    }


def _list(
    desk: Desk, *, problem: str = "", form: NewForm | None = None, status: int = 200
) -> HTMLResponse:
    with desk.house.database.read() as session:
        every, waiting = hooks.all(session), hook_events.waiting(session)
        names = {f"editor:{one.id}": one.name or one.email for one in editors.all(session)}
    context = {
        **_frame(desk),
        "every": every,
        "waiting": waiting,
        "names": names,
        "kinds": [(field(one), one, words) for one, words in program_words.EVENTS.items()],
        "problem": problem,
        "form": form,
    }
    return desk.pages.show("desk/webhooks.html", context, status=status)


def _one(
    desk: Desk,
    hook: Hook,
    *,
    secret: str = "",
    problem: str = "",
    below: int | None = None,
    status: int = 200,
) -> HTMLResponse:
    with desk.house.database.read() as session:
        found, more = hook_events.page(session, hook.id, below=below, size=SHOWN)
        tries = hook_events.tries(session, [one.id for one in found])
    context = {
        **_frame(desk),
        "hook": hook,
        "path": f"{PAGE}/{hook.id}",
        "events": [(one, tries[one.id]) for one in found],
        "below": below,
        "more": more,
        "secret": secret,
        "problem": problem,
    }
    return desk.pages.show("desk/webhook.html", context, status=status)
