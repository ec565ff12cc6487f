"""The database: whether it can be had, is of this version and whole, and whether its clock and ours agree."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

from digest import identity, key_file, secret_key
from digest.bootstrap import House
from digest.domains.records import Finding
from digest.errors import ConfigError
from digest.store import jobs, migrate, servers
from digest.store.servers import Server

#: Clocks that differ by more than this make sends late, and tokens and signatures invalid.
APART = dt.timedelta(seconds=60)
#: What is written down may be so far ahead of us: two machines, each a little off.
AHEAD = dt.timedelta(minutes=5)
#: The oldest PostgreSQL that still gets mends (https://www.postgresql.org/support/versioning/), as its number.
OLDEST_POSTGRES = 130_000

#: What a driver says → what to do. In this order.
_REMEDIES = (
    (r"password authentication failed|no password supplied|28P01",
     "the user's name and password in DIGEST_DATABASE_URL; ALTER ROLE … PASSWORD '…' sets a new one"),
    (r"database .* does not exist", "`createdb` makes it, or mend the name at the end of DIGEST_DATABASE_URL"),
    (r"role .* does not exist", "`createuser` makes it, or mend the user's name in DIGEST_DATABASE_URL"),
    (r"no pg_hba\.conf entry", "let this machine in by the server's pg_hba.conf, and reload it"),
    (r"resolve host|Name or service not known|translate host", "is the host in DIGEST_DATABASE_URL spelled right?"),
    (r"Connection refused|No such file or directory|timeout|timed out|is the server running",
     "start PostgreSQL, or mend host and port in DIGEST_DATABASE_URL"),
    (r"too many clients|remaining connection slots", "raise the server's max_connections, or lower DIGEST_CONNECTIONS"),
    (r"SSL|certificate", "see sslmode and sslrootcert in DIGEST_DATABASE_URL"),
    (r"permission denied", "GRANT the user all on the database and its schema"),
    (r"not a database|malformed|disk image",
     "the file is damaged: keep it, move it away and `digest restore` the newest backup"),
    (r"unable to open|readonly|read-only", "the file and its folder must be this user's: chown, chmod"),
    (r"database is locked|busy", "another program holds it: an open sqlite3 shell or a backup by other means, perhaps"),
    (r"disk I/O error", "`df -h` shows whether there is room, `dmesg` whether the disk fails; then `digest doctor --integrity`"),
    (r"disk is full|No space", "free some of the disk, or move DIGEST_DATA"),
)  # fmt: skip

_NOTHING = "without it nothing is read, sent or remembered"


def reached(house: House) -> Finding:
    """Whether it answers, and with the tables of this version. Any error of its driver is a finding, not a failure of ours."""
    where = "DIGEST_DATABASE_URL" if not house.database.is_sqlite else str(house.data / "digest.db")
    try:
        # to ask SQLite of a file that is not there makes it
        found = migrate.current(house.database) if house.database.is_there else None
    except Exception as error:
        reason = words_of(error)
        return Finding("database", False, reason, where=where, why=_NOTHING, remedy=_remedy(reason))
    if found == migrate.newest():
        told = f"{house.database.engine.dialect.name}, up to date"
        return Finding("database", True, told)
    text, remedy = _version(found) if found else _none_yet(house.data)
    return Finding("database", False, text, where=where, why=_NOTHING, remedy=remedy)


def _none_yet(data: Path) -> tuple[str, str]:
    """No tables: what would be made now knows no reader, so it matters whether there were some."""
    worked = identity.traces(data)
    if worked:
        told = f"its tables are gone, or it is another one: a house has worked here ({', '.join(worked)})"
        return told, identity.GONE
    return "not made yet", "`digest migrate`, or start `digest up`"


def _version(found: str) -> tuple[str, str]:
    if migrate.is_known(found):
        told = f"of version {found}, and this program is of {migrate.newest()}"
        return told, "`digest backup`, then `digest migrate`"
    return f"of a newer program (version {found})", "update this program, as the other one was"


def words_of(error: BaseException) -> str:
    """What the driver said, on one line; of an error of ours, what lies behind it."""
    cause: BaseException = error.__cause__ or error
    told = str(getattr(cause, "orig", None) or cause).strip()
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    spoken = [line for line in lines if not line.startswith("Multiple connection attempts")]
    return (spoken or [type(cause).__name__])[0].removeprefix("- ")


def _remedy(reason: str) -> str:
    known = (told for words, told in _REMEDIES if re.search(words, reason, re.IGNORECASE))
    return next(known, "see DIGEST_DATABASE_URL")


# ---------------------------------------------------------------- one that answers


def examine(house: House, *, thorough: bool = False) -> Iterator[Finding]:
    """A database that is up to date. thorough: SQLite's file is read from its first page to its last."""
    yield _key(house)
    yield _identity(house)
    if house.database.is_sqlite:
        if thorough:
            yield _whole(house)
    else:
        with house.database.read() as session:
            server = servers.postgres(session)
        yield from of_server(server, house.clock())
    yield from _behind(house)


def of_server(server: Server, now: dt.datetime) -> Iterator[Finding]:
    """What PostgreSQL says of itself. now: by our clock."""
    where = "the server of DIGEST_DATABASE_URL"
    apart = abs(server.now - now)
    if apart > APART:
        text = f"the database's clock and this machine's are {apart.total_seconds():.0f} s apart"
        yield _clock(text)
    if server.version < OLDEST_POSTGRES:
        text = f"PostgreSQL {server.version // 10000} is not mended any more"
        why = "nobody closes its holes, and the program is not tried with it"
        yield Finding(
            "server", False, text, where=where, why=why, remedy="update it to 15 or newer"
        )
    if server.encoding != "UTF8":
        text, why = (
            f"it keeps text as {server.encoding}",
            "names and stories in other scripts are lost",
        )
        remedy = "make the database anew: createdb -E UTF8 -T template0"
        yield Finding("server", False, text, where=where, why=why, remedy=remedy)
    if not server.makes_tables:
        text, why = "our user may not make tables", "the next update cannot be brought in"
        remedy = "GRANT CREATE ON SCHEMA public TO the user, or make it the database's owner"
        yield Finding("server", False, text, where=where, why=why, remedy=remedy)
    if not server.careful:
        text = "fsync or full_page_writes is off"
        why = "a loss of power can take back who was mailed, and they would be mailed again"
        yield Finding(
            "server", False, text, where=where, why=why, remedy="turn both on and reload it"
        )
    if not jobs.installed():
        text, why = (
            "Procrastinate is not installed",
            "idle workers hear of a send only when they look, every few seconds",
        )
        remedy = "pip install 'sunday-catchup[queue]', then `digest migrate`"
        yield Finding(
            "queue", True, text, where="this program", why=why, remedy=remedy, doubtful=True
        )


def _clock(text: str) -> Finding:
    return Finding(
        "clock",
        False,
        text,
        where="the clock of this machine",
        why="Sunday's hour is read from it, and links and signatures have a time",
        remedy="`timedatectl set-ntp true`, or start chrony or ntpd; then look again",
    )


def _behind(house: House) -> Iterator[Finding]:
    """Somebody has written down a moment that has not come yet: a clock was set back, or is wrong now."""
    with house.database.read() as session:
        newest = servers.newest_trace(session)
    now = house.clock()
    if newest is not None and newest - now > AHEAD:
        text = f"it says {now:%d %b %Y %H:%M} UTC, and what was written last is of {newest:%d %b %Y %H:%M} UTC"
        yield _clock(text)


def _whole(house: House) -> Finding:
    with house.database.read() as session:
        found = servers.faults_of_sqlite(session)
    if not found:
        return Finding("integrity", True, "every page of the file is right")
    return Finding(
        "integrity",
        False,
        found[0],
        where=str(house.data / "digest.db"),
        why="what lies on a damaged page is lost, and more may follow",
        remedy="stop the program, keep the file, and `digest restore` the newest backup",
    )


def _key(house: House) -> Finding:
    """Whether the key is the database's own. One that no program has worked on yet takes any."""
    subject = "key of the database"
    if house.key == key_file.NO_KEY and (house.data / identity.FILE).exists():
        why, remedy = key_file.BACK.split(": ", 1)
        text, place = f"secret.key {key_file.GONE}", str(house.data / "secret.key")
        return Finding(subject, False, text, where=place, why=why, remedy=remedy)
    try:
        secret_key.check(house.database, house.key)
    except ConfigError as error:
        fault = error.faults[0]
        why = "links to leave in mails that have left would break"
        text, _, remedy = fault.message.partition(": ")
        return Finding(subject, False, text, where=fault.key, why=why, remedy=remedy)
    return Finding(subject, True, "the one that is set here")


def _identity(house: House) -> Finding:
    """Whether this is the real house, and not a copy of one."""
    try:
        why = identity.doubt(house.database, house.data)
    except ConfigError as error:
        return Finding("identity", False, error.faults[0].message, where=str(house.data))
    if not why:
        return Finding("identity", True, "folder and database belong together")
    return Finding(
        "identity",
        False,
        f"nothing is sent from here: {why}",
        where=str(house.data / identity.FILE),
        why="two houses would mail everybody twice",
        remedy=identity.REMEDY,
    )
