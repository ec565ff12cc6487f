"""Amazon SES (API v2): one mail for 50 readers with their data, or each reader's own bytes.

Sending: https://docs.aws.amazon.com/ses/latest/dg/send-personalized-email-api.html (50 destinations and
1 MB a request, simple substitutions that SES does not escape) and
https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendBulkEmail.html. No idempotency keys.
What comes back is read in `ses_reports`.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import ClassVar

from digest.errors import DeliveryError, Refused, SendHalted, TryLater, Uncertain
from digest.model import Mail, Message
from digest.providers import encoded_words, event_json, http_api, json_pieces
from digest.providers.aws_signature import Signer
from digest.providers.http_replies import Answer, Fate, Reply, Verdict, by_status
from digest.providers.json_pieces import Filler, Pieces, compiled, place
from digest.providers.pace import Pace
from digest.providers.per_mail import PerMail
from digest.providers.ses_template import Template

MOST = 50
MOST_BYTES = 1_000_000
JSON = "application/json"
#: What was approved is what is sent: no link is rewritten, no picture added.
_UNTOUCHED = {"Tracking": {"OpenTrackingEnabled": "DISABLED", "ClickTrackingEnabled": "DISABLED"}}
#: Fields that SES writes itself; Feedback-ID goes by tags (https://aws.amazon.com/blogs/messaging-and-targeting/understanding-google-postmaster-tools-spam-complaints-for-amazon-ses-email-senders).
_RESERVED = frozenset({"to", "from", "subject", "reply-to", "date", "message-id", "feedback-id"})
REF_FIELD = "X-Digest-Ref"
REF_TAG = "digest-ref"


@dataclass(frozen=True, slots=True)
class _Compiled:
    """rest: what all readers share. entry: one reader."""

    rest: bytes
    entry: Pieces


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SesProvider:
    """base_url: empty = that of the signer's region. raw: each reader's own MIME message, one a request.

    configuration_set: which of SES's sets publishes the events; empty = the identity's own.
    """

    name: ClassVar[str] = "ses"
    replays: ClassVar[bool] = False
    replay_s: ClassVar[float] = 0.0
    keyed: ClassVar[bool] = False
    signer: Signer
    base_url: str = ""
    raw: bool = False
    configuration_set: str = ""
    channels: int = 2
    bulk: int = MOST
    most_bytes: int = MOST_BYTES
    pace: Pace = field(default_factory=Pace)
    clock: Callable[[], dt.datetime] = field(default=_now, repr=False)
    _mails: PerMail[_Compiled] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_mails", PerMail(self._compile))

    @property
    def most(self) -> int:
        return 1 if self.raw else self.bulk

    @property
    def in_flight(self) -> int:
        return self.most

    @property
    def url(self) -> str:
        return f"{self._api}/outbound-{'' if self.raw else 'bulk-'}emails"

    @property
    def _api(self) -> str:
        end = ".cn" if self.signer.region.startswith("cn-") else ""
        base = self.base_url or f"https://email.{self.signer.region}.amazonaws.com{end}"
        return f"{base}/v2/email"

    @property
    def headers(self) -> Mapping[str, str]:
        return {"accept": JSON}

    def open(self) -> AbstractAsyncContextManager[http_api.HttpChannel]:
        return http_api.opened(self)

    async def tried(self) -> str:
        """Whether the key is known and the account may send; GetAccount of the API.

        A key that may only send is told so: then it is known.
        """
        url = f"{self._api}/account"
        signed = self.signer.headers(url, b"", JSON, now=self.clock(), method="GET")
        try:
            found = (await http_api.looked(self, url, signed)).json()
        except SendHalted as error:
            if "not authorized to perform" not in error.reply:
                raise
            return "the key is known"
        if not found.get("SendingEnabled"):
            raise SendHalted("403 the account may not send")
        if not found.get("ProductionAccessEnabled"):
            raise SendHalted("403 the account is in the sandbox: only verified addresses get mail")
        return f"the account may send {found['SendQuota']['Max24HourSend']:.0f} in 24 hours"

    def request(self, batch: Sequence[Message]) -> http_api.Request:
        if (
            self.raw and len(batch) > 1
        ):  # a batch of another mode, from before a change of the settings
            raise SendHalted(
                "copies handed over in one request cannot be so again in the mode `raw`"
            )
        body = self._raw(batch[0]) if self.raw else self._bulk(batch)
        return http_api.Request(body, self.signer.headers(self.url, body, JSON, now=self.clock()))

    def _bulk(self, batch: Sequence[Message]) -> bytes:
        mail = self._mails.of(batch[0].mail)
        parts = [b'{"BulkEmailEntries":', *json_pieces.array(mail.entry, batch), b",", mail.rest]
        return b"".join(parts)

    def _raw(self, message: Message) -> bytes:
        data = f"{REF_FIELD}: {message.ref}\r\n".encode() + message.data
        return json_pieces.written(
            {
                **self._shared(),
                "Destination": {"ToAddresses": [message.recipient]},
                "Content": {"Raw": {"Data": base64.b64encode(data).decode()}},
                "EmailTags": [{"Name": REF_TAG, "Value": _tag(message)}, *_feedback(message.mail)],
            }
        )

    def _shared(self) -> dict[str, object]:
        named = {"ConfigurationSetName": self.configuration_set} if self.configuration_set else {}
        return {**named, "ConfigurationOverrides": _UNTOUCHED}

    def _compile(self, mail: Mail) -> _Compiled:
        shared = self._shared()
        shared["FromEmailAddress"] = encoded_words.mailbox(mail.from_name, mail.from_address)
        if mail.reply_to:
            shared["ReplyToAddresses"] = [mail.reply_to]
        return _compile(mail, shared)

    # ------------------------------------------------ what is answered

    def answers(self, batch: Sequence[Message], reply: Reply) -> Sequence[Answer]:
        """A status for each entry, in order; in the mode `raw` an id."""
        found = reply.json()
        if self.raw:
            return [None] if found["MessageId"] else []
        return [_answer(one["Status"], one.get("Error")) for one in found["BulkEmailEntryResults"]]

    def verdict(self, reply: Reply) -> Verdict:
        """By the name of the error, which is in a header or in the body."""
        told = (
            reply.headers.get("x-amzn-errortype", "")
            or reply.field("__type")
            or reply.field("code")
        )
        name = re.split("[:#]", told)[-1 if "#" in told else 0]
        words = f"{reply.status} {name} {event_json.words(reply.field('message'), reply.field('Message'))}"
        if name in _TOO_FAST:
            fate = Fate.HALTED if "daily" in words.lower() else Fate.LATER
            return Verdict(fate, words, reply.wait_s)
        if name in _OURS or (name == "MessageRejected" and "not verified" in words):
            return Verdict(Fate.HALTED, words)
        return dataclasses.replace(by_status(reply), words=words) if name else by_status(reply)


_TOO_FAST = frozenset(
    {"TooManyRequestsException", "LimitExceededException", "ThrottlingException", "Throttling"}
)
_OURS = frozenset(
    {"AccountSuspendedException", "SendingPausedException", "MailFromDomainNotVerifiedException",
     "NotFoundException"}
)  # fmt: skip
#: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_BulkEmailEntryResult.html
_HALTING = re.compile(
    "MAIL_FROM_DOMAIN_NOT_VERIFIED|CONFIGURATION_SET_.*|TEMPLATE_.*|ACCOUNT_SUSPENDED"
    "|ACCOUNT_DAILY_QUOTA_EXCEEDED|INVALID_SENDING_POOL_NAME|ACCOUNT_SENDING_PAUSED"
)


def _answer(status: str, error: object) -> DeliveryError | None:
    """What one entry's status means."""
    if status == "SUCCESS":
        return None
    words = f"{status} {event_json.words(error)}".strip()
    if status == "ACCOUNT_THROTTLED":
        return TryLater(words, counts=False)
    if status in ("TRANSIENT_FAILURE", "FAILED"):
        return TryLater(words)
    if status == "MESSAGE_REJECTED" or status.startswith("INVALID_PARAMETER"):
        return Refused(words, policy=True)  # believed where others are taken
    return SendHalted(words) if _HALTING.fullmatch(status) else Uncertain(words)


# ------------------------------------------------ what is sent


def _compile(mail: Mail, shared: dict[str, object]) -> _Compiled:
    template = Template()
    rendered = mail.rendered
    content = {
        "Subject": template.put(rendered.subject, "text"),
        "Text": template.put(rendered.text, "text"),
        "Html": template.put(rendered.html, "html"),
    }
    own = [
        {"Name": name, "Value": encoded_words.field(value)}
        for name, value in json_pieces.fields(mail)
        if name.lower() not in _RESERVED
    ]
    same = [one for one in own if place("head:")[:-2] not in one["Value"]]
    differ = [one for one in own if one not in same]
    entry = {
        "Destination": {"ToAddresses": [place("to:mailbox")]},
        "ReplacementTags": [{"Name": REF_TAG, "Value": place("id:tag")}, *_feedback(mail)],
        "ReplacementEmailContent": {
            "ReplacementTemplate": {"ReplacementTemplateData": template.data()}
        },
        "ReplacementHeaders": [*differ, {"Name": REF_FIELD, "Value": place("id:ref")}],
    }
    defaults = json_pieces.written(template.values).decode()
    told = {"TemplateContent": content, "TemplateData": defaults, "Headers": same}
    rest = json_pieces.written({**shared, "DefaultContent": {"Template": told}})
    return _Compiled(rest[1:], compiled(entry, {**_FILLERS, **template.fillers()}))


def _tag(message: Message) -> str:
    """A tag's value holds letters, digits, `_` and `-` only; a ref may hold more."""
    return base64.urlsafe_b64encode(message.ref.encode()).rstrip(b"=").decode()


_FILLERS: dict[str, Filler] = {
    "to:mailbox": lambda message: encoded_words.mailbox(message.name, message.recipient),
    "id:tag": _tag,
}


def _feedback(mail: Mail) -> list[dict[str, str]]:
    """The first two identifiers of our Feedback-ID; SES puts them before its own."""
    told = {name.lower(): value for name, value in mail.fields}.get("feedback-id", "").split(":")
    named = zip(("ses:feedback-id-a", "ses:feedback-id-b"), told[:2], strict=False)
    return [
        {"Name": name, "Value": re.sub(r"[^\w-]", "_", one, flags=re.A)}
        for name, one in named
        if one
    ]
