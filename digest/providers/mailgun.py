"""Mailgun: one mail, and up to 1,000 readers with their variables; webhooks signed by HMAC.

Sending: https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/batch-sending
(1,000 readers, `%recipient.x%`; options `o:`, `h:`, `v:` at most 16 KB). No idempotency keys; one wrong
address fails its whole request.
Webhooks: https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from digest.errors import BadInput, Forged, SendHalted, TryLater
from digest.mail.slots import HEAD_SLOTS, MARK, SLOTS
from digest.model import Mail, Message, Report, ReportKind
from digest.providers import encoded_words, event_json, http_api, webhook_secrets
from digest.providers.http_replies import Answer, Fate, Reply, Verdict, by_status
from digest.providers.json_pieces import Pieces, compiled, place
from digest.providers.pace import Pace
from digest.providers.per_mail import PerMail

URL = "https://api.mailgun.net"
MOST_BYTES = 20_000_000
#: What Mailgun might take for a variable of its own: its first percent sign goes in by one of ours.
#: The name of a slot begins with such a sign, so it ends one as well.
_VARIABLE = re.compile(
    rf"%(?=(?:recipient|unsubscribe|mailing_list|tag|web)[\w.:-]*(?:%|{MARK}))", re.IGNORECASE
)
#: `… limit exceeded, try again after 120 seconds`
_WAIT = re.compile(r"try again after (\d+) second")
#: How a 400 begins that speaks of the sender and not of a reader.
_OURS = ("domain ", "from ", "'from'", "send options")
_NO_API = "Mailgun knows no such API: check the domain and the URL"


@dataclass(frozen=True, slots=True)
class _Compiled:
    """fields: the form's parts that all readers share. values: one reader's variables, as JSON."""

    fields: tuple[tuple[str, str], ...]
    values: Pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class MailgunProvider:
    """domain: the sending domain. base_url: of the region where it was made (US or EU).

    Raises ValueError where `domain` is the name of none.
    """

    name: ClassVar[str] = "mailgun"
    replays: ClassVar[bool] = False
    replay_s: ClassVar[float] = 0.0
    keyed: ClassVar[bool] = False
    token: str = field(repr=False)
    domain: str
    base_url: str = URL
    channels: int = 2
    most: int = 1_000
    most_bytes: int = MOST_BYTES
    pace: Pace = field(default_factory=Pace)
    _mails: PerMail[_Compiled] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9.-]+", self.domain):
            raise ValueError("expected the name of a domain")
        object.__setattr__(self, "_mails", PerMail(_compile))

    @property
    def in_flight(self) -> int:
        return self.most

    @property
    def url(self) -> str:
        return f"{self.base_url}/v3/{self.domain}/messages"

    @property
    def headers(self) -> Mapping[str, str]:
        login = base64.b64encode(f"api:{self.token}".encode()).decode()
        return {"authorization": f"Basic {login}"}

    def open(self) -> AbstractAsyncContextManager[http_api.HttpChannel]:
        return http_api.opened(self)

    def request(self, batch: Sequence[Message]) -> http_api.Request:
        """A form of `multipart/form-data`. Of two readers with one address only the first is in it."""
        mail = self._mails.of(batch[0].mail)
        firsts = {one.recipient.lower(): one for one in reversed(batch)}
        chosen = [one for one in batch if firsts[one.recipient.lower()] is one]
        return _form(mail, chosen, f"digest-{http_api.batch_key(batch)[:32]}")

    def answers(self, batch: Sequence[Message], reply: Reply) -> Sequence[Answer]:
        """One `id` for the whole request. An address that is none of the API says 200 as well."""
        if b"Mailgun Magnificent API" in reply.body:
            return [SendHalted(_NO_API)] * len(batch)
        found = reply.json()
        if not found["id"] or not str(found["message"]).startswith("Queued"):
            raise ValueError(f"expected that it is queued, not {found['message']!r}")
        seen: set[str] = set()
        answers: list[Answer] = []
        for message in batch:
            twice = message.recipient.lower() in seen
            seen.add(message.recipient.lower())
            answers.append(TryLater("this address was in the request before") if twice else None)
        return answers

    def verdict(self, reply: Reply) -> Verdict:
        """Limits are told in words, by whatever status."""
        words, told = reply.words, _WAIT.search(reply.words)
        if reply.status in (400, 402, 403, 420, 429) and (told or "limit exceeded" in words):
            return Verdict(Fate.LATER, words, float(told[1]) if told else reply.wait_s)
        if reply.status == 400 and reply.field("message").lower().startswith(_OURS):
            return Verdict(Fate.HALTED, words)
        if reply.status == 404:
            return Verdict(Fate.HALTED, f"{words} (was the domain made in this region, US or EU?)")
        return by_status(reply)


def _form(mail: _Compiled, batch: Sequence[Message], boundary: str) -> http_api.Request:
    """Written by hand: a thousand parts of a form cost httpx many times what the readers cost.

    The boundary is a hash of keys that nobody outside can know, so no content holds it.
    """
    start = f"--{boundary}\r\nContent-Disposition: form-data; name=".encode()
    parts: list[bytes] = []
    for name, value in mail.fields:
        parts += (start, f'"{name}"\r\n\r\n{value}\r\n'.encode("utf-8", "replace"))
    to = start + b'"to"\r\n\r\n'
    for message in batch:
        parts += (to, encoded_words.mailbox(message.name, message.recipient).encode(), b"\r\n")
    parts += (start, b'"recipient-variables"\r\n\r\n{')
    for message in batch:
        parts += mail.values.of(message)
        parts.append(b",")
    parts[-1] = f"}}\r\n--{boundary}--\r\n".encode()
    return http_api.Request(parts, {"content-type": f"multipart/form-data; boundary={boundary}"})


def _compile(mail: Mail) -> _Compiled:
    rendered = mail.rendered
    # No content can name a variable, since its own checksum is part of it.
    names = _Variables(f"z{rendered.checksum[:12]}x")
    own = [(name, encoded_words.field(value)) for name, value in mail.fields]
    fields = [
        ("from", encoded_words.mailbox(mail.from_name, mail.from_address)),
        ("subject", names.put(rendered.subject, "text")),
        ("text", names.put(rendered.text, "text")),
        ("html", names.put(rendered.html, "html")),
        *((f"h:{name}", names.put(value, "text")) for name, value in own),
        ("v:ref", names.called("id:ref")),
        ("o:tracking", "no"),
        ("o:tracking-clicks", "no"),
        ("o:tracking-opens", "no"),
    ]
    if mail.reply_to:
        fields.append(("h:Reply-To", mail.reply_to))
    return _Compiled(tuple(fields), names.pieces())


class _Variables:
    """The variables that a mail uses: one for each slot and part, one for a percent sign."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._used: dict[str, str] = {}

    def called(self, fills: str) -> str:
        """How the form names what fills a place."""
        name = self._used.setdefault(fills, f"{self._prefix}{len(self._used)}")
        return f"%recipient.{name}%"

    def put(self, content: str, part: str) -> str:
        """The content with variables for its slots; what only looks like one is none."""
        content = _VARIABLE.sub(lambda _: self.called("own:percent"), content)
        for slot, sentinel in (SLOTS | HEAD_SLOTS).items():
            if sentinel in content:
                content = content.replace(sentinel, self.called(f"{part}:{slot}"))
        return content

    def pieces(self) -> Pieces:
        """`"address":{"variable":"value",…}` of one reader, to stand in a larger object."""
        values = {name: place(fills) for fills, name in self._used.items()}
        whole = compiled({place("to:address"): values}, {"own:percent": lambda _: "%"})
        first, *between, last = whole.pieces
        pieces = (first.removeprefix(b"{"), *between, last.removesuffix(b"}"))
        return Pieces(pieces, whole.fillers)


# ------------------------------------------------ what comes back

_KINDS = {
    "delivered": ReportKind.DELIVERED,
    "failed": ReportKind.BOUNCED,
    "rejected": ReportKind.BOUNCED,
    "complained": ReportKind.COMPLAINED,
    "unsubscribed": ReportKind.UNSUBSCRIBED,
}
#: Why Mailgun did not even try: the reader is on one of its lists.
_SUPPRESSED: dict[str, tuple[ReportKind, str]] = {
    "suppress-bounce": (ReportKind.BOUNCED, "5.1.1"),
    "suppress-complaint": (ReportKind.COMPLAINED, ""),
    "suppress-unsubscribe": (ReportKind.UNSUBSCRIBED, ""),
}
#: How far a signature's time may be from ours, in seconds.
_WINDOW_S = 300


@dataclass(frozen=True, slots=True)
class MailgunReports:
    """key: the HTTP webhook signing key.

    The signature is of a time and a token and not of the body: who has seen one could sign anything
    with it. So a token counts for five minutes and for one body; the same body again is a repetition.
    """

    name: ClassVar[str] = "mailgun"
    key: str = field(repr=False)
    _seen: OrderedDict[str, tuple[float, bytes]] = field(
        default_factory=OrderedDict, init=False, repr=False
    )
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def read(
        self, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
    ) -> Iterable[Report]:
        """One event."""
        found = event_json.table(event_json.load(body, self.name))
        self._check(event_json.table(found.get("signature")), body, now.timestamp())
        event = event_json.table(found.get("event-data"))
        if not isinstance(event.get("event"), str):
            raise BadInput(self.name, "the webhook's body names no event")
        return [_report(event, now)]

    def _check(self, signature: Mapping[str, Any], body: bytes, now: float) -> None:
        stamp, token, told = (
            str(signature.get(one, "")) for one in ("timestamp", "token", "signature")
        )
        signed = f"{stamp}{token}".encode("utf-8", "replace")
        right = hmac.digest(self.key.encode(), signed, "sha256").hex()
        if not self.key or not token or not webhook_secrets.same(told, right):
            raise Forged("the webhook's signature does not fit")
        if not re.fullmatch(r"[0-9]{1,12}", stamp) or abs(int(stamp) - now) > _WINDOW_S:
            raise Forged("the webhook was not signed now")
        self._once(token, hashlib.sha256(body).digest(), now)

    def _once(self, token: str, digest: bytes, now: float) -> None:
        with self._lock:
            while self._seen and next(iter(self._seen.values()))[0] < now - 2 * _WINDOW_S:
                self._seen.popitem(last=False)
            known = self._seen.setdefault(token, (now, digest))[1]
        if known != digest:
            raise Forged("the webhook's token was used for something else")


def _report(event: Mapping[str, Any], now: dt.datetime) -> Report:
    kind, status = _kind(event)
    at = event_json.moment(event.get("timestamp"))
    delivery = event_json.table(event.get("delivery-status"))
    rejected = event_json.table(event.get("reject"))
    reasons = (delivery.get("message"), delivery.get("description"), rejected.get("reason"))
    raw = event_json.raw(event)
    # An id is unique within a day only; it is told so in the Events API.
    event_id = event_json.words(event.get("id")) or hashlib.sha256(raw.encode()).hexdigest()
    return Report(
        provider="mailgun",
        event_id=f"{at.date().isoformat() if at else ''}.{event_id}",
        kind=kind,
        at=at or now,
        ref=event_json.words(event_json.table(event.get("user-variables")).get("ref")),
        address=event_json.words(event.get("recipient")),
        status=status,
        detail=event_json.words(*reasons, event.get("reason")),
        raw=raw,
    )


def _kind(event: Mapping[str, Any]) -> tuple[ReportKind, str]:
    """A temporary failure is tried again by Mailgun; a permanent one never is, whatever its code."""
    told = event["event"]
    kind = _KINDS.get(told, ReportKind.OTHER)
    if told != "failed":
        return kind, "5.7.1" if told == "rejected" else ""
    reason = event_json.words(event.get("reason"))
    if reason in _SUPPRESSED:
        return _SUPPRESSED[reason]
    delivery = event_json.table(event.get("delivery-status"))
    said = (delivery.get(one) for one in ("enhanced-code", "message", "description"))
    status = event_json.status(*said)
    if event.get("severity") == "temporary":
        return ReportKind.DEFERRED, status or "4.0.0"
    return kind, status or "5.0.0"
