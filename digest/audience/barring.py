"""A person says that an address must not be mailed. What was said of it stays with it, also when it is forgotten."""

from __future__ import annotations

import datetime as dt

from digest import logs
from digest.audience import addresses, tokens
from digest.errors import Conflict
from digest.store import events, subscribers, suppressions
from digest.store.engine import Database

log = logs.get(__name__)

#: Why a person may suppress an address: they wish it so, or its owner called the mail junk elsewhere.
REASONS = ("manual", "complaint")


def bar(
    database: Database,
    raw: str,
    *,
    key: bytes,
    reason: str,
    note: str,
    by: str,
    now: dt.datetime,
) -> None:
    """Suppress an address from now on, whether anybody here has it or not.

    reason: one of REASONS. note: in the editor's words; without the address, since it outlives it. Raises
    BadInput for no address, Conflict where it is suppressed so already.
    """
    known = addresses.parse(raw)
    hashed = tokens.address_hash(key, known.key)
    assert reason in REASONS
    with database.write() as session:
        if reason in suppressions.reasons(session, hashed, at=now):
            raise Conflict("this address is suppressed for that reason already")
        suppressions.add(session, hashed, reason=reason, now=now, detail=note)
        reader = subscribers.by_address(session, known.key)
        subject = f"subscriber:{reader.id}" if reader else f"address:{hashed[:16]}"
        data = {"reason": reason, "note": note}
        events.record(session, at=now, actor=by, action="suppressed", subject=subject, data=data)
    log.info("an address was suppressed by hand", subject=subject, reason=reason)
