"""Commands for readers: in and out, and mailed again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import start
from digest.cli.naming import First, Variant, Without

if TYPE_CHECKING:
    from digest.bootstrap import House

subscribers = typer.Typer(help="Readers in and out.", no_args_is_help=True, rich_markup_mode=None)

Newsletter = Annotated[
    str | None, typer.Option(help="Which newsletter; needed where there are several.")
]


@subscribers.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file, or one address a line.")],
    newsletter: Newsletter = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --dry-run: the rows as JSON.")
    ] = False,
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="You hold these readers' consent.")
    ] = False,
) -> None:
    """Take readers over from another system. Nobody who left here is revived."""
    from digest.cli.importing import import_file

    _, house = start.opened()
    ok = import_file(
        house,
        file,
        newsletter=one_newsletter(house, newsletter),
        dry_run=dry_run or as_json,
        as_json=as_json,
        confirmed=confirmed,
    )
    if not ok:
        raise typer.Exit(1)


@subscribers.command("export")
def export(
    address: Annotated[
        str | None, typer.Argument(help="One reader: everything about them, as JSON.")
    ] = None,
    newsletter: Newsletter = None,
) -> None:
    """Every reader as CSV on standard output, safe to open in a spreadsheet; or all about one, as JSON."""
    from digest.audience import exports

    _, house = start.opened()
    if address is not None:
        from digest.cli import privacy

        privacy.tell(house, address)
        return
    key = one_newsletter(house, newsletter)
    with house.database.read() as session:
        for line in exports.csv_lines(session, key):
            sys.stdout.write(line)


@subscribers.command("erase")
def erase(
    address: Annotated[str, typer.Argument(help="Whom to forget.")],
    yes: Annotated[bool, typer.Option("--yes", help="It cannot be undone.")] = False,
) -> None:
    """Forget a reader: rows, words, mails in the outbox. Only a keyed hash of the address stays."""
    from digest.cli import privacy

    _, house = start.opened()
    if not privacy.erase(house, address, sure=yes):
        raise typer.Exit(1)


@subscribers.command("unsuppress")
def unsuppress(
    address: Annotated[str | None, typer.Argument(help="One reader's address.")] = None,
    send: Annotated[
        str | None,
        typer.Option("--send", help="All whom an issue's bounces suppressed: 2026-11-29."),
    ] = None,
    wholly: Annotated[
        bool, typer.Option("--wholly", help="With an address: complaints too. Be sure of it.")
    ] = False,
    by: Annotated[str, typer.Option("--by", help="Who says so, for the log.")] = "operator",
) -> None:
    """Mail readers again who were suppressed for bounces. Nobody who has left comes back by it."""
    from digest.delivery import lifting

    if (address is None) == (send is None):
        raise typer.BadParameter("one of: an address, --send")
    _, house = start.opened()
    now = house.clock()
    if address is not None:
        found = lifting.of_address(
            house.database, address, key=house.key, by=by, wholly=wholly, now=now
        )
        then = f"is mailed again: {', '.join(found)}" if found else "has no newsletter now"
        typer.echo(f"no longer suppressed; {address} {then}")
        return
    from digest.cli.naming import issue_of

    lifted, kept = lifting.of_send(house.database, issue_of(house, send), by=by, now=now)
    more = f"; {kept} stay suppressed for more than that" if kept else ""
    typer.echo(f"{lifted} readers may be mailed again{more}")


@subscribers.command("prefer")
def prefer(
    address: Annotated[str, typer.Argument(help="The reader's address.")],
    newsletter: Newsletter = None,
    variant: Variant = "",
    without: Without = None,
    first: First = None,
) -> None:
    """Note in what form a reader wants the mail, in place of what was noted; alone: as it comes."""
    from digest import variants
    from digest.audience import addresses
    from digest.errors import NotFound
    from digest.store import choices
    from digest.store import subscribers as readers

    _, house = start.opened()
    key = one_newsletter(house, newsletter)
    choice = variants.choice_of(house.schedule(key), variant, without or (), first or ())
    with house.database.write() as session:
        known = readers.by_address(session, addresses.parse(address).key)
        if known is None or not choices.keep(session, known.id, key, choice):
            raise NotFound(f"{address} is no reader of {key}")
    typer.echo(f"{address}: noted, for the next issue")


def one_newsletter(house: House, named: str | None) -> str:
    """The newsletter that was named, or the only one. Raises NotFound where that is not clear."""
    from digest.errors import NotFound

    if named:
        return house.schedule(named).key
    if len(house.schedules) != 1:
        raise NotFound(f"which newsletter? --newsletter {' or '.join(house.schedules)}")
    return next(iter(house.schedules))
