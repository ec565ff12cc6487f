"""What a report means for its reader. Pure: a verdict on one report, and the score over many issues.

Hard: few codes say for sure that an address takes no mail, now or ever; those suppress at once.
On 329 real bounces with a code, "every 5.x.x is hard" was right in 38 of 100 cases, this list in 81.

Soft: everything else that came back. A reader is worn out, and suppressed, when at least three
issues one after another came back, and the first of them was sent 7 to 21 days before the last. An
issue between them that arrived (accepted, and it did not come back) heals: the count begins anew.
So neither a full weekend nor a month with one good Sunday in it loses a reader.

Ours: codes that speak of the sender (authentication, reputation, policy, the message's form) never
touch the reader; a person must look at them.

Held: where a large part of one send was refused by the next server, that server is to blame until a
person says otherwise, whatever codes it used.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from digest.model import ReportKind

#: The provider's name of reports that were read from mail: anybody may have written it.
MAILBOX = "mailbox"


class Verdict(StrEnum):
    """What follows from a report, from what hardly matters to the gravest."""

    NOTHING = "nothing"
    DELIVERED = "delivered"
    HELD = "held"  # refused with so many others that nobody believes it yet
    FORGIVEN = "forgiven"  # a person says that it tells nothing of the reader
    OURS = "ours"
    SOFT = "soft"
    HARD = "hard"
    LEFT = "left"
    COMPLAINT = "complaint"


#: Of two verdicts on one copy the later one in this order stands.
GRAVITY = tuple(Verdict)

#: RFC 3463 and the IANA registry of enhanced codes: no such mailbox, no such system, bad syntax,
#: moved away, null MX (RFC 7505), disabled mailbox.
HARD_CODES = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})

#: Security and policy; protocol; content; too large; the sender's own address.
_OURS_CODE = re.compile(r"[45]\.(?:7\.\d+|5\.\d+|6\.\d+|[23]\.3|3\.4|1\.[78])")
_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")

#: Words with which servers say that they mean the sender, whatever their code says.
_OURS_WORDS = re.compile(
    r"spam|\bspf\b|\bdkim\b|\bdmarc\b|black ?list|block ?list|\bblocked\b|\brbl\b|reputation"
    r"|unauthenticated|policy|rate.?limit|unsolicited|junk|reverse dns|\bptr\b|banned",
    re.IGNORECASE,
)
#: ... and that the address is there, only full or away for a while.
_SOFT_WORDS = re.compile(
    r"quota|mailbox (?:is )?full|full mailbox|over ?limit|storage|temporar|try again|greylist"
    r"|too many|at a rate",
    re.IGNORECASE,
)

#: Of one send so many, and such a part of its answers, may be refused before it is held back.
MOST_REFUSED, LARGEST_PART = 10, 0.1

STREAK = 3
LEAST_SPAN, LONGEST_SPAN = dt.timedelta(days=7), dt.timedelta(days=21)


def judge(kind: ReportKind, status: str, detail: str) -> Verdict:
    """What one report means. status: told by a machine (RFC 3463), never searched for in a text.

    detail: the other side's words. They can only soften: no text makes a bounce hard.
    """
    if kind is not ReportKind.BOUNCED:
        return _OTHERS.get(kind, Verdict.NOTHING)
    ours = _OURS_WORDS.search(detail)
    if status in HARD_CODES:
        return Verdict.SOFT if ours or _SOFT_WORDS.search(detail) else Verdict.HARD
    return Verdict.OURS if ours or _OURS_CODE.fullmatch(status) else Verdict.SOFT


_OTHERS = {
    ReportKind.DELIVERED: Verdict.DELIVERED,
    ReportKind.COMPLAINED: Verdict.COMPLAINT,
    ReportKind.UNSUBSCRIBED: Verdict.LEFT,
}


def is_doubtful(accepted: int, refused: int) -> bool:
    """True where so much of one send was refused that no refusal of it tells of its reader.

    More than ten and more than a tenth; of a short list more than one and more than half.
    """
    answered = accepted + refused
    if refused > MOST_REFUSED:
        return refused > answered * LARGEST_PART
    return refused > 1 and refused * 2 > answered


def code_of(reply: str) -> str:
    """The enhanced code in a server's reply, `550 5.1.1 …`; empty where there is none."""
    found = _CODE.search(reply[:200])
    return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Copy:
    """One issue's copy to one reader whose fate is known: it came back, or it arrived."""

    sent_at: dt.datetime
    came_back: bool


def worn_out(copies: Iterable[Copy]) -> bool:
    """True where the address is to be suppressed (see the rule above). The order does not matter."""
    streak: list[dt.datetime] = []
    for copy in sorted(copies, key=lambda one: (one.sent_at, not one.came_back)):
        if not copy.came_back:
            streak = []
            continue
        streak.append(copy.sent_at)
        if any(_spans(first, copy.sent_at) for first in streak[: 1 - STREAK]):
            return True
    return False


def _spans(first: dt.datetime, last: dt.datetime) -> bool:
    return LEAST_SPAN <= last - first <= LONGEST_SPAN
