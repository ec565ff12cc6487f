"""What comes back about a copy that was handed over: bounces, complaints, deliveries, wishes to leave.

One vocabulary for every provider's webhooks and for mail that comes to the bounce address.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class ReportKind(StrEnum):
    """What is reported."""

    DELIVERED = "delivered"  # the reader's own server has it
    DEFERRED = "deferred"  # the provider goes on trying
    BOUNCED = "bounced"  # it came back, or never will arrive; `status` says why
    COMPLAINED = "complained"  # the reader called it junk
    UNSUBSCRIBED = "unsubscribed"  # by the provider's own button
    OTHER = "other"  # kept, and nothing follows from it


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One event about one copy.

    event_id: the provider's own, unique; the same event told twice counts once. ref: `Message.ref`
    where the report carries it. address: the reader's, as the provider names it. status: the enhanced
    code of RFC 3463 (`5.1.1`), empty where none is told. raw: what was received, as JSON or text.
    """

    provider: str
    event_id: str
    kind: ReportKind
    at: dt.datetime
    ref: str = ""
    address: str = ""
    status: str = ""
    detail: str = ""
    raw: str = ""
