"""What readers choose: a page behind their own link, and one that mails them this link."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse

from digest.audience import moves, preferences, tokens
from digest.audience.moves import Asked
from digest.audience.preferences import WEEKS, Chooser, Kept
from digest.bootstrap import House
from digest.errors import BadInput
from digest.model import Cadence, Preferences
from digest.schedules import Schedule
from digest.store import issues
from digest.web import forms, networks
from digest.web.choices import Chosen, chosen_by, section_names
from digest.web.forms import Filled, Form
from digest.web.pages import SAFE, HouseHere, Pages, PagesHere
from digest.web.speech import mark, own_name

router = APIRouter(prefix="/preferences/{newsletter}", include_in_schema=False)


#: What readers call the themes.
_THEMES = {
    "broadsheet": mark("Like a newspaper"),
    "plain": mark("Plain"),
    "magazine": mark("Like a magazine"),
}


class LinkForm(Form):
    """Who wants the link. `nothing` is a field that no person sees; `stamp` says when the page was made."""

    address: str = ""
    nothing: str = ""
    stamp: str = ""


class AddressForm(Form):
    """Where to write from now on."""

    address: str = ""


@router.api_route("", methods=SAFE)
def link_page(newsletter: str, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """Where a page or a forwarded mail leads to: it carries no rights, so the link comes by mail."""
    return _link_page(house, pages, house.schedule(newsletter))


@router.post("")
def send_link(
    newsletter: str,
    request: Request,
    house: HouseHere,
    pages: PagesHere,
    form: LinkForm = Depends(forms.reads(LinkForm)),
) -> HTMLResponse:
    """Mail the link to who reads this newsletter; one answer for every address."""
    schedule, now = house.schedule(newsletter), house.clock()
    speech = pages.speech(schedule)
    took = forms.filled(house.key, f"link {newsletter}", stamp=form.stamp, now=now)
    if form.nothing:
        return pages.show("public/link.html", {"schedule": schedule, "state": "asked"})
    if took is not Filled.WELL:
        problem = speech.gettext("That was not taken yet. Please press the button once more.")
        return _link_page(house, pages, schedule, address=form.address, problem=problem)
    asker = networks.limit_key(networks.client_of(request, house.trusted_proxies))
    try:
        heard = preferences.mail_link(
            house.database,
            newsletter,
            form.address,
            key=house.key,
            asker=asker,
            now=now,
            public_url=house.public_url,
        )
    except BadInput:
        problem = speech.gettext(
            "This is no complete email address. It looks like name@example.org."
        )
        return _link_page(house, pages, schedule, address=form.address, problem=problem)
    if not heard:
        return pages.show("public/too_many.html", {"schedule": schedule}, status=429)
    return pages.show("public/link.html", {"schedule": schedule, "state": "asked"})


@router.api_route("/{token}", methods=SAFE)
def page(newsletter: str, token: str, house: HouseHere, pages: PagesHere) -> HTMLResponse:
    """The reader's own page."""
    return _page(house, pages, newsletter, token)


@router.post("/{token}")
async def keep(
    newsletter: str, token: str, request: Request, house: HouseHere, pages: PagesHere
) -> HTMLResponse:
    """Keep what was chosen. Raises BadInput for a form that is not ours."""
    schedule = house.schedules.get(newsletter)
    if schedule is None:
        return await run_in_threadpool(_page, house, pages, newsletter, token)
    chosen = chosen_by(await request.form(max_files=0, max_fields=200), schedule)
    return await run_in_threadpool(_keep, house, pages, newsletter, token, chosen)


def _keep(house: House, pages: Pages, newsletter: str, token: str, chosen: Chosen) -> HTMLResponse:
    found = _look(house, newsletter, token)
    if found is None:
        return _page(house, pages, newsletter, token)
    speech = pages.speech(house.schedule(newsletter), found[1].language)
    if chosen.nothing_left(found[1]):
        problem = speech.gettext("Please leave one section at least.")
        return _page(house, pages, newsletter, token, problem=problem)
    wanted = chosen.applied(found[1], now=house.clock())
    kept = preferences.keep(
        house.database,
        newsletter,
        token,
        wanted,
        key=house.key,
        link=f"{house.public_url}/preferences/{newsletter}/{token}",
        now=house.clock(),
    )
    if kept is Kept.TOO_OFTEN:
        return _page(house, pages, newsletter, token, problem=_often(pages, newsletter, found[1]))
    return _page(house, pages, newsletter, token, done=str(kept))


@router.post("/{token}/address")
def address(
    newsletter: str,
    token: str,
    house: HouseHere,
    pages: PagesHere,
    form: AddressForm = Depends(forms.reads(AddressForm)),
) -> HTMLResponse:
    """Ask for another address: confirmed there, told here."""
    found = _look(house, newsletter, token)
    if found is None:
        return _page(house, pages, newsletter, token)
    speech = pages.speech(house.schedule(newsletter), found[1].language)
    try:
        asked = moves.ask(
            house.database,
            newsletter,
            token,
            form.address,
            key=house.key,
            now=house.clock(),
            public_url=house.public_url,
        )
    except BadInput:
        problem = speech.gettext(
            "This is no complete email address. It looks like name@example.org."
        )
        return _page(house, pages, newsletter, token, wrong=problem, typed=form.address)
    if asked is Asked.SAME:
        problem = speech.gettext("This is the address that you have already.")
        return _page(house, pages, newsletter, token, wrong=problem, typed=form.address)
    if asked is Asked.TOO_MANY:
        return _page(house, pages, newsletter, token, problem=_often(pages, newsletter, found[1]))
    return _page(house, pages, newsletter, token, done="moving")


def _often(pages: Pages, newsletter: str, chosen: Preferences) -> str:
    speech = pages.speech(pages.house.schedules.get(newsletter), chosen.language)
    return speech.gettext(
        "That was not kept: there were many changes today, and each is told by mail. "
        "Please come back tomorrow."
    )


def _look(house: House, newsletter: str, token: str) -> tuple[Chooser, Preferences] | None:
    if newsletter not in house.schedules:
        return None
    return preferences.look(house.database, newsletter, token, key=house.key, now=house.clock())


def _page(house: House, pages: Pages, newsletter: str, token: str, **said: str) -> HTMLResponse:
    """The page as it stands now. said: `done`, `problem`, `wrong` (of the address), `typed`."""
    schedule = house.schedules.get(newsletter)
    found = _look(house, newsletter, token)
    if found is None or schedule is None:
        gone = {"schedule": schedule, "state": "gone"}
        return pages.show("public/link.html", gone, status=404)
    reader, chosen = found
    leave = tokens.leave_token(house.key, newsletter, reader.handle)
    context: dict[str, Any] = {
        "schedule": schedule,
        "path": f"/preferences/{newsletter}/{token}",
        "leave_path": f"/leave/{newsletter}/{leave}",
        "masked": masked(reader.address),
        "chosen": chosen,
        **_options(house, schedule, chosen),
        **{"done": "", "problem": "", "wrong": "", "typed": "", **said},
    }
    status = 422 if said.get("problem") or said.get("wrong") else 200
    return pages.show("public/preferences.html", context, status=status, language=chosen.language)


def _options(house: House, schedule: Schedule, chosen: Preferences) -> dict[str, Any]:
    """What there is to choose from."""
    with house.database.read() as session:
        past = issues.archive(session, schedule.key, limit=8)
    by_clock = schedule.deliver.deliver_at == "reader"
    return {
        "sections": section_names(schedule, past, chosen.unwanted),
        "languages": [(tag, own_name(tag)) for tag in schedule.variants.languages],
        "other_language": (other := _other(chosen.language, schedule.variants.languages)),
        "other_name": own_name(other) if other else "",
        "themes": [(one, _THEMES[one]) for one in schedule.variants.themes],
        "other_theme": _other(chosen.theme, schedule.variants.themes),
        "weeks": WEEKS,
        "zones": _zones() if by_clock else (),
        "cadences": Cadence,
    }


def _other(chosen: str, offered: Sequence[str]) -> str:
    """What stands though it is not offered: told by an import, or offered once."""
    return "" if chosen in offered else chosen


_NO_PLACE = re.compile(r"(Etc|SystemV|US|posix|right)/")


def _zones() -> list[str]:
    """Zones that are called after a place."""
    return sorted(z for z in available_timezones() if "/" in z and not _NO_PLACE.match(z))


def masked(address: str) -> str:
    """An address that its owner knows again and nobody else learns: `a…e@example.org`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…{local[-1:] if len(local) > 2 else ''}@{domain}"


def _link_page(
    house: House, pages: Pages, schedule: Schedule, *, address: str = "", problem: str = ""
) -> HTMLResponse:
    context = {
        "schedule": schedule,
        "state": "ask",
        "stamp": forms.stamp(house.key, f"link {schedule.key}", now=house.clock()),
        "address": address,
        "problem": problem,
    }
    return pages.show("public/link.html", context, status=422 if problem else 200)
