"""Readers, and what becomes of each one's copy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, NewType

from digest.model.issues import Rendered

SubscriberId = NewType("SubscriberId", int)


class SubscriptionStatus(StrEnum):
    """Where a reader stands with one newsletter."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"


class Reader(NamedTuple):
    """One reader in an edition's audience, as the sender needs it: a tuple, since a million are made.

    address: its domain is ASCII (IDNA). handle: 128 random bits, base64url; stands in links. choice: as
    `Choice.text`, empty where the newsletter offers none.
    """

    id: SubscriberId
    address: str
    handle: str
    name: str = ""
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """In what form a reader wants a newsletter; empty: as it comes.

    language: a BCP 47 tag. unwanted: sections of which a line is enough. first: those that come first, in
    this order.
    """

    language: str = ""
    theme: str = ""
    unwanted: tuple[str, ...] = ()
    first: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Equal choices are equal texts, so that it can be looked up by them."""
        if self == Choice():
            return ""
        lists = ("\n".join(self.unwanted), "\n".join(self.first))
        return f"{self.language}/{self.theme}\n" + "\n\n".join(lists)

    @classmethod
    def of(cls, text: str) -> Choice:
        """The choice that is written so."""
        head, _, lists = text.partition("\n")
        language, _, theme = head.partition("/")
        unwanted, _, first = lists.partition("\n\n")
        return cls(language, theme, tuple(unwanted.splitlines()), tuple(first.splitlines()))


AS_IT_COMES = Choice()


class Cadence(StrEnum):
    """How often a reader wants an issue."""

    WEEKLY = "weekly"
    BIG = "big"  # only in weeks whose lead story is big: see `[preferences] big_story`


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a reader chose for one newsletter.

    language: a BCP 47 tag, empty for the newsletter's; theme likewise. unwanted: names of sections. timezone: an IANA
    name, empty for the newsletter's. snoozed_until: no issue goes to the reader before.
    """

    name: str = ""
    language: str = ""
    theme: str = ""
    unwanted: frozenset[str] = frozenset()
    cadence: Cadence = Cadence.WEEKLY
    snoozed_until: dt.datetime | None = None
    timezone: str = ""


class DeliveryState(StrEnum):
    """Where one reader's delivery stands. All but `queued` are final under the policy `hold`."""

    QUEUED = "queued"  # refused for now; tried again when due
    ACCEPTED = "accepted"  # the next server's positive reply is stored
    FAILED = "failed"  # with its reply
    SKIPPED = "skipped"  # left or suppressed since the freeze; never handed over
    UNCERTAIN = "uncertain"  # handed over, outcome unknown


FINAL = frozenset(DeliveryState) - {DeliveryState.QUEUED}


class UncertainPolicy(StrEnum):
    """What to do with deliveries whose outcome a crash or a lost connection left unknown."""

    HOLD = "hold"  # show them; a person decides
    RESEND = "resend"  # once more, with the same Message-ID
    REPLAY = "replay"  # for providers that know the idempotency key


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What all copies of one mail have in common.

    rendered: subject, HTML and text, with slots (`digest.mail.slots.SLOTS`) where each reader's own
    values come. fields: the header fields beyond From, Reply-To, To, Subject, Date and Message-ID,
    in order, their values with slots too. domain: the right side of Message-IDs and of the addresses
    that bounces go to.
    """

    rendered: Rendered
    newsletter: str
    from_name: str
    from_address: str
    reply_to: str | None
    domain: str
    date: dt.datetime
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, kw_only=True)
class Message:
    """One reader's copy of a mail, ready to be handed over.

    sender: the envelope's return path, which names the reader (VERP). key: the same on every attempt;
    the Message-ID's left side and the idempotency key. ref: what reports about this copy (bounces,
    webhooks) carry back; opens no door. values: slot name → this reader's value, as plain text.
    careful: a first copy may have arrived, so certainty goes before speed. batch: copies with the
    same label, where it is not empty, were handed over in one request and must be so again.
    """

    mail: Mail
    sender: str
    recipient: str
    name: str
    key: str
    ref: str
    values: Mapping[str, str]
    make: Callable[[Message], Sequence[bytes]] = field(compare=False, repr=False)
    careful: bool = False
    batch: str = ""

    @property
    def pieces(self) -> Sequence[bytes]:
        """The RFC 5322 message, to be joined: CRLF lines of ASCII, none begins with a full stop.

        So the bytes are right for DATA, for BDAT and for a file alike, and nothing is ever stuffed.
        """
        return self.make(self)

    @property
    def data(self) -> bytes:
        return b"".join(self.pieces)
