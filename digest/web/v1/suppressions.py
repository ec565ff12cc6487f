"""Addresses that nobody mails: the list, and one more by hand."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel

from digest.audience import barring
from digest.model import Scope
from digest.store import suppression_list
from digest.web.v1 import guard, problems
from digest.web.v1.bearer import CallerHere
from digest.web.v1.bodies import Address
from digest.web.v1.guard import needs
from digest.web.v1.paging import Page, PagingHere
from digest.web.v1.readers import Suppressing

router = guard.routed("/suppressions", "readers")

Reason = Literal["", "complaint", "hard_bounce", "soft_bounce", "manual", "imported", "erased"]


class Suppression(BaseModel):
    """An address that must not be mailed. address, reader: null where nobody on file has it: only its hash is kept."""

    suppression: int
    reason: str
    since: dt.datetime
    until: dt.datetime | None
    note: str
    address: str | None
    reader: int | None


class Barring(Suppressing):
    """An address and why."""

    address: Address


@router.get("", **needs(Scope.READERS_READ))
def suppressions(
    caller: CallerHere,
    paging: PagingHere,
    reason: Annotated[Reason, Query(description="Only those for this reason.")] = "",
) -> Page[Suppression]:
    """The suppressions that hold, the newest first."""
    with caller.house.database.read() as session:
        lines, more = suppression_list.page(
            session, at=caller.now(), reason=reason, before=paging.below(), size=paging.limit
        )
    return paging.page([_told(one) for one in lines], more)


@router.post("", status_code=204, **needs(Scope.READERS_WRITE, changes=True))
def suppress(body: Barring, caller: CallerHere) -> None:
    """Suppress an address, whether anybody here has it or not."""
    with problems.about("address"):
        barring.bar(
            caller.house.database,
            body.address,
            key=caller.house.key,
            reason=body.reason,
            note=body.note,
            by=caller.actor,
            now=caller.now(),
        )


def _told(one: suppression_list.Line) -> Suppression:
    return Suppression(
        suppression=one.id,
        reason=one.reason,
        since=one.since,
        until=one.until,
        note=one.detail,
        address=one.address or None,
        reader=one.reader,
    )
