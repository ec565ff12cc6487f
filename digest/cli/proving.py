"""`digest proof`: an issue's mail to an editor, exactly as a reader gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli import start
from digest.cli.naming import First, Variant, Without, issue_of

if TYPE_CHECKING:
    from digest.bootstrap import House


def proof(
    newsletter: Annotated[
        str | None, typer.Argument(help="sunday, or sunday/2026-11-29 as elsewhere.")
    ] = None,
    issue: Annotated[str | None, typer.Argument(help="2026-11-29; default: the newest.")] = None,
    to: Annotated[str, typer.Option("--to", help="Whose: the address of an editor.")] = "",
    variant: Variant = "",
    without: Without = None,
    first: First = None,
) -> None:
    """Send one editor the mail as a reader gets it, before anything else goes out. Nothing is counted.

    Exit status 0: it is accepted. 1: it waits, or was refused.
    """
    from digest import variants
    from digest.delivery import proofs
    from digest.errors import BadInput
    from digest.samples import is_stale
    from digest.store import editors, events

    _, house = start.opened()
    found = issue_of(house, "/".join(filter(None, (newsletter, issue))) or None)
    schedule = house.schedule(found.newsletter)
    choice = variants.choice_of(schedule, variant, without or (), first or ())
    with house.database.read() as session:
        editor = editors.by_email(session, to) if to else None
    if editor is None:
        raise BadInput(
            "--to",
            "an editor's address: `digest editor list` shows who has a seat, `digest editor add` gives one",
        )
    name, now = f"{found.newsletter}/{found.period}", house.clock()
    if found.edition is not None and is_stale(house, found):
        typer.echo(f"the stored draft goes, as by an approval: `digest build {name}`", err=True)
    with house.database.write() as session:
        known_by = proofs.queue(session, found, editor, choice=choice, now=now)
        data = {"checksum": found.edition.checksum if found.edition else "", "to": editor.id}
        events.record(
            session, at=now, actor="operator", action="sent a proof", subject=name, data=data
        )
    raise typer.Exit(_sent(house, known_by, f"{name} to {editor.email}"))


def _sent(house: House, known_by: str, what: str) -> int:
    """Send the notices that are due, this one among them, and tell its fate."""
    import asyncio

    from digest.cli.stopping import asked_to_stop
    from digest.delivery import beside
    from digest.model import DeliveryState
    from digest.store import notices

    with asked_to_stop() as stop:
        asyncio.run(beside.send_now(house, stop=stop.is_set))
    with house.database.read() as session:
        state, reply = notices.standing(session, known_by)
    if state == DeliveryState.ACCEPTED:
        typer.echo(f"a proof of {what}: accepted")
        return 0
    told = "it waits, and is tried again by `digest up` or the next command that sends"
    typer.echo(f"a proof of {what}: {told if state in notices.WAITING else state}", err=True)
    if reply:
        typer.echo(reply, err=True)
    return 1
