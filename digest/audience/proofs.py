"""A reader's consent as proof: every line of the ledger about one address, with the words that were shown."""

from __future__ import annotations

import datetime as dt
from typing import Any

from digest.audience import addresses
from digest.errors import NotFound
from digest.store import consents, subscribers
from digest.store.engine import Database


def of_address(
    database: Database, given: str, *, newsletter: str | None = None, now: dt.datetime
) -> dict[str, Any]:
    """Ready for JSON. Raises BadInput for no address and NotFound for one that nobody knows here."""
    key = addresses.parse(given).key
    with database.read() as session:
        reader = subscribers.by_address(session, key)
        lines = consents.of(session, reader.id) if reader else []
    if reader is None:
        raise NotFound(f"nobody signed up here with {given}")
    wanted = [one for one in lines if newsletter in (None, one.newsletter)]
    return {
        "address": reader.address,
        "made_at": now.isoformat(),
        "evidence": [_line(one) for one in wanted],
        "wordings": {one.version: one.words for one in wanted if one.version},
    }


def _line(one: consents.Evidence) -> dict[str, str]:
    return {
        "newsletter": one.newsletter,
        "what": one.kind,
        "at": one.at.isoformat(),
        "by": one.method,
        "network": one.network,
        "wording": one.version,
    }
