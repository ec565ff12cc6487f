"""Postmark: batches of whole mails, each with its own answer; webhooks behind a password.

Sending: https://postmarkapp.com/developer/api/email-api (500 messages, 50 MB a request; a newsletter
goes by a broadcast stream). There are no idempotency keys: what is in doubt stays in doubt.
Webhooks: https://postmarkapp.com/developer/webhooks/webhooks-overview (not signed).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from digest.errors import BadInput, Refused, SendHalted, TryLater
from digest.model import Mail, Message, Report, ReportKind
from digest.providers import event_json, http_api, json_pieces, webhook_secrets
from digest.providers.http_replies import Answer, Fate, Reply, Verdict, by_status
from digest.providers.json_pieces import Pieces, place
from digest.providers.pace import Pace
from digest.providers.per_mail import PerMail

URL = "https://api.postmarkapp.com"
#: Half of what Postmark takes: a request that fails is made again, or is in doubt, as a whole.
MOST_BYTES = 20_000_000

#: ErrorCodes that speak of us: token, sender, stream, account, the form of the request.
#: https://postmarkapp.com/developer/api/overview#error-codes
_OURS = frozenset({10, 400, 401, 402, 403, 405, 409, 410, 411, 412, 413, 1221, 1226, 1235})
_INACTIVE = 406
_MAINTENANCE, _TOO_MANY = 100, 429


@dataclass(frozen=True, slots=True, kw_only=True)
class PostmarkProvider:
    """stream: the id of a broadcast message stream of the server that the token belongs to."""

    name: ClassVar[str] = "postmark"
    replays: ClassVar[bool] = False
    replay_s: ClassVar[float] = 0.0
    keyed: ClassVar[bool] = False
    token: str = field(repr=False)
    stream: str = "broadcast"
    base_url: str = URL
    channels: int = 4
    pace: Pace = field(default_factory=Pace)
    most: int = 500
    most_bytes: int = MOST_BYTES
    _items: PerMail[Pieces] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_items", PerMail(self._compiled))

    @property
    def in_flight(self) -> int:
        return self.most

    @property
    def url(self) -> str:
        return f"{self.base_url}/email/batch"

    @property
    def headers(self) -> Mapping[str, str]:
        return {
            "accept": "application/json",
            "content-type": "application/json",
            "x-postmark-server-token": self.token,
        }

    def open(self) -> AbstractAsyncContextManager[http_api.HttpChannel]:
        return http_api.opened(self)

    async def tried(self) -> str:
        """Which server the token opens; https://postmarkapp.com/developer/api/server-api."""
        reply = await http_api.looked(self, f"{self.base_url}/server")
        return f"the token opens the server {reply.field('Name')!r}"

    def request(self, batch: Sequence[Message]) -> http_api.Request:
        return http_api.Request(json_pieces.array(self._items.of(batch[0].mail), batch))

    def answers(self, batch: Sequence[Message], reply: Reply) -> Sequence[Answer]:
        return [_answer(item["ErrorCode"], item) for item in reply.json()]

    def verdict(self, reply: Reply) -> Verdict:
        code = reply.field("ErrorCode")
        number = int(code) if code.isdecimal() else 0
        if number in (_MAINTENANCE, _TOO_MANY):
            return Verdict(Fate.LATER, reply.words, reply.wait_s)
        if number in _OURS:
            return Verdict(Fate.HALTED, f"{number} {reply.words}")
        return by_status(reply)

    def _compiled(self, mail: Mail) -> Pieces:
        """One reader's object. Postmark makes a Message-ID of its own unless it is told to keep ours."""
        fields = [*json_pieces.fields(mail), ("Message-ID", place("id:message"))]
        item: dict[str, object] = {
            "From": json_pieces.mailbox(mail.from_name, mail.from_address),
            "To": place("to:mailbox"),
            "Subject": mail.rendered.subject,
            "HtmlBody": json_pieces.in_html(mail.rendered.html),
            "TextBody": json_pieces.in_text(mail.rendered.text),
            "MessageStream": self.stream,
            "TrackOpens": False,
            "TrackLinks": "None",
            "Metadata": {"ref": place("id:ref")},
            "Headers": [
                {"Name": name, "Value": value} for name, value in (*fields, ("X-PM-KeepID", "true"))
            ],
        }
        if mail.reply_to:
            item["ReplyTo"] = mail.reply_to
        return json_pieces.compiled(item)


def _answer(code: int, item: Mapping[str, Any]) -> Answer:
    """What one object of the answer says. Raises TypeError for a code that is no number."""
    if code == 0:
        return None
    if not isinstance(code, int):
        raise TypeError(f"an ErrorCode {code!r}")
    words = f"{code} {item.get('Message', '')}"
    if code in (_MAINTENANCE, _TOO_MANY):
        return TryLater(words, counts=False)
    if code in _OURS:
        return SendHalted(words)
    return Refused(words, policy=code != _INACTIVE)


# ------------------------------------------------ what comes back

#: Bounce types → what is reported, and the status where the receiving server's words hold none.
#: https://postmarkapp.com/developer/api/bounce-api#bounce-types
_BOUNCES: dict[str, tuple[ReportKind, str]] = {
    "HardBounce": (ReportKind.BOUNCED, "5.1.1"),
    "BadEmailAddress": (ReportKind.BOUNCED, "5.1.3"),
    "SoftBounce": (ReportKind.BOUNCED, "4.0.0"),
    "Undeliverable": (ReportKind.BOUNCED, "4.0.0"),
    "DnsError": (ReportKind.BOUNCED, "4.4.3"),
    "Unknown": (ReportKind.BOUNCED, ""),
    "Unconfirmed": (ReportKind.BOUNCED, ""),
    "Blocked": (ReportKind.BOUNCED, "5.7.1"),
    "SpamNotification": (ReportKind.BOUNCED, "5.7.1"),
    "DMARCPolicy": (ReportKind.BOUNCED, "5.7.1"),
    "VirusNotification": (ReportKind.BOUNCED, "5.7.1"),
    "ManuallyDeactivated": (ReportKind.BOUNCED, "5.7.1"),
    "Transient": (ReportKind.DEFERRED, "4.0.0"),
    "SpamComplaint": (ReportKind.COMPLAINED, ""),
    "Unsubscribe": (ReportKind.UNSUBSCRIBED, ""),
}
#: Why an address was put on the stream's list of those who get nothing.
_SUPPRESSED: dict[str, tuple[ReportKind, str]] = {
    "HardBounce": (ReportKind.BOUNCED, "5.1.1"),
    "SpamComplaint": (ReportKind.COMPLAINED, ""),
    "ManualSuppression": (ReportKind.UNSUBSCRIBED, ""),
}
_TIMES = ("DeliveredAt", "BouncedAt", "ChangedAt", "ReceivedAt")


@dataclass(frozen=True, slots=True)
class PostmarkReports:
    """secret: `user:password`, as it stands in the webhook's address."""

    name: ClassVar[str] = "postmark"
    secret: str = field(repr=False)

    def read(
        self, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
    ) -> Iterable[Report]:
        webhook_secrets.check_basic(headers, self.secret)
        event = event_json.table(event_json.load(body, self.name))
        record = event.get("RecordType")
        if not isinstance(record, str):
            raise BadInput(self.name, "the webhook's body names no RecordType")
        kind, status = _kind(record, event)
        told = next((event[name] for name in _TIMES if event.get(name)), None)
        number = event.get("ID") or event.get("MessageID") or event.get("Recipient")
        yield Report(
            provider=self.name,
            event_id=f"{record}:{number}:{told}",
            kind=kind,
            at=event_json.moment(told) or now,
            ref=event_json.words(event_json.table(event.get("Metadata")).get("ref")),
            address=event_json.words(event.get("Email"), event.get("Recipient")),
            status=status,
            detail=event_json.words(event.get("Details"), event.get("Description")),
            raw=event_json.raw(event),
        )


def _kind(record: str, event: Mapping[str, Any]) -> tuple[ReportKind, str]:
    """What a record says; `SubscriptionChange` also tells of addresses that may be written to again."""
    if record == "Delivery":
        return ReportKind.DELIVERED, ""
    if record == "SpamComplaint":
        return ReportKind.COMPLAINED, ""
    if record == "Bounce":
        kind, status = _BOUNCES.get(str(event.get("Type")), (ReportKind.OTHER, ""))
        return kind, event_json.status(event.get("Details")) or status
    if record == "SubscriptionChange" and event.get("SuppressSending") is True:
        return _SUPPRESSED.get(str(event.get("SuppressionReason")), (ReportKind.OTHER, ""))
    return ReportKind.OTHER, ""
