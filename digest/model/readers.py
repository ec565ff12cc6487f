"""Readers, and what becomes of each one's copy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

SubscriberId = NewType("SubscriberId", int)


class SubscriptionStatus(StrEnum):
    """Where a reader stands with one newsletter."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader in an edition's audience, as the sender needs it.

    address: its domain is ASCII (IDNA). handle: 128 random bits, base64url; stands in links.
    """

    id: SubscriberId
    address: str
    handle: str
    name: str = ""


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


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider's acceptance: its reply on one line, and its own id where it gives one."""

    reply: str
    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message ready for the wire.

    data: RFC 5322 bytes, CRLF lines, already dot-stuffed (no line begins with a lone ".").
    key: the same on every attempt; the Message-ID's left side and the idempotency key.
    """

    sender: str
    recipient: str
    key: str
    data: bytes

    @property
    def unstuffed(self) -> bytes:
        """`data` as a file or an HTTP provider wants it: the stuffed dots taken out (RFC 5321 §4.5.2)."""
        return re.sub(rb"(?m)^\.\.", b".", self.data)
