"""The seams: what a stage, the sender and intake ask of the parts that can be exchanged."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from digest.errors import BadInput
from digest.model import IncomingArticle, Message, Report, Summary


@dataclass(frozen=True, slots=True)
class PollState:
    """What a source was told last time, so that it may answer "nothing new" (RFC 9110 §13.1).

    moved: where it has moved for good. memory: whatever else the source wants to know again.
    """

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    moved: str | None = None
    memory: str | None = None


@dataclass(frozen=True, slots=True)
class Collected:
    """One poll of a source: what it gave, what could not be used, and what to remember.

    whole_since: `articles` are all that are out of those published from then on, so that a stored one
    which is not among them is not out any more; a source that `Verifies` is asked first. None: nothing can be said of those that are missing.
    """

    articles: tuple[IncomingArticle, ...]
    errors: tuple[BadInput, ...] = ()
    state: PollState = PollState()
    whole_since: dt.datetime | None = None


class Source(Protocol):
    """One declared source of articles. May block; is called from a worker thread."""

    @property
    def key(self) -> str:
        """The source's name in the schedule; the first half of an article's identity."""

    def poll(self, state: PollState, now: dt.datetime) -> Collected:
        """Everything the source offers now. Raises FetchError where it offers nothing at all."""


@runtime_checkable
class Verifies(Protocol):
    """A source that can say whether a page is still there, before it is taken for unpublished."""

    def is_missing(self, url: str) -> bool:
        """Asks the site. Never raises."""


@dataclass(frozen=True, slots=True)
class SummaryLimits:
    """How long a summary may be."""

    sentences: int = 3
    words: int = 75


class Summariser(Protocol):
    """Makes a blurb of an article. Pure for the same input, or it caches by content."""

    @property
    def name(self) -> str: ...

    def summarise(self, title: str, text: str, limits: SummaryLimits) -> Summary:
        """Never raises for odd text: an empty text gives an empty summary."""


#: An article's title and text.
TitledText = tuple[str, str]


@runtime_checkable
class BeginsEarly(Protocol):
    """A summariser that may begin with many articles before it is asked for each."""

    def begun(
        self, articles: Sequence[TitledText], limits: SummaryLimits
    ) -> AbstractContextManager[Summariser]:
        """Who to ask while the block lasts; the same summaries, whether they were begun or not."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of asking a model for one summary.

    state: accepted; refused, by the fact gate, twice; later, with `retry_s` where the other side named a
    time; failed, for good. why: in plain words, empty where accepted. requests: how many it took.
    """

    state: Literal["accepted", "refused", "later", "failed"]
    text: str = ""
    why: str = ""
    requests: int = 1
    retry_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """One article to be told by a model."""

    title: str
    text: str
    limits: SummaryLimits
    language: str = "en"


class Writer(Protocol):
    """Asks a model for summaries and holds them against their articles."""

    @property
    def model(self) -> str: ...

    @property
    def per_minute(self) -> int:
        """How many requests may leave in a minute."""

    def write(self, requests: Sequence[Request]) -> list[Told]:
        """One answer a request, in order; never raises for what the other side does. May block."""


class Feed(Protocol):
    """What a channel draws messages from and tells their fate to; never called from two threads.

    Every message drawn is answered exactly once, by `accepted`, `answered` or `give_back`.
    """

    @property
    def overlaps(self) -> bool:
        """Whether the next message may be begun before the last one's answer is in.

        Not where what is in doubt is sent again: there a relay that hears another word from us shall be
        sure that we have heard its answer.
        """

    def next(self) -> Message | None:
        """The next message to hand over; None where there is none right now."""

    def take(self, most: int) -> list[Message]:
        """At most `most` messages that may go in one hand-over; empty where there are none now.

        Copies of one mail only; and those of a `batch` all together, with no other.
        """

    async def more(self) -> bool:
        """Wait until another draw may bring something; False once it never will: close the channel."""

    def handed(self, *messages: Message) -> None:
        """From here on the outcome of these, handed over together, may be unknown.

        Called right before (SMTP: before the dot that ends the body is written; HTTP: before the
        POST). What is on record when this returns survives `kill -9`.
        """

    def accepted(self, message: Message) -> None:
        """The provider has taken responsibility for it."""

    def answered(self, message: Message, answer: Exception) -> None:
        """TryLater, Refused, Uncertain or SendHalted (digest.errors) for this message.

        Any other exception is a fault of ours in making it: tried a few times, then put aside.
        """

    def give_back(self, message: Message, reason: str = "") -> None:
        """It was surely not accepted, and no word was said about it: any channel may have it.

        reason: why the channel broke under it; a message that breaks one after another is deferred.
        """


class Channel(Protocol):
    """One open way to a provider."""

    async def run(self, feed: Feed) -> None:
        """Hand over what the feed gives until `feed.more()` is False; what is on the wire is seen through.

        Raises TryLater(counts=False) where the channel broke and another may be opened, SendHalted
        where nothing can be sent at all. Every message drawn has its answer by then.
        """


class Provider(Protocol):
    """A way out of the building: one file in `providers/` each."""

    @property
    def name(self) -> str: ...

    @property
    def channels(self) -> int:
        """How many channels may be open at once."""

    @property
    def in_flight(self) -> int:
        """How many messages one channel may have handed over and not answered: C = channels × this."""

    @property
    def replays(self) -> bool:
        """True where a second hand-over under the same key is harmless by the provider's own word."""

    @property
    def replay_s(self) -> float:
        """For how many seconds the provider knows a key again; without meaning where it does not."""

    def open(self) -> AbstractAsyncContextManager[Channel]:
        """A channel. Raises TryLater(counts=False) or SendHalted where none can be opened."""


@runtime_checkable
class Triable(Protocol):
    """A provider that can be tried without sending anything."""

    async def tried(self) -> str:
        """What was found well, in words. Raises TryLater or SendHalted with what was not."""


class ReportReader(Protocol):
    """A provider's webhook: who sent it is proven, then it is read."""

    @property
    def name(self) -> str: ...

    def read(
        self, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
    ) -> Iterable[Report]:
        """The reports in one call; empty where it holds none.

        headers: names in lower case. Raises Forged where the signature, the password or the time
        does not fit, BadInput where the body cannot be understood.
        """


class OpenMailbox(Protocol):
    """A mailbox while it is being read."""

    def letters(self) -> Iterator[tuple[str, bytes]]:
        """The mails that nobody has settled, each with its name, at most a size that is enough to read."""

    def settle(self, name: str) -> None:
        """This one is done with, and is not given again. What is never settled comes again next time."""


class Mailbox(Protocol):
    """Where mail to the bounce address comes to."""

    def open(self) -> AbstractContextManager[OpenMailbox]:
        """Raises FetchError where it cannot be read; so do the methods of what it gives."""


class NameServer(Protocol):
    """Who is asked what DNS says. Empty where nothing is there; raises FetchError where nobody answers.

    Names without a full stop at the end, in ASCII.
    """

    def texts(self, name: str) -> list[str]:
        """TXT records, each with its strings joined."""

    def mail_servers(self, name: str) -> list[tuple[int, str]]:
        """MX records: (preference, server); an empty name where the domain takes no mail (RFC 7505)."""

    def addresses(self, name: str) -> list[str]:
        """Of both kinds (A, AAAA)."""

    def names(self, address: str) -> list[str]:
        """The reverse names of an address (PTR)."""


class Progress(Protocol):
    """Shows how far a stage is: used by the command line, silent elsewhere."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...


def silent(stage: str, done: int, total: int) -> None:
    """The Progress that shows nothing."""


class Runner(Protocol):
    """How a worker comes by its work: it looks by itself, or a queue wakes it as well."""

    def run(self, stop: threading.Event) -> None:
        """Send whatever is due until `stop` is set; what is on the wire is finished first."""


class Clock(Protocol):
    """Where the edges of the program read the time. Stages take `now` instead."""

    def __call__(self) -> dt.datetime: ...
