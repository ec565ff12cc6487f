"""`digest doctor`: what is wrong with an installation, each with its remedy."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from digest import remedies
from digest.bootstrap import House
from digest.delivery.room import LEAST_FREE
from digest.errors import DeliveryError
from digest.protocols import Triable
from digest.settings import Settings
from digest.store import editors, heartbeats, issues, migrate, polls, sends
from digest.store.sends import SendStatus

#: How long a provider is tried, in seconds.
TRIAL_S = 30.0


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing looked at."""

    subject: str
    fine: bool
    text: str


def examine(settings: Settings, house: House) -> Iterator[Examined]:
    """Look at the disk, the providers, the database, the desk, the sends, the sources. Sends and changes nothing."""
    yield _disk(house)
    yield _secrets(house)
    yield _public_url(house)
    yield _provider(settings)
    yield from _tried(house)
    database = _database(house)
    yield database
    if not database.fine:
        return
    yield _editors(house)
    yield _clock(house)
    yield from _sends(house)
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
    told, fine = f"{free // 2**20} MB free in {house.data}", free >= LEAST_FREE
    least = (
        f": no send begins with less than {LEAST_FREE // 2**20} MB; free some, or move DIGEST_DATA"
    )
    return Examined("disk", fine, told + ("" if fine else least))


def _secrets(house: House) -> Examined:
    path = house.data / "secret.key"
    if not path.exists():
        return Examined("secret key", True, "from the settings")
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        return Examined("secret key", False, f"{path} can be read by others: chmod 600 {path}")
    return Examined("secret key", True, f"{path}, only yours")


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


def _tried(house: House) -> Iterator[Examined]:
    """Each provider is asked for a connection as for mail; nothing is sent."""
    for provider in house.providers:
        if isinstance(provider, Triable):
            yield asyncio.run(_try(provider.name, provider))
        elif provider.name != "outbox":
            text = "not tried: a key that may only send can show nothing else"
            yield Examined(f"provider {provider.name}", True, text)


async def _try(name: str, provider: Triable) -> Examined:
    try:
        async with asyncio.timeout(TRIAL_S):
            return Examined(f"provider {name}", True, await provider.tried())
    except TimeoutError:
        reason = f"no reply within {TRIAL_S:.0f} s"
    except DeliveryError as error:
        reason = error.reply
    remedy = remedies.remedy(reason, name)
    return Examined(f"provider {name}", False, f"{reason}: {remedy}" if remedy else reason)


def _sends(house: House) -> Iterator[Examined]:
    """Those that are paused: one that waits for a person is found bad."""
    with house.database.read() as session:
        for send in sends.unfinished(session):
            if send.status is not SendStatus.PAUSED:
                continue
            issue = issues.by_id(session, send.issue_id)
            remedy = remedies.paused(send.reason, send.paused_with)
            then = f": {remedy}" if send.waits_for_a_person else ", and goes on by itself"
            text = f"paused ({send.reason}){then}"
            subject = f"send {issue.newsletter}/{issue.period}"
            yield Examined(subject, not send.waits_for_a_person, text)


def _editors(house: House) -> Examined:
    with house.database.read() as session:
        count = editors.count(session)
    text = f"{count} with a seat" if count else "nobody: `digest editor add you@example.org`"
    return Examined("editors", count > 0, text)


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
