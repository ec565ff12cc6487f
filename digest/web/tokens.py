"""Tokens of the API at the desk, for admins: given, listed, revoked. A secret is shown once."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import StringConstraints, create_model

from digest import granting
from digest.errors import BadInput, NotFound
from digest.model import Scope
from digest.store import api_tokens, editors
from digest.store.api_tokens import ApiToken
from digest.store.editors import Role
from digest.web import at_desk, forms, program_words
from digest.web.at_desk import Desk
from digest.web.forms import Form
from digest.web.pages import SAFE
from digest.web.program_words import field

PAGE = "/desk/house/tokens"
router = APIRouter(prefix=PAGE, include_in_schema=False)

ForAdmin = Annotated[Desk, Depends(at_desk.needs(Role.ADMIN))]
Fresh = Annotated[Desk, Depends(at_desk.needs(Role.ADMIN, fresh=PAGE))]
#: Days that are offered.
DAYS = (7, 30, 90, 180, 365)


class NewForm(Form):
    """A token for a program; a box is ticked for each thing that it may do."""

    csrf: str
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    days: Annotated[str, StringConstraints(pattern=f"^({'|'.join(map(str, DAYS))})$")]


class RevokeForm(Form):
    """A button beside a token; a box is ticked as well."""

    csrf: str
    token: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,15}$")]
    sure: Annotated[str, StringConstraints(pattern="^yes$")]


_BOXES: dict[str, Any] = {field(one): (Literal["", "yes"], "") for one in Scope}
_WithBoxes: type[NewForm] = create_model("NewTokenForm", __base__=NewForm, **_BOXES)
New, Revoke = Depends(forms.reads(_WithBoxes)), Depends(forms.reads(RevokeForm))


@router.api_route("", methods=SAFE)
def page(desk: ForAdmin) -> HTMLResponse:
    """Every token that works or did."""
    return _show(desk)


@router.post("")
def give(desk: Fresh, form: NewForm = New) -> HTMLResponse:
    """Make a token; its secret stands on this answer and nowhere else."""
    ticked = [one for one in Scope if getattr(form, field(one)) == "yes"]
    house = desk.house
    try:
        token, secret = granting.give(
            house.database,
            form.name,
            ticked,
            days=int(form.days),
            by=desk.actor,
            now=house.clock(),
        )
    except BadInput as error:
        said = f"{error.reason[:1].upper()}{error.reason[1:]}."
        return _show(desk, problem=said, form=form, status=422)
    return _show(desk, made=token, secret=secret)


@router.post("/revoke")
def revoke(desk: Fresh, form: RevokeForm = Revoke) -> Response:
    """End a token: its next call is refused."""
    try:
        granting.take_back(
            desk.house.database, int(form.token), by=desk.actor, now=desk.house.clock()
        )
    except NotFound:
        return _show(desk, problem="There is no such token.", status=404)
    return RedirectResponse(PAGE, status_code=303)


def _show(
    desk: Desk,
    *,
    made: ApiToken | None = None,
    secret: str = "",
    problem: str = "",
    form: NewForm | None = None,
    status: int = 200,
) -> HTMLResponse:
    now = desk.house.clock()
    with desk.house.database.read() as session:
        every = api_tokens.all(session)
        names = {f"editor:{one.id}": one.name or one.email for one in editors.all(session)}
    context = {
        "seat": desk.seat,
        "page": "tokens",
        "now": now,
        "zone": desk.zone,
        "working": [one for one in every if one.works(now)],
        "over": [one for one in every if not one.works(now)],
        "names": names,
        "scopes": [(field(one), one, words) for one, words in program_words.SCOPES.items()],
        "scope_words": program_words.SCOPES,
        "days": DAYS,
        "usual": api_tokens.DAYS,
        "made": made,
        "secret": secret,
        "problem": problem,
        "form": form,
    }
    return desk.pages.show("desk/tokens.html", context, status=status)
