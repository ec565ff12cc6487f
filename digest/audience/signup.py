"""Signing up with double opt-in: asked for on a page, confirmed by a button behind a mailed link.

Whoever asks learns nothing about an address: new, waiting, subscribed and suppressed ones get one
answer. Limits keep the form from being used to fill a stranger's inbox.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from digest import logs
from digest.audience import addresses, tokens
from digest.audience.addresses import Address
from digest.model import SubscriptionStatus
from digest.store import counters, events, notices, subscribers
from digest.store import tokens as stored_tokens
from digest.store.engine import Database, Session
from digest.store.tokens import Token

log = logs.get(__name__)

#: How long a link to confirm is good for.
LIFETIME = dt.timedelta(hours=72)

HOUR, DAY, MONTH = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(days=30)
#: At most so many in this span: requests from one network, and confirmation mails to one address,
#: for each newsletter and for all of them together.
PER_NETWORK = ((5, HOUR), (20, DAY))
PER_NEWSLETTER = ((1, DAY), (3, MONTH))
PER_ADDRESS = ((5, DAY),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One request to subscribe.

    address: as it was typed. asker: what counts as one network for the limits. network: the
    shortened one, kept with `wording` (what the page said) as evidence of the consent.
    """

    newsletter: str
    address: str
    asker: str
    network: str
    wording: str
    language: str = ""


class Answer(StrEnum):
    """What the person who asked may know."""

    HEARD = "heard"
    TOO_MANY = "too many"  # from this network; says nothing about the address


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


def ask(
    database: Database, asking: Asking, *, key: bytes, public_url: str, now: dt.datetime
) -> Answer:
    """Note the wish and queue the mail with the link, if one may go. Raises BadInput for no address."""
    address = addresses.parse(asking.address)
    with database.write() as session:
        if not _within(session, f"ask:{asking.asker}", PER_NETWORK, now=now):
            log.info("too many sign-ups from one network", newsletter=asking.newsletter)
            return Answer.TOO_MANY
        _take(session, asking, address, key=key, public_url=public_url, now=now)
    return Answer.HEARD


def _take(
    session: Session,
    asking: Asking,
    address: Address,
    *,
    key: bytes,
    public_url: str,
    now: dt.datetime,
) -> None:
    hashed = tokens.address_hash(key, address.key)
    asked = subscribers.ask(
        session,
        asking.newsletter,
        address,
        address_hash=hashed,
        now=now,
        method="form",
        network=asking.network,
        wording=asking.wording,
        language=asking.language,
    )
    if asked.outcome not in ("new", "pending"):
        return
    wish = tokens.address_hash(key, f"{asking.newsletter} {address.key}")
    if not _within(session, f"confirm:{wish}", PER_NEWSLETTER, now=now):
        return
    if not _within(session, f"confirm:{hashed}", PER_ADDRESS, now=now):
        return
    token = stored_tokens.issue(
        session,
        purpose="confirm",
        subject=asked.subscriber_id,
        scope=asking.newsletter,
        now=now,
        lifetime=LIFETIME,
    )
    known = subscribers.by_address(session, address.key)
    assert known is not None
    notices.queue(
        session,
        kind="confirm",
        newsletter=asking.newsletter,
        address=known.address,  # never as typed now: `bob+x@` may be another one's mailbox
        dedupe=f"confirm:{wish}:{now:%Y-%m-%d}",
        data={"confirm_url": f"{public_url}/confirm/{token}"},
        now=now,
    )


def _within(
    session: Session,
    bucket: str,
    limits: tuple[tuple[int, dt.timedelta], ...],
    *,
    now: dt.datetime,
) -> bool:
    """Count one more; True while no span is over its limit.

    What the shorter span refuses does not count in the longer one: pressing the button three
    times in a day costs one mail of the month's three.
    """
    return all(counters.hit(session, bucket, now=now, span=span) <= most for most, span in limits)


def look(database: Database, secret: str, *, now: dt.datetime) -> Confirmation:
    """What a link to confirm would do. Changes nothing: scanners open every link in a mail."""
    with database.read() as session:
        return _look(session, secret, now=now)


def _look(session: Session, secret: str, *, now: dt.datetime) -> Confirmation:
    token = stored_tokens.look(session, secret, "confirm", now=now)
    if token is None:
        return Confirmation(Outcome.GONE)
    return Confirmation(Outcome.ALREADY if token.used else Outcome.OPEN, token.scope)


def confirm(database: Database, secret: str, *, network: str, now: dt.datetime) -> Confirmation:
    """Confirm what the link stands for. A second time it only says that it is done."""
    with database.write() as session:
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
    log.info("a reader confirmed", newsletter=token.scope, subscriber=token.subject)
    return Confirmation(Outcome.DONE, token.scope)


def _without_wish(session: Session, token: Token) -> Outcome:
    """A second mail's link: confirmed by the first one's, or left since, which stays so."""
    standing = subscribers.status(session, token.subject, token.scope)
    return Outcome.ALREADY if standing is SubscriptionStatus.CONFIRMED else Outcome.GONE
