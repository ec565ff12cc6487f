"""`digest audit`: who did what, and whether the log is as it was written."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import start

if TYPE_CHECKING:
    from digest.store.chain import Anchor
    from digest.store.events import Event

audit = typer.Typer(
    help="Who did what, and whether the log is as it was written.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@audit.callback()
def show(
    context: typer.Context,
    who: Annotated[str, typer.Option(help="Only what this one did: editor:7, operator, api.")] = "",
    what: Annotated[str, typer.Option(help='Only this act: "approved".')] = "",
    on: Annotated[
        str, typer.Option(help="Only on this thing: sunday, sunday/2026-11-29, subscriber:12.")
    ] = "",
    since: Annotated[str, typer.Option(help="From this day on (UTC): 2026-11-01.")] = "",
    until: Annotated[str, typer.Option(help="Before this day (UTC).")] = "",
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="All of them, oldest first, one JSON object a line.")
    ] = False,
) -> None:
    """The log, the newest line first: number, moment (UTC), who, from where, what, on which thing."""
    if context.invoked_subcommand is not None:
        return
    from digest.store import events

    wanted = events.Wanted(
        actor=who,
        action=what,
        subject=on,
        since=_day(since, "--since"),
        until=_day(until, "--until"),
    )
    _, house = start.opened()
    with house.database.read() as session:
        if jsonl:
            for one in events.each(session, wanted):
                typer.echo(_as_json(one))
            return
        for one in events.find(session, wanted, limit=limit):
            typer.echo(_line(one))


@audit.command("verify")
def verify(
    anchor: Annotated[
        list[str] | None,
        typer.Option(
            help="A row that was noted earlier, as this command prints it. May be said again."
        ),
    ] = None,
) -> None:
    """Look at every row; names the first that is not as it was written. Exit status 1 where one is.

    The anchor that it prints belongs where nobody can write who can write the database: with it a later
    run also sees rows that were taken off the end, and a log that was written anew as a whole.
    """
    from digest.store import chain

    anchors = tuple(map(_anchor, anchor or ()))
    _, house = start.opened()
    with house.database.read() as session:
        found = chain.verify(session, anchors=anchors)
    if found.broken is not None:
        typer.echo(f"broken at row {found.broken.number}: {found.broken.why}", err=True)
        typer.echo(f"{found.rows} rows before it are whole", err=True)
        raise typer.Exit(1)
    held = f", {len(anchors)} anchor(s) hold" if anchors else ""
    typer.echo(f"whole: {found.rows} rows{held}")
    if found.last is not None:
        typer.echo(f"anchor {found.last}")


def _anchor(given: str) -> Anchor:
    from digest.errors import BadInput
    from digest.store.chain import Anchor

    number, _, hashed = given.strip().removeprefix("anchor ").partition(":")
    if not (number.isascii() and number.isdecimal()) or len(hashed) != 64:
        raise BadInput(
            "--anchor", "expected number:hash, as an earlier `digest audit verify` said it"
        )
    return Anchor(int(number), hashed.lower())


def _day(given: str, option: str) -> dt.datetime | None:
    from digest.errors import BadInput

    if not given:
        return None
    try:
        return dt.datetime.combine(dt.date.fromisoformat(given), dt.time(), dt.UTC)
    except ValueError:
        raise BadInput(option, f"expected a day, as 2026-11-01, not {given!r}") from None


def _line(one: Event) -> str:
    data = json.dumps(dict(one.data), ensure_ascii=False) if one.data else ""
    moment = f"{one.at:%Y-%m-%d %H:%M:%S}"
    return "\t".join(
        (str(one.number), moment, one.actor, one.origin or "-", one.action, one.subject, data)
    ).rstrip()


def _as_json(one: Event) -> str:
    told = {"number": one.number, "at": f"{one.at:%Y-%m-%dT%H:%M:%S.%fZ}", "actor": one.actor}
    told |= {"origin": one.origin, "action": one.action, "subject": one.subject}
    return json.dumps(told | {"data": dict(one.data), "hash": one.hash}, ensure_ascii=False)
