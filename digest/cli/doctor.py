"""`digest doctor`: what is wrong with an installation, each with its remedy."""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

from digest import identity, remedies, secret_key
from digest.bootstrap import House
from digest.cli import plugging
from digest.delivery import ledger, tryout
from digest.delivery.room import LEAST_FREE
from digest.domains.records import Finding
from digest.errors import ConfigError
from digest.limits import strangers
from digest.masking import masked
from digest.protocols import Triable
from digest.setting_files import PREFIX
from digest.settings import PACED, Settings
from digest.store import editors, heartbeats, issues, migrate, polls, sends
from digest.store.sends import SendStatus


def examine(settings: Settings, house: House) -> Iterator[Finding]:
    """Look at the disk, the providers, the database, the desk, the sends, the sources. Sends and changes nothing."""
    yield _disk(house)
    yield _secrets(house)
    yield _public_url(house)
    yield _provider(settings)
    yield from (Finding("pace", False, one) for one in idle_limits(settings))
    yield from _tried(house)
    yield from plugging.examine(settings, house.schedules.values())
    yield from _signatures(house)
    database = _database(house)
    yield database
    if not database.fine:
        return
    yield _key(house)
    yield _identity(house)
    yield _editors(house)
    yield _clock(house)
    yield from _sends(house)
    yield from _held_back(house)
    yield from _sources(house)


def _database(house: House) -> Finding:
    """Any error of its driver is a finding here, not a failure of ours."""
    try:
        found = migrate.current(house.database)
    except Exception as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return Finding("database", False, f"{reason}: see DIGEST_DATABASE_URL")
    if found is None:
        return Finding("database", False, "not made yet: `digest migrate`, or start `digest up`")
    if found != migrate.newest():
        return Finding("database", False, f"of version {found}: `digest migrate`")
    return Finding("database", True, f"{house.database.engine.dialect.name}, up to date")


def _disk(house: House) -> Finding:
    free = shutil.disk_usage(house.data).free
    told, fine = f"{free // 2**20} MB free in {house.data}", free >= LEAST_FREE
    least = (
        f": no send begins with less than {LEAST_FREE // 2**20} MB; free some, or move DIGEST_DATA"
    )
    return Finding("disk", fine, told + ("" if fine else least))


def _secrets(house: House) -> Finding:
    path = house.data / "secret.key"
    if not path.exists():
        return Finding("secret key", True, "from the settings")
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        return Finding("secret key", False, f"{path} can be read by others: chmod 600 {path}")
    return Finding("secret key", True, f"{path}, only yours")


def _key(house: House) -> Finding:
    """Whether the key is the database's own. One that no program has worked on yet takes any."""
    try:
        secret_key.check(house.database, house.key)
    except ConfigError as error:
        return Finding("key of the database", False, error.faults[0].message)
    return Finding("key of the database", True, "the one that is set here")


def _identity(house: House) -> Finding:
    """Whether this is the real house, and not a copy of one."""
    try:
        why = identity.doubt(house.database, house.data)
    except ConfigError as error:
        return Finding("identity", False, error.faults[0].message)
    if why:
        return Finding("identity", False, f"nothing is sent from here: {why}; {identity.REMEDY}")
    return Finding("identity", True, "folder and database belong together")


def _public_url(house: House) -> Finding:
    parts = urlsplit(house.public_url)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme == "https":
        return Finding("public url", True, house.public_url)
    remedy = (
        "readers elsewhere cannot leave with one click: set DIGEST_PUBLIC_URL to an https address"
    )
    return Finding("public url", local, f"{house.public_url}: {remedy}")


def _provider(settings: Settings) -> Finding:
    if settings.providers == ("outbox",):
        text = "mail goes to files in the outbox: set DIGEST_PROVIDER=smtp to reach people"
        return Finding("provider", True, text)
    relay = f"smtp by {settings.smtp_host}:{settings.smtp_port}"
    told = [relay if name == "smtp" else name for name in settings.providers]
    return Finding("provider", True, ", then ".join(told))


def _tried(house: House) -> Iterator[Finding]:
    """Each provider is asked for a connection as for mail; nothing is sent."""
    for provider in house.providers:
        if isinstance(provider, Triable):
            found = asyncio.run(tryout.tried(provider.name, provider))
            yield Finding(f"provider {provider.name}", found.fine, masked(str(found)))
        elif provider.name != "outbox":
            text = "not tried: a key that may only send can show nothing else"
            yield Finding(f"provider {provider.name}", True, text)


def _sends(house: House) -> Iterator[Finding]:
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
            yield Finding(subject, not send.waits_for_a_person, text)


def _signatures(house: House) -> Iterator[Finding]:
    """A signature counts for a From address of its own domain, or of one above or below it (DMARC)."""
    signer = house.signer
    if signer is None:
        return
    kinds = " and ".join(f"{one.kind} as {one.selector}" for one in signer.keys)
    subject = f"dkim ({kinds})"
    if not signer.domain:
        yield Finding(subject, True, "by the domain of each newsletter's From address")
        return
    for key, schedule in house.schedules.items():
        author = schedule.newsletter.from_address.rpartition("@")[2]
        if not f".{author}".endswith(f".{signer.domain}") and not signer.domain.endswith(
            f".{author}"
        ):
            text = f"DIGEST_DKIM_DOMAIN is {signer.domain}, but {key} is from {author}: its signature will not count"
            yield Finding(subject, False, text)
            return
    yield Finding(subject, True, f"by {signer.domain}")


def idle_limits(settings: Settings) -> Iterator[str]:
    """What of the pace holds for nothing: what is said for a provider that is not used."""
    for key in PACED:
        for name in strangers(getattr(settings, key), settings.providers):
            yield f"{PREFIX}{key.upper()} speaks of {name}, which {PREFIX}PROVIDER does not name"


def _editors(house: House) -> Finding:
    """Whether anybody may approve an issue: who may only read or edit cannot."""
    with house.database.read() as session:
        found = editors.all(session)
    approving = sum(one.role in editors.APPROVERS for one in found)
    if approving:
        return Finding("editors", True, f"{len(found)} with a seat, {approving} may approve")
    nobody = f"{len(found)} with a seat and nobody may approve" if found else "nobody"
    remedy = "`digest editor add you@example.org --role publisher`"
    return Finding("editors", False, f"{nobody}: {remedy}")


def _clock(house: House) -> Finding:
    with house.database.read() as session:
        last = heartbeats.last(session, "reconcile")
    if last is None:
        return Finding("schedule", False, "it never ran: start `digest up` or `digest worker`")
    age = house.clock() - last
    fine = age < dt.timedelta(minutes=2)
    return Finding(
        "schedule",
        fine,
        f"last ran {last:%d %b %H:%M} UTC" + ("" if fine else ": start `digest up`"),
    )


def _held_back(house: House) -> Iterator[Finding]:
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
                    yield Finding(f"refusals {name}", False, f"{held} are held back: {remedy}")


def _sources(house: House) -> Iterator[Finding]:
    for key, schedule in house.schedules.items():
        with house.database.read() as session:
            for one in polls.health(session, schedule.source_keys):
                when = (
                    f"last read {one.succeeded_at:%d %b %H:%M} UTC"
                    if one.succeeded_at
                    else "never read"
                )
                yield Finding(f"source {key}/{one.source}", not one.error, one.error or when)
