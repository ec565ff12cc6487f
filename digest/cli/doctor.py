"""`digest doctor`: what is wrong with an installation, the gravest first, each with its reason and its remedy."""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import typer

from digest import bootstrap, logs
from digest.bootstrap import House
from digest.checkup import (
    database,
    faults,
    files,
    plugging,
    reached,
    standing,
    wanting,
    written,
)
from digest.checkup.reached import Question
from digest.checkup.setup import Setup, is_private
from digest.domains.records import Finding
from digest.errors import ConfigError
from digest.protocols import NameServer
from digest.settings import Settings

__all__ = ["Asked", "examine", "idle_limits", "look"]

idle_limits = wanting.idle_limits


class Asked(NamedTuple):
    """names: whom DNS records are asked of; None: they are not. thorough: the whole database is read. heard: progress."""

    names: NameServer | None = None
    thorough: bool = False
    heard: Callable[[int, int], None] = lambda done, total: None


class Placed(NamedTuple):
    """A finding and the part of the house that it is about."""

    part: str
    finding: Finding


def look(asked: Asked) -> list[Placed]:
    """Everything, also where settings or schedules cannot be used: then what is left of it."""
    read = faults.read()
    found = [Placed("what you wrote", written.fault(one)) for one in read.faults]
    house, refused = None, None
    if read.settings:
        logs.set_up(read.settings.log_level, read.settings.log_format)
        try:
            house = bootstrap.open_house(read.settings, looks=True)
        except OSError as error:
            place = Path(error.filename or read.settings.data)
            refused = files.unwritable(place, error)
        except ConfigError as error:
            known = {(one.line, one.message) for one in read.faults}
            more = [one for one in error.faults if (one.line, one.message) not in known]
            found += [Placed("what you wrote", written.fault(one)) for one in more]
    if read.settings and house:
        found += _parts(read.settings, house, asked)
    elif read.settings:
        disk = list(files.examine(read.settings.data))
        told = [refused] if refused and all(one.fine for one in disk) else []
        found += [Placed("disk", one) for one in (*told, *disk)]
    if house is None:
        text = "database, ways out and the work are looked at when these are mended"
        found.append(Placed("rest", Finding("rest", True, text)))
    return found


def examine(settings: Settings, house: House) -> Iterator[Finding]:
    """Look at the disk, the providers, the database, the desk, the sends, the sources. Sends and changes nothing."""
    yield from (one.finding for one in _parts(settings, house, Asked()))


def _parts(settings: Settings, house: House, asked: Asked) -> Iterator[Placed]:
    setup = Setup.of(settings, house.schedules)
    for part, findings in _sections(setup, house, asked):
        yield from (Placed(part, one) for one in findings)


def _sections(setup: Setup, house: House, asked: Asked) -> Iterator[tuple[str, Iterable[Finding]]]:
    """The parts of the house in the order in which they build on each other."""
    settings = setup.settings
    yield "what you wrote", written.examine(setup)
    yield "what you wrote", (written.slip(setup, key, told) for key, told in written.slips(setup))
    yield "what you wrote", _idle(settings)
    yield "plug-ins", plugging.examine(settings, setup.schedules.values())
    yield "disk", files.examine(house.data)
    yield "ways out", _ways(settings)
    yield "readers", [_public_url(house)]
    yield "ways out", _signatures(setup, house)
    yield "network", reached.answers(_questions(setup, house, asked), asked.heard)
    there = database.reached(house)
    yield "database", [there]
    if there.fine:
        yield "database", database.examine(house, thorough=asked.thorough)
        yield "work", standing.examine(house)


def _questions(setup: Setup, house: House, asked: Asked) -> list[Question]:
    found = reached.questions(setup, house)
    names = asked.names
    if names is not None:
        from digest.cli import doctor_dns

        found.append(
            Question("dns", lambda: list(doctor_dns.examine(setup.settings, house, names)))
        )
    return found


# ---------------------------------------------------------------- settings as they are


def _idle(settings: Settings) -> Iterator[Finding]:
    for told in wanting.idle_limits(settings):
        yield Finding(
            "pace",
            False,
            told,
            where=told.split()[0],
            why="a limit that was meant for somebody holds for nobody",
            remedy="name a provider of DIGEST_PROVIDER, or take the part away",
        )


def _public_url(house: House) -> Finding:
    parts = urlsplit(house.public_url)
    if parts.scheme == "https" or is_private(parts.hostname or ""):
        return Finding("public url", True, house.public_url)
    return Finding(
        "public url",
        False,
        f"{house.public_url} is not encrypted",
        where="DIGEST_PUBLIC_URL",
        why="readers elsewhere cannot leave with one click (RFC 8058), and logins can be read on the way",
        remedy="a proxy with a certificate before the program (docs/install.md), and an https address here",
    )


def _ways(settings: Settings) -> Iterator[Finding]:
    if settings.providers == ("outbox",):
        text = "mail goes to files in the outbox: set DIGEST_PROVIDER=smtp to reach people"
        yield Finding("provider", True, text)
        return
    relay = f"smtp by {settings.smtp_host}:{settings.smtp_port}"
    told = [relay if name == "smtp" else name for name in settings.providers]
    yield Finding("provider", True, ", then ".join(told))


def _signatures(setup: Setup, house: House) -> Iterator[Finding]:
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
            yield Finding(
                subject,
                False,
                f"DIGEST_DKIM_DOMAIN is {signer.domain}, but {key} is from {author}",
                where=setup.at("dkim_domain"),
                why="its signature will not count for DMARC",
                remedy=f"DIGEST_DKIM_DOMAIN={author}, or empty: then each From address's own domain signs",
            )
            return
    yield Finding(subject, True, f"by {signer.domain}")


# ---------------------------------------------------------------- on the screen


_ORDER = ("BAD", "warn", "ok")
_COLOURS = {"BAD": "red", "warn": "yellow", "ok": "green"}


def show(found: list[Placed]) -> None:
    """The gravest first; those of one weight in the order of the house's parts."""
    for one in sorted(found, key=lambda one: _ORDER.index(one.finding.weight)):
        _show(one.finding)
    counts = [sum(one.finding.weight == weight for one in found) for weight in _ORDER]
    typer.echo(f"{counts[0]} to mend, {counts[1]} to look at, {counts[2]} as it should be")
    remedies = " ".join(one.finding.remedy for one in found if one.finding.weight != "ok")
    if page := re.search(r"docs/([a-z]+)\.md", remedies):
        typer.echo(f"`digest docs {page[1]}` prints {page[0]}, and so on")


def _show(one: Finding) -> None:
    mark = typer.style(f"{one.weight:<4}", fg=_COLOURS[one.weight], bold=one.weight == "BAD")
    typer.echo(f"{mark} {_wrapped(f'{one.subject}: {one.text}', 5)}")
    if one.weight != "ok":
        for name, text in (("at", one.where), ("why", one.why), ("do", one.remedy)):
            if text:
                typer.echo(f"     {name:<4} {_wrapped(text, 10)}")
    for line in one.publish:
        typer.echo(f"         {line}")


def _wrapped(text: str, indent: int) -> str:
    """As wide as the terminal; one line where nobody looks at it."""
    text = " ".join(text.split())
    if not sys.stdout.isatty():
        return text
    wide = max(60, shutil.get_terminal_size().columns) - indent
    lines = textwrap.wrap(text, wide, break_long_words=False, break_on_hyphens=False)
    return f"\n{' ' * indent}".join(lines)


def as_json(found: list[Placed]) -> str:
    """A list of objects, in the order of the house's parts."""
    told = [
        {"part": one.part, "weight": one.finding.weight.lower(), **_fields(one.finding)}
        for one in found
    ]
    return json.dumps(told, ensure_ascii=False, indent=2)


def _fields(one: Finding) -> dict[str, object]:
    return {key: value for key, value in asdict(one).items() if key not in ("fine", "doubtful")}
