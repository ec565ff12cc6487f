"""The people of the tests: Alice confirmed, Bob pending, Carol left, Dave complained, Erin edits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import Session

from digest.audience import addresses
from digest.audience.tokens import address_hash
from digest.model import EditorId, SubscriberId
from digest.store import editors, subscribers, suppressions
from digest.store.engine import Database

#: A Saturday evening, shortly after the usual cut-off in London.
NOW = dt.datetime(2026, 11, 28, 18, 30, tzinfo=dt.UTC)

#: The key of the tests' house.
KEY = b"thirty-two bytes of no secret !!"

NEWSLETTER = "sunday"
DAY = dt.timedelta(days=1)

ALICE = "alice@reader.example"
BOB = "bob@reader.example"
CAROL = "carol@reader.example"
DAVE = "dave@reader.example"
ERIN = "erin@gazette.example"


def sign_up(session: Session, address: str, *, newsletter: str = NEWSLETTER) -> SubscriberId:
    """Somebody asks for the newsletter and has not confirmed yet."""
    parsed = addresses.parse(address)
    hashed = address_hash(KEY, parsed.key)
    asked = subscribers.ask(
        session, newsletter, parsed, address_hash=hashed, now=NOW - 30 * DAY, method="form"
    )
    return asked.subscriber_id


def confirmed(session: Session, address: str, *, newsletter: str = NEWSLETTER) -> SubscriberId:
    """Somebody who asked and confirmed, weeks ago."""
    subscriber_id = sign_up(session, address, newsletter=newsletter)
    subscribers.confirm(session, subscriber_id, newsletter, now=NOW - 29 * DAY, method="form")
    return subscriber_id


@dataclass(frozen=True, slots=True)
class People:
    """The ids of the four readers, and of the editor."""

    alice: SubscriberId
    bob: SubscriberId
    carol: SubscriberId
    dave: SubscriberId
    erin: EditorId


def everybody(database: Database) -> People:
    """Alice confirmed, Bob pending, Carol left, Dave complained, Erin edits."""
    with database.write() as session:
        alice, bob = confirmed(session, ALICE), sign_up(session, BOB)
        carol, dave = confirmed(session, CAROL), confirmed(session, DAVE)
        subscribers.leave(session, carol, NEWSLETTER, now=NOW - DAY, method="page")
        hashed = address_hash(KEY, addresses.parse(DAVE).key)
        suppressions.add(session, hashed, reason="complaint", now=NOW - DAY)
        erin = editors.add(session, ERIN, name="Erin", role="publisher", now=NOW - 30 * DAY)
    return People(alice, bob, carol, dave, erin)
