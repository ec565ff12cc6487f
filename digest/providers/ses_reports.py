"""What SES tells of its copies, by way of SNS: events of a configuration set, or notifications.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html and
https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html: the same but for a name.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from digest.model import Report, ReportKind
from digest.providers import event_json
from digest.providers.ses import REF_FIELD, REF_TAG
from digest.providers.sns import Topics

_KINDS = {
    "Bounce": ReportKind.BOUNCED,
    "Complaint": ReportKind.COMPLAINED,
    "Delivery": ReportKind.DELIVERED,
    "DeliveryDelay": ReportKind.DEFERRED,
    "Reject": ReportKind.BOUNCED,
    "Rendering Failure": ReportKind.BOUNCED,
    "Subscription": ReportKind.OTHER,
}
#: What a bounce's type and subtype say, where the receiving server's code is not told.
#: https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html#bounce-types
_BOUNCES = {
    ("Permanent", "NoEmail"): "5.1.1",
    ("Permanent", "Suppressed"): "5.1.1",
    ("Permanent", "OnAccountSuppressionList"): "5.1.1",
    ("Permanent", "UnsubscribedRecipient"): "5.7.1",
    ("Transient", "MailboxFull"): "4.2.2",
    ("Transient", "MessageTooLarge"): "5.3.4",
    ("Transient", "ContentRejected"): "5.7.1",
    ("Transient", "AttachmentRejected"): "5.7.1",
}


@dataclass(frozen=True, slots=True)
class SesReports:
    """Events that SES publishes to a topic, and notifications of an identity: the same but for a name."""

    name: ClassVar[str] = "ses"
    topics: Topics

    def read(
        self, headers: Mapping[str, str], body: bytes, *, now: dt.datetime
    ) -> Iterable[Report]:
        """One event about one reader or several. Empty for what SNS says on its own behalf."""
        said = self.topics.message(body, now=now)
        if said is None or said.startswith("Successfully validated SNS topic"):
            return []
        return list(_reports(event_json.table(event_json.load(said, self.name)), now))


def _reports(event: Mapping[str, Any], now: dt.datetime) -> Iterable[Report]:
    told = event_json.words(event.get("eventType"), event.get("notificationType"))
    mail = event_json.table(event.get("mail"))
    key = {"DeliveryDelay": "deliveryDelay", "Rendering Failure": "failure"}.get(told, told.lower())
    detail = event_json.table(event.get(key))
    at = event_json.moment(detail.get("timestamp")) or event_json.moment(mail.get("timestamp"))
    unique = event_json.words(detail.get("feedbackId")) or ":".join(
        (told, event_json.words(mail.get("messageId")), event_json.words(detail.get("timestamp")))
    )
    kind = _KINDS.get(told, ReportKind.OTHER)
    for number, reader in enumerate(_readers(detail, mail)):
        yield Report(
            provider="ses",
            event_id=f"{unique}:{number}",
            kind=kind,
            at=at or now,
            ref=_ref(mail),
            address=event_json.words(reader.get("emailAddress")),
            status=_status(told, detail, reader),
            detail=_words(detail, reader),
            raw=event_json.raw(event),
        )


def _readers(detail: Mapping[str, Any], mail: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Whom it is about: with more words where SES has them, else those whom the mail was for."""
    names = ("bouncedRecipients", "complainedRecipients", "delayedRecipients", "recipients")
    for found in (*(detail.get(name) for name in names), mail.get("destination")):
        if isinstance(found, list) and found:
            return [one if isinstance(one, dict) else {"emailAddress": one} for one in found]
    return [{}]


def _status(told: str, detail: Mapping[str, Any], reader: Mapping[str, Any]) -> str:
    if told == "Reject":
        return "5.7.1"
    if told == "Rendering Failure":
        return "5.6.0"
    if told not in ("Bounce", "DeliveryDelay"):
        return ""
    found = event_json.status(reader.get("status"), reader.get("diagnosticCode"))
    if told == "DeliveryDelay":
        return found or "4.0.0"
    kind = event_json.words(detail.get("bounceType"))
    known = _BOUNCES.get((kind, event_json.words(detail.get("bounceSubType"))))
    return found or known or ("5.0.0" if kind == "Permanent" else "4.0.0")


def _words(detail: Mapping[str, Any], reader: Mapping[str, Any]) -> str:
    types = (detail.get("bounceType"), detail.get("bounceSubType"))
    return event_json.words(
        reader.get("diagnosticCode"),
        detail.get("smtpResponse"),
        detail.get("reason"),
        detail.get("errorMessage"),
        detail.get("complaintFeedbackType"),
        detail.get("delayType"),
        " ".join(event_json.words(one) for one in types),
    )


def _ref(mail: Mapping[str, Any]) -> str:
    """From the tag, which published events have; else from the header, which notifications may have."""
    tags = event_json.table(mail.get("tags")).get(REF_TAG)
    told = event_json.words(tags[0]) if isinstance(tags, list) and tags else ""
    try:
        if told:
            return base64.urlsafe_b64decode(told + "=" * (-len(told) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""
    headers = mail.get("headers")
    for one in headers if isinstance(headers, list) else []:
        pair = event_json.table(one)
        if str(pair.get("name")).lower() == REF_FIELD.lower():
            return event_json.words(pair.get("value"))
    return ""
