"""Mails as they come to the bounce address: made here, in the shape that servers give them."""

from __future__ import annotations

import datetime as dt

NOW = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)

HANDLE = "Hh3_-Zz0123456789abcDE"
REF = f"{HANDLE}.abcdefghij234567"
TO = f"bounce+{REF}@gazette.example"

#: The header of our own mail, as it stands in what is returned.
RETURNED = f"""\
To: alice@reader.example
Message-ID: <abcdefghij234567abcdefghij@gazette.example>
List-Unsubscribe: <https://gazette.example/leave/sunday/{HANDLE}{"s" * 22}>
Subject: The quay is approved
"""


def notification(
    *,
    to: str = TO,
    action: str = "failed",
    status: str = "5.1.1",
    recipient: str = "rfc822; alice@reader.example",
    words: str = "smtp; 550 5.1.1 <alice@reader.example>: no such user",
    returned: str = RETURNED,
    message_id: str = "<one@mx.reader.example>",
) -> bytes:
    """A delivery status notification as Postfix writes it (RFC 3464)."""
    return f"""\
Return-Path: <>
Delivered-To: {to}
Date: Sun, 29 Nov 2026 09:00:00 +0100
From: MAILER-DAEMON@mx.reader.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
Message-ID: {message_id}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.reader.example
Arrival-Date: Sun, 29 Nov 2026 08:00:05 +0000 (UTC)

Final-Recipient: {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: {words}

--b
Content-Type: text/rfc822-headers

{returned}
--b--
""".encode()


def complaint(*, to: str = "abuse@gazette.example", kind: str = "abuse") -> bytes:
    """A complaint as a mailbox provider's feedback loop sends it (RFC 5965), its reader blotted out."""
    return f"""\
From: feedback@mailbox.example
To: {to}
Date: Sun, 29 Nov 2026 10:00:00 +0000
Subject: FW: The quay is approved
Message-ID: <arf1@mailbox.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an email abuse report.

--b
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeLoop/1.0
Version: 1
Original-Rcpt-To: <redacted@mailbox.example>

--b
Content-Type: message/rfc822

From: "The Test Gazette" <sunday@gazette.example>
{RETURNED}
The news.
--b--
""".encode()


def plain(*, sender: str, subject: str, text: str, more: str = "", to: str = TO) -> bytes:
    """A mail of one text."""
    return f"""\
From: {sender}
To: {to}
Subject: {subject}
Message-ID: <plain@elsewhere.example>
{more}
{text}
""".encode()
