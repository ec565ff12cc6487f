"""Genuine bounces: a Postfix that takes mail for anybody, and sends back what it cannot deliver (RFC 3464)."""

from __future__ import annotations

from pathlib import Path

from tests.mail_servers import postfix, wire


def make(folder: Path, messages: int = 40) -> Path:
    """Send so many; every twentieth reader is unknown. The folder of the bounces, one mail a file.

    They go to `bounce+ref<n>@bounces.example`, n being the number of the message.
    """
    with postfix.running(folder, smtpd_reject_unlisted_recipient="no") as server:
        with wire.Client(server.port) as client:
            for number in range(messages):
                name = "gone" if number % 20 == 7 else "reader"
                replies = client.chunk(f"{name}{number}@example.net", number)
                assert replies[-1].startswith("250"), replies
        postfix.wait_until_empty(server)
    return folder / "var/mail/bounces/new"
