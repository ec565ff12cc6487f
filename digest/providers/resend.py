"""Resend: batches of 100 whole mails under an idempotency key; webhooks signed by Svix.

Sending: https://resend.com/docs/api-reference/emails/send-batch-emails (permissive validation: one
bad address does not fail its batch), https://resend.com/docs/dashboard/emails/idempotency-keys (24
hours), https://resend.com/docs/api-reference/rate-limit (5 requests a second for a team).
Webhooks: https://docs.svix.com/receiving/verifying-payloads/how-manual
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from digest.errors import Forged, Refused, SendHalted
from digest.model import Mail, Message, Report, ReportKind
from digest.providers import event_json, http_api, json_pieces, webhook_secrets
from digest.providers.http_replies import Answer, Fate, Reply, Verdict, by_status
from digest.providers.json_pieces import Pieces, place
from digest.providers.pace import Pace
from digest.providers.per_mail import PerMail

URL = "https://api.resend.com"
PER_S = 5.0
MOST_BYTES = 20_000_000
#: Keys are known for 24 hours; half an hour is left for clocks and for the request itself.
REPLAY_S = 23.5 * 3600

#: Names of errors that a wait does not mend: the quota of the day or month, our key, our domain.
#: https://resend.com/docs/api-reference/errors
_OURS = frozenset(
    {
        "daily_quota_exceeded",
        "monthly_quota_exceeded",
        "invalid_api_key",
        "missing_api_key",
        "restricted_api_key",
        "invalid_from_address",
        "invalid_access",
        "invalid_region",
        "invalid_idempotency_key",
        "method_not_allowed",
        "not_found",
    }
)
#: The header field that carries `Message.ref` where a tag cannot.
REF_FIELD = "X-Digest-Ref"
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendProvider:
    """per_s: requests a second that the team's plan allows."""

    name: ClassVar[str] = "resend"
    replays: ClassVar[bool] = True
    replay_s: ClassVar[float] = REPLAY_S
    keyed: ClassVar[bool] = True
    token: str = field(repr=False)
    base_url: str = URL
    per_s: float = PER_S
    channels: int = 4
    most: int = 100
    most_bytes: int = MOST_BYTES
    pace: Pace = field(default_factory=Pace)
    _items: PerMail[Pieces] = field(init=False)

    def __post_init__(self) -> None:
        self.pace.per_s = self.per_s
        object.__setattr__(self, "_items", PerMail(_compiled))

    @property
    def in_flight(self) -> int:
        return self.most

    @property
    def url(self) -> str:
        return f"{self.base_url}/emails/batch"

    @property
    def headers(self) -> Mapping[str, str]:
        return {
            "authorization": f"Bearer {self.token}",
            "content-type": "application/json",
            "x-batch-validation": "permissive",
        }

    def open(self) -> AbstractAsyncContextManager[http_api.HttpChannel]:
        return http_api.opened(self)

    async def tried(self) -> str:
        """Whether the key is known: one that may only send is told so (https://resend.com/docs/api-reference)."""
        try:
            await http_api.looked(self, f"{self.base_url}/domains")
        except SendHalted as error:
            if "only send" not in error.reply:
                raise
        return "the key is known"

    def request(self, batch: Sequence[Message]) -> http_api.Request:
        body = json_pieces.array(self._items.of(batch[0].mail), batch)
        return http_api.Request(body, {"idempotency-key": http_api.batch_key(batch)})

    def answers(self, batch: Sequence[Message], reply: Reply) -> Sequence[Answer]:
        """`data` has an id for each mail that was taken, `errors` the place and the reason of others."""
        found = reply.json()
        answers: list[Answer] = [None] * len(batch)
        wrong = found.get("errors") or []
        for error in wrong:
            answers[error["index"]] = Refused(event_json.words(error["message"]), policy=True)
        refused = sum(answer is not None for answer in answers)
        if len(found["data"]) + refused != len(batch) or refused != len(wrong):
            raise ValueError(f"{len(found['data'])} ids and {len(wrong)} errors")
        return answers

    def verdict(self, reply: Reply) -> Verdict:
        if reply.field("name") in _OURS:
            return Verdict(Fate.HALTED, reply.words)
        return by_status(reply)


def _compiled(mail: Mail) -> Pieces:
    """One reader's object."""
    fields = [*json_pieces.fields(mail), ("Message-ID", place("id:message"))]
    item: dict[str, object] = {
        "from": json_pieces.mailbox(mail.from_name, mail.from_address),
        "to": [place("to:mailbox")],
        "subject": mail.rendered.subject,
        "html": json_pieces.in_html(mail.rendered.html),
        "text": json_pieces.in_text(mail.rendered.text),
        "headers": {**dict(fields), REF_FIELD: place("id:ref")},
        "tags": [{"name": "ref", "value": place("id:tag")}],
    }
    if mail.reply_to:
        item["reply_to"] = mail.reply_to
    return json_pieces.compiled(item, {"id:tag": _tag})


def _tag(message: Message) -> str:
    """ASCII letters, digits, `_` and `-` only (https://resend.com/docs/dashboard/emails/tags)."""
    return message.ref if _TAG.fullmatch(message.ref) else "in-header"


# ------------------------------------------------ what comes back

_KINDS = {
    "email.delivered": ReportKind.DELIVERED,
    "email.delivery_delayed": ReportKind.DEFERRED,
    "email.complained": ReportKind.COMPLAINED,
    "email.bounced": ReportKind.BOUNCED,
    "email.suppressed": ReportKind.BOUNCED,
    "email.failed": ReportKind.BOUNCED,
}
#: Of a bounce's type and subtype, the status where no enhanced code stands in its words.
_PERMANENT = {"ContentRejected": "5.6.0", "AttachmentRejected": "5.6.0", "MessageTooLarge": "5.3.4"}
_TRANSIENT = {"MailboxFull": "4.2.2", "MessageTooLarge": "5.3.4", "ContentRejected": "5.6.0"}
#: How far a signature's time may be from ours, in seconds.
_WINDOW_S = 300


@dataclass(frozen=True, slots=True)
class ResendReports:
    """secret: the webhook's signing secret, `whsec_…`."""

    name: ClassVar[str] = "resend"
    secret: str = field(repr=False)

    def read(
        self, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
    ) -> Iterable[Report]:
        event_id = _check(headers, body, self.secret, now)
        event = event_json.table(event_json.load(body, self.name))
        told = str(event.get("type"))
        if not told.startswith("email."):
            return
        data = event_json.table(event.get("data"))
        kind = _KINDS.get(told, ReportKind.OTHER)
        bounce = event_json.table(data.get("bounce"))
        failed = event_json.table(data.get("failed"))
        yield Report(
            provider=self.name,
            event_id=event_id,
            kind=kind,
            at=event_json.moment(event.get("created_at")) or now,
            ref=_ref(data),
            address=_address(data),
            status=_status(told, bounce) if kind is ReportKind.BOUNCED else "",
            detail=event_json.words(bounce.get("message"), failed.get("reason")),
            raw=event_json.raw(event),
        )


def _check(headers: Mapping[str, str], body: bytes, secret: str, now: dt.datetime) -> str:
    """The event's id. Raises Forged where the signature or its time does not fit."""
    event_id, told = headers.get("svix-id", ""), headers.get("svix-timestamp", "")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        away = abs(int(told) - now.timestamp())
    except (binascii.Error, ValueError, OverflowError):
        raise Forged("the webhook's time or our signing secret cannot be read") from None
    if not key or not event_id or away > _WINDOW_S:
        raise Forged("the webhook is not signed, or was not signed now")
    signed = hmac.new(key, f"{event_id}.{told}.".encode() + body, hashlib.sha256).digest()
    right = base64.b64encode(signed).decode()
    for one in headers.get("svix-signature", "").split(" "):
        version, _, signature = one.partition(",")
        if version == "v1" and webhook_secrets.same(signature, right):
            return event_id
    raise Forged("the webhook's signature does not fit")


def _ref(data: Mapping[str, Any]) -> str:
    """Our ref, from the tags (an object, or a list of pairs) or from the header field."""
    tags = data.get("tags")
    pairs = {one.get("name"): one.get("value") for one in _tables(tags)}
    tag = event_json.words(event_json.table(tags).get("ref"), pairs.get("ref"))
    if tag and tag != "in-header":
        return tag
    for one in _tables(data.get("headers")):
        if str(one.get("name")).lower() == REF_FIELD.lower():
            return event_json.words(one.get("value"))
    return ""


def _tables(value: object) -> list[dict[str, Any]]:
    return [event_json.table(one) for one in value] if isinstance(value, list) else []


def _address(data: Mapping[str, Any]) -> str:
    to = data.get("to")
    first = to[0] if isinstance(to, list) and to else to
    told = event_json.words(first)
    named = re.search(r"<([^<>]*)>\s*$", told)
    return named[1] if named else told


def _status(told: str, bounce: Mapping[str, Any]) -> str:
    """What the receiving server said, else what Resend makes of it.

    A mail that Resend failed to send (a quota, a domain) says nothing of its reader: 5.3.0.
    """
    if told == "email.failed":
        return "5.3.0"
    diagnostic = bounce.get("diagnosticCode")
    lines = diagnostic if isinstance(diagnostic, list) else [diagnostic]
    if found := event_json.status(*lines, bounce.get("message")):
        return found
    subtype = str(bounce.get("subType"))
    if told == "email.suppressed" or bounce.get("type") == "Permanent":
        return _PERMANENT.get(subtype, "5.1.1")
    return _TRANSIENT.get(subtype, "4.0.0") if bounce.get("type") == "Transient" else ""
