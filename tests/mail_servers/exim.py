"""A private Exim: a relay that takes mail for everybody of example.net and delivers it into a Maildir.

What it makes of its clients' manners is left as it comes: smtp_enforce_sync, CHUNKING and the limits on errors are
Exim's own defaults, and so is Debian's build.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.mail_servers.server import HOST, Server, lay, own_folder, until

CONFIGURATION = r"""
primary_hostname = relay.example
log_file_path = /var/log/exim4/%slog
log_selector = +smtp_protocol_error +smtp_syntax_error +smtp_connection
local_interfaces = {host}
daemon_smtp_ports = {port}
daemon_startup_retries = 0
tls_advertise_hosts =
keep_environment =
deliver_drop_privilege = true
# Else all but the first ten mails of a connection wait for a queue runner.
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = recipients
{settings}

begin acl
recipients:
  deny local_parts = ^gone
       message = 5.1.1 No such reader here
  deny local_parts = ^full
       message = 5.2.2 The mailbox is full
  defer local_parts = ^later
       message = 4.2.1 The mailbox is busy, try again later
  accept hosts = {host}

begin routers
readers:
  driver = accept
  domains = example.net
  transport = readers

begin transports
readers:
  driver = appendfile
  directory = /var/mail/readers
  maildir_format
  create_directory
  return_path_add
  user = Debian-exim
  group = Debian-exim
"""


@contextmanager
def running(folder: Path, *settings: str) -> Iterator[Server]:
    """An Exim in a new folder. settings: more lines of the main part of its configuration."""
    server = lay("exim", folder)
    server.log = folder / "var/log/exim4/mainlog"
    text = CONFIGURATION.format(host=HOST, port=server.port, settings="\n".join(settings))
    (folder / "etc/exim4").mkdir(exist_ok=True)
    (folder / "etc/exim4/exim4.conf").write_text(text)
    for part in ("var/spool/exim4", "var/log/exim4", "run/exim4", "var/mail/readers"):
        own_folder(folder / part, "Debian-exim", 0o750)
    server.start(["/usr/sbin/exim4", "-bdf"])
    try:
        yield server
    finally:
        server.stop()


def wait_until_empty(server: Server) -> None:
    """Wait until no mail is under way."""
    spool = server.root / "var/spool/exim4/input"
    until(lambda: not any(path.is_file() for path in spool.rglob("*")), "Exim's queue is empty")
