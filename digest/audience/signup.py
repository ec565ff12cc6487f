"""Signing up: a wish is taken at the door, looked at a moment later, and answered by a mail with a link.

Whoever asks learns nothing about an address: while they wait for the answer nobody has looked whose
it is. `ask` knows limits of networks and the breaker; `settle` knows readers, and mails them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol

from digest import logs
from digest.audience import addresses, breaker, caps, disposable, tokens
from digest.audience.addresses import Address
from digest.audience.confirmation import LIFETIME, ConfirmingHouse
from digest.store import allowances, consents, notices, subscribers, wishes
from digest.store import tokens as stored_tokens
from digest.store.engine import Session
from digest.store.wishes import Wish

log = logs.get(__name__)

#: Wishes looked at in one transaction: a sender and other askers wait no longer than these take.
BATCH = 5
#: One that cannot be mailed yet is looked at again after this, and given up after a day.
AGAIN = dt.timedelta(minutes=10)
GIVE_UP = dt.timedelta(days=1)


class SignUpHouse(ConfirmingHouse, Protocol):
    """What signing up needs of a house. breaker: confirmation mails an hour that are never too many."""

    @property
    def disposable(self) -> Literal["refuse", "accept", "silent"]:
        """What becomes of mailboxes that are thrown away."""

    @property
    def breaker(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One request to subscribe.

    address: as it was typed. asker: what counts as one address of the internet. network: the
    shortened one, kept with `wording` (the words that were shown) and `method` (which form) as evidence.
    proof, stamp: what names the proof of work and the filled-in page; empty for none.
    """

    newsletter: str
    address: str
    asker: str
    network: str
    wording: str
    method: Literal["form", "embed", "api"] = "form"
    language: str = ""
    timezone: str = ""
    proof: str = ""
    stamp: str = ""


class Answer(StrEnum):
    """What the person who asked may know: nothing about the address beyond its domain."""

    HEARD = "heard"
    TOO_MANY = "too many"  # from this network
    WORK = "work"  # a storm blows: come with a proof of work
    THROWAWAY = "throwaway"  # a domain of mailboxes that are thrown away


def ask(house: SignUpHouse, asking: Asking, *, now: dt.datetime) -> Answer:
    """Take a wish, to be looked at by `settle`. Raises BadInput for no address."""
    address = addresses.parse(asking.address)
    if house.disposable == "refuse" and disposable.is_disposable(_domain(address)):
        return Answer.THROWAWAY
    wish = Wish(
        newsletter=asking.newsletter,
        address_hash=tokens.address_hash(house.key, address.key),
        address=address.address,
        network=asking.network,
        method=asking.method,
        wording=asking.wording,
        language=asking.language,
        timezone=asking.timezone,
        worked=bool(asking.proof),
        asked_at=now,
    )
    wanted = _door(house.key, asking)
    with house.database.read() as session:  # a storm that is turned away locks nothing
        full = allowances.full(session, wanted, now=now)
    if full is None:
        with house.database.write() as session:
            if not wish.worked and breaker.is_on(session, least=house.breaker, now=now):
                breaker.turned_away(session, now=now)
                return Answer.WORK
            full = allowances.take(session, wanted, now=now)
            if full is None:
                wishes.put(session, wish)
    return _told(asking, full)


def _told(asking: Asking, full: str | None) -> Answer:
    """full: what had no room."""
    if full is None or full.startswith("proof"):  # sent twice: the first one was heard
        return Answer.HEARD
    log.info("too many sign-ups", newsletter=asking.newsletter, of=full.partition(":")[0])
    return Answer.TOO_MANY


def _door(key: bytes, asking: Asking) -> dict[str, allowances.Limits]:
    """What a request takes. Networks are known by keyed hash: what is kept of one tells nobody's address."""
    wanted: dict[str, allowances.Limits] = {}
    if asking.proof:
        wanted[f"proof:{asking.proof}"] = caps.PER_PROOF
    elif asking.stamp:
        wanted[f"stamp:{tokens.address_hash(key, asking.stamp)}"] = caps.PER_STAMP
    wanted[f"asker:{tokens.address_hash(key, asking.asker)}"] = caps.PER_ASKER
    wanted[f"network:{tokens.address_hash(key, asking.network)}"] = caps.PER_NETWORK
    return wanted


# ---------------------------------------------------------------- a moment later


def settle(house: SignUpHouse, *, now: dt.datetime) -> int:
    """Look at every wish that is due and mail who may be mailed; says how many were looked at.

    Any number of processes may do it at once, and again: each wish is looked at by one.
    """
    with house.database.read() as session:
        if not wishes.due(session, now=now, limit=1):
            return 0
    done = 0
    while True:
        with house.database.write() as session:
            found = wishes.due(session, now=now, limit=BATCH)
            for wish in found:
                _Wished(house, session, wish, now).look()
        done += len(found)
        if len(found) < BATCH:
            return done


@dataclass(frozen=True, slots=True)
class _Wished:
    """One wish in the hand of whoever looks at it."""

    house: SignUpHouse
    session: Session
    wish: Wish
    now: dt.datetime

    def look(self) -> None:
        """Mail the link, put the wish off, or let it go; in the end nothing of it stays."""
        address = addresses.parse(self.wish.address)
        if self.wish.newsletter not in self.house.schedules or not self._may_come(address):
            return self._gone()
        if self.house.disposable == "silent" and disposable.is_disposable(_domain(address)):
            self._pending(address)
            return self._gone()
        if not self.wish.worked and breaker.is_on(
            self.session, least=self.house.breaker, now=self.now
        ):
            return self._later()
        full = allowances.take(self.session, self._caps(address), now=self.now)
        if full and full.startswith("domain"):
            return self._later()
        if full is None:
            self._mail(address)
        return self._gone()

    def _may_come(self, address: Address) -> bool:
        """Not for who is confirmed already, nor for who must not be mailed."""
        found = subscribers.standing(
            self.session, self.wish.newsletter, address.key, self._hash(address), at=self.now
        )
        return found not in ("confirmed", "suppressed")

    def _caps(self, address: Address) -> dict[str, allowances.Limits]:
        domain = _domain(address)
        wanted: dict[str, allowances.Limits] = {
            f"mail:{self._name(address)}": caps.PER_NEWSLETTER,
            f"mails:{self._hash(address)}": caps.PER_ADDRESS,
        }
        if not caps.is_large(domain):
            wanted[f"domain:{tokens.address_hash(self.house.key, domain)}"] = caps.PER_DOMAIN
        return wanted

    def _hash(self, address: Address) -> str:
        """By the key of now: it may be another one than when the wish came."""
        return tokens.address_hash(self.house.key, address.key)

    def _name(self, address: Address) -> str:
        """What is the same for every spelling of one address and one newsletter."""
        return tokens.address_hash(self.house.key, f"{self.wish.newsletter} {address.key}")

    def _pending(self, address: Address) -> subscribers.Asked:
        wish = self.wish
        asked = subscribers.ask(
            self.session,
            wish.newsletter,
            address,
            address_hash=self._hash(address),
            now=wish.asked_at,
            method=wish.method,
            network=wish.network,
            wording=wish.wording,
            language=wish.language,
        )
        if asked.outcome == "new" and wish.timezone:
            subscribers.live_in(self.session, {address.key: wish.timezone})
        return asked

    def _mail(self, address: Address) -> None:
        asked, session = self._pending(address), self.session
        if asked.outcome == "pending":  # asked again: what the link will confirm is this wish
            consents.note(
                session,
                asked.subscriber_id,
                self.wish.newsletter,
                "asked",
                at=self.wish.asked_at,
                method=self.wish.method,
                network=self.wish.network,
                version=consents.words(session, self.wish.wording, now=self.wish.asked_at),
            )
        token = stored_tokens.issue(
            session,
            purpose="confirm",
            subject=asked.subscriber_id,
            scope=self.wish.newsletter,
            now=self.now,
            lifetime=LIFETIME,
        )
        known = subscribers.by_address(session, address.key)
        assert known is not None
        notices.queue(
            session,
            kind="confirm",
            newsletter=self.wish.newsletter,
            address=known.address,  # never as typed now: `bob+x@` may be another one's mailbox
            dedupe=f"confirm:{self._name(address)}:{self.now:%Y-%m-%dT%H:%M:%S}",
            data={"confirm_url": f"{self.house.public_url}/confirm/{token}"},
            now=self.now,
        )
        breaker.mail_goes(
            session, self.house, self.wish.newsletter, least=self.house.breaker, now=self.now
        )

    def _later(self) -> None:
        if self.now - self.wish.asked_at >= GIVE_UP:
            log.warning("a wish was given up", newsletter=self.wish.newsletter)
            return self._gone()
        return wishes.postpone(self.session, self.wish, until=self.now + AGAIN)

    def _gone(self) -> None:
        wishes.drop(self.session, self.wish)


def _domain(address: Address) -> str:
    return address.address.rpartition("@")[2]
