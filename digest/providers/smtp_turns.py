"""One message's turn on a session: what was said about it, and what the answers mean. Pure.

What an answer means for a reader is decided here and nowhere else, by the step that it answers:
RFC 5321 §4.2 and §4.3.2, enhanced codes by RFC 3463.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from digest.errors import DeliveryError, Refused, SendHalted, TryLater
from digest.model import Message
from digest.providers.smtp_replies import Reply, lost

#: What cannot stand between the angle brackets of a command.
_SAFE = re.compile(r"[^\x00-\x20\x7f<>]+")

#: Halves of characters, which no UTF-8 can carry.
_LONE = re.compile("[\ud800-\udfff]")


class Step(IntEnum):
    """What a reply answers."""

    RESET = 0
    MAIL = 1
    RCPT = 2
    DATA = 3
    PART = 4  # a chunk that is not the last
    END = 5  # the dot, or the last chunk: the one reply that counts
    EMPTY = 6  # a DATA that went through in vain, ended with nothing in it


@dataclass(slots=True, eq=False)
class Turn:
    """One message on one session.

    fault: the first refusal and its step. handed: the end of it is written, so a lost answer is a
    doubt. careful: its end is held back until the body has arrived. rest: commands still to be said,
    where the relay is asked one at a time. chunked, trips: how it was begun, whatever another
    connection learns meanwhile. whole: envelope and chunk went in one group.
    """

    message: Message
    pieces: Sequence[bytes]
    size: int = 0
    careful: bool = False
    handed: bool = False
    chunked: bool = False
    whole: bool = False
    trips: int = 1
    fault: tuple[Step, Reply] | None = None
    rest: list[tuple[str, Step]] = field(default_factory=list)

    def note(self, step: Step, reply: Reply) -> None:
        """Keep the first refusal: those after it only follow from it."""
        if self.fault is None:
            self.fault = step, reply


def envelope(message: Message, size: int, offers: dict[str, str]) -> tuple[str, str]:
    """MAIL and RCPT. Raises Refused or SendHalted where this relay cannot be asked for it."""
    sender, recipient = message.sender, message.recipient
    if not _SAFE.fullmatch(recipient) or not _SAFE.fullmatch(sender):
        raise Refused("the address cannot stand in a command of SMTP")
    parameters = ""
    if "SIZE" in offers:
        most = int(offers["SIZE"]) if offers["SIZE"].isdecimal() else 0
        if 0 < most < size:
            raise SendHalted(f"a message of {size} bytes; the relay takes {most} at the most")
        parameters = f" SIZE={size}"
    if not recipient.isascii() or not sender.isascii():
        if _LONE.search(sender + recipient):
            raise Refused("the address holds half a character")
        if "SMTPUTF8" not in offers:
            raise Refused("the relay takes no address beyond ASCII (it offers no SMTPUTF8)")
        parameters += " SMTPUTF8"
        if "8BITMIME" in offers:
            parameters += " BODY=8BITMIME"  # the address stands in the header as well
    if "DSN" in offers:
        parameters += " RET=HDRS"
        notify = " NOTIFY=FAILURE,DELAY"  # RFC 3461 §4.1: a bounce, and without the whole mail
    else:
        notify = ""
    return f"MAIL FROM:<{sender}>{parameters}", f"RCPT TO:<{recipient}>{notify}"


def meaning(step: Step, reply: Reply) -> DeliveryError:
    """What a refusal means.

    MAIL speaks of us and never of a reader. x.7.x may speak of either, as may any 5xx at DATA: the
    sender asks how others fare.
    """
    if reply.wants_login or (step is Step.MAIL and reply.code >= 500):
        return SendHalted(str(reply))
    if step is Step.MAIL or reply.code == 421:
        return lost(str(reply))
    if reply.code < 500:
        return TryLater(str(reply), policy=reply.is_policy)
    return Refused(str(reply), policy=reply.is_policy or step is Step.DATA)
