"""A private OpenSMTPD: a relay that takes mail for everybody of example.net and delivers it into a Maildir."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mail_servers.server import HOST, Server, lay, own_folder, until

#: Refused are those whose name begins with `gone`; it knows no way to say "later" to one recipient.
CONFIGURATION = """
table everybody {{ "@example.net" = "readers" }}
table gone {{ "gone[0-9]*@example.net" }}
listen on {host} port {port} hostname relay.example
action "box" maildir "/var/mail/readers" virtual <everybody>
match from any for rcpt-to regex <gone> reject
match from any for domain "example.net" action "box"
"""


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """An OpenSMTPD in a new folder."""
    server = lay("opensmtpd", folder)
    (folder / "etc/smtpd.conf").write_text(CONFIGURATION.format(host=HOST, port=server.port))
    _make_spool(folder)
    server.start(["/usr/sbin/smtpd", "-d"])
    try:
        yield server
    finally:
        server.stop()


def wait_until_empty(server: Server) -> None:
    """Wait until no mail is under way."""
    spool = server.root / "var/spool/smtpd"
    parts = ("incoming", "queue", "incoming", "queue")
    until(
        lambda: not any(path.is_file() for part in parts for path in (spool / part).rglob("*")),
        "OpenSMTPD's queue is empty",
    )


def _make_spool(root: Path) -> None:
    own_folder(root / "var/lib/opensmtpd/empty", "root", 0o755)
    own_folder(root / "var/spool/smtpd", "root", 0o711)
    own_folder(root / "var/mail/readers", "readers", 0o700)
