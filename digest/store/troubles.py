"""Where a send has trouble: by the readers' domains, what was answered last."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from digest.model import DeliveryState
from digest.store.tables import DeliveryRow, SubscriberRow

#: So many readers are looked at, and so many lines told.
LOOKED_AT, TOLD = 5000, 25


@dataclass(frozen=True, slots=True)
class Trouble:
    """Readers of one domain in one state, and the newest answer of theirs."""

    domain: str
    state: DeliveryState
    readers: int
    reply: str


def of_send(session: Session, send_id: int) -> list[Trouble]:
    """Of the readers who failed or wait to be tried again, the domains with the most of them first."""
    states = (DeliveryState.FAILED.value, DeliveryState.QUEUED.value)
    asked = (
        select(col(SubscriberRow.address), col(DeliveryRow.state), col(DeliveryRow.reply))
        .join(DeliveryRow, col(DeliveryRow.subscriber_id) == col(SubscriberRow.id))
        .where(col(DeliveryRow.send_id) == send_id, col(DeliveryRow.state).in_(states))
        .order_by(col(DeliveryRow.at))
        .limit(LOOKED_AT)
    )
    counts: Counter[tuple[str, str]] = Counter()
    newest: dict[tuple[str, str], str] = {}
    for address, state, reply in session.execute(asked):
        key = address.rpartition("@")[2].casefold(), state
        counts[key] += 1
        newest[key] = reply or ""
    return [
        Trouble(domain, DeliveryState(state), count, newest[domain, state])
        for (domain, state), count in counts.most_common(TOLD)
    ]
