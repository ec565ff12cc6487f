"""A private Postfix: a relay that takes mail for everybody of example.net and delivers it into a Maildir."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.mail_servers.server import HOST, NUMBERS, Server, lay, own_folder, until

MAIN = {
    "compatibility_level": "3.6",
    "myhostname": "relay.example",
    "mydestination": "",
    "inet_interfaces": HOST,
    "inet_protocols": "ipv4",
    "mynetworks": "127.0.0.0/8",
    "maillog_file": "/var/log/mail.log",
    "smtpd_peername_lookup": "no",
    "disable_dns_lookups": "yes",
    "default_transport": "error:5.1.2 no mail leaves this machine",
    "relay_transport": "error:5.1.2 no mail leaves this machine",
    "virtual_mailbox_domains": "example.net, bounces.example, gazette.example",
    "virtual_mailbox_base": "/var/mail",
    "virtual_mailbox_maps": "regexp:/etc/postfix/boxes",
    "virtual_uid_maps": f"static:{NUMBERS['readers']}",
    "virtual_gid_maps": f"static:{NUMBERS['readers']}",
    "virtual_mailbox_limit": "0",
    "alias_maps": "",
    "alias_database": "",
    "local_recipient_maps": "",
    "notify_classes": "",
    "smtpd_recipient_restrictions": "check_recipient_access regexp:/etc/postfix/refusals, permit_mynetworks, reject",
}

#: Everybody has a box but those whose name begins with `gone`; bounces have their own.
BOXES = r"""
/^bounce\+.*@(bounces|gazette)\.example$/ bounces/
if !/^gone/
/@example\.net$/ readers/
endif
"""

#: Who is refused at RCPT, and how.
REFUSALS = r"""
/^later/ 450 4.2.1 The mailbox is busy, try again later
/^full/ 552 5.2.2 The mailbox is full
/^policy/ 550 5.7.1 Refused by policy
"""

#: name, type, private, unprivileged, process limit, program: the services of an ordinary master.cf.
SERVICES = """
{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""

_QUEUES = ("incoming", "active", "deferred", "maildrop", "hold", "corrupt")
_NOTES = ("bounce", "defer", "trace", "flush", "saved", "private")


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Server]:
    """A Postfix in a new folder. settings: lines of main.cf that differ from ours."""
    server = lay("postfix", folder)
    etc = folder / "etc/postfix"
    (etc / "main.cf").write_text(_lines({**MAIN, **settings}))
    services = SERVICES.format(port=f"{HOST}:{server.port}")
    (etc / "master.cf").write_text(services.lstrip())
    (etc / "boxes").write_text(BOXES.lstrip())
    (etc / "refusals").write_text(REFUSALS.lstrip())
    _make_queue(folder)
    server.start(["/usr/lib/postfix/sbin/master"])
    try:
        yield server
    finally:
        server.stop()


def wait_until_empty(server: Server) -> None:
    """Wait until no mail is under way: all is delivered, and so is what came back."""
    until(lambda: not _queued(server), "Postfix's queue is empty")


def _queued(server: Server) -> list[Path]:
    """What waits. A bounce goes from active to incoming to active, so those are asked in that order."""
    spool = server.root / "var/spool/postfix"
    order = ("maildrop", "active", "incoming", "active", "deferred")
    return [path for queue in order for path in (spool / queue).rglob("*") if path.is_file()]


def _lines(settings: Mapping[str, str]) -> str:
    return "".join(f"{name} = {value}\n" for name, value in settings.items())


def _make_queue(root: Path) -> None:
    spool = root / "var/spool/postfix"
    own_folder(spool, "root", 0o755)
    for name in (*_QUEUES, *_NOTES):
        own_folder(spool / name, "postfix", 0o700)
    own_folder(spool / "maildrop", "postfix", 0o1730, "postdrop")
    own_folder(spool / "public", "postfix", 0o2710, "postdrop")
    own_folder(spool / "pid", "root", 0o755)
    own_folder(root / "var/lib/postfix", "postfix", 0o700)
    for name in ("readers", "bounces"):
        own_folder(root / "var/mail" / name, "readers", 0o700)
