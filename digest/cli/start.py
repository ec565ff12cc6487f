"""How a command gets its house: settings, schedules, logs, and a database that is up to date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.bootstrap import House
    from digest.schedules import Schedule
    from digest.settings import Settings


def opened(
    changes: Mapping[str, object] | None = None,
    *,
    migrated: bool = True,
    old_too: bool = False,
    any_key: bool = False,
    sends: bool = False,
) -> tuple[Settings, House]:
    """Settings (with `changes` over them) and the house they make. Raises ConfigError with every fault.

    migrated: bring an empty database up, unless a house has worked in the data folder, and refuse one of another
    version, or of another secret key.
    old_too: bring an older one up as well.
    any_key: but take it with whatever key.
    sends: the command sends mail, so it must be the real house and no copy of it.
    """
    from digest import bootstrap, logs, settings

    found = settings.load(changes=changes)
    logs.set_up(found.log_level, found.log_format)
    house = bootstrap.open_house(found)
    house.database.origin = asked_by()
    if migrated:
        from digest import identity, secret_key
        from digest.store import migrate

        is_new = identity.is_new(house.database, house.data)
        migrate.ensure(house.database, old_too=old_too, now=house.clock())
        if not any_key:
            secret_key.ensure(house.database, house.key, now=house.clock())
        sends = sends or is_new  # from its first table on the folder says whose it is
    if sends:
        from digest import identity

        identity.ensure(house.database, house.data, now=house.clock())
    return found, house


def asked_by() -> str:
    """Who typed the command, as the system knows them, for the audit log."""
    import getpass
    import os

    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # a user without a name, as in a container
        return f"cli:{os.getuid()}"


def templates_tried(schedules: Iterable[Schedule], public_url: str) -> None:
    """Raises ConfigError with what is wrong with the newsletters' own templates, if they have any."""
    owners = [one for one in schedules if one.render.templates]
    if not owners:
        return
    from digest import trying
    from digest.errors import ConfigError

    faults = [fault for one in owners for fault in trying.faults(one, public_url)]
    if faults:
        raise ConfigError(faults)


def tell_what_is_wrong(settings: Settings, house: House) -> None:
    """What would spoil a Sunday though the program starts, on the screen and in a service's log. Asks nobody."""
    import itertools

    import typer

    from digest.checkup import files, written
    from digest.checkup.setup import Setup

    setup = Setup.of(settings, house.schedules)
    for one in itertools.chain(written.examine(setup), files.examine(house.data)):
        if not one.fine:
            typer.echo(f"to mend: {one.where}: {one.text}: {one.remedy}", err=True)


def tell_where_others_lead(given: Settings) -> None:
    """A port that was only said to `up` is unknown to `editor link` and the mails that other processes write."""
    import typer

    from digest import settings

    elsewhere = settings.load().public_url
    if elsewhere != given.public_url:
        told = (
            f"other commands print links to {elsewhere}: write DIGEST_PORT={given.port} into .env"
        )
        typer.echo(told, err=True)


def traced(settings: Settings) -> None:
    """What happens from now on is told to a collector, where the settings name one. Raises ConfigError without the extra."""
    from digest import __version__, bootstrap, spans

    if url := bootstrap.traces_of(settings):
        spans.set_up(url, version=__version__)


def watchful(settings: Settings, house: House) -> House:
    """The same house, which asks DNS about its domains once a day; not where mail only goes to files."""
    if settings.providers == ("outbox",):
        return house
    import dataclasses
    from functools import partial

    from digest.cli import doctor_dns
    from digest.providers.dns_lookup import DnsLookup

    ask = partial(doctor_dns.examine, settings, house, DnsLookup())
    vigilance = dataclasses.replace(house.vigilance, ask_dns=ask)
    return dataclasses.replace(house, vigilance=vigilance)
