"""A person says that addresses are good after all: their suppressions for bounces end.

Who complained, or was suppressed by hand or by an import, stays so unless it is said for that address.
Who has left stays away whatever is lifted: only they can come back.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from digest.audience import addresses, tokens
from digest.audience.bounces import Verdict
from digest.errors import Conflict, NotFound
from digest.model import Issue, SubscriptionStatus
from digest.store import events, refusals, sends, subscribers, suppressions
from digest.store.engine import Database, Session

#: Why addresses are suppressed by the program itself, on what servers say of them.
BY_BOUNCES = ("hard_bounce", "soft_bounce")

#: Every reason that there is.
ALL = (*BY_BOUNCES, "complaint", "manual", "imported")

#: Outcomes that speak against a reader, or would if they were believed.
AGAINST = (Verdict.HARD, Verdict.SOFT, Verdict.HELD)


class LiftedSend(NamedTuple):
    """How many readers of a send may be mailed again, and how many are suppressed for more than that."""

    lifted: int
    kept: int


def of_address(
    database: Database,
    address: str,
    *,
    key: bytes,
    by: str,
    wholly: bool,
    now: dt.datetime,
    why: str = "",
) -> list[str]:
    """End the suppression of one address: the newsletters that it has. wholly: for whatever reason.

    why: what is said about it, for the log. Who was erased comes back by their own confirmation alone. Raises NotFound where it is not suppressed, Conflict where there is more than bounces and not `wholly`.
    """
    known = addresses.parse(address)
    hashed = tokens.address_hash(key, known.key)
    with database.write() as session:
        reasons = suppressions.reasons(session, hashed, at=now)
        more = sorted(set(reasons) - set(BY_BOUNCES))
        if not reasons:
            raise NotFound(f"{known.address} is not suppressed")
        if more and not wholly:
            raise Conflict(
                f"{known.address} is suppressed for {', '.join(more)}; --wholly lifts that as well"
            )
        suppressions.lift(session, [hashed], ALL, now=now)
        told = {"reasons": reasons, "why": why} if why else {"reasons": reasons}
        reader = subscribers.by_address(session, known.key)
        if reader is None:
            _record(session, by, f"address:{hashed[:16]}", now=now, **told)
            return []
        refusals.forgive(session, Verdict.FORGIVEN, instead_of=AGAINST, subscriber_id=reader.id)
        _record(session, by, f"subscriber:{reader.id}", now=now, **told)
        confirmed = SubscriptionStatus.CONFIRMED
        mine = subscribers.newsletters(session, reader.id)
        return [one for one in mine if subscribers.status(session, reader.id, one) is confirmed]


def of_send(database: Database, issue: Issue, *, by: str, now: dt.datetime) -> LiftedSend:
    """End the suppressions of the readers whose copy of an issue came back; its bounces count no more.

    Also what was held back of it is settled by that. Raises NotFound where the issue was not sent.
    """
    with database.write() as session:
        send = sends.of_issue(session, issue.id)
        found = suppressions.hashes_with(
            session, send.id, AGAINST, at=now, elsewhere=(Verdict.HARD,)
        )
        lifted = suppressions.lift(session, found, BY_BOUNCES, now=now)
        kept = len(suppressions.hashes_with(session, send.id, AGAINST, at=now))
        refusals.forgive(session, Verdict.FORGIVEN, instead_of=AGAINST, send_id=send.id)
        subject = f"{issue.newsletter}/{issue.period}"
        _record(session, by, subject, now=now, lifted=lifted, kept=kept)
    return LiftedSend(lifted, kept)


def _record(session: Session, by: str, subject: str, *, now: dt.datetime, **data: object) -> None:
    events.record(
        session, at=now, actor=by, action="lifted suppressions", subject=subject, data=data
    )
