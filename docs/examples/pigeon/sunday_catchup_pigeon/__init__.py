"""The Pigeon API, which does not exist: `DIGEST_PROVIDER=pigeon`.

Sending: `POST /messages` takes a list of whole mails and answers each; the same `Idempotency-Key` is known again for a day.
Events come to `/webhooks/pigeon`, signed by HMAC-SHA-256 of `<time>.<body>`.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import BaseModel, SecretStr

from digest.errors import Forged, Refused
from digest.model import Mail, Message, Report, ReportKind
from digest.plugins import ProviderPlugin
from digest.providers import event_json, http_api, json_pieces, webhook_secrets
from digest.providers.http_replies import Answer, Reply, Verdict, by_status
from digest.providers.json_pieces import Pieces, place
from digest.providers.pace import Pace
from digest.providers.per_mail import PerMail


class PigeonSettings(BaseModel):
    """`DIGEST_PLUGIN_PIGEON_TOKEN` and so on; each also as `…_FILE`."""

    token: SecretStr
    url: str = "https://api.pigeon.example"
    webhook_secret: SecretStr = SecretStr("")


@dataclass(frozen=True, slots=True, kw_only=True)
class PigeonProvider:
    """What is special about this API; batches, retries, halving and doubts are `digest.providers.http_api`'s."""

    name: ClassVar[str] = "pigeon"
    replays: ClassVar[bool] = True
    replay_s: ClassVar[float] = 86_400.0
    keyed: ClassVar[bool] = True
    most: ClassVar[int] = 100
    most_bytes: ClassVar[int] = 10_000_000
    token: str = field(repr=False)
    base_url: str
    channels: int = 4
    pace: Pace = field(default_factory=Pace)
    _items: PerMail[Pieces] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_items", PerMail(_compiled))

    @property
    def in_flight(self) -> int:
        return self.most

    @property
    def url(self) -> str:
        return f"{self.base_url}/messages"

    @property
    def headers(self) -> Mapping[str, str]:
        return {"content-type": "application/json", "authorization": f"Bearer {self.token}"}

    def open(self) -> AbstractAsyncContextManager[http_api.HttpChannel]:
        return http_api.opened(self)

    def request(self, batch: Sequence[Message]) -> http_api.Request:
        body = json_pieces.array(self._items.of(batch[0].mail), batch)
        return http_api.Request(body, {"idempotency-key": http_api.batch_key(batch)})

    def answers(self, batch: Sequence[Message], reply: Reply) -> Sequence[Answer]:
        return [None if one["taken"] else Refused(one["why"]) for one in reply.json()]

    def verdict(self, reply: Reply) -> Verdict:
        return by_status(reply)


def _compiled(mail: Mail) -> Pieces:
    """One reader's object, with places for what differs from reader to reader."""
    return json_pieces.compiled(
        {
            "from": json_pieces.mailbox(mail.from_name, mail.from_address),
            "to": place("to:mailbox"),
            "subject": mail.rendered.subject,
            "html": json_pieces.in_html(mail.rendered.html),
            "text": json_pieces.in_text(mail.rendered.text),
            "fields": dict(json_pieces.fields(mail)),
            "ref": place("id:ref"),
        }
    )


# ------------------------------------------------ what comes back

_KINDS = {
    "delivered": ReportKind.DELIVERED,
    "bounced": ReportKind.BOUNCED,
    "complained": ReportKind.COMPLAINED,
}
#: How long after it was signed a call is believed, in seconds.
_WINDOW_S = 300


@dataclass(frozen=True, slots=True)
class PigeonReports:
    """What reads the webhook."""

    name: ClassVar[str] = "pigeon"
    secret: str = field(repr=False)

    def read(
        self, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
    ) -> Iterable[Report]:
        """Who called is proven before a word of it is read."""
        told = headers.get("pigeon-time", "")
        right = hmac.digest(self.secret.encode(), f"{told}.".encode() + body, "sha256").hex()
        if not self.secret or not webhook_secrets.same(headers.get("pigeon-signature", ""), right):
            raise Forged("the webhook's signature does not fit")
        if not told.isdecimal() or abs(int(told) - now.timestamp()) > _WINDOW_S:
            raise Forged("the webhook was not signed now")
        event = event_json.table(event_json.load(body, self.name))
        yield Report(
            provider=self.name,
            event_id=event_json.words(event.get("id")),
            kind=_KINDS.get(event_json.words(event.get("what")), ReportKind.OTHER),
            at=event_json.moment(event.get("at")) or now,
            ref=event_json.words(event.get("ref")),
            address=event_json.words(event.get("to")),
            status=event_json.status(event.get("words")),
            detail=event_json.words(event.get("words")),
            raw=event_json.raw(event),
        )


def _made(settings: PigeonSettings, connections: int) -> PigeonProvider:
    token = settings.token.get_secret_value()
    if not token:
        raise ValueError("the token is empty")
    return PigeonProvider(token=token, base_url=settings.url, channels=min(4, connections))


def _reports(settings: PigeonSettings) -> PigeonReports | None:
    secret = settings.webhook_secret.get_secret_value()
    return PigeonReports(secret) if secret else None


PLUGIN = ProviderPlugin(make=_made, settings=PigeonSettings, reports=_reports)
