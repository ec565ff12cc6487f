"""SendGrid: one mail, and up to 1,000 readers with their substitutions; webhooks signed by ECDSA.

Sending: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send (1,000 personalizations,
30 MB; `202` with nothing in it) and .../mail-send/errors. No idempotency keys.
Webhooks: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event and
.../getting-started-event-webhook-security-features (P-256 over the timestamp and the raw body).
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from digest.errors import BadInput, Forged, SendHalted
from digest.mail.slots import SLOTS
from digest.model import Mail, Message, Report, ReportKind
from digest.providers import encoded_words, event_json, http_api, json_pieces
from digest.providers.http_replies import Answer, Fate, Reply, Verdict, by_status
from digest.providers.json_pieces import Pieces, compiled, place
from digest.providers.pace import Pace
from digest.providers.per_mail import PerMail

URL = "https://api.sendgrid.com"
MOST_BYTES = 20_000_000
#: Fields that SendGrid writes itself and takes from nobody.
_RESERVED = frozenset(
    {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding",
     "to", "from", "subject", "reply-to", "cc", "bcc"}
)  # fmt: skip
#: What was approved is what is sent: no link is rewritten, nothing is added.
_UNTOUCHED = {
    "tracking_settings": {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
        "subscription_tracking": {"enable": False},
        "ganalytics": {"enable": False},
    },
    "mail_settings": {"footer": {"enable": False}},
}


@dataclass(frozen=True, slots=True)
class _Compiled:
    """rest: what all readers share. named, nameless: one reader, with or without a name."""

    rest: bytes
    named: Pieces
    nameless: Pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class SendGridProvider:
    """token: an API key with the right to send mail."""

    name: ClassVar[str] = "sendgrid"
    replays: ClassVar[bool] = False
    replay_s: ClassVar[float] = 0.0
    keyed: ClassVar[bool] = False
    token: str = field(repr=False)
    base_url: str = URL
    channels: int = 2
    most: int = 1_000
    most_bytes: int = MOST_BYTES
    pace: Pace = field(default_factory=Pace)
    _mails: PerMail[_Compiled] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_mails", PerMail(_compile))

    @property
    def in_flight(self) -> int:
        return self.most

    @property
    def url(self) -> str:
        return f"{self.base_url}/v3/mail/send"

    @property
    def headers(self) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self.token}", "content-type": "application/json"}

    def open(self) -> AbstractAsyncContextManager[http_api.HttpChannel]:
        return http_api.opened(self)

    async def tried(self) -> str:
        """Whether the key may send; https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions."""
        reply = await http_api.looked(self, f"{self.base_url}/v3/scopes")
        if b'"mail.send"' not in reply.body:
            raise SendHalted("403 the key may not send (mail.send)")
        return "the key may send"

    def request(self, batch: Sequence[Message]) -> http_api.Request:
        mail = self._mails.of(batch[0].mail)
        parts = [b'{"personalizations":[']
        for message in batch:
            parts += (mail.named if message.name else mail.nameless).of(message)
            parts.append(b",")
        parts[-1] = b"],"
        parts.append(mail.rest)
        return http_api.Request(parts)

    def answers(self, batch: Sequence[Message], reply: Reply) -> Sequence[Answer]:
        """202 and nothing else: all are taken. Who is refused later is told by the webhook."""
        if reply.status != 202 or reply.body.strip():
            raise ValueError("expected 202 and an empty body")
        return [None] * len(batch)

    def verdict(self, reply: Reply) -> Verdict:
        """A list of errors, each with the field that it is about; those of one reader name the place."""
        errors = _errors(reply)
        said = "; ".join(event_json.words(one.get("message")) for one in errors)
        told = dataclasses.replace(by_status(reply), words=f"{reply.status} {said}".strip())
        fields = [event_json.words(one.get("field")) for one in errors]
        if told.fate is Fate.FAULTY and fields and all(map(_speaks_of_us, fields)):
            return Verdict(Fate.HALTED, told.words)
        return told if said else by_status(reply)


def _errors(reply: Reply) -> list[dict[str, Any]]:
    try:
        found = event_json.table(reply.json()).get("errors")
    except (ValueError, RecursionError):
        return []
    return [event_json.table(one) for one in found] if isinstance(found, list) else []


def _speaks_of_us(name: str) -> bool:
    """A field that all readers share, such as `from.email`, is the same in every half."""
    return name.split(".")[0] in ("from", "reply_to", "subject", "content", "headers")


def _compile(mail: Mail) -> _Compiled:
    rendered = mail.rendered
    # No content can name a tag, since its own checksum is part of it.
    tag = {part: f"zq{part}{rendered.checksum[:20]}" for part in ("html", "text")}
    page, page_tags = _tagged(rendered.html, tag["html"])
    text, text_tags = _tagged(rendered.text, tag["text"])
    shared: dict[str, object] = {
        "from": {"email": mail.from_address, "name": mail.from_name},
        "subject": rendered.subject,
        "content": [
            {"type": "text/plain", "value": text},
            {"type": "text/html", "value": page},
        ],
        **_UNTOUCHED,
    }
    if mail.reply_to:
        shared["reply_to"] = {"email": mail.reply_to}
    item: dict[str, object] = {
        "headers": _fields(mail),
        "substitutions": {
            **{one: place(f"html:{slot}") for one, slot in page_tags.items()},
            **{one: place(f"text:{slot}") for one, slot in text_tags.items()},
        },
        "custom_args": {"ref": place("id:ref"), "key": place("id:key")},
    }
    to = {"email": place("to:address")}
    return _Compiled(
        rest=json_pieces.written(shared)[1:],
        named=compiled({"to": [{**to, "name": place("to:name")}], **item}),
        nameless=compiled({"to": [to], **item}),
    )


def _tagged(content: str, tag: str) -> tuple[str, dict[str, str]]:
    """The content with tags for its slots, and which tag stands for which slot."""
    used: dict[str, str] = {}
    for number, (slot, sentinel) in enumerate(SLOTS.items()):
        if sentinel in content:
            used[f"{tag}x{number}qz"] = slot
            content = content.replace(sentinel, f"{tag}x{number}qz")
    return content, used


def _fields(mail: Mail) -> dict[str, str]:
    """The header that a mail's personalizations carry; substitutions are not made in it."""
    own = json_pieces.fields(mail)
    kept = {
        name: encoded_words.field(value) for name, value in own if name.lower() not in _RESERVED
    }
    return {**kept, "Message-ID": place("id:message")}


# ------------------------------------------------ what comes back

#: Event → what is reported.
_KINDS = {
    "delivered": ReportKind.DELIVERED,
    "deferred": ReportKind.DEFERRED,
    "bounce": ReportKind.BOUNCED,
    "blocked": ReportKind.BOUNCED,
    "dropped": ReportKind.BOUNCED,
    "spamreport": ReportKind.COMPLAINED,
    "unsubscribe": ReportKind.UNSUBSCRIBED,
    "group_unsubscribe": ReportKind.UNSUBSCRIBED,
}
#: Why SendGrid did not even try, in its own words: the kind and the status.
_DROPPED: dict[str, tuple[ReportKind, str]] = {
    "bounced address": (ReportKind.BOUNCED, "5.1.1"),
    "invalid": (ReportKind.BOUNCED, "5.1.3"),
    "spam reporting address": (ReportKind.COMPLAINED, ""),
    "unsubscribed address": (ReportKind.UNSUBSCRIBED, ""),
}
#: What a bounce is classified as, where the receiving server's code says nothing in particular.
_CLASSES = {
    "invalid address": "5.1.1",
    "mailbox unavailable": "5.2.1",
    "content": "5.7.1",
    "reputation": "5.7.1",
    "frequency or volume too high": "4.7.1",
    "technical": "4.4.0",
}
#: How far a signature's time may be from ours, in seconds.
_WINDOW_S = 300
_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"


@dataclass(frozen=True, slots=True)
class SendGridReports:
    """key: the webhook's verification key as SendGrid shows it: base64 without a frame.

    Raises ValueError where it is no key of the curve P-256.
    """

    name: ClassVar[str] = "sendgrid"
    key: str
    _public: ec.EllipticCurvePublicKey = field(init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            public = load_der_public_key(base64.b64decode(self.key, validate=True))
        except (binascii.Error, ValueError) as error:
            raise ValueError("expected SendGrid's verification key, in base64") from error
        if not isinstance(public, ec.EllipticCurvePublicKey) or public.curve.name != "secp256r1":
            raise ValueError("expected a key of the curve P-256")
        object.__setattr__(self, "_public", public)

    def read(
        self, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
    ) -> Iterable[Report]:
        """A list of events, from any number of sends."""
        self._check(headers, body, now)
        found = event_json.load(body, self.name)
        if not isinstance(found, list):
            raise BadInput(self.name, "the webhook's body is no list of events")
        return [_report(event_json.table(one), now) for one in found]

    def _check(self, headers: Mapping[str, str], body: bytes, now: dt.datetime) -> None:
        told = headers.get(_TIMESTAMP, "")
        try:
            away = abs(int(told) - now.timestamp())
            signature = base64.b64decode(headers.get(_SIGNATURE, ""), validate=True)
            self._public.verify(signature, told.encode() + body, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, binascii.Error, ValueError, OverflowError):
            raise Forged("the webhook's signature does not fit") from None
        if away > _WINDOW_S:
            raise Forged("the webhook was not signed now")


def _report(event: Mapping[str, Any], now: dt.datetime) -> Report:
    told = event_json.words(event.get("event"))
    kind, status = _KINDS.get(told, ReportKind.OTHER), ""
    if told == "dropped":
        kind, status = _DROPPED.get(event_json.words(event.get("reason")).lower(), (kind, "5.0.0"))
    elif kind in (ReportKind.BOUNCED, ReportKind.DEFERRED):
        status = _status(event)
    raw = event_json.raw(event)
    return Report(
        provider="sendgrid",
        event_id=event_json.words(event.get("sg_event_id"))
        or hashlib.sha256(raw.encode()).hexdigest(),
        kind=kind,
        at=event_json.moment(event.get("timestamp")) or now,
        ref=event_json.words(event.get("ref")),
        address=event_json.words(event.get("email")),
        status=status,
        detail=event_json.words(event.get("reason"), event.get("response"), event.get("type")),
        raw=raw,
    )


def _status(event: Mapping[str, Any]) -> str:
    """The receiving server's code; where it is a general one, what SendGrid makes of the words."""
    found = event_json.status(event.get("status"), event.get("reason"), event.get("response"))
    if found and not found.endswith(".0.0"):
        return found
    classed = event_json.words(event.get("bounce_classification")).lower()
    temporary = event.get("event") == "deferred" or event.get("type") == "blocked"
    return _CLASSES.get(classed) or found or ("4.0.0" if temporary else "5.0.0")
