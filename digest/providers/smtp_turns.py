"""One message's turn on a session: what was said about it, and what the answers mean. Pure.

What an answer means for a reader is decided here and nowhere else, by the step that it answers:
RFC 5321 §4.2 and §4.3.2, enhanced codes by RFC 3463.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from digest.errors import DeliveryError, Refused, SendHalted, TryLater
from digest.model import Message
from digest.providers.smtp_replies import Reply, lost

#: What cannot stand between the angle brackets of a command.
_SAFE = re.compile(r"[^\x00-\x20\x7f<>]+")

#: A sender and a recipient, joined by a sign that neither may hold, both of plain ASCII.
_PLAIN = re.compile(r"[!-;=?-~]+>[!-;=?-~]+")

#: Halves of characters, which no UTF-8 can carry.
_LONE = re.compile("[\ud800-\udfff]")


class Step(Enum):
    """What a reply answers."""

    RESET = 0
    MAIL = 1
    RCPT = 2
    DATA = 3
    PART = 4  # a chunk that is not the last
    END = 5  # the dot, or the last chunk: the one reply that counts
    EMPTY = 6  # a DATA that went through in vain, ended with nothing in it


#: By these names where every message passes: `Step.END` takes ten times as long before Python 3.12.
MAIL, RCPT, DATA, PART, END = Step.MAIL, Step.RCPT, Step.DATA, Step.PART, Step.END


@dataclass(slots=True, eq=False)
class Turn:
    """One message on one session.

    fault: the first refusal and its step. handed: the end of it is written, so a lost answer is a
    doubt. careful: its end is held back until the body has arrived. rest: commands still to be said,
    where the relay is asked one at a time. chunked, trips: how it was begun, whatever another
    connection learns meanwhile. placed: each good answer is looked at for its place. whole: envelope
    and chunk went in one group.
    """

    message: Message
    pieces: Sequence[bytes]
    size: int = 0
    careful: bool = False
    handed: bool = False
    chunked: bool = False
    placed: bool = False
    whole: bool = False
    trips: int = 1
    fault: tuple[Step, Reply] | None = None
    rest: Sequence[tuple[str, Step]] = ()

    def note(self, step: Step, reply: Reply) -> None:
        """Keep the first refusal: those after it only follow from it."""
        if self.fault is None:
            self.fault = step, reply


class Envelopes:
    """MAIL and RCPT in the words of one relay: what EHLO offered is read once a session."""

    def __init__(self, offers: dict[str, str]) -> None:
        size = offers.get("SIZE", "")
        self._most = int(size) if size.isdecimal() else 0
        self._utf8, self._eight_bit = "SMTPUTF8" in offers, "8BITMIME" in offers
        self._tells_size = "SIZE" in offers
        # RFC 3461 §4.1, 4.3: a bounce and nothing else, and in it not the whole mail.
        self._ret = " RET=HDRS" if "DSN" in offers else ""
        self._notify = " NOTIFY=FAILURE,DELAY" if "DSN" in offers else ""

    def of(self, message: Message, size: int) -> tuple[str, str]:
        """Both, with their line ends. Raises Refused or SendHalted where this relay cannot be asked."""
        sender, recipient = message.sender, message.recipient
        is_plain = _PLAIN.fullmatch(f"{sender}>{recipient}")
        if not (is_plain or (_SAFE.fullmatch(recipient) and _SAFE.fullmatch(sender))):
            raise Refused("the address cannot stand in a command of SMTP")
        if 0 < self._most < size:
            raise SendHalted(f"a message of {size} bytes; the relay takes {self._most} at the most")
        told = f" SIZE={size}" if self._tells_size else ""
        beyond = "" if is_plain else self._beyond_ascii(sender + recipient)
        return (
            f"MAIL FROM:<{sender}>{told}{beyond}{self._ret}\r\n",
            f"RCPT TO:<{recipient}>{self._notify}\r\n",
        )

    def _beyond_ascii(self, addresses: str) -> str:
        """The parameters for addresses that may hold more than ASCII."""
        if addresses.isascii():
            return ""
        if _LONE.search(addresses):
            raise Refused("the address holds half a character")
        if not self._utf8:
            raise Refused("the relay takes no address beyond ASCII (it offers no SMTPUTF8)")
        # The address stands in the header as well.
        return " SMTPUTF8 BODY=8BITMIME" if self._eight_bit else " SMTPUTF8"


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
