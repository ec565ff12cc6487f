"""Brevo: one mail and up to 1,000 versions of it, one a reader; webhooks behind a secret.

Sending: https://developers.brevo.com/docs/batch-send-transactional-emails (1,000 versions a request,
100 requests a minute) and https://developers.brevo.com/docs/heterogenous-versions-batch-emails (an
idempotency key, a UUID, is known again for 15 to 30 minutes: long enough to ask again after silence,
too short for `replay` after a crash). Header values must be ASCII: Brevo sends others as they are.
Webhooks: https://developers.brevo.com/docs/transactional-webhooks (not signed).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

from digest.errors import BadInput
from digest.mail.slots import MARK, SLOTS, plain
from digest.model import Mail, Message, Report, ReportKind
from digest.providers import event_json, http_api, json_pieces, webhook_secrets
from digest.providers.http_replies import Answer, Fate, Reply, Verdict, by_status
from digest.providers.json_pieces import Filler, Pieces, compiled, in_html, in_text, place
from digest.providers.pace import Pace
from digest.providers.per_mail import PerMail

URL = "https://api.brevo.com/v3"
PER_S = 100 / 60
MOST_BYTES = 10_000_000

#: Names of errors that speak of us: https://developers.brevo.com/docs/how-it-works#error-codes
_OURS = frozenset(
    {"unauthorized", "permission_denied", "account_under_validation", "not_enough_credits",
     "reseller_permission_denied", "method_not_allowed"}
)  # fmt: skip
#: A request with this key came before; this one is not carried out.
_KNOWN = "duplicate_parameter"
#: A brace that would begin a command of Brevo's template language; `{{params.b}}` stands for it.
_BRACE = re.compile(r"\{(?=[{%#]|" + MARK + ")")
_PARAM = "{{params.%s}}"
#: Nothing that HTML would write in another way: so it is the same if Brevo escapes it or not.
_SAFE = re.compile(r"[^&<>\"']*")
#: What may stand in a header field: a name before an identifier can be left out, accents as well.
_NAMED = re.compile(r"(?s).*\S\s*(<[^<>]*>)")


@dataclass(frozen=True, slots=True)
class _Compiled:
    """start: what all readers share. merged: a version that fills slots. whole: one with all bodies."""

    start: bytes
    merged: Pieces
    whole: Pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class BrevoProvider:
    """per_s: requests a second that the plan allows."""

    name: ClassVar[str] = "brevo"
    replays: ClassVar[bool] = False
    replay_s: ClassVar[float] = 0.0
    keyed: ClassVar[bool] = True
    token: str = field(repr=False)
    base_url: str = URL
    per_s: float = PER_S
    channels: int = 2
    most: int = 1_000
    most_bytes: int = MOST_BYTES
    pace: Pace = field(default_factory=Pace)
    _compiled: PerMail[_Compiled] = field(init=False)

    def __post_init__(self) -> None:
        self.pace.per_s = self.per_s
        object.__setattr__(self, "_compiled", PerMail(_compile))

    @property
    def in_flight(self) -> int:
        return self.most

    @property
    def url(self) -> str:
        return f"{self.base_url}/smtp/email"

    @property
    def headers(self) -> Mapping[str, str]:
        return {
            "accept": "application/json",
            "api-key": self.token,
            "content-type": "application/json",
        }

    def open(self) -> AbstractAsyncContextManager[http_api.HttpChannel]:
        return http_api.opened(self)

    async def tried(self) -> str:
        """Whose key it is; https://developers.brevo.com/reference/getaccount."""
        reply = await http_api.looked(self, f"{self.base_url}/account")
        return f"the key is that of {reply.field('companyName') or reply.field('email')}"

    def request(self, batch: Sequence[Message]) -> http_api.Request:
        mail = self._compiled.of(batch[0].mail)
        # A UUID made of the batch, in the form of version 4, which Brevo recommends.
        key = uuid.UUID(hex=http_api.batch_key(batch)[:32], version=4)
        parts = [mail.start, b'"headers":{"idempotencyKey":"', str(key).encode(), b'"}']
        parts.append(b',"messageVersions":[')
        for message in batch:
            simple = all(_SAFE.fullmatch(value) for value in message.values.values())
            parts += (mail.merged if simple else mail.whole).of(message)
            parts.append(b",")
        parts[-1] = b"]}"
        return http_api.Request(parts)

    def answers(self, batch: Sequence[Message], reply: Reply) -> Sequence[Answer]:
        """`messageIds`, one a version; a single version may be answered by `messageId`."""
        found = reply.json()
        ids = found["messageIds"] if "messageIds" in found else [found["messageId"]]
        return [None for _ in ids]

    def verdict(self, reply: Reply) -> Verdict:
        code = reply.field("code")
        if code == _KNOWN:
            return Verdict(Fate.KNOWN, reply.words)
        if code in _OURS:
            return Verdict(Fate.HALTED, f"{code} {reply.words}")
        return by_status(reply)


def _compile(mail: Mail) -> _Compiled:
    rendered = mail.rendered
    shared: dict[str, object] = {
        "sender": {"name": plain(mail.from_name), "email": mail.from_address},
        "subject": _merged(rendered.subject),
        "htmlContent": _merged(rendered.html),
        "textContent": _merged(rendered.text),
    }
    if mail.reply_to:
        shared["replyTo"] = {"email": mail.reply_to}
    version = _version(mail)
    bodies = {
        "htmlContent": in_html(_braces(rendered.html)),
        "textContent": in_text(_braces(rendered.text)),
    }
    start = json_pieces.written(shared)[:-1] + b","
    own: dict[str, Filler] = {"to:shown": _shown}
    for name in SLOTS:
        own[f"html:{name}"] = partial(_in_html, name)
        own[f"text:{name}"] = partial(_in_text, name)
    merged = compiled(version, {"to:shown": _shown})
    return _Compiled(start, merged, compiled({**version, **bodies}, own))


def _version(mail: Mail) -> dict[str, object]:
    """One reader's version. Its fields replace those of the request, so all of them are in it."""
    fields = {name: _ascii(value) for name, value in json_pieces.fields(mail)}
    params = {name: place(f"head:{name}") for name in SLOTS}
    return {
        "to": [{"email": place("to:address"), "name": place("to:shown")}],
        "params": {**params, "b": "{"},
        "headers": {**fields, "X-Mailin-custom": place("id:ref")},
    }


def _shown(message: Message) -> str:
    """The reader's name; Brevo refuses an empty one."""
    return plain(message.name)[:70].strip() or message.recipient


def _in_html(slot: str, message: Message) -> str:
    return html.escape(message.values[slot]).replace("{", "&#123;")


def _in_text(slot: str, message: Message) -> str:
    return plain(message.values[slot]).replace("{", _PARAM % "b")


def _ascii(value: str) -> str:
    """A field's value in ASCII; encoded words do not help, Brevo decodes them."""
    if value.isascii():
        return value
    if named := _NAMED.fullmatch(value):
        return named[1]
    return unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()


def _braces(text: str) -> str:
    """The text with its braces kept out of Brevo's template language."""
    return _BRACE.sub(_PARAM.replace("%s", "b"), text)


def _merged(text: str) -> str:
    """The text with its slots as parameters."""
    text = _braces(text)
    for name, sentinel in SLOTS.items():
        text = text.replace(sentinel, _PARAM % name)
    return text


# ------------------------------------------------ what comes back

#: Event → what is reported, and the status where the reason holds no enhanced code.
_EVENTS: dict[str, tuple[ReportKind, str]] = {
    "delivered": (ReportKind.DELIVERED, ""),
    "deferred": (ReportKind.DEFERRED, "4.0.0"),
    "soft_bounce": (ReportKind.BOUNCED, "4.0.0"),
    "hard_bounce": (ReportKind.BOUNCED, "5.1.1"),
    "invalid_email": (ReportKind.BOUNCED, "5.1.3"),
    "blocked": (ReportKind.BOUNCED, "5.7.1"),
    "error": (ReportKind.BOUNCED, "5.3.0"),
    "spam": (ReportKind.COMPLAINED, ""),
    "complaint": (ReportKind.COMPLAINED, ""),
    "unsubscribed": (ReportKind.UNSUBSCRIBED, ""),
    "unsubscribe": (ReportKind.UNSUBSCRIBED, ""),
}
_WITH_STATUS = (ReportKind.BOUNCED, ReportKind.DEFERRED)


@dataclass(frozen=True, slots=True)
class BrevoReports:
    """secret: a token (sent as a bearer), or `user:password` (sent as basic authentication)."""

    name: ClassVar[str] = "brevo"
    secret: str = field(repr=False)

    def read(
        self, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
    ) -> Iterable[Report]:
        """One event, or a list of them where the webhook is batched."""
        check = webhook_secrets.check_basic if ":" in self.secret else webhook_secrets.check_bearer
        check(headers, self.secret)
        found = event_json.load(body, self.name)
        for one in found if isinstance(found, list) else [found]:
            event = event_json.table(one)
            if not isinstance(event.get("event"), str):
                raise BadInput(self.name, "the webhook's body names no event")
            yield self._report(event, now)

    def _report(self, event: Mapping[str, Any], now: dt.datetime) -> Report:
        kind, status = _EVENTS.get(event["event"], (ReportKind.OTHER, ""))
        reason = event.get("reason")
        if kind in _WITH_STATUS:
            status = event_json.status(reason) or status
        milliseconds = event.get("ts_epoch")
        seconds = milliseconds / 1000 if isinstance(milliseconds, int | float) else None
        return Report(
            provider=self.name,
            event_id=_event_id(event),
            kind=kind,
            at=event_json.moment(seconds) or event_json.moment(event.get("ts_event")) or now,
            ref=event_json.words(event.get("X-Mailin-custom")),
            address=event_json.words(event.get("email")),
            status=status,
            detail=event_json.words(reason),
            raw=event_json.raw(event),
        )


def _event_id(event: Mapping[str, Any]) -> str:
    """Brevo gives none (its `id` is the webhook's): what makes an event this one, hashed."""
    named = [event.get(one) for one in ("event", "message-id", "email", "ts_epoch", "ts_event")]
    return hashlib.sha256(event_json.raw(named).encode()).hexdigest()[:32]
