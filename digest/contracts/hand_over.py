"""A small real Feed, a door that opens channels on it, and mail to feed: what every provider's tests use."""

from __future__ import annotations

import asyncio
import datetime as dt
import email.policy
import hashlib
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

from digest.errors import SendHalted, TryLater
from digest.mail.slots import HEAD_SLOTS, SLOTS, fill, plain
from digest.model import Mail, Message, Rendered
from digest.protocols import Channel, Provider

LEAVE, LEAVE_MAIL = SLOTS["leave_url"], HEAD_SLOTS["leave_mail"]
FIELDS = (
    ("List-Unsubscribe", f"<{LEAVE}>, <mailto:{LEAVE_MAIL}?subject=unsubscribe>"),
    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    ("List-Id", "The Sunday Catchup <sunday.gazette.example>"),
    ("List-Archive", "<https://gazette.example/archive/sunday>"),
    ("Feedback-ID", "2026-11-29:sunday:digest:gazetteexample"),
    ("Precedence", "bulk"),
)


def a_mail(
    *, subject: str = "The quay, and the week", html: str = "", text: str = "", name: str = "sunday"
) -> Mail:
    """A mail with each reader's way to leave in its page, its text and its header."""
    page = html or f'<html><body><p>Grüße</p><a href="{LEAVE}">Leave</a></body></html>'
    rendered = Rendered(
        subject=subject,
        preheader="Seven days",
        html=page,
        text=text or f"Grüße\n.a line that begins with a full stop\nLeave: {LEAVE}\n",
        checksum=hashlib.sha256((subject + page).encode()).hexdigest(),
    )
    return Mail(
        rendered=rendered,
        newsletter=name,
        from_name="The Gazette",
        from_address="news@gazette.example",
        reply_to="desk@gazette.example",
        domain="gazette.example",
        date=dt.datetime(2026, 11, 29, 8, tzinfo=dt.UTC),
        fields=FIELDS,
    )


MAIL = a_mail()


def leave_url(number: object) -> str:
    """Holds an `&`, so that what is escaped and what is not can be told apart."""
    return f"https://gazette.example/leave/sunday?reader={number}&once=1"


def leave_mail(number: object) -> str:
    return f"bounce+leave.{number}@gazette.example"


def a_message(
    number: object = 0, *, mail: Mail = MAIL, recipient: str = "", name: str = "", batch: str = ""
) -> Message:
    """One reader's copy; the number makes the reader."""
    return Message(
        mail=mail,
        sender=f"bounce+t{number}@gazette.example",
        recipient=recipient or f"reader{number}@example.net",
        name=name,
        key=f"key{number}",
        ref=f"ref{number}",
        values={"leave_url": leave_url(number), "leave_mail": leave_mail(number)},
        make=_made,
        batch=batch,
    )


def messages(many: int, mail: Mail = MAIL) -> list[Message]:
    return [a_message(number, mail=mail) for number in range(many)]


def _made(message: Message) -> Sequence[bytes]:
    mail = message.mail
    filled = fill(mail.rendered, {name: message.values[name] for name in SLOTS})
    found = EmailMessage(policy=email.policy.SMTP)
    found["From"] = formataddr((mail.from_name, mail.from_address))
    found["To"] = Address(plain(message.name), addr_spec=message.recipient)
    found["Subject"] = filled.subject
    found["Date"] = format_datetime(mail.date)
    found["Message-ID"] = f"<{message.key}@{mail.domain}>"
    for name, value in mail.fields:
        value = value.replace(LEAVE, message.values["leave_url"])
        found[name] = value.replace(LEAVE_MAIL, message.values["leave_mail"])
    found.set_content(filled.text, cte="base64")
    found.add_alternative(filled.html, subtype="html", cte="base64")
    found.set_boundary(f"={message.key}=")
    return [found.as_bytes()]


@dataclass
class ListFeed:
    """Messages in, answers out; it breaks as soon as a channel breaks the seam's rules.

    told: key → everything that was said of it. requests: what was handed over together, in order.
    stop_after: no more is given out once so many have their answer. most_out: how many were handed
    over and unanswered at once. reasons: why they were given back.
    """

    queue: deque[Message]
    stop_after: int | None = None
    told: dict[str, list[str | Exception]] = field(default_factory=lambda: defaultdict(list))
    requests: list[tuple[str, ...]] = field(default_factory=list)
    given_back: Counter[str] = field(default_factory=Counter)
    reasons: list[str] = field(default_factory=list)
    most_out: int = 0
    _drawn: dict[str, Message] = field(default_factory=dict)
    _handed: set[str] = field(default_factory=set)
    _change: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def of(cls, found: Iterable[Message], *, stop_after: int | None = None) -> ListFeed:
        return cls(deque(found), stop_after)

    # ------------------------------------------------ what a channel calls

    @property
    def overlaps(self) -> bool:
        return True

    def next(self) -> Message | None:
        drawn = self.take(1)
        return drawn[0] if drawn else None

    def take(self, most: int) -> list[Message]:
        assert most >= 1
        found: list[Message] = []
        while self.queue and not self._stopped and self._goes_with(found, most):
            message = self.queue.popleft()
            assert message.key not in self._drawn, "drawn twice without an answer"
            self._drawn[message.key] = message
            found.append(message)
        return found

    async def more(self) -> bool:
        await asyncio.sleep(0)
        while not self.queue and self._drawn and not self._stopped:
            self._change.clear()
            await self._change.wait()
        return bool(self.queue) and not self._stopped

    def handed(self, *given: Message) -> None:
        assert given
        for message in given:
            assert self._drawn[message.key] is message
            self._handed.add(message.key)
        self.requests.append(tuple(message.key for message in given))
        self.most_out = max(self.most_out, len(self._handed))

    def accepted(self, message: Message) -> None:
        assert message.key in self._handed, "accepted, though it was never handed over"
        self._say(message, "accepted")

    def answered(self, message: Message, answer: Exception) -> None:
        self._say(message, answer)

    def give_back(self, message: Message, reason: str = "") -> None:
        self.reasons.append(reason)
        self.given_back[message.key] += 1
        self._done(message)
        self.queue.appendleft(message)

    # ------------------------------------------------ what a test reads

    def keys(self, kind: type[Exception] | None = None) -> list[str]:
        """Who ended so, in order; without a kind: who was accepted."""
        return [key for key, said in self.told.items() if _is(said[-1], kind)]

    @property
    def unanswered(self) -> set[str]:
        return set(self._drawn)

    # ------------------------------------------------

    @property
    def _stopped(self) -> bool:
        return self.stop_after is not None and len(self.told) >= self.stop_after

    def _goes_with(self, found: list[Message], most: int) -> bool:
        if not found:
            return True
        first, other = found[0], self.queue[0]
        if first.batch or other.batch:
            return first.batch == other.batch
        return len(found) < most and first.mail is other.mail

    def _say(self, message: Message, said: str | Exception) -> None:
        self._done(message)
        self.told[message.key].append(said)

    def _done(self, message: Message) -> None:
        assert self._drawn.pop(message.key, None) is message, "answered twice, or never drawn"
        self._handed.discard(message.key)
        self._change.set()


def _is(said: str | Exception, kind: type[Exception] | None) -> bool:
    return said == "accepted" if kind is None else isinstance(said, kind)


@dataclass
class Sent:
    """What came of a hand-over: the feed, and what channels ended with."""

    feed: ListFeed
    broke: list[TryLater] = field(default_factory=list)
    halted: SendHalted | None = None


def send(
    provider: Provider,
    found: Iterable[Message] | ListFeed,
    *,
    channels: int = 1,
    reopen: int = 20,
    longest_s: float = 0.05,
) -> Sent:
    """Hand all over by so many channels, as the door does.

    A channel that broke is opened again, at most `reopen` times; a wait it asks for is cut to
    `longest_s` seconds.
    """
    feed = found if isinstance(found, ListFeed) else ListFeed.of(found)
    sent = Sent(feed)

    async def one() -> None:
        for _ in range(reopen + 1):
            try:
                async with provider.open() as channel:
                    await _run(channel, feed)
                return
            except TryLater as error:
                sent.broke.append(error)
                await asyncio.sleep(min(error.wait_s or 0.0, longest_s))
            except SendHalted as error:
                sent.halted = error
                return

    async def all_of_them() -> None:
        await asyncio.gather(*(one() for _ in range(channels)))

    asyncio.run(all_of_them())
    assert not feed.unanswered, "drawn, and never answered"
    assert not any(one.counts for one in sent.broke), "a broken channel is nobody's attempt"
    return sent


async def _run(channel: Channel, feed: ListFeed) -> None:
    await channel.run(feed)
