"""Commands for readers: in and out, and mailed again."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import noting, start
from digest.cli.naming import First, Variant, Without

if TYPE_CHECKING:
    from digest.bootstrap import House

subscribers = typer.Typer(help="Readers in and out.", no_args_is_help=True, rich_markup_mode=None)

Newsletter = Annotated[
    str | None, typer.Option(help="Which newsletter; needed where there are several.")
]


@subscribers.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="An export of another system: CSV, zip, or one address a line.")
    ],
    newsletter: Newsletter = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --dry-run: the rows as JSON.")
    ] = False,
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="You hold these readers' consent.")
    ] = False,
    columns: Annotated[
        str, typer.Option("--columns", help="Which is what: email=2,name=Full name,status=5.")
    ] = "",
) -> None:
    """Take readers over from another system. Nobody who left here is revived; it can be undone."""
    from digest.audience.imports import Plan
    from digest.cli.importing import WORDING, import_file

    _, house = start.opened()
    plan = Plan(one_newsletter(house, newsletter), file, columns, WORDING)
    ok = import_file(
        house,
        plan,
        dry_run=dry_run or as_json,
        as_json=as_json,
        confirmed=confirmed,
        sure=bool(columns),
    )
    if not ok:
        raise typer.Exit(1)


@subscribers.command("imports")
def imports_() -> None:
    """The imports there were, with the numbers by which they can be undone."""
    from digest.cli.importing import list_imports

    _, house = start.opened()
    list_imports(house)


@subscribers.command("undo-import")
def undo_import(
    number: Annotated[int, typer.Argument(help="See digest subscribers imports.")],
) -> None:
    """Remove what an import added, unless the reader has done something since."""
    from digest.cli import importing

    _, house = start.opened()
    importing.undo_import(house, number)


@subscribers.command("export")
def export(
    address: Annotated[
        str | None, typer.Argument(help="One reader: everything about them, as JSON.")
    ] = None,
    newsletter: Newsletter = None,
    form: Annotated[
        str, typer.Option("--format", help="csv, safe to open in a spreadsheet, or jsonl.")
    ] = "csv",
    status: Annotated[
        list[str] | None,
        typer.Option(help="Only these: pending, confirmed, unsubscribed. May be said again."),
    ] = None,
    segment: Annotated[str | None, typer.Option(help="Only those of this segment.")] = None,
) -> None:
    """Every reader on standard output, as CSV or as JSON lines; or all about one, as JSON."""
    from digest.audience import exports
    from digest.model import SubscriptionStatus
    from digest.store import exporting

    known = [one.value for one in SubscriptionStatus]
    if form not in ("csv", "jsonl") or any(one not in known for one in status or ()):
        raise typer.BadParameter(f"--format csv or jsonl, --status {' or '.join(known)}")
    wanted = [SubscriptionStatus(one) for one in status or ()]
    _, house = start.opened()
    if address is not None:
        from digest.cli import privacy

        privacy.tell(house, address)
        return
    key = one_newsletter(house, newsletter)
    slices = house.schedule(key).slices
    if segment is not None and segment not in slices:
        raise typer.BadParameter(f"--segment: there are {', '.join(slices) or 'none'}")
    only = slices[segment] if segment else None
    noting.note(
        house,
        "exported readers",
        subject=key,
        form=form,
        status=status or [],
        segment=segment or "",
    )
    with house.database.read() as session:
        found = exporting.lines(session, key, at=house.clock(), statuses=wanted, only=only)
        write = exports.csv_lines if form == "csv" else exports.json_lines
        for line in write(found):
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
    noting.note(house, "noted a reader's choice", subject=f"subscriber:{known.id}", newsletter=key)
    typer.echo(f"{address}: noted, for the next issue")


def one_newsletter(house: House, named: str | None, *, says: str = "--newsletter ") -> str:
    """The newsletter that was named, or the only one. Raises NotFound where that is not clear.

    says: how this command is told, before the name.
    """
    from digest.errors import NotFound

    if named:
        return house.schedule(named).key
    if len(house.schedules) != 1:
        raise NotFound(f"which newsletter? {says}{' or '.join(house.schedules)}")
    return next(iter(house.schedules))
