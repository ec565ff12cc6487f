"""Another address: asked for with the reader's own link, confirmed at the new one, told to the old one.

The old address is told at once, and can stop it: before, and for two weeks after. The new one belongs to
another reader of ours, new or known, as whom the subscription goes on; so what comes back about old
copies stays the old address's.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from digest import logs
from digest.audience import addresses, tokens
from digest.audience.preferences import chooser, within
from digest.model import SubscriberId, SubscriptionStatus
from digest.store import consents, in_turn, moves, notices, preferences, subscribers, suppressions
from digest.store import tokens as stored_tokens
from digest.store.engine import Database, Session
from digest.store.moves import Move

log = logs.get(__name__)

#: How long the new address may confirm, and the old one stop it.
CONFIRM, STOP = dt.timedelta(hours=72), dt.timedelta(days=14)


class Asked(StrEnum):
    """What a wish to move found. What the new address is to us is never told."""

    HEARD = "heard"
    TOO_MANY = "too many"
    SAME = "same"


class Step(StrEnum):
    """What a mailed link of a move would do, or did."""

    OPEN = "open"
    DONE = "done"
    ALREADY = "already"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Found:
    """A link of a move, and its newsletter where that is known."""

    step: Step
    newsletter: str = ""


def ask(
    database: Database,
    newsletter: str,
    token: str,
    raw: str,
    *,
    key: bytes,
    public_url: str,
    now: dt.datetime,
) -> Asked:
    """Note the wish: a mail to each of both addresses. Raises BadInput for no address, LookupError for no reader."""
    wanted = addresses.parse(raw)
    with database.write() as session:
        found = chooser(session, newsletter, token, key=key)
        if found is None:
            raise LookupError("no reader has this link")
        if wanted.key == addresses.parse(found.address).key:
            return Asked.SAME
        if not within(session, found.id, newsletter, now=now):
            return Asked.TOO_MANY
        hashed = tokens.address_hash(key, wanted.key)
        move = moves.open_one(session, found.id, newsletter, wanted.address, now=now)
        consents.note(session, found.id, newsletter, "changed", at=now, method="page")
        to_both = [(_TO_OLD, found.address)]
        if not suppressions.is_suppressed(session, hashed, at=now, but=(suppressions.ERASED,)):
            to_both.append((_TO_NEW, wanted.address))
        for letter, to in to_both:
            _write(session, letter, newsletter, move, address=to, public_url=public_url, now=now)
    log.info("a reader asked to move", newsletter=newsletter, subscriber=found.id)
    return Asked.HEARD


@dataclass(frozen=True, slots=True)
class _Letter:
    """One of both mails: what its token is for, the name of its link, and how long that is good."""

    kind: str
    purpose: str
    link: str
    lifetime: dt.timedelta


_TO_NEW = _Letter("moved", "move", "confirm_url", CONFIRM)
_TO_OLD = _Letter("moving", "stay", "stop_url", STOP)


def _write(
    session: Session,
    letter: _Letter,
    newsletter: str,
    move: int,
    *,
    address: str,
    public_url: str,
    now: dt.datetime,
) -> None:
    secret = stored_tokens.issue(
        session,
        purpose=letter.purpose,
        subject=move,
        scope=newsletter,
        now=now,
        lifetime=letter.lifetime,
    )
    notices.queue(
        session,
        kind=letter.kind,
        newsletter=newsletter,
        address=address,
        dedupe=f"{letter.kind}:{move}",
        data={letter.link: f"{public_url}/{letter.purpose}/{secret}"},
        now=now,
    )


def look(database: Database, secret: str, purpose: str, *, now: dt.datetime) -> Found:
    """What a link would do; changes nothing. purpose: `move` or `stay`."""
    with database.read() as session:
        return _look(session, secret, purpose, now=now)


def _look(session: Session, secret: str, purpose: str, *, now: dt.datetime) -> Found:
    token = stored_tokens.look(session, secret, purpose, now=now)
    move = moves.by_id(session, token.subject) if token else None
    if token is None or move is None:
        return Found(Step.GONE)
    if purpose == "move" and move.state == "stopped":
        return Found(Step.GONE)
    return Found(Step.ALREADY if token.used else Step.OPEN, token.scope)


def confirm(
    database: Database, secret: str, *, key: bytes, network: str, now: dt.datetime
) -> Found:
    """The new address says yes: from now on the subscription is its own."""
    with database.write() as session:
        in_turn.wait(session)
        before = _look(session, secret, "move", now=now)
        token = stored_tokens.use(session, secret, "move", now=now)
        move = moves.by_id(session, token.subject) if token else None
        if token is None or move is None or before.step is not Step.OPEN:
            return before
        other = _go_on(session, move, key=key, network=network, now=now)
        moves.settle(session, move.id, "stopped" if other is None else "done", to=other)
    if other is None:
        return Found(Step.GONE, token.scope)
    log.info("a reader moved", newsletter=token.scope, subscriber=move.subscriber, to=other)
    return Found(Step.DONE, token.scope)


def _go_on(
    session: Session, move: Move, *, key: bytes, network: str, now: dt.datetime
) -> SubscriberId | None:
    """The subscription as that of the new address; None where it had left in the meantime."""
    letter, old = move.newsletter, move.subscriber
    if subscribers.status(session, old, letter) is not SubscriptionStatus.CONFIRMED:
        return None
    wanted = addresses.parse(move.address)
    asked = subscribers.ask(
        session,
        letter,
        wanted,
        address_hash=tokens.address_hash(key, wanted.key),
        now=now,
        method="move",
        network=network,
    )
    if asked.outcome == "suppressed":
        return None
    chosen = preferences.of(session, old, letter, now=now)
    if subscribers.confirm(
        session, asked.subscriber_id, letter, now=now, method="move", network=network
    ):
        moves.inherit(session, old, asked.subscriber_id, letter)
        preferences.keep(session, asked.subscriber_id, letter, chosen, now=now)
    moves.leave_to(session, old, asked.subscriber_id, letter, now=now)
    return asked.subscriber_id


def stop(database: Database, secret: str, *, now: dt.datetime) -> Found:
    """The old address says no: nothing moves, or what moved comes back."""
    with database.write() as session:
        in_turn.wait(session)
        before = _look(session, secret, "stay", now=now)
        token = stored_tokens.use(session, secret, "stay", now=now)
        move = moves.by_id(session, token.subject) if token else None
        if token is None or move is None:
            return before
        stored_tokens.revoke(session, "move", move.id, now=now)
        if move.state == "done" and move.to is not None:
            moves.bring_back(session, move, now=now)
        moves.settle(session, move.id, "stopped", to=move.to)
        standing = subscribers.status(session, move.subscriber, token.scope)
    log.info("a move was stopped", newsletter=token.scope, subscriber=move.subscriber)
    stays = standing is SubscriptionStatus.CONFIRMED  # else they had left, which stays so
    return Found(Step.DONE if stays else Step.ALREADY, token.scope)
