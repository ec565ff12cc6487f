"""`digest backup`, `restore`, `identity`: keep a house, have it back, say which of two is the real one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest import remedies
from digest.cli import start

if TYPE_CHECKING:
    from digest.backup import Kept
    from digest.delivery.restored import Held
    from digest.settings import Settings


def backup(
    folder: Annotated[
        Path, typer.Argument(help="Where backups lie; each is a folder of its own there.")
    ],
    keep: Annotated[
        int, typer.Option(min=0, help="So many of the newest stay there; 0: all of them.")
    ] = 0,
) -> None:
    """Back up database, keys, schedules and templates while everything goes on, also in the middle of a send."""
    from digest import backup as backups
    from digest.bootstrap import utc_now
    from digest.cli.screen import Stages

    _, house = _opened()
    with Stages() as progress:
        made = backups.make(house, folder, now=utc_now(), keep=keep, progress=progress)
    for told in made.without:
        typer.echo(f"left out: {told}", err=True)
    counts = ", ".join(_counted(what, count) for what, count in made.manifest.counts.items())
    typer.echo(f"{made.folder}: {made.manifest.size / 1e6:.1f} MB, {counts}")
    if made.dropped:
        typer.echo(
            f"removed {len(made.dropped)} older: {', '.join(one.name for one in made.dropped)}"
        )
    typer.echo(
        "it holds every reader's address and the secret key: keep it where only you can read it"
    )


def _counted(what: str, count: int) -> str:
    """`1 issue`, `2 deliveries`, `3 confirmed`."""
    if count != 1 or not what.endswith("s"):
        return f"{count} {what}"
    return (
        f"1 {what.removesuffix('ies')}y" if what.endswith("ies") else f"1 {what.removesuffix('s')}"
    )


def restore(
    folder: Annotated[Path, typer.Argument(help="A backup, or a folder of them: then the newest.")],
    take: Annotated[
        bool,
        typer.Option("--take", help="The old house is gone for good: this is the real one now."),
    ] = False,
    sent_nothing_since: Annotated[
        bool,
        typer.Option(
            "--sent-nothing-since",
            help="The old house stopped at the backup: who had no result by then had no mail.",
        ),
    ] = False,
) -> None:
    """Put a backup into an empty house. Nothing is sent from it before `digest identity --take`."""
    from digest import identity
    from digest import restore as restores
    from digest.bootstrap import utc_now
    from digest.cli.screen import Stages

    settings, house = _opened()
    given = settings.secret_key.get_secret_value().encode() or None
    with Stages() as progress:
        done = restores.restore(
            house,
            folder,
            key=given,
            now=utc_now(),
            last_word=sent_nothing_since,
            progress=progress,
        )
    made = done.manifest
    typer.echo(
        f"restored the backup of {made.made_at:%d %b %Y %H:%M:%S} UTC, checksums and integrity are right"
    )
    for held in done.settled.sends:
        typer.echo(_held(held))
    if done.settled.notices or done.settled.wishes:
        typer.echo(
            f"not sent, since they may have left already: {done.settled.notices} notices;"
            f" {done.settled.wishes} wishes to subscribe must be made anew"
        )
    for told in done.told:
        typer.echo(told, err=True)
    typer.echo(
        "not in it: who subscribed, left or was erased after that moment; see docs/operating.md"
    )
    if take:
        mine = identity.take(house.database, house.data, by="operator", now=utc_now())
        typer.echo(
            f"this is the real house now (generation {mine.generation}); the old one must stay off"
        )
    else:
        typer.echo(
            "nothing is sent from here before you say `digest identity --take`: look around first"
        )


def _held(held: Held) -> str:
    from digest.delivery.restored import REASON

    counts = ", ".join(f"{count} {state}" for state, count in held.counts.items() if count)
    waiting = f", {held.waiting} waiting" if held.waiting else ""
    return (
        f"held: the send of {held.send.newsletter}, {held.send.audience} readers: {counts or 'nobody yet'}{waiting};"
        f" {remedies.remedy(REASON)}"
    )


def identity(
    take: Annotated[
        bool,
        typer.Option("--take", help="This is the real house from now on; every other refuses."),
    ] = False,
    join: Annotated[
        bool, typer.Option("--join", help="This folder is one more worker of the same PostgreSQL.")
    ] = False,
    by: Annotated[str, typer.Option("--by", help="Who says so, for the log.")] = "operator",
) -> None:
    """Whether this house is the real one or a copy. Exit status 1 where nothing would be sent."""
    from digest import identity as identities
    from digest.bootstrap import utc_now
    from digest.errors import BadInput, Conflict

    _, house = _opened()
    if take and join:
        raise BadInput("--take --join", "say one of them")
    if identities.is_new(house.database, house.data):
        raise Conflict("there is no database yet: `digest migrate` makes it")
    if take or join:
        say = identities.take if take else identities.join
        mine = say(house.database, house.data, by=by, now=utc_now())
        typer.echo(f"house {mine.id}, generation {mine.generation}: it sends")
        return
    why = identities.doubt(house.database, house.data)
    folder = identities.read(house.data)
    typer.echo(f"house {folder.id}, generation {folder.generation}" if folder else "no house yet")
    if why:
        typer.echo(f"nothing is sent from here: {why}; {identities.REMEDY}", err=True)
        raise typer.Exit(1)


def _opened() -> tuple[Settings, Kept]:
    """Settings and what they keep, also where schedules have faults: a backup is made all the same."""
    from digest import logs, settings
    from digest.backup import Kept
    from digest.store.engine import Database

    found = settings.load()
    logs.set_up(found.log_level, found.log_format)
    database = Database(found.database)
    database.origin = start.asked_by()
    has_key = bool(found.secret_key.get_secret_value())
    return found, Kept(database, found.data, found.schedules, has_key=has_key)
