"""Handing mail to a provider's HTTP API: what all of them share.

A channel is one connection (httpx, kept alive). It draws as many copies as one request may hold,
says so to the feed, posts, and gives every copy its own answer. What a status means is told in
`http_replies`; what is special about a provider is told in the provider's own file (`Api`).

- No connection: nothing left the house; all is given back, and the door may try another way.
- "Too fast": given back, and nobody sends until the provider said it is welcome again.
- "Something in it is wrong": the request is halved until who is meant stands alone. One bad
  address fails nobody but itself.
- Silence, a server's error, an answer that cannot be read: where the provider knows our key again,
  the very same request is made again; in the end, and elsewhere at once, its copies are uncertain.
  Then we wait, and risk one reader a request until an answer comes: an outage costs a batch and a few.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

import httpx

from digest import __version__, logs
from digest.errors import Refused, SendHalted, TryLater, Uncertain
from digest.model import Message
from digest.protocols import Feed
from digest.providers.http_replies import Answer, Fate, Reply, Verdict
from digest.providers.http_requests import Request as Request
from digest.providers.http_requests import Sizes
from digest.providers.http_requests import batch_key as batch_key
from digest.providers.pace import Pace

log = logs.get(__name__)

#: What is asked of the network, in seconds; the last for a request from first to last.
TIMEOUTS = httpx.Timeout(60.0, connect=10.0, pool=5.0)
WHOLE_S = 180.0
#: A connection that was idle so long is not used again: the other side may be closing it.
IDLE_S = 3.0
#: How often the same request is made, where a second one is harmless.
ATTEMPTS = 5
#: A longer wait than this is told to the door, which may know another provider; in seconds.
PATIENCE_S = 60.0
#: How long a channel sleeps before it asks again whether it is still needed, in seconds.
LOOK_S = 1.0
#: How long a look at the API may take, in seconds.
TRIAL_S = 15.0
#: The most of an answer that is read, in bytes.
LONGEST_ANSWER = 8_000_000
#: So many refused alone and nobody taken, or so many refusals in all: it is us, not the readers.
SUSPICIOUS_ALONE = 8
SUSPICIOUS = 64


class Api(Protocol):
    """What a provider's file says of its API; a provider is one of these and a `Provider` as well."""

    @property
    def name(self) -> str: ...

    @property
    def url(self) -> str:
        """Where batches are posted."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Of every request: content type, credentials."""

    @property
    def most(self) -> int:
        """How many messages one request may hold."""

    @property
    def most_bytes(self) -> int:
        """How many bytes one request may have."""

    @property
    def keyed(self) -> bool:
        """True where the same request, made again within minutes, is known again by its key."""

    @property
    def pace(self) -> Pace:
        """Shared by all channels of the provider."""

    def request(self, batch: Sequence[Message]) -> Request:
        """Copies of one mail as one POST; the same copies in the same order give the same bytes."""

    def answers(self, batch: Sequence[Message], reply: Reply) -> Sequence[Answer]:
        """One for each message, of a 2xx. Raises ValueError, KeyError or TypeError if unreadable."""

    def verdict(self, reply: Reply) -> Verdict:
        """What any other status means; `http_replies.by_status` where nothing is special."""


@asynccontextmanager
async def opened(api: Api) -> AsyncIterator[HttpChannel]:
    """A channel with a connection of its own, made when it is first needed.

    Certificates are verified, redirects not followed, proxies of the environment not believed.
    """
    client = httpx.AsyncClient(
        headers={"user-agent": f"SundayCatchup/{__version__}", **api.headers},
        timeout=TIMEOUTS,
        limits=httpx.Limits(max_connections=1, keepalive_expiry=IDLE_S),
        follow_redirects=False,
        trust_env=False,
    )
    async with client:
        yield HttpChannel(api, client)


async def looked(api: Api, url: str, headers: Mapping[str, str] | None = None) -> Reply:
    """One GET that changes nothing, with the credentials of mail. Raises TryLater or SendHalted.

    headers: beside those of the API, or instead of them.
    """
    try:
        async with opened(api) as channel, asyncio.timeout(TRIAL_S):
            reply = await channel.looked(url, headers or {})
    except (httpx.HTTPError, TimeoutError, OSError) as error:
        verdict = _unsent(error)
        if verdict.fate is Fate.HALTED:
            raise SendHalted(verdict.words) from error
        raise TryLater(verdict.words, counts=False) from error
    if reply.status in (401, 403):
        raise SendHalted(reply.words)
    if not 200 <= reply.status < 300:
        raise TryLater(reply.words, counts=False)
    return reply


@dataclass(slots=True)
class HttpChannel:
    """One connection to an API. See the module for what it promises."""

    _api: Api
    _client: httpx.AsyncClient
    _sizes: Sizes = field(init=False)
    #: The edition of which a copy was taken: what is wrong with another copy is not the mail, nor us.
    _proven: str = ""

    def __post_init__(self) -> None:
        self._sizes = Sizes(self._api.request, self._api.most_bytes)

    async def run(self, feed: Feed) -> None:
        """See `digest.protocols.Channel`."""
        pace = self._api.pace
        while await feed.more():
            wait = pace.closed_s()
            if wait > PATIENCE_S:
                raise TryLater("we were asked to wait", wait_s=wait, counts=False)
            if wait:
                await asyncio.sleep(min(wait, LOOK_S))
            elif drawn := feed.take(1 if pace.doubtful else self._api.most):
                await self._hand_over(feed, drawn)

    async def looked(self, url: str, headers: Mapping[str, str]) -> Reply:
        """The answer to a GET, whatever it is."""
        response = await self._client.get(url, headers=dict(headers))
        return Reply(response.status_code, response.headers, response.content)

    async def _hand_over(self, feed: Feed, drawn: list[Message]) -> None:
        """Give every message drawn its answer, whatever happens."""
        left = deque([drawn])
        alone: list[tuple[Message, Refused]] = []
        try:
            left = deque(self._sizes.parts(drawn))
            await self._empty(feed, left, alone)
        finally:
            for part in left:
                _give_back(feed, part)
            ours = len(alone) >= SUSPICIOUS_ALONE and _edition(drawn[0]) != self._proven
            for message, refused in alone:
                feed.answered(message, SendHalted(refused.reply) if ours else refused)
        if ours:
            raise SendHalted(f"each of {len(alone)} was refused: {alone[0][1].reply}")

    async def _empty(
        self, feed: Feed, left: deque[list[Message]], alone: list[tuple[Message, Refused]]
    ) -> None:
        """Post one part after another until none is left or the provider wants a pause.

        What cannot be taken as it is goes back in halves; who is refused alone goes to `alone`.
        """
        refusals = 0
        while left and not self._api.pace.closed_s():
            part = left[0]
            try:
                request = self._api.request(part)
            except Exception as error:
                left.popleft()
                if len(part) == 1:
                    feed.answered(part[0], error)
                left.extend(_halves(part))
                continue
            await asyncio.sleep(self._api.pace.turn_s())
            if self._api.pace.closed_s():
                return  # another channel was told so meanwhile
            feed.handed(*part)
            left.popleft()
            verdict = await self._sure(feed, part, request)
            if verdict.fate is not Fate.FAULTY:
                self._settle(feed, part, verdict)
                continue
            refusals += 1
            left.extend(_halves(part))
            if len(part) == 1:
                unproven = _edition(part[0]) != self._proven
                alone.append((part[0], Refused(verdict.words, policy=unproven)))
            if refusals >= SUSPICIOUS and _edition(part[0]) != self._proven:
                raise SendHalted(f"nothing was taken in {refusals} requests: {verdict.words}")

    async def _sure(self, feed: Feed, part: list[Message], request: Request) -> Verdict:
        """The verdict on what was handed over; where we are stopped in the middle, it is unknown."""
        try:
            return await self._asked(part, request)
        except BaseException as error:
            for message in part:
                feed.answered(message, Uncertain(f"not waited for: {type(error).__name__}"))
            raise

    async def _asked(self, part: list[Message], request: Request) -> Verdict:
        """Post; and again, under the same key, while it is in doubt and that is harmless."""
        verdict = await self._ask(part, request)
        if verdict.fate is Fate.KNOWN:  # by an earlier process; what it was told is not known here
            return Verdict(Fate.DOUBT, verdict.words)
        for tries in range(1, ATTEMPTS):
            if verdict.fate is not Fate.DOUBT or not self._api.keyed:
                break
            told = min(verdict.wait_s or 0.0, PATIENCE_S)
            await asyncio.sleep(max(told, self._api.pace.back_off_s(tries)))
            again = await self._ask(part, request)
            faulty = again.fate is Fate.FAULTY and again.theirs
            if again.fate is Fate.ANSWERED or faulty:
                return again  # it is the same request: what cannot be taken now never could
            if again.fate is Fate.KNOWN:
                return _taken(part) if verdict.silent else verdict
            # Anything else is said of the second request, not of the first.
        return verdict

    async def _ask(self, part: list[Message], request: Request) -> Verdict:
        try:
            async with asyncio.timeout(WHOLE_S):
                reply = await self._exchange(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return _unsent(error)
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            return Verdict(Fate.DOUBT, f"no answer: {type(error).__name__} {error}", silent=True)
        if (wait := reply.exhausted_s) is not None:
            self._api.pace.hold(wait)
        if not 200 <= reply.status < 300:
            return replace(self._api.verdict(reply), theirs=reply.is_theirs)
        self._api.pace.went_well()
        try:
            answers = self._api.answers(part, reply)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
            told = f"an answer that cannot be read: {error!r} {reply.words}"
            return Verdict(Fate.DOUBT, told, silent=True)
        if len(answers) != len(part):
            told = f"{len(answers)} answers for {len(part)} messages"
            return Verdict(Fate.DOUBT, told, silent=True)
        return Verdict(Fate.ANSWERED, answers=answers)

    async def _exchange(self, request: Request) -> Reply:
        fields = {**request.headers, "content-length": str(request.size)}
        posted = self._client.stream("POST", self._api.url, content=request.content, headers=fields)
        async with posted as response:
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > LONGEST_ANSWER:
                    raise httpx.ReadError("an answer without end")
        return Reply(response.status_code, response.headers, bytes(body))

    def _settle(self, feed: Feed, part: list[Message], verdict: Verdict) -> None:
        """Tell the feed. Raises SendHalted, or TryLater where the door must know."""
        words, fate = verdict.words, verdict.fate
        if fate is Fate.ANSWERED:
            self._tell(feed, part, verdict.answers)
        elif fate is Fate.DOUBT:
            log.warning("a request is in doubt", provider=self._api.name, copies=len(part))
            for message in part:
                feed.answered(message, Uncertain(words))
            wait = self._api.pace.doubt()
            if self._api.pace.troubled:
                raise TryLater(words, wait_s=wait, counts=False)
        elif fate is Fate.HALTED:
            for message in part:
                feed.answered(message, SendHalted(words))
            raise SendHalted(words)
        else:
            _give_back(feed, part)
            if fate is Fate.UNSENT:
                raise TryLater(words, counts=False)
            wait = self._api.pace.close(verdict.wait_s)
            log.info(
                "the provider asked us to wait", provider=self._api.name, seconds=round(wait, 3)
            )
            if wait > PATIENCE_S:
                raise TryLater(words, wait_s=wait, counts=False)

    def _tell(self, feed: Feed, part: list[Message], answers: Sequence[Answer]) -> None:
        """Each message's own answer. Raises SendHalted where one of them speaks of us."""
        halted: SendHalted | None = None
        too_fast: TryLater | None = None
        for message, answer in zip(part, answers, strict=True):
            if answer is None:
                self._proven = _edition(message)
                feed.accepted(message)
                continue
            feed.answered(message, answer)
            if isinstance(answer, SendHalted):
                halted = answer
            elif isinstance(answer, TryLater) and not answer.counts:
                too_fast = answer
        if too_fast is not None:
            self._api.pace.close(too_fast.wait_s)
        if halted is not None:
            raise SendHalted(halted.reply)


def _edition(message: Message) -> str:
    """What all forms of an edition have in common: once one is taken, a refusal is not of how we ask."""
    return message.mail.rendered.checksum


def _halves(part: list[Message]) -> Iterator[list[Message]]:
    """Two that make the whole; nothing of a single one."""
    if len(part) > 1:
        yield part[: len(part) // 2]
        yield part[len(part) // 2 :]


def _give_back(feed: Feed, part: list[Message]) -> None:
    for message in part:
        feed.give_back(message)


def _taken(part: list[Message]) -> Verdict:
    """All of them were taken, by an earlier request with the same key."""
    return Verdict(Fate.ANSWERED, answers=[None] * len(part))


def _unsent(error: Exception) -> Verdict:
    """No connection; where the certificate is the reason, no other attempt will help."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Verdict(Fate.HALTED, f"its certificate cannot be verified: {cause}")
        cause = cause.__cause__ or cause.__context__
    return Verdict(Fate.UNSENT, f"no connection: {type(error).__name__} {error}")
