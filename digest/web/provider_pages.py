"""The house's providers in their order: what each can, how much of its limits is used, which one rests and why."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from digest import remedies
from digest.bootstrap import House
from digest.delivery import gauges, steer, tryout
from digest.delivery.gauges import Gauges
from digest.delivery.tryout import Tried
from digest.known_providers import REPORT_READERS
from digest.masking import masked
from digest.model import Issue
from digest.protocols import Provider, Triable
from digest.schedules import Schedule
from digest.store import issues, rests, sends, troubles
from digest.store.editors import Role
from digest.store.engine import Session
from digest.store.rests import Rest
from digest.store.troubles import Trouble
from digest.web import forms, sessions
from digest.web.decisions import PlainForm
from digest.web.pages import SAFE, HouseHere, Pages, PagesHere
from digest.web.sessions import Seat

router = APIRouter(prefix="/desk/house/providers", include_in_schema=False)
Viewer, Publisher = Depends(sessions.needs(Role.VIEWER)), Depends(sessions.needs(Role.PUBLISHER))
Plain = Depends(forms.reads(PlainForm))

#: So many of a newsletter's newest issues are looked through for its last send,
LATELY = 8
#: of which so many domains are told.
TOLD = 10
#: The name in a mail address: what a server answers often has it.
_NAME = re.compile(r"[^\s<>@\"]+@(?=[\w.-])")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderLine:
    """One provider on the page. place: 1 sends first. hook: whether its webhook is open; None: it has none."""

    provider: Provider
    place: int
    gauges: Gauges
    rest: Rest | None = None
    remedy: str = ""
    hook: bool | None = None
    selectors: tuple[str, ...] = ()
    tried: Tried | None = None

    @property
    def name(self) -> str:
        return self.provider.name

    @property
    def can_be_tried(self) -> bool:
        return isinstance(self.provider, Triable)

    @property
    def doubtful(self) -> int:
        """How many readers a crash may leave in doubt."""
        return self.provider.channels * self.provider.in_flight

    @property
    def replay_hours(self) -> str:
        return f"{self.provider.replay_s / 3600:.3g}"


@dataclass(frozen=True, slots=True)
class Sent:
    """A newsletter's last send and the domains that had trouble with it."""

    schedule: Schedule
    issue: Issue
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """One editor's look at the providers."""

    house: House
    pages: Pages
    seat: Seat

    def page(self, note: str = "", *, tried: tuple[str, Tried] | None = None) -> HTMLResponse:
        """Every provider. note: what became of a button; tried: a provider's name and what was found."""
        house, now = self.house, self.house.clock()
        with house.database.read() as session:
            context: dict[str, Any] = {
                "lines": tuple(self._lines(session, tried, now=now)),
                "sent": tuple(_sent(house, session)),
            }
        context |= {
            "seat": self.seat,
            "page": "providers",
            "now": now,
            "note": note,
            "in_all": house.connections_in_all,
            "may_act": self.seat.may_publish,
            "zone": next((one.calendar.zone for one in house.schedules.values()), ZoneInfo("UTC")),
        }
        return self.pages.show("desk/providers.html", context)

    def _lines(
        self, session: Session, tried: tuple[str, Tried] | None, *, now: dt.datetime
    ) -> Iterator[ProviderLine]:
        house = self.house
        found = rests.now_resting(session, now=now)
        resting = {one.provider: replace(one, why=masked(one.why)) for one in found}
        for place, provider in enumerate(house.providers, 1):
            rest = resting.get(provider.name)
            yield ProviderLine(
                provider=provider,
                place=place,
                gauges=gauges.read(session, house.pace_of(provider.name), now=now),
                rest=rest,
                remedy=remedies.remedy(rest.why, provider.name) if rest else "",
                hook=_hook(house, provider.name),
                selectors=tuple(key.selector for key in house.signer.keys) if house.signer else (),
                tried=tried[1] if tried and tried[0] == provider.name else None,
            )


def _look(house: HouseHere, pages: PagesHere, seat: Seat = Viewer) -> Look:
    return Look(house, pages, seat)


ForViewer = Depends(_look)


@router.api_route("", methods=SAFE)
def providers(look: Look = ForViewer, asked: str = "") -> HTMLResponse:
    """The providers. asked: after the button that asks them again."""
    return look.page("Every provider is asked again now." if asked == "again" else "")


@router.post("/again")
def ask_again(look: Look = ForViewer, seat: Seat = Publisher, form: PlainForm = Plain) -> Response:
    """No provider is left alone any more; sends that waited for one go on."""
    steer.ask_again(look.house, by=f"editor:{seat.id}", now=look.house.clock())
    return RedirectResponse("/desk/house/providers?asked=again", status_code=303)


@router.post("/{provider}/try")
def try_out(
    provider: str, look: Look = ForViewer, seat: Seat = Publisher, form: PlainForm = Plain
) -> Response:
    """Ask a provider for a connection as for mail; nothing is sent."""
    found = next((one for one in look.house.providers if one.name == provider), None)
    if found is None:
        raise HTTPException(404, "No provider of this name is set up.")
    if not isinstance(found, Triable):
        return look.page(f"{provider} cannot be tried without sending something.")
    done = asyncio.run(tryout.tried(provider, found))
    return look.page(tried=(provider, Tried(done.fine, masked(done.words), done.remedy)))


def _hook(house: House, provider: str) -> bool | None:
    is_open = provider in house.report_readers
    return is_open if is_open or provider in REPORT_READERS else None


def _sent(house: House, session: Session) -> Iterator[Sent]:
    for schedule in house.schedules.values():
        for issue in issues.recent(session, schedule.key, limit=LATELY):
            send = sends.if_begun(session, issue.id)
            if send is not None:
                found = troubles.of_send(session, send.id)[:TOLD]
                yield Sent(schedule, issue, tuple(map(_nameless, found)))
                break


def _nameless(trouble: Trouble) -> Trouble:
    """Without what stands before the @ of an address in the answer: the domain is enough here."""
    reply = _NAME.sub("…@", masked(trouble.reply))
    return Trouble(trouble.domain, trouble.state, trouble.readers, reply)
