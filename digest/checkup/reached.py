"""What only the network can tell: the ways out, the bounce mailbox, the readers' address, the port, the time elsewhere.

Everything is asked at once, and whoever has not answered by the deadline is a finding. Nothing is sent.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from digest.bootstrap import House
from digest.checkup.database import APART
from digest.checkup.setup import NOWHERE, Setup, is_example, is_private
from digest.delivery import tryout
from digest.domains.records import Finding
from digest.errors import FetchError
from digest.masking import masked
from digest.protocols import Mailbox, Provider, Triable
from digest.schedules import BY_ADDRESS
from digest.setting_values import listened_at
from digest.sources.fetch import Limits, fetch

#: Seconds for all of them together.
DEADLINE_S = 45.0
#: Sources that are asked for the time, one after another until one tells it.
_MOST_ASKED = 3
#: A page is short here: what counts is that it answers.
_LOOK = Limits(seconds=8.0, size=3_000_000)

Ask = Callable[[], list[Finding]]


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask of the network. about: its subject, should nobody answer."""

    about: str
    ask: Ask


def questions(setup: Setup, house: House) -> list[Question]:
    """All that this set-up can be asked about, without DNS records."""
    ways = [one for one in house.providers if one.name not in NOWHERE]
    found = [Question(f"provider {one.name}", _asking(setup, one)) for one in ways]
    if house.mailbox:
        box = house.mailbox
        found.append(Question("bounce mailbox", lambda: [mailbox(setup, box)]))
    found.append(Question("port", lambda: list(port(setup))))
    if setup.reaches_strangers:
        found.append(Question("public address", lambda: list(public(setup))))
        found += [
            Question(f"site of {key}", lambda key=key: list(site(setup, key)))  # type: ignore[misc]
            for key in house.schedules
        ]
    found.append(Question("clock", lambda: list(clocks(setup, dt.datetime.now(dt.UTC)))))
    return found


def answers(asked: list[Question], heard: Callable[[int, int], None]) -> Iterator[Finding]:
    """All at once, in the order in which they were asked. heard: called with how many answered, of how many."""
    pool = ThreadPoolExecutor(max_workers=max(1, len(asked)), thread_name_prefix="doctor")
    try:
        futures = [pool.submit(one.ask) for one in asked]
        _wait(futures, heard)
        for one, future in zip(asked, futures, strict=True):
            yield from _of(one, future)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _wait(futures: list[Future[list[Finding]]], heard: Callable[[int, int], None]) -> None:
    left: set[Future[list[Finding]]] = set(futures)
    end = time.monotonic() + DEADLINE_S
    while left and time.monotonic() < end:
        done, left = wait_for(left, timeout=0.2)
        if done:
            heard(len(futures) - len(left), len(futures))


def _of(asked: Question, future: Future[list[Finding]]) -> list[Finding]:
    if not future.done():
        text = f"no answer within {DEADLINE_S:.0f} s"
        remedy = "is the network there, and does a firewall swallow what is sent?"
        return [Finding(asked.about, False, text, why="it cannot be relied on", remedy=remedy)]
    return future.result()


# ---------------------------------------------------------------- the ways out


def _asking(setup: Setup, provider: Provider) -> Ask:
    return lambda: [way_out(setup, provider)]


def way_out(setup: Setup, provider: Provider) -> Finding:
    """A provider is asked for a connection as for mail; nothing is sent."""
    subject = f"provider {provider.name}"
    if not isinstance(provider, Triable):
        text = "not tried: a key that may only send can show nothing else"
        return Finding(subject, True, text)
    found = asyncio.run(tryout.tried(provider.name, provider))
    if found.fine:
        return Finding(subject, True, masked(found.words))
    remedy = found.remedy or "docs/providers.md says what its errors mean"
    named = re.findall(r"DIGEST_([A-Z_]+)", remedy) or ["PROVIDER"]
    said = [one for one in named if f"DIGEST_{one}" in setup.places]
    return Finding(
        subject,
        False,
        masked(found.words),
        where=setup.at((said or named)[-1].lower()),
        why="no mail leaves by it, nor confirmations and logins",
        remedy=f"mend {remedy}" if remedy.startswith("DIGEST_") else remedy,
    )


# ---------------------------------------------------------------- what comes back


def mailbox(setup: Setup, box: Mailbox) -> Finding:
    """Log in and open the folder, as every five minutes."""
    try:
        with box.open():
            return Finding("bounce mailbox", True, "opened")
    except FetchError as error:
        return Finding(
            "bounce mailbox",
            False,
            error.reason,
            where=setup.at("bounce_imap_host"),
            why="bounces and wishes to leave by mail are not heard",
            remedy=_mailbox_remedy(error),
        )


def _mailbox_remedy(error: FetchError) -> str:
    reason = error.reason.lower()
    if "certificate" in reason:
        return "DIGEST_BOUNCE_IMAP_HOST must be the name in the server's certificate, and the certificate valid"
    if "wrong_version" in reason or "record_layer" in reason or "ssl" in reason:
        return "set DIGEST_BOUNCE_IMAP_PORT=993, where TLS is spoken from the first byte"
    if any(word in reason for word in ("mailbox", "folder", "nonexistent", "select")):
        return "set DIGEST_BOUNCE_IMAP_FOLDER to a folder that is there, INBOX mostly"
    if error.permanent:
        return "mend DIGEST_BOUNCE_IMAP_USERNAME and DIGEST_BOUNCE_IMAP_PASSWORD, and the folder's name"
    return "mend DIGEST_BOUNCE_IMAP_HOST and DIGEST_BOUNCE_IMAP_PORT"


# ---------------------------------------------------------------- readers and their proxy


def public(setup: Setup) -> Iterator[Finding]:
    """Ask the readers' address as they would: is it this program that answers?"""
    url = setup.settings.public_url.rstrip("/")
    host = urlsplit(url).hostname or ""
    if is_private(host) or is_example(host):
        return  # said already
    try:
        found = fetch(f"{url}/healthz", allowed=_BY_HOSTS_FILE, limits=_LOOK)
    except FetchError as error:
        yield _not_reached(setup, error)
        return
    if not _is_ours(found.body):
        text = f"{url} is answered, and not by this program"
        remedy = "let the proxy hand that host to this program (ops/Caddyfile, ops/nginx.conf)"
        yield _public(setup, text, remedy)
        return
    yield Finding("public address", True, f"{url}, and this program answers")


def _not_reached(setup: Setup, error: FetchError) -> Finding:
    reason = error.reason
    if "503" in reason or "502" in reason or "504" in reason:
        return _public(
            setup, reason, "start `digest up`, and look where the proxy hands requests to"
        )
    if "certificate" in reason.lower():
        return _public(setup, reason, "renew the proxy's certificate; Caddy does it by itself")
    if "not a public address" in reason:
        return _public(setup, reason, "its name must lead to a public address in DNS")
    return _public(
        setup, reason, "its name must be in DNS, and a proxy must listen there (docs/install.md)"
    )


def _public(setup: Setup, text: str, remedy: str) -> Finding:
    why = "readers cannot confirm, leave or read on: every link of a mail leads there"
    return Finding(
        "public address", False, text, where=setup.at("public_url"), why=why, remedy=remedy
    )


def _is_ours(body: bytes) -> bool:
    try:
        told = json.loads(body)
    except ValueError:
        return False
    return isinstance(told, dict) and {"reconciled_at", "paused"} <= told.keys()


def port(setup: Setup) -> Iterator[Finding]:
    """Whether the web server could listen: taken by others, or not allowed to this user."""
    where, given = setup.at("port"), setup.settings
    try:
        asyncio.run(_listen(given.host, given.port))
    except PermissionError:
        text = f"{given.host}:{given.port} may not be listened on by this user"
        remedy = "set DIGEST_PORT to 1024 or more, with a proxy before it (docs/install.md)"
        yield Finding(
            "port", False, text, where=where, why="`digest up` cannot start", remedy=remedy
        )
    except OSError as error:
        if "assign" in str(error).lower() or "getaddrinfo" in str(error).lower():
            text = f"{given.host} is no address of this machine"
            remedy = "set DIGEST_HOST=127.0.0.1 behind a proxy, 0.0.0.0 in a container"
            yield Finding(
                "port",
                False,
                text,
                where=setup.at("host"),
                why="`digest up` cannot start",
                remedy=remedy,
            )
        elif not _answers(given.host, given.port):
            text = f"{given.host}:{given.port} is taken by another program"
            remedy = "stop that one (`ss -ltnp` names it), or choose another DIGEST_PORT"
            yield Finding(
                "port", False, text, where=where, why="`digest up` cannot start", remedy=remedy
            )


async def _listen(host: str, number: int) -> None:
    """Raises OSError where nobody could."""
    server = await asyncio.start_server(lambda reader, writer: writer.close(), host, number)
    server.close()
    await server.wait_closed()


def _answers(host: str, number: int) -> bool:
    """Whether it is a `digest up` that has the port."""
    try:
        found = fetch(f"http://{listened_at(host)}:{number}/healthz", allowed=_OWN, limits=_LOOK)
    except FetchError as error:
        return "answered 503" in error.reason
    return _is_ours(found.body)


#: A server's own name often leads to itself there (Debian: 127.0.1.1), and elsewhere to its public address.
_BY_HOSTS_FILE = ("127.0.0.0/8", "::1/128")
#: Where this very machine may listen.
_OWN = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")


# ---------------------------------------------------------------- the site, and its clock


def site(setup: Setup, key: str) -> Iterator[Finding]:
    """The site that the newsletter is of: whether it answers."""
    url = setup.schedules[key].newsletter.site_url
    host = urlsplit(url).hostname or ""
    if is_example(host):
        return
    try:
        fetch(url, allowed=_allowed(setup), limits=_LOOK)
    except FetchError as error:
        yield Finding(
            f"site of {key}",
            True,
            error.reason,
            where=setup.line(key, "newsletter", "site_url"),
            why="the masthead of every mail leads there",
            remedy="is the address spelled right, and does this machine have a network?",
            doubtful=True,
        )


def clocks(setup: Setup, now: dt.datetime) -> Iterator[Finding]:
    """The time by the first source that can be asked; which do not answer the polls tell."""
    sources = (source for one in setup.schedules.values() for source in one.sources)
    asked = (one.url for one in sources if one.url and one.kind in BY_ADDRESS)
    for url in itertools.islice(asked, _MOST_ASKED):
        host = urlsplit(url).hostname or ""
        if is_example(host):
            continue
        try:
            found = fetch(url, allowed=_allowed(setup), limits=_LOOK)
        except FetchError:
            continue
        yield from clock(found.headers, now, host)
        return


def _allowed(setup: Setup) -> list[str]:
    return [one.strip() for one in setup.settings.fetch_allow.split(",") if one.strip()]


def clock(headers: Mapping[str, str], now: dt.datetime, host: str) -> Iterator[Finding]:
    """Another machine's `Date` (RFC 9110 §6.6.1) held against ours; whose is wrong, a person sees.

    What a cache answers has the date of when it was made, and says in `Age` how long ago that was.
    """
    try:
        age = dt.timedelta(seconds=int(headers.get("age", "0")))
        theirs = parsedate_to_datetime(headers.get("date", "")) + age
    except (ValueError, OverflowError):
        return
    if theirs.tzinfo is None:
        return
    apart = abs(theirs - now)
    if apart > APART:
        yield Finding(
            "clock",
            False,
            f"this machine says {now:%d %b %H:%M:%S} UTC, {host} says {theirs.astimezone(dt.UTC):%d %b %H:%M:%S}",
            where="the clock of this machine",
            why="Sunday's hour is read from it, and signatures and logins have a time",
            remedy="`timedatectl set-ntp true`, or start chrony or ntpd; then look again",
        )
