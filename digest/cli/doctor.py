"""`digest doctor`: what is wrong with an installation, each with its remedy."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest import secret_key
from digest.bootstrap import House
from digest.delivery import ledger
from digest.errors import ConfigError
from digest.limits import strangers
from digest.settings import PACED, PREFIX, Settings
from digest.store import editors, heartbeats, issues, migrate, polls

#: Below this much free disk `digest doctor` warns; nothing else looks at it.
LEAST_FREE_BYTES = 100 * 2**20


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing looked at."""

    subject: str
    fine: bool
    text: str


def examine(settings: Settings, house: House) -> Iterator[Examined]:
    """Look at the disk, the database, the desk, the sources, the addresses. Changes nothing."""
    yield _disk(house)
    yield _secrets(house)
    yield _public_url(house)
    yield _provider(settings)
    yield from (Examined("pace", False, one) for one in idle_limits(settings))
    database = _database(house)
    yield database
    if not database.fine:
        return
    yield _key(house)
    yield _editors(house)
    yield _clock(house)
    yield from _held_back(house)
    yield from _sources(house)


def _database(house: House) -> Examined:
    """Any error of its driver is a finding here, not a failure of ours."""
    try:
        found = migrate.current(house.database)
    except Exception as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return Examined("database", False, f"{reason}: see DIGEST_DATABASE_URL")
    if found is None:
        return Examined("database", False, "not made yet: `digest migrate`, or start `digest up`")
    if found != migrate.newest():
        return Examined("database", False, f"of version {found}: `digest migrate`")
    return Examined("database", True, f"{house.database.engine.dialect.name}, up to date")


def _disk(house: House) -> Examined:
    free = shutil.disk_usage(house.data).free
    return Examined("disk", free >= LEAST_FREE_BYTES, f"{free // 2**20} MB free in {house.data}")


def _secrets(house: House) -> Examined:
    path = house.data / "secret.key"
    if not path.exists():
        return Examined("secret key", True, "from the settings")
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        return Examined("secret key", False, f"{path} can be read by others: chmod 600 {path}")
    return Examined("secret key", True, f"{path}, only yours")


def _key(house: House) -> Examined:
    """Whether the key is the database's own. One that no program has worked on yet takes any."""
    try:
        secret_key.check(house.database, house.key)
    except ConfigError as error:
        return Examined("key of the database", False, error.faults[0].message)
    return Examined("key of the database", True, "the one that is set here")


def _public_url(house: House) -> Examined:
    parts = urlsplit(house.public_url)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme == "https":
        return Examined("public url", True, house.public_url)
    remedy = (
        "readers elsewhere cannot leave with one click: set DIGEST_PUBLIC_URL to an https address"
    )
    return Examined("public url", local, f"{house.public_url}: {remedy}")


def _provider(settings: Settings) -> Examined:
    if settings.providers == ("outbox",):
        text = "mail goes to files in the outbox: set DIGEST_PROVIDER=smtp to reach people"
        return Examined("provider", True, text)
    relay = f"smtp by {settings.smtp_host}:{settings.smtp_port}"
    told = [relay if name == "smtp" else name for name in settings.providers]
    return Examined("provider", True, ", then ".join(told))


def idle_limits(settings: Settings) -> Iterator[str]:
    """What of the pace holds for nothing: what is said for a provider that is not used."""
    for key in PACED:
        for name in strangers(getattr(settings, key), settings.providers):
            yield f"{PREFIX}{key.upper()} speaks of {name}, which {PREFIX}PROVIDER does not name"


def _editors(house: House) -> Examined:
    """Whether anybody may approve an issue: who may only read or edit cannot."""
    with house.database.read() as session:
        found = editors.all(session)
    approving = sum(one.role in editors.APPROVERS for one in found)
    if approving:
        return Examined("editors", True, f"{len(found)} with a seat, {approving} may approve")
    nobody = f"{len(found)} with a seat and nobody may approve" if found else "nobody"
    remedy = "`digest editor add you@example.org --role publisher`"
    return Examined("editors", False, f"{nobody}: {remedy}")


def _clock(house: House) -> Examined:
    with house.database.read() as session:
        last = heartbeats.last(session, "reconcile")
    if last is None:
        return Examined("schedule", False, "it never ran: start `digest up` or `digest worker`")
    age = house.clock() - last
    fine = age < dt.timedelta(minutes=2)
    return Examined(
        "schedule",
        fine,
        f"last ran {last:%d %b %H:%M} UTC" + ("" if fine else ": start `digest up`"),
    )


def _held_back(house: House) -> Iterator[Examined]:
    """Refusals that nobody believes yet: a person says whose fault they are."""
    for key in house.schedules:
        with house.database.read() as session:
            for issue in issues.recent(session, key, limit=4):
                held = ledger.after(session, issue.id).get("held", 0)
                if held:
                    name = f"{key}/{issue.period}"
                    remedy = (
                        "where the relay was wrong, mend it and `digest resend --undelivered"
                        f" {name}`, or `digest subscribers unsuppress --send {name}`; where it was"
                        f" right, `digest bounces believe {name}`"
                    )
                    yield Examined(f"refusals {name}", False, f"{held} are held back: {remedy}")


def _sources(house: House) -> Iterator[Examined]:
    for key, schedule in house.schedules.items():
        with house.database.read() as session:
            for one in polls.health(session, schedule.source_keys):
                when = (
                    f"last read {one.succeeded_at:%d %b %H:%M} UTC"
                    if one.succeeded_at
                    else "never read"
                )
                yield Examined(f"source {key}/{one.source}", not one.error, one.error or when)
