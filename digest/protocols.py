"""The seams: what a stage, the sender and intake ask of the parts that can be exchanged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from digest.errors import BadInput
from digest.model import IncomingArticle, Message, Receipt, Summary


@dataclass(frozen=True, slots=True)
class PollState:
    """What a source was told last time, so that it may answer "nothing new" (RFC 9110 §13.1)."""

    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Collected:
    """One poll of a source: what it gave, what could not be used, and what to remember."""

    articles: tuple[IncomingArticle, ...]
    errors: tuple[BadInput, ...] = ()
    state: PollState = PollState()


class Source(Protocol):
    """One declared source of articles. May block; is called from a worker thread."""

    @property
    def key(self) -> str:
        """The source's name in the schedule; the first half of an article's identity."""

    def poll(self, state: PollState, now: dt.datetime) -> Collected:
        """Everything the source offers now. Raises FetchError where it offers nothing at all."""


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


class Channel(Protocol):
    """One open way to a provider; one message at a time."""

    async def send(self, message: Message, on_wire: Callable[[], None]) -> Receipt:
        """Hand over one message.

        Calls `on_wire` once, right before the point after which the outcome may be unknown
        (SMTP: between the body and the dot that ends it; HTTP: before the POST).
        Raises TryLater, Refused, Uncertain or SendHalted (digest.errors).
        """


class Provider(Protocol):
    """A way out of the building: one file in `providers/` each."""

    @property
    def name(self) -> str: ...

    @property
    def channels(self) -> int:
        """How many channels may be open at once: C of the promise."""

    @property
    def replays(self) -> bool:
        """True where a second hand-over under the same key is harmless by the provider's own word."""

    def open(self) -> AbstractAsyncContextManager[Channel]:
        """A channel. Raises TryLater(counts=False) or SendHalted where none can be opened."""


class Progress(Protocol):
    """Shows how far a stage is: used by the command line, silent elsewhere."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...


def silent(stage: str, done: int, total: int) -> None:
    """The Progress that shows nothing."""


class Clock(Protocol):
    """Where the edges of the program read the time. Stages take `now` instead."""

    def __call__(self) -> dt.datetime: ...
