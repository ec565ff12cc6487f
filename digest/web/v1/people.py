"""A reader as the API shows one."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel

from digest.model import Cadence, SubscriptionStatus
from digest.store import histories, reader_search, subscribers
from digest.store.consents import Evidence
from digest.store.engine import Session
from digest.store.histories import Proof, Stand
from digest.store.reader_search import Found


class ReaderBrief(BaseModel):
    """A reader in a list. suppressed: why nobody may mail them, null where everybody may. came: by which way."""

    reader: int
    address: str
    name: str
    created_at: dt.datetime
    subscriptions: dict[str, SubscriptionStatus]
    suppressed: str | None
    came: str


class Chosen(BaseModel):
    """What a reader chose; empty is as the newsletter comes."""

    language: str
    theme: str
    unwanted_sections: list[str]
    cadence: Cadence
    snoozed_until: dt.datetime | None
    timezone: str


class Subscription(BaseModel):
    """Where a reader stands with one newsletter. moved_to: the reader as whom it went on."""

    newsletter: str
    status: SubscriptionStatus
    asked_at: dt.datetime
    changed_at: dt.datetime
    tags: list[str]
    left_for: str
    moved_to: int | None
    preferences: Chosen


class Said(BaseModel):
    """One line of the ledger of consents. wording: what the reader was shown, whole."""

    kind: str
    at: dt.datetime
    method: str
    network: str
    wording: str


class Consent(BaseModel):
    """The last wish of a reader for a newsletter, and its confirmation."""

    newsletter: str
    asked: Said | None
    confirmed: Said | None


class ReaderWhole(ReaderBrief):
    """A reader with their subscriptions, choices and consents."""

    language: str
    stands: list[Subscription]
    consents: list[Consent]


def brief(one: Found) -> ReaderBrief:
    """In a list."""
    return ReaderBrief(
        reader=one.id,
        address=one.address,
        name=one.name,
        created_at=one.created_at,
        subscriptions=dict(one.stands),
        suppressed=one.suppressed or None,
        came=one.came,
    )


def whole(session: Session, number: int, *, now: dt.datetime) -> ReaderWhole:
    """All that a program may know. Raises NotFound."""
    line = reader_search.one(session, number, at=now)
    known = subscribers.by_id(session, number)
    return ReaderWhole(
        **brief(line).model_dump(),
        language=known.language if known else "",
        stands=[_stand(one) for one in histories.stands(session, number, now=now)],
        consents=[_consent(one) for one in histories.proofs(session, number)],
    )


def _stand(one: Stand) -> Subscription:
    chosen = one.chosen
    return Subscription(
        newsletter=one.newsletter,
        status=one.status,
        asked_at=one.asked_at,
        changed_at=one.changed_at,
        tags=list(one.tags),
        left_for=one.left_for,
        moved_to=one.moved_to,
        preferences=Chosen(
            language=chosen.language,
            theme=chosen.theme,
            unwanted_sections=sorted(chosen.unwanted),
            cadence=chosen.cadence,
            snoozed_until=chosen.snoozed_until,
            timezone=chosen.timezone,
        ),
    )


def _consent(one: Proof) -> Consent:
    asked = _said(one.asked) if one.asked else None
    confirmed = _said(one.confirmed) if one.confirmed else None
    return Consent(newsletter=one.newsletter, asked=asked, confirmed=confirmed)


def _said(line: Evidence) -> Said:
    return Said(
        kind=line.kind, at=line.at, method=line.method, network=line.network, wording=line.words
    )
