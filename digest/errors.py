"""Every error that this program raises on purpose; the class answers the caller's question.

DigestError
├── ConfigError        start-up stops: every fault at once, each with its file, line and remedy
├── BadInput           one item from outside cannot be used; the others go on
├── FetchError         an address did not give what it should; `permanent` says whether to ask again
├── RenderError        a template or an item broke the mail; names the template and the line
├── NotFound           what was asked for is not there
├── Conflict           someone else was first; read again and decide again
├── Forged             a message from outside that does not prove who sent it
├── NoRoom             the disk is full: nothing is sent that cannot be written down
├── Busy               the database cannot be had now; the same again, a little later
└── DeliveryError      what a provider answered about one message
    ├── TryLater       this message, later
    ├── Refused        this reader, never
    ├── Uncertain      it was handed over and the answer was lost
    └── SendHalted     stop all: credentials, quota, policy; blames no reader
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from digest.masking import masked
from digest.storable import storable


class DigestError(Exception):
    """The root: catch this to catch everything that we raise on purpose."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a file of settings: where it stands and what to do."""

    file: str
    line: int | None
    key: str
    message: str

    def __str__(self) -> str:
        """All on one line, whatever stands in the file."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        told = f"{where}: {self.key}: {self.message}" if self.key else f"{where}: {self.message}"
        return " ".join(told.splitlines())


class ConfigError(DigestError):
    """Settings or schedules that cannot be used. `faults` lists all of them."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class BadInput(DigestError):
    """One item from outside that cannot be used. `item` names it for the person who sent it."""

    def __init__(self, item: str, reason: str) -> None:
        self.item, self.reason = item, reason
        super().__init__(f"{item}: {reason}")


class FetchError(DigestError):
    """An address did not answer as it should. `permanent`: do not ask again without a change.

    missing: the server says that there is nothing (404, 410); gone: and that there never will be. status: what
    it answered (RFC 9110 §15); 0 where it did not.
    What it tells is kept, mailed and logged, so addresses stand in it without their secrets.
    """

    def __init__(
        self,
        url: str,
        reason: str,
        *,
        permanent: bool = False,
        missing: bool = False,
        gone: bool = False,
        wait_s: float | None = None,
        status: int = 0,
    ) -> None:
        self.url, self.reason, self.permanent, self.wait_s = url, reason, permanent, wait_s
        self.missing, self.gone, self.status = missing, gone, status
        super().__init__(masked(f"{url}: {reason}"))


class RenderError(DigestError):
    """A mail or page that cannot be made. Names the template, its line and, if known, the item."""

    def __init__(
        self, template: str, reason: str, *, line: int | None = None, item: str | None = None
    ) -> None:
        self.template, self.reason, self.line, self.item = template, reason, line, item
        where = f"{template}:{line}" if line else template
        super().__init__(f"{where}: {reason}" + (f" (in {item})" if item else ""))


class NotFound(DigestError):
    """What was asked for is not there."""


class Conflict(DigestError):
    """A conditional change found another state than it expected and changed nothing."""


class Forged(DigestError):
    """A webhook whose signature, password or time does not fit: nothing in it is believed."""


class Busy(DigestError):
    """The database is locked by somebody else, or away. The same again, a little later, may do."""


class NoRoom(DigestError):
    """The disk is full, or nearly: nothing is sent that could not be written down. Free some and it goes on."""


class DeliveryError(DigestError):
    """What a provider answered about one message. `reply` is its own words, on one line, as a database takes them."""

    def __init__(self, reply: str) -> None:
        self.reply = " ".join(storable(reply).split())[:500]
        super().__init__(self.reply)


class TryLater(DeliveryError):
    """This message was not accepted now; it may be later. `wait_s` is what the provider asked for."""

    def __init__(
        self,
        reply: str,
        *,
        wait_s: float | None = None,
        counts: bool = True,
        policy: bool = False,
    ) -> None:
        self.wait_s = wait_s
        #: True for x.7.x: the words may as well speak of the sender.
        self.policy = policy
        #: False where the whole connection was turned away: that is no attempt of this reader.
        self.counts = counts
        super().__init__(reply)


class Refused(DeliveryError):
    """This reader's message will never be accepted as it is.

    policy: the words may as well speak of the sender (5.7.x): believed where others are accepted.
    """

    def __init__(self, reply: str, *, policy: bool = False) -> None:
        self.policy = policy
        super().__init__(reply)


class Uncertain(DeliveryError):
    """The message was handed over and no answer came: it may or may not have arrived."""


class SendHalted(DeliveryError):
    """Nothing can be sent now: credentials, TLS, quota or policy. Nobody is blamed for it."""
