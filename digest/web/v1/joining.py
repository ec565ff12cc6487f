"""Readers who come: a wish that is confirmed by its own mail, and those whose consent is held elsewhere."""

from __future__ import annotations

import csv
import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Annotated, Literal
from zoneinfo import available_timezones

from fastapi import BackgroundTasks
from pydantic import AwareDatetime, BaseModel, Field, IPvAnyAddress

from digest.audience import imports, signup
from digest.audience.imports import Plan
from digest.audience.layouts import RowError
from digest.audience.signup import Answer, Asking
from digest.model import Scope
from digest.web import networks
from digest.web.door import SettlingHere
from digest.web.sign_up import COME_BACK_S
from digest.web.v1 import guard, problems
from digest.web.v1.bearer import Caller, CallerHere
from digest.web.v1.bodies import Address, Body, Line, NewsletterName
from digest.web.v1.guard import needs
from digest.web.v1.problems import FieldError, Problem

router = guard.routed("", "readers")

#: Readers in one import.
MOST = 1000
#: What a reader agreed to, in as many words as it took.
Wording = Annotated[str, Field(min_length=10, max_length=2000)]
Tag = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^,;\"\x00-\x1f\x7f-\x9f]+$")]


class Wish(Body):
    """A wish to subscribe, made on your own page.

    wording: what your page said beside its button, word for word; it is kept as evidence. ip: the reader's, as your
    server saw it: limits go by it, and its network (/24, /48) is kept with the wish.
    """

    newsletter: NewsletterName
    address: Address
    wording: Wording
    ip: IPvAnyAddress
    timezone: Annotated[str, Field(max_length=40)] = ""


class Heard(BaseModel):
    """The same for every address: what becomes of it, only its owner learns."""

    state: Literal["heard"] = "heard"


class Newcomer(Body):
    """A reader whose consent you hold. joined: when they gave it."""

    address: Address
    name: Line = ""
    language: Annotated[str, Field(max_length=20)] = ""
    timezone: Annotated[str, Field(max_length=40)] = ""
    tags: Annotated[tuple[Tag, ...], Field(max_length=50)] = ()
    joined: AwareDatetime | None = None


class Import(Body):
    """Readers taken over. consent: how and where they agreed, in your words; it is kept as evidence with each."""

    newsletter: NewsletterName
    consent: Wording
    readers: Annotated[list[Newcomer], Field(min_length=1, max_length=MOST)]


class NotTaken(BaseModel):
    """A reader that was not taken, by its place in the list, from 0."""

    index: int
    why: str


class Imported(BaseModel):
    """What came of it. number: of the import, by which it can be undone. outcomes: how many came to what."""

    number: int
    outcomes: dict[str, int]
    not_taken: list[NotTaken]


@router.post("/readers", status_code=202, **needs(Scope.READERS_WRITE, 404, changes=True))
def subscribe(
    body: Wish, caller: CallerHere, tasks: BackgroundTasks, settling: SettlingHere
) -> Heard:
    """Take a wish to subscribe. A mail with a link goes to the address, where one may; behind it they confirm."""
    schedule = caller.house.schedule(body.newsletter)
    client = ipaddress.ip_address(str(body.ip))
    asking = Asking(
        newsletter=schedule.key,
        address=body.address,
        asker=networks.limit_key(client),
        network=networks.shortened(client),
        wording=body.wording,
        method="api",
        language=schedule.newsletter.language,
        timezone=body.timezone if body.timezone in available_timezones() else "",
    )
    with problems.about("address"):
        heard = signup.ask(caller.house, asking, now=caller.now())
    if heard is Answer.THROWAWAY:
        told = FieldError(detail="a mailbox that is thrown away", pointer="#/address")
        raise Problem("invalid", "Address: a mailbox that is thrown away.", (told,))
    if heard is not Answer.HEARD:
        headers = {"retry-after": str(COME_BACK_S)}
        raise Problem("too-many", "Many sign-ups came in a short time.", headers=headers)
    tasks.add_task(settling.soon)
    return Heard()


@router.post("/imports", **needs(Scope.READERS_WRITE, 404, changes=True))
def take_over(body: Import, caller: CallerHere) -> Imported:
    """Take readers over whose consent you hold. They are confirmed at once and mailed nothing; nobody is revived."""
    caller.house.schedule(body.newsletter)
    with _as_file(caller, body) as path:
        report = imports.take_over(
            caller.house.database,
            Plan(body.newsletter, path, wording=body.consent, actor=caller.actor),
            key=caller.house.key,
            clock=caller.house.clock,
            tell=(told := list[RowError]()).append,
        )
    return Imported(
        number=report.number or 0,
        outcomes={one.value: count for one, count in report.outcomes.items() if count},
        not_taken=[NotTaken(index=one.line - 2, why=one.reason or one.kind) for one in told],
    )


@contextmanager
def _as_file(caller: Caller, body: Import) -> Iterator[Path]:
    """The list as a file of an import, for as long as it is read: there is one way in for all of them."""
    folder = caller.house.data / "imports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"api-{token_hex(8)}.csv"
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(("email", "name", "language", "timezone", "tags", "joined"))
            lines.writerows(map(_row, body.readers))
        yield path
    finally:
        path.unlink(missing_ok=True)


def _row(one: Newcomer) -> tuple[str, ...]:
    joined = one.joined.isoformat() if one.joined else ""
    return (one.address, one.name, one.language, one.timezone, ", ".join(one.tags), joined)
