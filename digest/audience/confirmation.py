"""The link in a confirmation mail: a page for everybody who opens it, a button for who means it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from digest import logs
from digest.audience import letters
from digest.model import SubscriptionStatus
from digest.store import events, subscribers
from digest.store import tokens as stored_tokens
from digest.store.engine import Database, Session
from digest.store.tokens import Token

log = logs.get(__name__)

#: How long a link to confirm is good for.
LIFETIME = dt.timedelta(hours=72)


class ConfirmingHouse(letters.LetterHouse, Protocol):
    """What confirming needs of a house."""

    @property
    def database(self) -> Database: ...


class Outcome(StrEnum):
    """What a link to confirm did, or would do."""

    OPEN = "open"  # the button has not been pressed yet
    DONE = "done"
    ALREADY = "already"
    GONE = "gone"  # unknown, or older than LIFETIME


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A link to confirm and its newsletter, where the link is known."""

    outcome: Outcome
    newsletter: str = ""


def look(database: Database, secret: str, *, now: dt.datetime) -> Confirmation:
    """What a link to confirm would do. Changes nothing: scanners open every link in a mail."""
    with database.read() as session:
        return _look(session, secret, now=now)


def _look(session: Session, secret: str, *, now: dt.datetime) -> Confirmation:
    token = stored_tokens.look(session, secret, "confirm", now=now)
    if token is None:
        return Confirmation(Outcome.GONE)
    return Confirmation(Outcome.ALREADY if token.used else Outcome.OPEN, token.scope)


def confirm(house: ConfirmingHouse, secret: str, *, network: str, now: dt.datetime) -> Confirmation:
    """Confirm what the link stands for, and say welcome. A second time it only says that it is done."""
    with house.database.write() as session:
        token = stored_tokens.use(session, secret, "confirm", now=now)
        if token is None:
            return _look(session, secret, now=now)
        done = subscribers.confirm(
            session, token.subject, token.scope, now=now, method="form", network=network
        )
        if not done:
            return Confirmation(_without_wish(session, token), token.scope)
        who = f"subscriber:{token.subject}"
        events.record(session, at=now, actor=who, action="confirmed", subject=token.scope)
        letters.welcome(session, house, token.scope, token.subject, now=now)
    log.info("a reader confirmed", newsletter=token.scope, subscriber=token.subject)
    return Confirmation(Outcome.DONE, token.scope)


def _without_wish(session: Session, token: Token) -> Outcome:
    """A second mail's link: confirmed by the first one's, or left since, which stays so."""
    standing = subscribers.status(session, token.subject, token.scope)
    return Outcome.ALREADY if standing is SubscriptionStatus.CONFIRMED else Outcome.GONE
