"""Names and addresses as they are written: whether readers can reach us, and receivers believe whom mail comes from."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from digest.checkup.setup import Setup, address_in, is_example, is_here, is_private
from digest.domains.records import Finding
from digest.sources import gate

_LINKS = "every link of every mail leads there, also the one to leave by"

#: Mailbox hosts whose DMARC policy lets nobody else write in their name, and some of their names.
_MAILBOXES = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "yahoo.com",
        "ymail.com",
        "aol.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "msn.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "gmx.de",
        "gmx.net",
        "gmx.com",
        "web.de",
        "mail.ru",
        "yandex.ru",
        "proton.me",
        "protonmail.com",
        "t-online.de",
        "orange.fr",
    ]
)
#: Zones that know no summer time, though people who live there do; and those that count the wrong way.
_FIXED = ("EST", "MST", "HST", "Etc/GMT+", "Etc/GMT-")


def examine(setup: Setup) -> Iterator[Finding]:
    """The public address, the proxies, each newsletter's sender and zone, addresses that the fetcher refuses."""
    if setup.mails:
        yield from _public(setup)
        yield from _proxies(setup)
    for key in setup.schedules:
        if setup.mails:
            yield from _sender(setup, key)
        yield from _zone(setup, key)
        yield from _barred(setup, key)
    yield from _ping(setup)


def _public(setup: Setup) -> Iterator[Finding]:
    url = setup.settings.public_url
    host = urlsplit(url).hostname or ""
    remedy = "DIGEST_PUBLIC_URL=https://… , the address under which readers reach this server"
    if is_private(host):
        found, text = not setup.reaches_strangers, f"readers elsewhere cannot reach {url}"
    elif is_example(host):
        found, text = not setup.reaches_strangers, f"{host} is a name of examples"
    elif urlsplit(url).path.strip("/"):
        found, text = True, f"{url} has a path: the desk and sign-up live at the root of a host"
        remedy = "give it a host of its own, such as catchup.example.org (docs/install.md)"
    else:
        return
    yield Finding(
        "public address",
        found,
        text,
        where=setup.at("public_url"),
        why=_LINKS,
        remedy=remedy,
        doubtful=found,
    )


def _proxies(setup: Setup) -> Iterator[Finding]:
    """The program speaks plain HTTP: behind an https address there is always somebody else."""
    given = setup.settings
    url = urlsplit(given.public_url)
    if url.scheme == "https" and not is_here(url.hostname or "") and not given.trusted_proxies:
        yield Finding(
            "proxy",
            True,
            "readers come by https, so a proxy stands before the program, and none is believed",
            where=setup.at("trusted_proxies"),
            why="all readers look like one, and after a few sign-ups an hour that one is turned away",
            remedy="DIGEST_TRUSTED_PROXIES=127.0.0.1, or the proxy's address as this machine sees it",
            doubtful=True,
        )


def _sender(setup: Setup, key: str) -> Iterator[Finding]:
    newsletter = setup.schedules[key].newsletter
    domain = newsletter.from_address.rpartition("@")[2].lower()
    where = setup.line(key, "newsletter", "from_address")
    public = urlsplit(setup.settings.public_url).hostname or ""
    if domain in _MAILBOXES:
        yield Finding(
            f"sender of {key}",
            False,
            f"{newsletter.from_address} is of a mailbox host",
            where=where,
            why=f"{domain} lets nobody else write in its name (DMARC): receivers refuse all of it",
            remedy="write from an address of your own domain",
        )
    elif is_example(domain):
        fine = not setup.reaches_strangers
        yield Finding(
            f"sender of {key}",
            fine,
            f"{domain} is a name of examples",
            where=where,
            why="no such domain exists, and receivers refuse what comes from none",
            remedy="write from an address of your own domain",
            doubtful=fine,
        )
    elif not is_private(public) and not _alike(domain, public):
        yield Finding(
            f"sender of {key}",
            True,
            f"mail comes from {domain}, its links lead to {public}",
            where=where,
            why="filters take mail whose links lead to another house for forged",
            remedy="let DIGEST_PUBLIC_URL and from_address be of one domain",
            doubtful=True,
        )


def _alike(one: str, other: str) -> bool:
    """Whether two names end in the same two labels; names under a suffix of two are taken for alike too."""
    return one.split(".")[-2:] == other.rstrip(".").lower().split(".")[-2:]


def _zone(setup: Setup, key: str) -> Iterator[Finding]:
    zone = setup.schedules[key].newsletter.timezone
    if zone.startswith(_FIXED):
        yield Finding(
            f"time zone of {key}",
            True,
            f"{zone} knows no summer time"
            + (", and its sign counts the wrong way round" if "/" in zone else ""),
            where=setup.line(key, "newsletter", "timezone"),
            why="for half of the year mail would leave an hour off",
            remedy="name the place: America/New_York, Europe/Berlin",
            doubtful=True,
        )


def _barred(setup: Setup, key: str) -> Iterator[Finding]:
    """Sources whose address shows that the guarded fetcher refuses them."""
    for number, source in enumerate(setup.schedules[key].sources):
        if source.url and (why := _refused(setup, source.url)):
            yield Finding(
                f"source {key}/{source.key}",
                False,
                why,
                where=setup.line(key, "sources", number, "url"),
                why="only public addresses are read, so that no feed leads into your network",
                remedy="where it is your own site, DIGEST_FETCH_ALLOW lets its network through, as 127.0.0.1/32",
            )


def _ping(setup: Setup) -> Iterator[Finding]:
    url = setup.settings.ping_url
    if url and (why := _refused(setup, url)):
        yield Finding(
            "ping",
            False,
            why,
            where=setup.at("ping_url"),
            why="the one who watches hears nothing, and raises the alarm",
            remedy="DIGEST_FETCH_ALLOW lets its network through",
        )


def _refused(setup: Setup, url: str) -> str:
    """Why the gate refuses an address that is written as a number, or is this machine's name."""
    parts = urlsplit(url)
    host = "127.0.0.1" if (parts.hostname or "").lower() == "localhost" else parts.hostname or ""
    found = address_in(host)
    if found is None:
        return ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    allowed = [one for one in setup.settings.fetch_allow.split(",") if one.strip()]
    try:
        gate.check([found], port, gate.networks(allowed))
    except gate.Barred as error:
        return str(error)
    return ""
