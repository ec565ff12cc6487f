"""`digest init`: six questions, then a house with a preview of the real site."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import typer

from digest import (
    bootstrap,
    founding,
    identity,
    intake,
    logs,
    places,
    schedule_files,
    secret_key,
    settings,
)
from digest.audience import addresses
from digest.bootstrap import House
from digest.cli import offering
from digest.cli.screen import Stages
from digest.errors import BadInput, ConfigError, Conflict, DigestError, FetchError, NotFound
from digest.expected import meant
from digest.founding import Answers
from digest.mail import wording
from digest.setting_files import PREFIX
from digest.settings import NEEDED, PROVIDER_NAMES, SECRETS
from digest.sources import discovery, fetch, gate
from digest.sources.discovery import Offer
from digest.store import editors, events, migrate


@dataclass(slots=True, kw_only=True)
class Given:
    """What was said on the command line; what was not is asked, or fails where nobody can be asked."""

    site: str | None
    name: str | None
    sender: str | None
    timezone: str | None
    provider: str | None
    editor: str | None


def found(folder: Path, given: Given) -> None:
    """Ask, write the files, read the site, show its week. Raises BadInput, Conflict, FetchError."""
    _refuse_to_overwrite(folder)
    logs.set_up("WARNING")
    url, allowed, offers = _looked_at(given.site)
    host = (urlsplit(offers[0].url).hostname or "").removeprefix("www.")
    names = (one.title for one in offers if one.kind in ("wordpress", "feed"))
    site_name = next((name for name in names if name not in ("", "WordPress")), host)
    name = _said(given.name, "--name", "The newsletter's name", f"{site_name} on Sunday")
    sender = _said(given.sender, "--sender", "The sender's address", f"sunday@{host}", _mailbox)
    offered = _offered_zone(offers) if given.timezone is None else None
    zone = _said(given.timezone, "--timezone", "Your time zone", offered, _zone)
    provider = _said(given.provider, "--provider", _WAYS, "outbox", _provider)
    values = {"provider": provider, **_needs(provider)}
    editor = _said(given.editor, "--editor", "The first editor's address", None, _mailbox)
    if not os.environ.get(f"{PREFIX}OPERATOR"):
        values["operator"] = editor  # whoever founds it hears of what threatens a Sunday
    if allowed:
        values["fetch_allow"] = ", ".join(allowed)
    answers = Answers(
        name=name,
        site_name=site_name,
        site_url=url,
        sender=sender,
        timezone=zone,
        sources=tuple(_tables(offers)),
    )
    there = (folder / "data").exists()
    written = _write(folder, answers, values)
    os.chdir(folder)
    try:
        house = _seated(editor)
    except (DigestError, KeyboardInterrupt):
        _take_back(written)  # so that the answers can be given again
        if not there:
            shutil.rmtree("data", ignore_errors=True)
        raise
    try:
        _show(house)
    except KeyboardInterrupt:
        typer.echo("\nstopped; the house stands, and `digest collect` reads on where it was")
    typer.echo(_NEXT.format(editor=editor))


_WAYS = "How mail leaves (outbox: into a folder, to begin with)"


def _refuse_to_overwrite(folder: Path) -> None:
    known = (".env", "schedules", "data/digest.db", "data/house.json")
    there = [folder / name for name in known if (folder / name).exists()]
    if there:
        names = " and ".join(str(path) for path in there)
        told = "`digest up` starts it; for another one take another folder (--folder)"
        raise Conflict(f"{names}: here is a house already: {told}")


# ---------------------------------------------------------------- questions


def _said(
    given: str | None,
    option: str,
    question: str,
    default: str | None = None,
    read: Callable[[str], str] = str.strip,
) -> str:
    """The answer from the command line, else from the person, who is asked until it can be used."""
    asked = given is None
    if asked and not sys.stdin.isatty():
        if default is None:
            raise BadInput(option, f"is needed where nobody can be asked: {question.lower()}")
        given, asked = default, False
    while True:
        answer = typer.prompt(question, default=default) if asked else str(given)
        try:
            if not answer.strip():
                raise ValueError("is empty")
            return read(answer)
        except (ValueError, BadInput) as error:
            reason = error.reason if isinstance(error, BadInput) else str(error)
            if not asked:
                raise BadInput(option, f"{answer!r}: {reason}") from None
            typer.echo(f"  {reason}", err=True)


def _mailbox(answer: str) -> str:
    return addresses.parse(answer).address


def _zone(answer: str) -> str:
    if answer.strip() not in available_timezones():
        near = meant(answer.strip(), available_timezones())
        raise ValueError(f"no time zone is called so; it is a name like Europe/Berlin{near}")
    return answer.strip()


def _provider(answer: str) -> str:
    if answer.strip() not in PROVIDER_NAMES:
        near = meant(answer.strip(), PROVIDER_NAMES)
        raise ValueError(f"one of {', '.join(PROVIDER_NAMES)}{near}")
    return answer.strip()


def _offered_zone(offers: list[Offer]) -> str:
    """The site's own, else this machine's; many servers count in UTC, where hardly anybody reads."""
    zone = next((one.zone for one in offers if one.zone), "") or _local_zone()
    if zone in ("UTC", "Etc/UTC"):
        told = "this machine counts in UTC: name the place of your readers, or Sunday's hours are UTC's"
        typer.echo(told, err=True)
    return zone


def _local_zone() -> str:
    """The machine's time zone, where it says so by name."""
    told = os.environ.get("TZ", "").lstrip(":")
    link = str(Path("/etc/localtime").resolve()).partition("/zoneinfo/")[2]
    return next((name for name in (told, link) if name in available_timezones()), "UTC")


def _needs(provider: str) -> dict[str, str]:
    """What the way out cannot do without: from the environment, or asked; a secret is not shown."""
    values: dict[str, str] = {}
    for key in (*NEEDED.get(provider, ()), *_LOGIN.get(provider, ())):
        name = PREFIX + key.upper()
        if os.environ.get(name) or not sys.stdin.isatty():
            continue
        hidden = key in SECRETS
        default = None if key in NEEDED[provider] else ""
        values[key] = typer.prompt(name, default=default, hide_input=hidden, show_default=False)
    return values


#: What most relays ask for, though not all.
_LOGIN = {"smtp": ("smtp_username", "smtp_password")}


# ---------------------------------------------------------------- the site


def _looked_at(given: str | None) -> tuple[str, tuple[str, ...], list[Offer]]:
    """The site, the networks that it needs, what it offers; a person is asked until there is something to read."""
    while True:
        url = _said(given, "--site", "Your site's address", read=_site)
        try:
            allowed = _private(url)
            return url, allowed, _read(url, allowed)
        except BadInput as error:
            if given is not None:
                raise
            typer.echo(f"  {error.reason}", err=True)


def _site(answer: str) -> str:
    """The address with its scheme. Raises ValueError for what no site has."""
    url = answer.strip() if "://" in answer else f"https://{answer.strip()}"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        raise ValueError("is no web address; it looks like https://www.example.org")
    return url


def _private(url: str) -> tuple[str, ...]:
    """The site's own addresses, where it stands in a private network and its owner named it."""
    host = urlsplit(url).hostname or ""
    each = sorted(set(fetch.addresses_of(host)), key=str)
    if not each or any(gate.is_public(one) for one in each):
        return ()
    networks = tuple(f"{one}/{one.max_prefixlen}" for one in each)
    typer.echo(f"{host} is in a private network: DIGEST_FETCH_ALLOW lets it through", err=True)
    return networks


def _read(url: str, allowed: tuple[str, ...]) -> list[Offer]:
    """What the site can be read by: its best way, and feeds beside it only where it has no API."""
    typer.echo(f"looking at {url} …", err=True)
    try:
        offers = discovery.offers(url, allowed=allowed)
    except FetchError as error:
        raise BadInput("--site", f"{error}; is the address right?") from error
    if not offers:
        told = "offers neither feed, API nor sitemap; see docs/sites.md for other ways"
        raise BadInput("--site", f"{url} {told}")
    for offer in offers:
        typer.echo(f"  {offering.spoken(offer)}", err=True)
    return list(offers)


def _tables(offers: list[Offer]) -> list[str]:
    """The best way to read the site as a table; the others stand beside it as comments."""
    best, *others = offers
    lines = [offering.table("site", best.kind, best.url, best.api_key)]
    for number, one in enumerate(others, 2):
        table = offering.table(f"site-{number}", one.kind, one.url, one.api_key)
        lines.append("".join(f"# {line}\n" for line in table.splitlines()))
    return lines


# ---------------------------------------------------------------- the house


def _write(folder: Path, answers: Answers, values: dict[str, str]) -> tuple[Path, ...]:
    """The schedule and the settings; what they say is read back before anything is built on it. Says what to take back."""
    shipped = places.folder("schedules")
    sample = (shipped / "sunday.toml").read_text(encoding="utf-8")
    place = folder / "schedules"
    place.mkdir(parents=True)
    path = place / "sunday.toml"
    path.write_text(founding.schedule_text(sample, answers), encoding="utf-8")
    env = folder / ".env"
    env.touch(mode=0o600)
    env.write_text(
        founding.settings_text(places.settings_example().read_text(encoding="utf-8"), values),
        encoding="utf-8",
    )
    written = (path.resolve(), env.resolve(), place.resolve())
    try:
        schedule_files.read(path)
    except ConfigError:
        _take_back(written)
        raise
    return written


def _take_back(written: tuple[Path, ...]) -> None:
    *files, place = written
    for path in files:
        path.unlink(missing_ok=True)
    place.rmdir()


def _seated(editor: str) -> House:
    """The house, with its tables and its first editor."""
    house = bootstrap.open_house(settings.load())
    identity.is_new(
        house.database, house.data
    )  # DIGEST_DATA may be a house's that has lost its own
    migrate.ensure(house.database)
    secret_key.ensure(house.database, house.key, now=house.clock())
    identity.ensure(house.database, house.data, now=house.clock())
    with house.database.write() as session:
        editors.add(session, editor, name="", role="admin", now=house.clock())
        action = "founded the house"
        events.record(session, at=house.clock(), actor="operator", action=action, subject=editor)
    return house


def _show(house: House) -> None:
    """Read the site and show its last seven days."""
    (newsletter,) = house.schedules
    with Stages() as progress:
        polled = intake.poll(
            house.database,
            house.sources(newsletter),
            {one.key: one.every for one in house.schedule(newsletter).sources},
            now=house.clock(),
            force=True,
            progress=progress,
        )
    for one in polled:
        typer.echo(f"{one.source}: {one.error or one.summary}")
    house = _in_its_language(house, newsletter)
    _look(house, newsletter)


def _in_its_language(house: House, newsletter: str) -> House:
    """The mail speaks the stories' language, where it can."""
    now = house.clock()
    tags = founding.tags(house, newsletter, now=now)
    language = founding.language_of(tags, wording.spoken())
    path = Path("schedules") / f"{newsletter}.toml"
    text = founding.with_values(path.read_text(encoding="utf-8"), {"language": language})
    path.write_text(text, encoding="utf-8")
    return bootstrap.open_house(settings.load())


def _look(house: House, newsletter: str) -> None:
    folder = Path("preview")
    try:
        with Stages() as progress:
            now = house.clock()
            mail = founding.first_look(house, newsletter, now=now, progress=progress)
    except NotFound as error:
        typer.echo(f"no preview yet: {error}")
        return
    folder.mkdir(exist_ok=True)
    for ending, text in (("html", mail.html), ("txt", mail.text)):
        (folder / f"first-look.{ending}").write_text(text, encoding="utf-8")
    typer.echo(f"the last seven days as a mail: {(folder / 'first-look.html').resolve()}")


_NEXT = """
Next:
  digest up                 serves readers and editors, and sends on Sunday
  digest editor link {editor}
                            prints a way into the desk while mail does not arrive yet
  digest doctor --dns       says what your domain lacks
  schedules/sunday.toml     every key is explained there; your street address is still missing (postal_address)
  .env                      the ways out, and where readers reach this server (DIGEST_PUBLIC_URL); who
                            hears of what threatens a Sunday (DIGEST_OPERATOR, for now the first editor)"""
