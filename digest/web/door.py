"""The one protection behind the three doors of a sign-up: our page, a form on any site, the API.

A person passes by their pace on our own page: the page says when it was made, and no other site's
form can send it. Everybody else, and everybody while a storm blows, comes with a proof of work.
"""

from __future__ import annotations

import asyncio
import functools
import zoneinfo
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from digest import logs
from digest.audience import signup, work
from digest.audience.signup import Answer, Asking
from digest.audience.tokens import hash_secret
from digest.bootstrap import House
from digest.errors import BadInput, DigestError
from digest.schedules import Schedule
from digest.store import events
from digest.web import forms, networks
from digest.web.forms import Filled
from digest.web.speech import Speech

log = logs.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """What came to a door. nothing: a field that no person sees. stamp: when our page was made.
    altcha: a proof of work. zone: the browser's time zone.
    """

    method: Literal["form", "embed", "api"]
    address: str
    nothing: str = ""
    stamp: str = ""
    altcha: str = ""
    zone: str = ""


class Verdict(StrEnum):
    """What became of it."""

    HEARD = "heard"  # or a bot that is not to know
    AGAIN = "again"  # neither a person's pace nor a proof of work: press once more
    WORK = "work"
    TOO_MANY = "too many"
    THROWAWAY = "throwaway"
    NO_ADDRESS = "no address"


_ANSWERS = {
    Answer.HEARD: Verdict.HEARD,
    Answer.TOO_MANY: Verdict.TOO_MANY,
    Answer.WORK: Verdict.WORK,
    Answer.THROWAWAY: Verdict.THROWAWAY,
}


def wording(schedule: Schedule, speech: Speech) -> str:
    """What a reader agrees to, kept word for word as evidence."""
    return speech.gettext(
        "With “Subscribe” you ask %(site)s to send you %(name)s by email, %(every)s (%(place)s time). "
        "Your address is used for nothing else. You can leave at any time with one click.",
        site=schedule.newsletter.site_name,
        name=schedule.newsletter.name,
        every=speech.every(schedule.deliver.at),
        place=speech.place,
    )


def form_of(schedule: Schedule, speech: Speech) -> str:
    """What a stamp or a proof is good for: this newsletter, asked for with just these words.

    So the words in the ledger are those that were shown, also when the schedule has changed since.
    """
    return f"{schedule.key} {hash_secret(wording(schedule, speech))[:16]}"


def knock(
    request: Request, schedule: Schedule, speech: Speech, given: Knock, *, own_page: bool
) -> Verdict:
    """Judge what came and take the wish. own_page: a form of ours, which a person's pace may open."""
    if given.nothing:
        return Verdict.HEARD
    house: House = request.app.state.house
    now, form = house.clock(), form_of(schedule, speech)
    proof = work.proven(house.key, form, given.altcha, now=now)
    took = forms.filled(house.key, form, stamp=given.stamp, now=now)
    if not proof and not (own_page and took is Filled.WELL and from_our_page(request)):
        return Verdict.AGAIN
    client = networks.client_of(request, house.trusted_proxies)
    asking = Asking(
        newsletter=schedule.key,
        address=given.address,
        asker=networks.limit_key(client),
        network=networks.shortened(client),
        wording=wording(schedule, speech),
        method=given.method,
        language=schedule.newsletter.language,
        timezone=given.zone if given.zone in _zones() else "",
        proof=proof,
        stamp=given.stamp,
    )
    try:
        return _ANSWERS[signup.ask(house, asking, now=now)]
    except BadInput:
        return Verdict.NO_ADDRESS


def from_our_page(request: Request) -> bool:
    """False where a browser says that another site's page sent this (Fetch Metadata, then Origin)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    house: House = request.app.state.house
    known = {urlsplit(house.public_url).netloc, request.headers.get("host", "")}
    return origin is None or urlsplit(origin).netloc in known


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(name for name in zoneinfo.available_timezones() if len(name) <= 40)


class Settling:
    """Looks at wishes a moment after they came, all together: so no answer waits for what they need.

    What is left when a process ends is looked at by the worker.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._is_due = False

    async def soon(self) -> None:
        """Look at what waits in a moment; once, however many ask for it until then."""
        if self._is_due:
            return
        self._is_due = True
        try:
            await asyncio.sleep(self._house.settle_s)
        finally:
            self._is_due = False
        try:
            with events.from_network(""):  # nobody's in particular
                await run_in_threadpool(signup.settle, self._house, now=self._house.clock())
        except DigestError as error:
            log.warning("wishes wait a little longer", why=str(error))


def _settling(request: Request) -> Settling:
    settling: Settling = request.app.state.settling
    return settling


SettlingHere = Annotated[Settling, Depends(_settling)]
